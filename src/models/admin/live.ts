/** Liveness: true as long as this code runs. Must not touch PostgreSQL, or its outage would get this process killed. */
import type { LiveResult } from './schemas.ts';

export async function live(): Promise<LiveResult> {
  return { alive: true };
}
