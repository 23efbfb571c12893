/**
 * Stopping, in phases:
 *
 * 1. Not accepting: new requests are refused with 503 and `Connection: close`, on a listener that stays open, so
 *    that load balancers see an answer and not a broken connection. Requests under way go on.
 * 2. Drain: until those have been answered, or `drainMs` are over, or someone is in a hurry (a second signal).
 * 3. Cancel: what is left is aborted, which cancels its statements in PostgreSQL and answers it with an error.
 * 4. Close: the listener and its sockets.
 * 5. Store: what is counted for plans is written, open transactions are rolled back, an embedded PostgreSQL is stopped cleanly.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { LIMITS, monotonicMs } from '../base/index.ts';
import type { BoltListener } from '../dialects/bolt/index.ts';
import type { Dialect } from '../dialects/dialect.ts';
import type { Store } from '../engine/index.ts';
import type { Deliveries, SavedVectorIndexes, Usage } from '../models/index.ts';
import type { ProcessState } from './facts.ts';
import type { FlushLoop } from './flush-loop.ts';
import type { OpenGrpc } from './grpc-listeners.ts';
import type { HttpListener } from './listeners.ts';
import type { Log } from './log.ts';

export interface RunningParts {
  readonly state: ProcessState;
  readonly listener: HttpListener;
  readonly grpc: OpenGrpc | undefined;
  readonly bolt: BoltListener | undefined;
  readonly dialects: readonly Dialect[];
  readonly flushLoop: FlushLoop;
  readonly deliveries: Deliveries;
  readonly vectorIndexes: SavedVectorIndexes;
  readonly usage: Usage | undefined;
  readonly store: Store;
  readonly log: Log;
}

/** Never rejects: what goes wrong is logged, and the next phase is still run. */
export async function stopParts(
  parts: RunningParts,
  options: { readonly reason: string; readonly drainMs: number; readonly hurry: AbortSignal },
): Promise<void> {
  const { state, listener, grpc, bolt, dialects, store, log } = parts;
  const startedAtMs = monotonicMs();
  log.info(`stopping: ${options.reason}`);
  state.stopAccepting();

  grpc?.stopServing();
  bolt?.stopServing();
  const answered = Promise.all([listener.idle(), grpc?.idle(), bolt?.idle()]);
  const drained = await settledWithin(answered, options.drainMs, options.hurry);
  if (!drained) {
    log.warn('requests were still under way and are cancelled');
    grpc?.cancel();
    bolt?.cancel();
    for (const dialect of dialects) await attempt(log, `dialect ${dialect.name}`, () => dialect.stop());
    await settledWithin(answered, LIMITS.cancelMsMax);
  } else {
    for (const dialect of dialects) await attempt(log, `dialect ${dialect.name}`, () => dialect.stop());
  }
  await attempt(log, 'listener', () => listener.close());
  await attempt(log, 'gRPC listener', async () => await grpc?.close());
  await attempt(log, 'Bolt listener', async () => await bolt?.close());
  await attempt(log, 'flush loop', () => parts.flushLoop.stop());
  await attempt(log, 'deliveries to webhooks', () => parts.deliveries.stop());
  parts.vectorIndexes.stop();
  await attempt(log, 'usage of plans', async () => await parts.usage?.stop());
  await attempt(log, 'store', () => store.stop());
  log.info(`stopped in ${((monotonicMs() - startedAtMs) / 1_000).toFixed(1)} s`);
}

/** True if `work` was done before the time was over or `hurry` was aborted. */
async function settledWithin(work: Promise<unknown>, ms: number, hurry?: AbortSignal): Promise<boolean> {
  const giveUp = new AbortController();
  const end = () => giveUp.abort();
  hurry?.addEventListener('abort', end);
  if (hurry?.aborted) end();
  const timeUp = delay(ms, false, { signal: giveUp.signal }).catch(() => false);
  const done = await Promise.race([work.then(() => true), timeUp]);
  hurry?.removeEventListener('abort', end);
  end();
  return done;
}

async function attempt(log: Log, what: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    log.error(`${what} did not stop cleanly`, { cause: causeText(error) });
  }
}

const causeText = (error: unknown): string => (error instanceof Error ? error.message : String(error));
