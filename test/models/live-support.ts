/** Follows feeds as a dialect does. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Database, openStore, type Store } from '../../src/engine/index.ts';
import type { Feed } from '../../src/models/index.ts';
import { openTestStore, type TestStore } from '../support/test-store.ts';
import { type Caller, callerOn } from './kv-support.ts';

/** Two processes on one database. */
export interface Pair {
  readonly test: TestStore;
  readonly other: Store;
  readonly database: Database;
  readonly here: Caller;
  readonly there: Caller;
  close(): Promise<void>;
}

export async function openPair(): Promise<Pair> {
  const test = await openTestStore();
  const other = await openStore(test.uri, { observe: () => {} });
  return {
    test,
    other,
    database: test.database,
    here: callerOn(test.store, test.database),
    there: callerOn(other, await other.namespace('default')),
    close: async () => {
      await other.stop();
      await test.close();
    },
  };
}

/** Takes everything as it comes, into an array that grows. */
export function collect<T>(feed: Feed<T>): T[] {
  const taken: T[] = [];
  feed.onReady(() => {
    for (;;) {
      const items = feed.take(100);
      if (items.length === 0) return;
      taken.push(...items);
    }
  });
  return taken;
}

/** Waits until `met`, and fails when that takes too long. */
export async function until(met: () => boolean, what: string, msMax = 15_000): Promise<void> {
  const deadline = performance.now() + msMax;
  while (!met()) {
    if (performance.now() > deadline) throw new Error(`not in ${msMax} ms: ${what}`);
    await sleep(5);
  }
}

export const range = (count: number, first = 0): number[] =>
  Array.from({ length: count }, (_, n) => first + n);
