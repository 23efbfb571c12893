/** The periodic flush of graphs (option flush-interval): those that changed are forced into PostgreSQL's data files. */
import { asFacetError } from '../base/index.ts';
import type { Store } from '../engine/index.ts';
import { flushGraph } from '../models/index.ts';
import type { Log } from './log.ts';

export interface FlushLoop {
  /** Resolves when no flush is under way any more. Idempotent. */
  stop(): Promise<void>;
}

/** @param intervalMs between the end of one round and the beginning of the next; 0 or null: never */
export function startFlushLoop(store: Store, intervalMs: number | null, log: Log): FlushLoop {
  let timer: NodeJS.Timeout | undefined;
  let round: Promise<void> = Promise.resolve();
  let stopped = false;

  function plan(): void {
    if (stopped || intervalMs === null || intervalMs === 0) return;
    timer = setTimeout(() => {
      round = flushAll(store, log).finally(plan);
    }, intervalMs);
    timer.unref();
  }
  plan();
  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await round;
    },
  };
}

/** Never rejects: the next round tries again. */
async function flushAll(store: Store, log: Log): Promise<void> {
  for (const database of store.opened) {
    try {
      await flushGraph(store, database, { onlyChanged: true });
    } catch (thrown) {
      log.warn(
        `the graph of namespace ${database.namespace} was not flushed: ${asFacetError(thrown).message}`,
      );
    }
  }
}
