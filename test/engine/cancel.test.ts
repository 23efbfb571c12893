/** Statements that are stopped: by their timeout, by their caller, by the loss of their connection. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { statement } from '../../src/engine/index.ts';
import { failure } from '../support/failure.ts';
import { openTestStore, type TestStore } from '../support/test-store.ts';

let test: TestStore;
beforeAll(async () => {
  test = await openTestStore({ poolConnections: 4 });
  await test.database.runUser('CREATE TABLE written (id int)');
});
afterAll(() => test.close());

/** Statements that PostgreSQL runs for the store, the catalog's own look apart. */
const running = async (pattern: string): Promise<number> => {
  const rows = await test.admin(
    `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
     AND state = 'active' AND query LIKE $1`,
    [pattern],
  );
  return Number(rows[0]?.[0]);
};

const until = async (condition: () => Promise<boolean>): Promise<void> => {
  for (let attempt = 0; attempt < 250; attempt++) {
    if (await condition()) return;
    await sleep(20);
  }
  throw new Error('the condition did not come true');
};

describe('a timeout', () => {
  it('cancels the statement in PostgreSQL and says so', async () => {
    const error = await failure(test.database.runUser('SELECT pg_sleep(60), 11', [], { timeoutMs: 50 }));
    expect(error.code).toBe('QUERY_TIMEOUT');
    expect(await running('%pg_sleep(60), 11%')).toBe(0);
  });

  it('undoes what the statement wrote', async () => {
    const sql = 'WITH w AS (INSERT INTO written VALUES (1) RETURNING id) SELECT pg_sleep(60) FROM w';
    expect((await failure(test.database.runUser(sql, [], { timeoutMs: 50 }))).code).toBe('QUERY_TIMEOUT');
    expect((await test.database.runUser('SELECT count(*) FROM written')).rows).toEqual([['0']]);
  });

  it('counts the wait for a connection', async () => {
    const sleepers = Array.from({ length: 4 }, () => test.database.runUser('SELECT pg_sleep(0.5)'));
    const error = await failure(test.database.runUser('SELECT pg_sleep(0)', [], { timeoutMs: 50 }));
    expect(error.code).toBe('QUERY_TIMEOUT');
    expect(test.database.counts.poolWaiting).toBe(0);
    await Promise.all(sleepers);
  });

  it('rejects on the lane, too, while the lane serves others', async () => {
    const slow = test.database.run(statement('test.slow', 'SELECT pg_sleep(0.3)'), [], { timeoutMs: 20 });
    const quick = test.database.run(statement('test.quick', 'SELECT 1'));
    expect((await failure(slow)).code).toBe('QUERY_TIMEOUT');
    expect((await quick).rows).toEqual([['1']]);
  });

  it('that comes too late leaves the result alone and hits nobody else', async () => {
    for (let round = 0; round < 40; round++) {
      const timeoutMs = 1 + (round % 5);
      const outcome = await test.database.runUser('SELECT pg_sleep(0.003)', [], { timeoutMs }).then(
        () => 'done',
        (error) => error.code,
      );
      expect(['done', 'QUERY_TIMEOUT']).toContain(outcome);
      const next = await Promise.all(
        [1, 2, 3, 4].map((n) => test.database.runUser(`SELECT pg_sleep(0), ${n}`)),
      );
      expect(next.map((result) => result.rows[0]?.[1])).toEqual(['1', '2', '3', '4']);
    }
  });
});

describe('an abort', () => {
  it('cancels the statement in PostgreSQL', async () => {
    const controller = new AbortController();
    const error = failure(
      test.database.runUser('SELECT pg_sleep(60), 22', [], { signal: controller.signal }),
    );
    await until(async () => (await running('%pg_sleep(60), 22%')) === 1);
    controller.abort();
    expect((await error).code).toBe('QUERY_CANCELLED');
    expect(await running('%pg_sleep(60), 22%')).toBe(0);
  });

  it('before the start sends nothing', async () => {
    const error = await failure(
      test.database.runUser('INSERT INTO written VALUES (2)', [], { signal: AbortSignal.abort() }),
    );
    expect(error.code).toBe('QUERY_CANCELLED');
    expect((await test.database.runUser('SELECT count(*) FROM written')).rows).toEqual([['0']]);
  });

  it('takes a waiting statement out of the queue for connections', async () => {
    const sleepers = Array.from({ length: 4 }, () => test.database.runUser('SELECT pg_sleep(0.3)'));
    const controller = new AbortController();
    const waiting = failure(test.database.runUser('SELECT pg_sleep(1)', [], { signal: controller.signal }));
    await sleep(20);
    expect(test.database.counts.poolWaiting).toBe(1);
    controller.abort();
    expect((await waiting).code).toBe('QUERY_CANCELLED');
    await Promise.all(sleepers);
  });

  it('inside a transaction aborts the transaction', async () => {
    const { database } = test;
    const transaction = await database.begin({
      owner: 'ann',
      isolationLevel: 'read_committed',
      readOnly: false,
      timeoutMs: 10_000,
    });
    const controller = new AbortController();
    const stopped = failure(
      database.runUser('SELECT pg_sleep(60), 33', [], { transaction, signal: controller.signal }),
    );
    await until(async () => (await running('%pg_sleep(60), 33%')) === 1);
    controller.abort();
    expect((await stopped).code).toBe('QUERY_CANCELLED');
    expect((await failure(database.runUser('SELECT 1', [], { transaction }))).code).toBe(
      'TRANSACTION_ABORTED',
    );
    await database.rollback(transaction);
  });
});

describe('a lost connection', () => {
  it('is UNAVAILABLE, and the next statement has a new one', async () => {
    const hit = failure(test.database.runUser('SELECT pg_sleep(60), 44'));
    await until(async () => (await running('%pg_sleep(60), 44%')) === 1);
    await test.admin(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60), 44%' AND pid <> pg_backend_pid()`,
    );
    const error = await hit;
    expect(error.code).toBe('UNAVAILABLE');
    expect(error.retryable).toBe(true);
    expect((await test.database.runUser('SELECT 1')).rows).toEqual([['1']]);
  });

  it('of idle sessions and lanes goes unnoticed', async () => {
    const one = statement('test.one', 'SELECT 1');
    await test.database.run(one);
    await test.admin(
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
    );
    await sleep(100);
    expect((await test.database.run(one)).rows).toEqual([['1']]);
    for (let n = 0; n < 6; n++) expect((await test.database.runUser('SELECT 2')).rows).toEqual([['2']]);
  });
});

describe('the pool', () => {
  it('serves many more callers than it has connections', async () => {
    const sums = await Promise.all(
      Array.from({ length: 200 }, (_, n) =>
        test.database.runUser('SELECT $1::int * 2, pg_sleep(0.001)', [String(n)]),
      ),
    );
    expect(sums.map((result) => Number(result.rows[0]?.[0]))).toEqual(
      Array.from({ length: 200 }, (_, n) => n * 2),
    );
    expect(test.database.counts.poolIdle).toBeLessThanOrEqual(4);
  });
});
