/** A process written down so that a later one can tell whether it still lives, whatever became of its pid. */
import { hostname } from 'node:os';
import { processSpace, startMark } from './process-table.ts';

export interface OwnerRecord {
  readonly pid: number;
  /** See `startMark`: tells the process from a later one of the same pid. */
  readonly started: string;
  /** See `processSpace`: where the pid means something. */
  readonly boot: string;
  readonly space: string;
  readonly host: string;
}

/** `elsewhere`: it ran where we cannot see, in another container or before the machine was started. */
export type OwnerState = 'alive' | 'dead' | 'elsewhere';

export async function describeSelf(): Promise<OwnerRecord> {
  const { boot, space } = await processSpace();
  return { pid: process.pid, started: (await startMark(process.pid)) ?? '', boot, space, host: hostname() };
}

export async function judgeOwner(record: OwnerRecord): Promise<OwnerState> {
  const { boot, space } = await processSpace();
  if (record.boot !== boot || record.space !== space) return 'elsewhere';
  return (await startMark(record.pid)) === record.started ? 'alive' : 'dead';
}

/** The record in `text`, or undefined when it is not one: half a file after a power loss, for instance. */
export function parseOwnerRecord(text: string): OwnerRecord | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return undefined;
    const { pid, started, boot, space, host } = value as Record<string, unknown>;
    const whole =
      typeof pid === 'number' &&
      typeof started === 'string' &&
      typeof boot === 'string' &&
      typeof space === 'string' &&
      typeof host === 'string';
    return whole ? { pid, started, boot, space, host } : undefined;
  } catch {
    return undefined;
  }
}
