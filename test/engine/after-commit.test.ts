/** Listeners to a commit: called once, after it, in order; never for work that was undone or whose end is not known. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FacetError } from '../../src/base/index.ts';
import { type Database, statement, type Transaction } from '../../src/engine/index.ts';
import { failure } from '../support/failure.ts';
import { openTestStore, type TestStore } from '../support/test-store.ts';

let test: TestStore;
let database: Database;
beforeAll(async () => {
  test = await openTestStore();
  database = test.database;
  await database.runUser('CREATE TABLE note (id int PRIMARY KEY)');
  await database.runUser(
    'CREATE TABLE later (id int, CONSTRAINT once UNIQUE (id) DEFERRABLE INITIALLY DEFERRED)',
  );
});
beforeEach(async () => {
  calls.length = 0;
  await database.runUser('DELETE FROM note');
});
afterAll(() => test.close());

const calls: string[] = [];
const listener = (name: string) => (): void => void calls.push(name);
const INSERT = statement('test.insert', 'INSERT INTO note VALUES ($1::int)');
const insert = (id: number, transaction: Transaction) => database.run(INSERT, [String(id)], { transaction });

const begin = (): Promise<Transaction> =>
  database.begin({ owner: 'ann', isolationLevel: 'read_committed', readOnly: false, timeoutMs: 20_000 });

const boom = async (): Promise<never> => {
  throw new FacetError('INVALID_PARAMETER', 'boom');
};

describe('after the commit of an interactive transaction', () => {
  it('listeners are called once, in their order, when others can see its writes', async () => {
    const transaction = await begin();
    await insert(1, transaction);
    transaction.afterCommit(listener('first'));
    transaction.afterCommit(listener('second'));
    await insert(2, transaction);
    expect(calls).toEqual([]);
    let seen: Promise<unknown> = Promise.resolve();
    transaction.afterCommit(() => {
      seen = database.run(statement('test.count', 'SELECT count(*) FROM note'));
    });
    await database.commit(transaction);
    expect(calls).toEqual(['first', 'second']);
    expect(await seen).toMatchObject({ rows: [['2']] });
  });

  it('one that comes too late is called at once', async () => {
    const transaction = await begin();
    await database.commit(transaction);
    transaction.afterCommit(listener('late'));
    expect(calls).toEqual(['late']);
  });

  it('one that throws fails neither the commit nor those behind it', async () => {
    const transaction = await begin();
    transaction.afterCommit(() => {
      throw new Error('boom');
    });
    transaction.afterCommit(listener('next'));
    await database.commit(transaction);
    expect(calls).toEqual(['next']);
    expect(test.observations).toContainEqual(
      expect.objectContaining({ type: 'warning', message: 'A listener to a commit failed' }),
    );
  });
});

describe('nobody is called', () => {
  it('after a rollback', async () => {
    const transaction = await begin();
    transaction.afterCommit(listener('rolled back'));
    await database.rollback(transaction);
    transaction.afterCommit(listener('late'));
    expect(calls).toEqual([]);
  });

  it('after a commit that PostgreSQL answers by rolling back, or refuses', async () => {
    const failed = await begin();
    failed.afterCommit(listener('failed'));
    await insert(1, failed);
    await failure(insert(1, failed));
    expect((await failure(database.commit(failed))).code).toBe('TRANSACTION_ABORTED');
    const deferred = await begin();
    deferred.afterCommit(listener('deferred'));
    await database.runUser('INSERT INTO later VALUES (1), (1)', [], { transaction: deferred });
    expect((await failure(database.commit(deferred))).kind).toBe('exists');
    expect(calls).toEqual([]);
  });

  it('when the transaction is rolled back by its deadline', async () => {
    const transaction = await database.begin({
      owner: 'ann',
      isolationLevel: 'read_committed',
      readOnly: false,
      timeoutMs: 50,
    });
    transaction.afterCommit(listener('timed out'));
    await sleep(150);
    expect((await failure(database.commit(transaction))).code).toBe('TRANSACTION_NOT_FOUND');
    expect(calls).toEqual([]);
  });

  it('when the connection is lost during the commit', async () => {
    const transaction = await begin();
    // The check at the end of the transaction holds the commit up until its backend is ended.
    await test.admin(`CREATE FUNCTION public.hold_up() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN PERFORM pg_sleep(30); RETURN NULL; END $$`);
    await test.admin(`CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON public.later DEFERRABLE INITIALLY DEFERRED
      FOR EACH ROW EXECUTE FUNCTION public.hold_up()`);
    const backend =
      (await database.runUser('SELECT pg_backend_pid()', [], { transaction })).rows[0]?.[0] ?? '';
    await database.runUser('INSERT INTO later VALUES (7)', [], { transaction });
    transaction.afterCommit(listener('not known'));
    const committing = failure(database.commit(transaction));
    await sleep(100);
    await test.admin('SELECT pg_terminate_backend($1::int)', [backend]);
    expect((await committing).kind).toBe('unavailable');
    await test.admin('DROP TRIGGER slow ON public.later');
    expect(calls).toEqual([]);
  });
});

describe('a transaction for the length of one call', () => {
  it('calls when it is committed, and not when it rejects or is rolled back', async () => {
    const work = (name: string, id: number) => async (transaction: Transaction) => {
      await insert(id, transaction);
      transaction.afterCommit(listener(name));
    };
    await database.inTransaction(work('committed', 1));
    expect(calls).toEqual(['committed']);
    await database.inTransaction(work('rolled back', 2), { rollback: true });
    await failure(
      database.inTransaction(async (transaction) => {
        await work('rejected', 3)(transaction);
        await boom();
      }),
    );
    await failure(
      database.inTransaction(async (transaction) => {
        transaction.afterCommit(listener('aborted'));
        await insert(1, transaction).catch(() => undefined);
      }),
    );
    expect(calls).toEqual(['committed']);
  });
});

describe('work behind a savepoint', () => {
  it('hands its listeners up when it is kept, and drops them when it is undone', async () => {
    const transaction = await begin();
    const nested = (name: string, options: { rollback?: boolean } = {}) =>
      database.inTransaction(
        async (inner) => {
          inner.afterCommit(listener(name));
          await insert(Number(name), inner);
        },
        { transaction, ...options },
      );
    transaction.afterCommit(listener('outer'));
    await nested('1');
    await nested('2', { rollback: true });
    await failure(nested('1'));
    await nested('3');
    expect(calls).toEqual([]);
    await database.commit(transaction);
    expect(calls).toEqual(['outer', '1', '3']);
  });

  it('inside other such work ends as that does', async () => {
    const transaction = await begin();
    const inner = (within: Transaction, name: string) =>
      database.inTransaction(async (scope) => scope.afterCommit(listener(name)), { transaction: within });
    await database.inTransaction((scope) => inner(scope, 'kept'), { transaction });
    await failure(
      database.inTransaction(
        async (scope) => {
          await inner(scope, 'undone');
          await boom();
        },
        { transaction },
      ),
    );
    await database.commit(transaction);
    expect(calls).toEqual(['kept']);
  });

  it('that a client sets by SQL counts, too', async () => {
    const transaction = await begin();
    const run = (sql: string) => database.runUser(sql, [], { transaction });
    transaction.afterCommit(listener('first'));
    await run('SAVEPOINT one');
    transaction.afterCommit(listener('undone'));
    await run('SAVEPOINT "Two"');
    transaction.afterCommit(listener('undone too'));
    await run('ROLLBACK TO ONE;');
    transaction.afterCommit(listener('undone again'));
    // It is gone with what was behind the first one.
    await failure(run('ROLLBACK TO SAVEPOINT "Two"'));
    await run('ROLLBACK WORK TO SAVEPOINT one -- once more');
    transaction.afterCommit(listener('second'));
    await run('RELEASE one');
    transaction.afterCommit(listener('third'));
    await database.commit(transaction);
    expect(calls).toEqual(['first', 'second', 'third']);
  });

  it('that was kept passes on late listeners; undone work has none', async () => {
    const transaction = await begin();
    const scopes: Transaction[] = [];
    await database.inTransaction(async (scope) => void scopes.push(scope), { transaction });
    await database.inTransaction(async (scope) => void scopes.push(scope), { transaction, rollback: true });
    const [kept, undone] = scopes;
    kept?.afterCommit(listener('kept'));
    undone?.afterCommit(listener('undone'));
    await database.commit(transaction);
    expect(calls).toEqual(['kept']);
    kept?.afterCommit(listener('after'));
    expect(calls).toEqual(['kept', 'after']);
  });
});
