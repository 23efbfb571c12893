/** A lock that somebody holds for long makes those wait who want it, and nobody else on the lane. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Batcher, type Database, statement, type Transaction } from '../../src/engine/index.ts';
import { failure } from '../support/failure.ts';
import { openTestStore, type TestStore } from '../support/test-store.ts';

let test: TestStore;
let database: Database;
beforeAll(async () => {
  test = await openTestStore();
  database = test.database;
  await database.runUser('CREATE TABLE counter (key text PRIMARY KEY, n int NOT NULL)');
  await database.runUser(`INSERT INTO counter SELECT 'key ' || g, 0 FROM generate_series(1, 20) g`);
});
afterAll(() => test.close());

const ADD = statement('test.add', 'UPDATE counter SET n = n + 1 WHERE key = ANY ($1) RETURNING key, n');
const ONE = statement('test.one', 'SELECT 1');

const locked = async (key: string): Promise<Transaction> => {
  const transaction = await database.begin({
    owner: 'ann',
    isolationLevel: 'read_committed',
    readOnly: false,
    timeoutMs: 20_000,
  });
  await database.runUser('UPDATE counter SET n = n + 100 WHERE key = $1', [key], { transaction });
  return transaction;
};

describe('a statement on the lane that meets a lock', () => {
  it('waits for it elsewhere, and is done once', async () => {
    const transaction = await locked('key 1');
    let done = false;
    const adding = database.run(ADD, ['{key 1}']).then((result) => {
      done = true;
      return result.rows;
    });
    for (let n = 0; n < 20; n++) {
      await database.run(ONE);
      await sleep(20);
    }
    expect(done).toBe(false);
    expect(database.counts.laneInFlight).toBe(0);
    await database.commit(transaction);
    expect(await adding).toEqual([['key 1', '101']]);
  });

  it('gives up at its timeout, or at once when asked to', async () => {
    const transaction = await locked('key 2');
    const late = await failure(database.run(ADD, ['{key 2}'], { timeoutMs: 300 }));
    expect(late.code).toBe('QUERY_TIMEOUT');
    const aborted = new AbortController();
    const waiting = failure(database.run(ADD, ['{key 2}'], { signal: aborted.signal }));
    await sleep(200);
    aborted.abort();
    expect((await waiting).code).toBe('QUERY_CANCELLED');
    const refused = await failure(database.run(ADD, ['{key 2}'], { giveUpOnLocks: true }));
    expect(refused.code).toBe('LOCK_TIMEOUT');
    await database.rollback(transaction);
    expect((await database.run(ADD, ['{key 2}'])).rows).toEqual([['key 2', '1']]);
  });
});

describe('a batch with a locked item', () => {
  it('is answered but for that item, which waits alone', async () => {
    const add = async (keys: readonly string[], giveUpOnLocks: boolean): Promise<string[]> => {
      const { rows } = await database.run(ADD, [`{${keys.join(',')}}`], { giveUpOnLocks });
      const found = new Map(rows.map(([key, n]) => [key, n]));
      return keys.map((key) => found.get(key) ?? 'none');
    };
    const batcher = new Batcher<string, string>({
      name: 'test.add',
      itemsMax: 100,
      bytesMax: 10_000,
      waitingMax: 100,
      keyOf: (key) => key,
      bytesOf: () => 10,
      run: (keys) => add(keys, true),
      runAlone: async (key) => (await add([key], false))[0] ?? 'none',
    });
    const transaction = await locked('key 3');
    const waiting = [batcher.submit('key 3'), batcher.submit('key 3')];
    const others = Array.from({ length: 10 }, (_, n) => batcher.submit(`key ${n + 4}`));
    expect(await Promise.all(others)).toEqual(Array.from({ length: 10 }, () => '1'));
    expect(await batcher.submit('key 4')).toBe('2');
    await database.commit(transaction);
    expect(await Promise.all(waiting)).toEqual(['101', '102']);
  });
});
