/** Consuming: one wait for messages, alone or in a transaction. */
import { assert, LIMITS, monotonicMs } from '../../base/index.ts';
import type { OperationContext } from '../operation.ts';
import { type Lease, runClaim, type Want } from './claim.ts';
import { type Desk, deskOf } from './desk.ts';
import { checkConsumer, checkQueue, noQueue } from './names.ts';
import { makeQueue } from './queues.ts';
import type { ConsumeInput, ConsumeResult } from './schemas.ts';
import { cancelled } from './waiters.ts';

/**
 * Leases the next messages, waiting for the first one up to `timeoutMs`.
 * @throws QUEUE_NOT_FOUND, INVALID_PARAMETER, LIMIT_EXCEEDED, QUERY_CANCELLED
 */
export async function consume(context: OperationContext, input: ConsumeInput): Promise<ConsumeResult> {
  const { queue, consumerId, timeoutMs = 0, ackDeadlineMs, countMax = 1 } = input;
  checkQueue(queue);
  checkConsumer(consumerId);
  if (input.autoCreate === true) await makeQueue(context, { queue });
  const want: Want = {
    consumer: consumerId ?? null,
    leaseMs: ackDeadlineMs === undefined ? null : String(ackDeadlineMs),
    count: countMax,
  };
  const desk = deskOf(context.database);
  const leases =
    context.transaction === undefined
      ? await takeAlone(context, desk, queue, want, timeoutMs)
      : await takeInTransaction(context, desk, queue, want, timeoutMs);
  return { messages: leases.map(({ delivered }) => delivered) };
}

async function takeAlone(
  { signal }: OperationContext,
  desk: Desk,
  queue: string,
  want: Want,
  timeoutMs: number,
): Promise<readonly Lease[]> {
  const leases = await desk.waiters.take(queue, want, timeoutMs, signal);
  if (!signal.aborted) return leases;
  // The caller went while the answer was on its way to it.
  await desk.waiters.giveBack(queue, leases);
  throw cancelled();
}

/** What is claimed in a transaction goes back by itself when it is rolled back, and its lease begins at the claim. */
async function takeInTransaction(
  context: OperationContext,
  desk: Desk,
  queue: string,
  want: Want,
  timeoutMs: number,
): Promise<readonly Lease[]> {
  const endMs = monotonicMs() + timeoutMs;
  const run = desk.runOf(context);
  let heldMs: number = LIMITS.queueHeldLookMsMin;
  for (;;) {
    const leftMs = endMs - monotonicMs();
    const watching = new AbortController();
    const signal = AbortSignal.any([context.signal, watching.signal]);
    // Watched before it looks, so that nothing comes in between.
    const woken = leftMs > 0 ? desk.waiters.watch(queue, want.consumer, leftMs, signal) : undefined;
    woken?.catch(() => {});
    let look: NodeJS.Timeout | undefined;
    try {
      const [claimed] = await runClaim(run, true, [{ queue, wants: [want], floors: [] }]);
      assert(claimed !== undefined, 'a claim answers each queue');
      if (!claimed.found) throw noQueue(queue);
      const leases = claimed.leases[0] ?? [];
      if (leases.length > 0 || woken === undefined) return noted(context, desk, leases);
      if (claimed.nextMs !== undefined) desk.sweep.within(claimed.nextMs);
      let lookAgain = false;
      if (claimed.held) {
        look = setTimeout(() => {
          lookAgain = true;
          watching.abort();
        }, heldMs);
        heldMs = Math.min(heldMs * 2, LIMITS.queueHeldLookMsMax);
      }
      await woken.catch((thrown: unknown) => {
        if (!lookAgain || context.signal.aborted) throw thrown;
      });
    } finally {
      clearTimeout(look);
      watching.abort();
    }
  }
}

/** Their leases end by themselves once they are there for everybody. */
function noted(context: OperationContext, desk: Desk, leases: readonly Lease[]): readonly Lease[] {
  desk.written(context, () => {
    for (const { leaseMs } of leases) desk.sweep.within(leaseMs);
  });
  return leases;
}
