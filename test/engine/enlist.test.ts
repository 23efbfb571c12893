/** Work that belongs to a commit: done once, last, with what was kept; when it fails nothing of the transaction is left. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FacetError } from '../../src/base/index.ts';
import { type Database, type Participant, statement, type Transaction } from '../../src/engine/index.ts';
import { failure } from '../support/failure.ts';
import { openTestStore, type TestStore } from '../support/test-store.ts';

let test: TestStore;
let database: Database;
beforeAll(async () => {
  test = await openTestStore();
  database = test.database;
  await database.runUser('CREATE TABLE note (id int PRIMARY KEY)');
  await database.runUser(
    'CREATE TABLE entry (item text NOT NULL, sync text, at int GENERATED ALWAYS AS IDENTITY)',
  );
  await database.runUser(
    'CREATE TABLE later (id int, CONSTRAINT once UNIQUE (id) DEFERRABLE INITIALLY DEFERRED)',
  );
});
beforeEach(async () => {
  await database.runUser('TRUNCATE note, entry, later');
});
afterAll(() => test.close());

const NOTE = statement('test.note', 'INSERT INTO note VALUES ($1::int)');
const ENTRY = statement(
  'test.entry',
  `INSERT INTO entry (item, sync)
   SELECT item, current_setting('synchronous_commit') FROM unnest($1::text[]) WITH ORDINALITY AS items (item, place) ORDER BY place`,
);
const COUNT = statement('test.count', 'SELECT count(*) FROM note');

/** How many rows each call found that the transaction had written. */
const found: string[] = [];
const literal = (items: readonly string[]): string => `{${items.join(',')}}`;

/** Waits for one statement before the next. */
const waits: Participant<string> = {
  name: 'waits',
  finish: async (transaction, items) => {
    const { rows } = await database.run(COUNT, [], { transaction });
    found.push(rows[0]?.[0] ?? '');
    await database.run(ENTRY, [literal(items)], { transaction });
  },
};
const ahead: Participant<string> = {
  name: 'ahead',
  ahead: true,
  finish: async (transaction, items) => {
    await database.run(ENTRY, [literal(items)], { transaction });
  },
};
const shares: Participant<string> = { ...ahead, name: 'shares', sharesFlush: true };
const kinds = { waits, ahead, shares };

const begin = (): Promise<Transaction> =>
  database.begin({ owner: 'ann', isolationLevel: 'read_committed', readOnly: false, timeoutMs: 20_000 });
const note = (id: number, transaction: Transaction) => database.run(NOTE, [String(id)], { transaction });
const entries = async () =>
  (await database.runUser('SELECT item FROM entry ORDER BY at')).rows.map(([item]) => item);
const notes = async () =>
  (await database.runUser('SELECT id FROM note ORDER BY id')).rows.map(([id]) => Number(id));
const boom = async (): Promise<never> => {
  throw new FacetError('INVALID_PARAMETER', 'boom');
};

describe.each(Object.keys(kinds) as (keyof typeof kinds)[])('a participant that %s', (kind) => {
  const participant = kinds[kind];

  it('gets all items of a call, in their order, behind its statements', async () => {
    found.length = 0;
    await database.inTransaction(async (transaction) => {
      transaction.enlist(participant, 'a');
      await note(1, transaction);
      transaction.enlist(participant, 'b');
    });
    expect(await entries()).toEqual(['a', 'b']);
    expect(await notes()).toEqual([1]);
    if (kind === 'waits') expect(found).toEqual(['1']);
  });

  it('gets all items of an interactive transaction', async () => {
    const transaction = await begin();
    await note(1, transaction);
    transaction.enlist(participant, 'a');
    await database.inTransaction(async (inner) => inner.enlist(participant, 'b'), { transaction });
    transaction.enlist(participant, 'c');
    expect(await entries()).toEqual([]);
    await database.commit(transaction);
    expect(await entries()).toEqual(['a', 'b', 'c']);
  });

  it('is not asked when the transaction is rolled back, rejects or has failed', async () => {
    const transaction = await begin();
    transaction.enlist(participant, 'a');
    await database.rollback(transaction);
    const enlist = async (inner: Transaction) => inner.enlist(participant, 'b');
    await database.inTransaction(enlist, { rollback: true });
    await failure(
      database.inTransaction(async (inner) => {
        await enlist(inner);
        await boom();
      }),
    );
    const failed = await begin();
    failed.enlist(participant, 'c');
    await note(1, failed);
    await failure(note(1, failed));
    expect((await failure(database.commit(failed))).code).toBe('TRANSACTION_ABORTED');
    expect(await entries()).toEqual([]);
    expect(await notes()).toEqual([]);
  });

  it('fails the transaction with what PostgreSQL says to it', async () => {
    const bad: Participant<string> = {
      ...participant,
      finish: async (transaction) => {
        await database.run(ENTRY, ['{NULL}'], { transaction });
      },
    };
    const work = async (transaction: Transaction) => {
      await note(1, transaction);
      transaction.enlist(bad, 'a');
      transaction.afterCommit(() => found.push('committed'));
    };
    found.length = 0;
    expect((await failure(database.inTransaction(work))).code).toBe('NOT_NULL_VIOLATION');
    const transaction = await begin();
    await work(transaction);
    expect((await failure(database.commit(transaction))).code).toBe('NOT_NULL_VIOLATION');
    expect((await failure(database.commit(transaction))).detail).toBe('rolled back');
    expect([await notes(), await entries(), found]).toEqual([[], [], []]);
  });

  it('fails the transaction when it cannot send anything', async () => {
    const bad: Participant<string> = { ...participant, finish: boom };
    const work = async (transaction: Transaction) => {
      await note(1, transaction);
      transaction.enlist(bad, 'a');
    };
    expect((await failure(database.inTransaction(work))).message).toBe('boom');
    const transaction = await begin();
    await work(transaction);
    expect((await failure(database.commit(transaction))).message).toBe('boom');
    expect(await notes()).toEqual([]);
  });

  it('comes behind deferred constraints, whose error is told as at the commit', async () => {
    found.length = 0;
    const commitError = (error: FacetError) => new FacetError('CHECK_VIOLATION', `mine: ${error.code}`);
    const work = async (transaction: Transaction) => {
      await database.runUser('INSERT INTO later VALUES (1), (1)', [], { transaction });
      transaction.enlist(participant, 'a');
    };
    const error = await failure(database.inTransaction(work, { commitError }));
    expect(error.message).toBe('mine: UNIQUE_VIOLATION');
    const transaction = await begin();
    await database.inTransaction(work, { transaction, commitError });
    expect((await failure(database.commit(transaction))).message).toBe('mine: UNIQUE_VIOLATION');
    expect(await entries()).toEqual([]);
  });
});

describe('items behind savepoints', () => {
  it('are dropped with the work that is undone', async () => {
    const transaction = await begin();
    const nested = (item: string, options: { rollback?: boolean } = {}) =>
      database.inTransaction(async (inner) => inner.enlist(ahead, item), { transaction, ...options });
    transaction.enlist(ahead, 'outer');
    await nested('kept');
    await nested('undone', { rollback: true });
    await failure(
      database.inTransaction(
        async (inner) => {
          inner.enlist(ahead, 'rejected');
          await database.inTransaction(async (deep) => deep.enlist(ahead, 'released within'), {
            transaction: inner,
          });
          await boom();
        },
        { transaction },
      ),
    );
    await nested('last');
    await database.commit(transaction);
    expect(await entries()).toEqual(['outer', 'kept', 'last']);
  });

  it('that clients set by SQL, too', async () => {
    const transaction = await begin();
    const run = (sql: string) => database.runUser(sql, [], { transaction });
    transaction.enlist(ahead, 'first');
    await run('SAVEPOINT one');
    transaction.enlist(ahead, 'undone');
    await run('SAVEPOINT two');
    transaction.enlist(ahead, 'undone too');
    await run('ROLLBACK TO one');
    transaction.enlist(ahead, 'second');
    await run('RELEASE one');
    transaction.enlist(ahead, 'third');
    await database.commit(transaction);
    expect(await entries()).toEqual(['first', 'second', 'third']);
  });
});

it('COMMIT leaves behind the last of several statements that are sent ahead, whoever asks for it', async () => {
  const MINE = statement('test.mine', 'INSERT INTO entry (item) VALUES (pg_current_xact_id()::text)');
  const many: Participant<string> = {
    name: 'many',
    ahead: true,
    finish: async (own) => {
      const sent = Array.from({ length: 20 }, () =>
        database.run(MINE, [], { transaction: own, ahead: true }),
      );
      await Promise.all(sent);
    },
  };
  const transaction = await begin();
  transaction.enlist(many, 'x');
  // From a callback of the event loop, where the next tick comes before any promise goes on.
  await new Promise<void>((resolve, reject) => {
    setImmediate(() => database.commit(transaction).then(() => resolve(), reject));
  });
  const { rows } = await database.runUser('SELECT count(*), count(DISTINCT item) FROM entry');
  expect(rows).toEqual([['20', '1']]);
});

it('several participants are asked in the order of their first items', async () => {
  await database.inTransaction(async (transaction) => {
    transaction.enlist(shares, 's1');
    transaction.enlist(waits, 'w1');
    transaction.enlist(ahead, 'a1');
    transaction.enlist(shares, 's2');
  });
  expect(await entries()).toEqual(['s1', 's2', 'w1', 'a1']);
});

it('nothing can be enlisted in what has ended, nor by a participant', async () => {
  const transaction = await begin();
  await database.commit(transaction);
  expect(() => transaction.enlist(ahead, 'late')).toThrow(FacetError);
  const scopes: Transaction[] = [];
  await database.inTransaction(async (scope) => void scopes.push(scope));
  expect(() => scopes[0]?.enlist(ahead, 'late')).toThrow(FacetError);
  const again: Participant<string> = {
    name: 'again',
    finish: async (own) => own.enlist(ahead, 'from within'),
  };
  const error = await failure(
    database.inTransaction(async (own) => {
      await note(1, own);
      own.enlist(again, 'x');
    }),
  );
  expect(error.code).toBe('TRANSACTION_NOT_ACTIVE');
  expect([await entries(), await notes()]).toEqual([[], []]);
});

it('what a participant leaves running is not sent on the session of the next one', async () => {
  const stray: Promise<unknown>[] = [];
  const leaky: Participant<string> = {
    name: 'leaky',
    finish: async (transaction) => {
      stray.push(Promise.resolve(transaction));
    },
  };
  await database.inTransaction(async (transaction) => transaction.enlist(leaky, 'x'));
  const handle = (await stray[0]) as Transaction;
  expect((await failure(note(5, handle))).code).toBe('TRANSACTION_NOT_ACTIVE');
});

describe('an end in the middle of a commit', () => {
  const sleeping = (options: Pick<Participant<string>, 'ahead'>, seconds: number): Participant<string> => ({
    name: 'sleeping',
    ...options,
    finish: async (transaction) => {
      await database.run(statement('test.sleep', `SELECT pg_sleep(${seconds})`), [], { transaction });
    },
  });
  const backendOf = async (transaction: Transaction): Promise<string> =>
    (await database.runUser('SELECT pg_backend_pid()', [], { transaction })).rows[0]?.[0] ?? '';

  it('by the deadline does not come: it is over when the turn of the commit has come', async () => {
    const transaction = await database.begin({
      owner: 'ann',
      isolationLevel: 'read_committed',
      readOnly: false,
      timeoutMs: 200,
    });
    await note(1, transaction);
    transaction.enlist(sleeping({}, 0.4), 'x');
    await database.commit(transaction);
    expect(await notes()).toEqual([1]);
  });

  it('by the loss of the connection is told: before COMMIT was sent it is known, then it is not', async () => {
    found.length = 0;
    for (const [options, said] of [
      [{}, 'terminating connection'],
      [{ ahead: true }, 'whether the transaction was committed is not known'],
    ] as const) {
      const transaction = await begin();
      const backend = await backendOf(transaction);
      await note(1, transaction);
      transaction.enlist(sleeping(options, 30), 'x');
      transaction.afterCommit(() => found.push('committed'));
      const committing = failure(database.commit(transaction));
      await sleep(100);
      await test.admin('SELECT pg_terminate_backend($1::int)', [backend]);
      const error = await committing;
      expect([error.code, error.message]).toEqual(['UNAVAILABLE', expect.stringContaining(said)]);
    }
    expect([await notes(), found]).toEqual([[], []]);
  });

  it('by the stop of the store leaves nobody waiting', async () => {
    const other = await openTestStore();
    const { database: own } = other;
    await own.runUser('CREATE TABLE note (id int PRIMARY KEY)');
    const slow: Participant<string> = {
      name: 'slow',
      ahead: true,
      sharesFlush: true,
      finish: async (transaction) => {
        await own.run(statement('test.sleep', 'SELECT pg_sleep(30)'), [], { transaction });
      },
    };
    const call = failure(own.inTransaction(async (transaction) => transaction.enlist(slow, 'x')));
    const transaction = await own.begin({
      owner: 'ann',
      isolationLevel: 'read_committed',
      readOnly: false,
      timeoutMs: 20_000,
    });
    transaction.enlist(slow, 'x');
    const commit = failure(own.commit(transaction));
    await sleep(100);
    await other.store.stop();
    expect([(await call).code, (await commit).code]).toEqual(['UNAVAILABLE', 'UNAVAILABLE']);
    await other.close();
  });
});
