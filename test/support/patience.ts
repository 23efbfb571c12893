/** Waiting in tests for what happens by itself. */
import { setTimeout as sleep } from 'node:timers/promises';

/** Resolves once `holds` does; what it throws counts as no. Rejects after half a minute, which is far more than it takes. */
export async function until(what: string, holds: () => Promise<boolean> | boolean): Promise<void> {
  for (let tries = 0; tries < 1_500; tries++) {
    const held = await Promise.resolve()
      .then(holds)
      .catch(() => false);
    if (held) return;
    await sleep(20);
  }
  throw new Error(`waited in vain: ${what}`);
}
