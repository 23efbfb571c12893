/** Rows as they arrive: order, back-pressure, memory, and the ways a stream ends before its end. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database, RowStream } from '../../src/engine/index.ts';
import { failure } from '../support/failure.ts';
import { openTestStore, type TestStore } from '../support/test-store.ts';

let test: TestStore;
let database: Database;
beforeAll(async () => {
  test = await openTestStore({ poolConnections: 3 });
  database = test.database;
  await database.runUser('CREATE TABLE number (n int PRIMARY KEY)');
  await database.runUser('INSERT INTO number SELECT generate_series(1, 20000)');
});
afterAll(() => test.close());

const gather = async (stream: RowStream): Promise<number[]> => {
  const values: number[] = [];
  for await (const batch of stream) for (const [n] of batch) values.push(Number(n));
  return values;
};

const firstBatch = async (stream: RowStream): Promise<number> => {
  for await (const batch of stream) return batch.length;
  return 0;
};

describe('a stream', () => {
  it('brings all rows in order, and its columns at once', async () => {
    const stream = database.streamUser('SELECT n FROM number ORDER BY n');
    expect(await stream.columns).toEqual([{ name: 'n', typeOid: 23, typeModifier: -1 }]);
    expect(await gather(stream)).toEqual(Array.from({ length: 20_000 }, (_, n) => n + 1));
  });

  it('may be empty, and may have no columns', async () => {
    expect(await gather(database.streamUser('SELECT n FROM number WHERE n < 0'))).toEqual([]);
    const update = database.streamUser('UPDATE number SET n = n WHERE n = 1');
    expect(await update.columns).toEqual([]);
    expect(await gather(update)).toEqual([]);
  });

  it('works in a transaction, whose statements wait for its end', async () => {
    await database.inTransaction(async (transaction) => {
      await database.runUser('INSERT INTO number VALUES (-1)', [], { transaction });
      const stream = database.streamUser('SELECT n FROM number ORDER BY n', [], { transaction });
      const [values, count] = await Promise.all([
        gather(stream),
        database.runUser('SELECT count(*) FROM number', [], { transaction }),
      ]);
      expect(values[0]).toBe(-1);
      expect(values).toHaveLength(20_001);
      expect(count.rows).toEqual([['20001']]);
      await database.runUser('DELETE FROM number WHERE n = -1', [], { transaction });
    });
  });

  it('may only read for whom may only read', async () => {
    expect(
      await gather(database.streamUser('SELECT n FROM number WHERE n < 3', [], { readOnly: true })),
    ).toEqual([1, 2]);
    const writing = database.streamUser('WITH d AS (DELETE FROM number RETURNING n) SELECT n FROM d', [], {
      readOnly: true,
    });
    expect((await failure(gather(writing))).code).toBe('READ_ONLY_TRANSACTION');
    const verb = database.streamUser('DELETE FROM number RETURNING n', [], { readOnly: true });
    expect((await failure(verb.columns.then())).code).toBe('READ_ONLY_TRANSACTION');
  });

  it('tells an error before the first row and one in the middle', async () => {
    const syntax = database.streamUser('SELECT FROM FROM');
    expect((await failure(syntax.columns.then())).code).toBe('INVALID_SQL');
    expect((await failure(gather(syntax))).code).toBe('INVALID_SQL');
    const middle = database.streamUser('SELECT 10 / (15000 - n) FROM number ORDER BY n');
    let rows = 0;
    const error = await failure(
      (async () => {
        for await (const batch of middle) rows += batch.length;
      })(),
    );
    expect(error.code).toBe('DIVISION_BY_ZERO');
    expect(rows).toBeGreaterThan(0);
    expect(rows).toBeLessThan(15_000);
  });

  it('fails before its last rows when the commit fails', async () => {
    await database.runUser('CREATE TABLE once (n int UNIQUE DEFERRABLE INITIALLY DEFERRED)');
    const stream = database.streamUser('INSERT INTO once VALUES (1), (1) RETURNING n');
    expect((await failure(gather(stream))).code).toBe('UNIQUE_VIOLATION');
    expect((await database.runUser('SELECT count(*) FROM once')).rows).toEqual([['0']]);
  });

  it('refuses COPY', async () => {
    expect((await failure(gather(database.streamUser('COPY number TO STDOUT')))).code).toBe(
      'FEATURE_NOT_SUPPORTED',
    );
    expect((await failure(gather(database.streamUser('COPY number FROM STDIN')))).code).toBe(
      'FEATURE_NOT_SUPPORTED',
    );
  });
});

describe('back-pressure', () => {
  it('holds PostgreSQL back while the consumer waits', async () => {
    await database.runUser('CREATE SEQUENCE made');
    const stream = database.streamUser(`SELECT nextval('made') FROM generate_series(1, 1000000)`);
    for await (const batch of stream) {
      expect(batch.length).toBeGreaterThan(0);
      await sleep(200);
      const made = await database.runUser('SELECT last_value FROM made');
      expect(Number(made.rows[0]?.[0])).toBeLessThan(5_000);
      break;
    }
  });

  it('keeps a million rows out of memory', async () => {
    const sql = `SELECT g, md5(g::text), repeat('x', 100) FROM generate_series(1, 1000000) g`;
    let rows = 0;
    let heapMax = 0;
    const heapBefore = process.memoryUsage().heapUsed;
    for await (const batch of database.streamUser(sql, [], { timeoutMs: 60_000 })) {
      rows += batch.length;
      if (rows % 50_000 < batch.length) heapMax = Math.max(heapMax, process.memoryUsage().heapUsed);
    }
    expect(rows).toBe(1_000_000);
    // The rows themselves take some 400 MB.
    expect(heapMax - heapBefore).toBeLessThan(120 * 1024 * 1024);
  });

  it('fetches fewer rows at a time when they are wide', async () => {
    const sizes: number[] = [];
    for await (const batch of database.streamUser(
      `SELECT repeat('x', 200000) FROM generate_series(1, 200)`,
    )) {
      sizes.push(batch.length);
    }
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(200);
    expect(Math.max(...sizes.slice(1))).toBeLessThan(10);
  });
});

describe('leaving early', () => {
  it('frees the connection', async () => {
    for (let n = 0; n < 10; n++) {
      expect(await firstBatch(database.streamUser('SELECT n FROM number'))).toBeGreaterThan(0);
    }
    expect((await database.runUser('SELECT 1')).rows).toEqual([['1']]);
    expect(database.counts.poolInUse).toBeLessThanOrEqual(1);
  });

  it('undoes what the statement wrote', async () => {
    await firstBatch(database.streamUser('UPDATE number SET n = n + 100000 RETURNING n'));
    expect((await database.runUser('SELECT max(n) FROM number')).rows).toEqual([['20000']]);
  });

  it('leaves a transaction usable', async () => {
    await database.inTransaction(async (transaction) => {
      await firstBatch(database.streamUser('SELECT n FROM number', [], { transaction }));
      expect((await database.runUser('SELECT 1', [], { transaction })).rows).toEqual([['1']]);
    });
  });

  it('before the first pull runs nothing on', async () => {
    const iterator = database.streamUser('SELECT pg_sleep(30)')[Symbol.asyncIterator]();
    const pending = failure(Promise.resolve(iterator.next()));
    await sleep(50);
    // A generator answers `return` after its `next`, so a consumer that waits is stopped by its signal.
    const stopped = database.streamUser('SELECT 1', [], { signal: AbortSignal.abort() });
    expect((await failure(gather(stopped))).code).toBe('QUERY_CANCELLED');
    await test.admin(
      `SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(30)%' AND pid <> pg_backend_pid()`,
    );
    expect((await pending).code).toBe('QUERY_CANCELLED');
  });
});

describe('being stopped', () => {
  it('by the signal while PostgreSQL works', async () => {
    const controller = new AbortController();
    const stream = database.streamUser('SELECT pg_sleep(30)', [], { signal: controller.signal });
    const reading = failure(gather(stream));
    await sleep(50);
    controller.abort();
    expect((await reading).code).toBe('QUERY_CANCELLED');
  });

  it('by the signal while the consumer works', async () => {
    const controller = new AbortController();
    const error = await failure(
      (async () => {
        for await (const _ of database.streamUser('SELECT n FROM number', [], {
          signal: controller.signal,
        })) {
          controller.abort();
          await sleep(20);
        }
      })(),
    );
    expect(error.code).toBe('QUERY_CANCELLED');
  });

  it('by the timeout, when PostgreSQL is slow or the consumer is', async () => {
    const slow = gather(database.streamUser('SELECT pg_sleep(30)', [], { timeoutMs: 50 }));
    expect((await failure(slow)).code).toBe('QUERY_TIMEOUT');
    const lazy = async (): Promise<void> => {
      for await (const _ of database.streamUser('SELECT n FROM number', [], { timeoutMs: 80 }))
        await sleep(300);
    };
    expect((await failure(lazy())).code).toBe('QUERY_TIMEOUT');
  });
});
