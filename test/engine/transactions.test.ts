/** Interactive transactions: their life, their ends, their caps, and what is remembered of them. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  type Database,
  statement,
  type Transaction,
  type TransactionOptions,
} from '../../src/engine/index.ts';
import { failure } from '../support/failure.ts';
import { openTestStore, type TestStore } from '../support/test-store.ts';

let test: TestStore;
let database: Database;
beforeAll(async () => {
  test = await openTestStore({ transactionsOpenMax: 6, transactionsPerPrincipalMax: 4 });
  database = test.database;
  await database.runUser('CREATE TABLE account (id int PRIMARY KEY, balance int NOT NULL)');
  await database.runUser(
    'CREATE TABLE later (id int, CONSTRAINT once UNIQUE (id) DEFERRABLE INITIALLY DEFERRED)',
  );
});
beforeEach(async () => {
  await database.runUser('DELETE FROM account');
  await database.runUser('INSERT INTO account VALUES (1, 100), (2, 100)');
});
afterAll(() => test.close());

const begin = (options: Partial<TransactionOptions> = {}): Promise<Transaction> =>
  database.begin({
    owner: 'ann',
    isolationLevel: 'read_committed',
    readOnly: false,
    timeoutMs: 20_000,
    ...options,
  });

const balance = async (id: number, transaction?: Transaction): Promise<string | null | undefined> =>
  (await database.runUser('SELECT balance FROM account WHERE id = $1', [String(id)], { transaction }))
    .rows[0]?.[0];

const change = (id: number, by: number, transaction?: Transaction) =>
  database.runUser('UPDATE account SET balance = balance + $2 WHERE id = $1', [String(id), String(by)], {
    transaction,
  });

const backendOf = async (transaction: Transaction): Promise<string> =>
  (await database.runUser('SELECT pg_backend_pid()', [], { transaction })).rows[0]?.[0] ?? '';

describe('a transaction', () => {
  it('is invisible until it is committed, and counts the rows it changed', async () => {
    const transaction = await begin();
    expect(transaction.id).toMatch(/^txn_[0-9a-f]{12}$/);
    await change(1, -10, transaction);
    await change(2, 10, transaction);
    await database.run(statement('test.insert', 'INSERT INTO account VALUES (3, 0)'), [], { transaction });
    await balance(1, transaction);
    expect(await balance(1)).toBe('100');
    expect(transaction.rowsAffected).toBe(3);
    const committed = await database.commit(transaction);
    expect(committed.rowsAffected).toBe(3);
    expect(Math.abs(committed.committedAtMs - Date.now())).toBeLessThan(60_000);
    expect(await balance(1)).toBe('90');
  });

  it('leaves nothing when rolled back, however often', async () => {
    const transaction = await begin();
    await change(1, -10, transaction);
    const first = await database.rollback(transaction);
    expect(await database.rollback(transaction)).toEqual(first);
    expect(await balance(1)).toBe('100');
    expect((await failure(database.commit(transaction))).code).toBe('TRANSACTION_NOT_ACTIVE');
  });

  it('is found by its owner only, and not found any more once it ended', async () => {
    const transaction = await begin();
    expect(database.transaction(transaction.id, 'ann')).toBe(transaction);
    expect(() => database.transaction(transaction.id, 'bob')).toThrow(/not open/);
    expect(() => database.transaction('txn_000000000000', 'ann')).toThrow(
      expect.objectContaining({ code: 'TRANSACTION_NOT_FOUND' }),
    );
    await database.commit(transaction);
    expect(() => database.transaction(transaction.id, 'ann')).toThrow(
      expect.objectContaining({ code: 'TRANSACTION_NOT_ACTIVE', detail: 'committed' }),
    );
    expect(() => database.transaction(transaction.id, 'bob')).toThrow(
      expect.objectContaining({ code: 'TRANSACTION_NOT_FOUND', detail: undefined }),
    );
    expect((await failure(database.commit(transaction))).code).toBe('TRANSACTION_NOT_ACTIVE');
    expect((await failure(database.rollback(transaction))).code).toBe('TRANSACTION_NOT_ACTIVE');
    expect((await failure(balance(1, transaction))).code).toBe('TRANSACTION_NOT_ACTIVE');
  });

  it('runs its statements in the order they came', async () => {
    const transaction = await begin();
    await Promise.all(Array.from({ length: 50 }, () => change(1, 1, transaction)));
    const both = Promise.all([change(1, 1, transaction), database.commit(transaction)]);
    await both;
    expect(await balance(1)).toBe('151');
  });

  it('refuses more waiting statements than its queue holds', async () => {
    const transaction = await begin();
    const sleeper = database.runUser('SELECT pg_sleep(0.2)', [], { transaction });
    const waiting = Array.from({ length: 120 }, () =>
      change(1, 1, transaction).then(
        () => 'ok',
        (error) => error.code,
      ),
    );
    const outcomes = await Promise.all(waiting);
    expect(outcomes.filter((outcome) => outcome === 'ok')).toHaveLength(99);
    expect(outcomes.filter((outcome) => outcome === 'LIMIT_EXCEEDED')).toHaveLength(21);
    await sleeper;
    await database.rollback(transaction);
  });

  it('has the isolation level that was asked for', async () => {
    for (const [isolationLevel, shown] of [
      ['read_committed', 'read committed'],
      ['repeatable_read', 'repeatable read'],
      ['serializable', 'serializable'],
    ] as const) {
      const transaction = await begin({ isolationLevel });
      const result = await database.runUser('SHOW transaction_isolation', [], { transaction });
      expect(result.rows).toEqual([[shown]]);
      await database.rollback(transaction);
    }
  });

  it('keeps its snapshot under repeatable read', async () => {
    const transaction = await begin({ isolationLevel: 'repeatable_read' });
    expect(await balance(1, transaction)).toBe('100');
    await change(1, 5);
    expect(await balance(1, transaction)).toBe('100');
    await database.rollback(transaction);
  });

  it('that may only read cannot write, whatever the text', async () => {
    const transaction = await begin({ readOnly: true });
    expect(await balance(1, transaction)).toBe('100');
    for (const sql of [
      'DELETE FROM account',
      'SET TRANSACTION READ WRITE',
      `DO $$ BEGIN SET TRANSACTION READ WRITE; DELETE FROM account; END $$`,
    ]) {
      expect((await failure(database.runUser(sql, [], { transaction }))).code).toBe('READ_ONLY_TRANSACTION');
    }
    const writing = 'WITH gone AS (DELETE FROM account RETURNING id) SELECT * FROM gone';
    expect((await failure(database.runUser(writing, [], { transaction }))).code).toBe(
      'READ_ONLY_TRANSACTION',
    );
    await database.rollback(transaction);
    expect(await balance(1)).toBe('100');
  });

  it('knows savepoints, but neither begins nor ends by SQL', async () => {
    const transaction = await begin();
    await change(1, 1, transaction);
    await database.runUser('SAVEPOINT a', [], { transaction });
    expect((await failure(database.runUser('SELECT 1/0', [], { transaction }))).code).toBe(
      'DIVISION_BY_ZERO',
    );
    await database.runUser('ROLLBACK TO SAVEPOINT a', [], { transaction });
    for (const sql of [
      'COMMIT',
      'ROLLBACK',
      'BEGIN',
      'END',
      'ABORT',
      '/* x */ commit',
      `PREPARE TRANSACTION 'x'`,
    ]) {
      expect((await failure(database.runUser(sql, [], { transaction }))).code).toBe(
        'TRANSACTION_CONTROL_NOT_ALLOWED',
      );
    }
    await database.commit(transaction);
    expect(await balance(1)).toBe('101');
  });
});

describe('failure', () => {
  it('of a statement aborts the transaction, and its commit says so', async () => {
    const transaction = await begin();
    await change(1, 1, transaction);
    expect((await failure(database.runUser('SELECT 1/0', [], { transaction }))).code).toBe(
      'DIVISION_BY_ZERO',
    );
    expect((await failure(balance(1, transaction))).code).toBe('TRANSACTION_ABORTED');
    expect((await failure(database.commit(transaction))).code).toBe('TRANSACTION_ABORTED');
    expect(await balance(1)).toBe('100');
    expect(() => database.transaction(transaction.id, 'ann')).toThrow(
      expect.objectContaining({ code: 'TRANSACTION_NOT_ACTIVE', detail: 'rolled back' }),
    );
  });

  it('of a deferred constraint comes at commit', async () => {
    const transaction = await begin();
    await database.runUser('INSERT INTO later VALUES (1), (1)', [], { transaction });
    const error = await failure(database.commit(transaction));
    expect(error.code).toBe('UNIQUE_VIOLATION');
    expect((await database.runUser('SELECT count(*) FROM later')).rows).toEqual([['0']]);
  });

  it('to serialize is told to one of two', async () => {
    const [a, b] = await Promise.all([
      begin({ isolationLevel: 'serializable' }),
      begin({ isolationLevel: 'serializable' }),
    ]);
    const sum = (transaction: Transaction) =>
      database.runUser('SELECT sum(balance) FROM account', [], { transaction });
    await sum(a);
    await sum(b);
    await change(1, -1, a);
    await change(2, -1, b);
    await database.commit(a);
    const error = await failure(database.commit(b));
    expect(error.code).toBe('SERIALIZATION_FAILURE');
    expect(error.retryable).toBe(true);
  });

  it('by a deadlock is told to one of two', async () => {
    const [a, b] = await Promise.all([begin(), begin()]);
    await change(1, 1, a);
    await change(2, 1, b);
    const outcomes = await Promise.allSettled([change(2, 1, a), change(1, 1, b)]);
    const codes = outcomes.map((outcome) => (outcome.status === 'rejected' ? outcome.reason.code : 'ok'));
    expect(codes.sort()).toEqual(['DEADLOCK_DETECTED', 'ok']);
    await Promise.all([database.rollback(a), database.rollback(b)]);
  });

  it('of the connection ends the transaction', async () => {
    const transaction = await begin();
    await change(1, 1, transaction);
    const backend = await backendOf(transaction);
    const hit = failure(database.runUser('SELECT pg_sleep(30)', [], { transaction }));
    await sleep(50);
    await test.admin('SELECT pg_terminate_backend($1)', [backend]);
    expect((await hit).code).toBe('UNAVAILABLE');
    expect(() => database.transaction(transaction.id, 'ann')).toThrow(
      expect.objectContaining({ code: 'TRANSACTION_NOT_FOUND', detail: 'rolled back: connection lost' }),
    );
    expect(await database.rollback(transaction)).toHaveProperty('rolledBackAtMs');
    expect(await balance(1)).toBe('100');
  });

  it('of the connection during the commit leaves the outcome open, and says so', async () => {
    await database.runUser(`
      CREATE FUNCTION slow_check() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(30); RETURN NULL; END $$`);
    await database.runUser(`
      CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON later DEFERRABLE INITIALLY DEFERRED
      FOR EACH ROW EXECUTE FUNCTION slow_check()`);
    const transaction = await begin();
    const backend = await backendOf(transaction);
    await database.runUser('INSERT INTO later VALUES (9)', [], { transaction });
    const commit = failure(database.commit(transaction));
    await sleep(50);
    await test.admin('SELECT pg_terminate_backend($1)', [backend]);
    const error = await commit;
    expect(error.code).toBe('UNAVAILABLE');
    expect(error.message).toMatch(/whether the transaction was committed is not known/);
    expect((await failure(database.commit(transaction))).code).toBe('TRANSACTION_NOT_FOUND');
    await database.runUser('DROP TRIGGER slow ON later');
  });
});

describe('the deadline', () => {
  it('rolls back an idle transaction and leaves a tombstone', async () => {
    const transaction = await begin({ timeoutMs: 60 });
    await change(1, 1, transaction);
    await sleep(200);
    expect(() => database.transaction(transaction.id, 'ann')).toThrow(
      expect.objectContaining({ code: 'TRANSACTION_NOT_FOUND', detail: 'rolled back: timed out' }),
    );
    expect((await failure(database.commit(transaction))).detail).toBe('rolled back: timed out');
    expect((await failure(balance(1, transaction))).detail).toBe('rolled back: timed out');
    expect(await balance(1)).toBe('100');
    expect(database.counts.transactionsOpen).toBe(0);
    const events = test.observations.flatMap((o) =>
      o.type === 'transaction' && o.transactionId === transaction.id ? [o.event] : [],
    );
    expect(events).toEqual(['begun', 'expired']);
  });

  it('cancels what runs and refuses what waits', async () => {
    const transaction = await begin({ timeoutMs: 100 });
    const running = failure(database.runUser('SELECT pg_sleep(30)', [], { transaction }));
    const waiting = failure(change(1, 1, transaction));
    const commit = failure(database.commit(transaction));
    expect((await running).code).toBe('QUERY_TIMEOUT');
    expect(await waiting).toMatchObject({ code: 'TRANSACTION_NOT_FOUND', detail: 'rolled back: timed out' });
    expect(await commit).toMatchObject({ code: 'TRANSACTION_NOT_FOUND', detail: 'rolled back: timed out' });
    expect(await balance(1)).toBe('100');
  });

  it('ends a stream that waits for its consumer', async () => {
    const transaction = await begin({ timeoutMs: 100 });
    const reading = async (): Promise<void> => {
      const rows = database.streamUser('SELECT generate_series(1, 100000)', [], { transaction });
      for await (const _ of rows) await sleep(300);
    };
    expect((await failure(reading())).code).toBe('QUERY_TIMEOUT');
    expect(database.counts.transactionsOpen).toBe(0);
  });

  it('is set in PostgreSQL as well, a little later', async () => {
    const transaction = await begin({ timeoutMs: 20_000 });
    const shown = await database.runUser('SHOW transaction_timeout', [], { transaction });
    expect(shown.rows).toEqual([['25s']]);
    await database.rollback(transaction);
  });
});

describe('the caps', () => {
  it('bound the transactions of one principal and of all, and name themselves', async () => {
    const open = await Promise.all([begin(), begin(), begin(), begin()]);
    const own = await failure(begin());
    expect(own.code).toBe('TOO_MANY_TRANSACTIONS');
    expect(own.message).toMatch(/transactionsPerPrincipalMax/);
    open.push(await begin({ owner: 'bob' }), await begin({ owner: 'cid' }));
    const all = await failure(begin({ owner: 'dan' }));
    expect(all.message).toMatch(/transactionsOpenMax/);
    expect(database.counts.transactionsOpen).toBe(6);
    // Open transactions do not take the connections of statements.
    expect((await database.runUser('SELECT pg_sleep(0)')).rows).toHaveLength(1);
    await Promise.all(open.map((transaction) => database.rollback(transaction)));
    await database.rollback(await begin({ owner: 'dan' }));
  });

  it('hold against a burst', async () => {
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, (_, n) => begin({ owner: `p${n % 10}` })),
    );
    const opened = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
    expect(opened).toHaveLength(6);
    await Promise.all(opened.map((transaction) => database.rollback(transaction)));
  });
});

describe('work in a transaction', () => {
  it('is committed when it resolves and rolled back when it rejects or is told to', async () => {
    await database.inTransaction(async (transaction) => void (await change(1, 1, transaction)));
    expect(await balance(1)).toBe('101');
    const thrown = database.inTransaction(async (transaction) => {
      await change(1, 1, transaction);
      throw new Error('no');
    });
    await expect(thrown).rejects.toThrow('no');
    await database.inTransaction(async (transaction) => void (await change(1, 1, transaction)), {
      rollback: true,
    });
    expect(await balance(1)).toBe('101');
  });

  it('whose statement failed unseen is not committed', async () => {
    const work = database.inTransaction(async (transaction) => {
      await change(1, 1, transaction);
      await database.runUser('SELECT 1/0', [], { transaction }).catch(() => undefined);
    });
    expect((await failure(work)).code).toBe('TRANSACTION_ABORTED');
    expect(await balance(1)).toBe('100');
  });

  it('joins an open transaction behind a savepoint', async () => {
    const outer = await begin();
    await change(1, 1, outer);
    const failed = database.inTransaction(
      async (transaction) => {
        await change(1, 10, transaction);
        await database.runUser('SELECT 1/0', [], { transaction });
      },
      { transaction: outer },
    );
    expect((await failure(failed)).code).toBe('DIVISION_BY_ZERO');
    await database.inTransaction(async (transaction) => void (await change(1, 100, transaction)), {
      transaction: outer,
    });
    await database.inTransaction(async (transaction) => void (await change(1, 1000, transaction)), {
      transaction: outer,
      rollback: true,
    });
    await database.commit(outer);
    expect(await balance(1)).toBe('201');
  });

  it('keeps its read-only promise', async () => {
    const work = database.inTransaction((transaction) => change(1, 1, transaction), { readOnly: true });
    expect((await failure(work)).code).toBe('READ_ONLY_TRANSACTION');
  });

  it('cannot use its handle afterwards', async () => {
    const handle = await database.inTransaction(async (transaction) => transaction);
    expect((await failure(change(1, 1, handle))).code).toBe('TRANSACTION_NOT_ACTIVE');
  });
});
