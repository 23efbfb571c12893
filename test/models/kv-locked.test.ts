/** A transaction holds a key: who waits for it, for how long, and who does not. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LIMITS } from '../../src/base/index.ts';
import type { Database, Transaction } from '../../src/engine/index.ts';
import * as kv from '../../src/models/index.ts';
import { openTestStore, type TestStore } from '../support/test-store.ts';
import { beginOn, type Caller, callerOn, codeOf } from './kv-support.ts';

let test: TestStore;
let database: Database;
let call: Caller;
let holder: Transaction;

beforeAll(async () => {
  test = await openTestStore();
  database = test.database;
  call = callerOn(test.store, database);
});
afterAll(() => test.close());

/** What a busy machine needs on top of a bound. */
const SLACK_MS = 4_000;
const elapsed = async (work: Promise<unknown>): Promise<number> => {
  const from = performance.now();
  await work;
  return performance.now() - from;
};
const set = (key: string) => call(kv.kvSet, { key, valueJson: '2' });
const mset = (...keys: string[]) => call(kv.kvMset, { pairs: keys.map((key) => ({ key, valueJson: '3' })) });

describe('a key that a transaction holds', () => {
  beforeEach(async () => {
    await call(kv.kvSet, { key: 'hot', valueJson: '1' });
    await call(kv.hashSet, { key: 'hothash', field: 'a', valueJson: '1' });
    holder = await beginOn(database);
    await call(kv.kvSet, { key: 'hot', valueJson: '9' }, holder);
    await call(kv.hashSet, { key: 'hothash', field: 'a', valueJson: '9' }, holder);
  });

  it('is waited for by all within one bound, while reads see what was committed', async () => {
    const from = performance.now();
    const ended: number[] = [];
    const fails = async (work: Promise<unknown>): Promise<string> => {
      const code = await codeOf(work);
      ended.push(performance.now() - from);
      return code;
    };
    const writers = [
      ...Array.from({ length: 4 }, () => fails(set('hot'))),
      fails(call(kv.kvIncr, { key: 'hot' })),
      fails(mset('hot', 'cold1')),
      fails(mset('cold1', 'hot')),
      fails(mset('hot', 'cold2')),
      fails(call(kv.kvAppend, { key: 'hot', text: 'x' })),
      fails(call(kv.keyRename, { source: 'hot', destination: 'cold3' })),
      fails(call(kv.hashSet, { key: 'hothash', field: 'b', valueJson: '1' })),
    ];
    const dragged = [set('cold1'), set('cold3')].map(elapsed);
    const reads = [
      call(kv.kvGet, { key: 'hot' }),
      call(kv.kvExists, { key: 'hot' }),
      call(kv.kvMget, { keys: ['cold1', 'hot', 'cold2'] }),
      call(kv.kvGet, { key: 'cold1' }),
      call(kv.hashGetall, { key: 'hothash' }),
    ];
    expect(await elapsed(Promise.all(reads))).toBeLessThan(SLACK_MS);
    await sleep(500);
    expect(await elapsed(call(kv.kvGet, { key: 'hot' }))).toBeLessThan(SLACK_MS);
    expect((await call(kv.kvGet, { key: 'hot' })).valueJson).toBe('1');
    expect(ended).toEqual([]);
    expect(new Set(await Promise.all(writers))).toEqual(new Set(['LOCK_TIMEOUT']));
    expect(Math.max(...ended)).toBeLessThan(LIMITS.kvLockMsMax + SLACK_MS);
    for (const ms of await Promise.all(dragged)) expect(ms).toBeLessThan(LIMITS.kvLockMsMax + SLACK_MS);
    await database.rollback(holder);
    await set('hot');
    expect((await call(kv.kvGet, { key: 'hot' })).valueJson).toBe('2');
  }, 60_000);

  it('is written in the order of submission once it is free', async () => {
    const writers = [1, 2, 3, 4].map((n) =>
      call(kv.kvSet, { key: 'hot', valueJson: String(n), previous: n % 2 === 0 }),
    );
    await sleep(700);
    writers.push(call(kv.kvSet, { key: 'hot', valueJson: '5' }));
    await database.commit(holder);
    await Promise.all(writers);
    expect((await call(kv.kvGet, { key: 'hot' })).valueJson).toBe('5');
  });

  it('is told of in words of ours', async () => {
    const failed = await set('hot').catch((thrown: unknown) => thrown);
    expect(failed).toMatchObject({
      code: 'LOCK_TIMEOUT',
      message: `A transaction has held what this needs for more than ${LIMITS.kvLockMsMax} ms`,
    });
    await database.rollback(holder);
  }, 60_000);
});
