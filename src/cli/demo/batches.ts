/** Sends many items in bounded batches, a few of them at once, and tells how far it is. */
import { LIMITS } from '../../base/index.ts';
import { eachBounded } from './load.ts';

/** Hears how far something is: `done` of `total`. */
export type Tell = (what: string, done: number, total: number) => void;

/** Failures end it: no new batch starts, and the first failure is thrown once those under way have ended. */
export async function inBatches<T>(
  items: readonly T[],
  batchMax: number,
  send: (batch: readonly T[]) => Promise<void>,
  tell: (sent: number) => void,
): Promise<void> {
  const batches = Array.from({ length: Math.ceil(items.length / batchMax) }, (_, number) =>
    items.slice(number * batchMax, (number + 1) * batchMax),
  );
  let sent = 0;
  tell(0);
  await eachBounded(batches, LIMITS.demoBatchesInFlight, async (batch) => {
    await send(batch);
    sent += batch.length;
    tell(sent);
  });
}
