/**
 * Work of a model in a client's transaction that ends while the work goes on: by its deadline, by the loss of its
 * connection, by the stop of the store. Nothing of it may reach the session afterwards, which soon has another user.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openStore, statement, type Transaction } from '../../src/engine/index.ts';
import { failure } from '../support/failure.ts';
import { openTestStore, type TestStore } from '../support/test-store.ts';

let test: TestStore;
beforeAll(async () => {
  test = await openTestStore();
  await test.database.runUser('CREATE TABLE mark (who text NOT NULL, at int NOT NULL)');
});
afterAll(() => test.close());

const MARK = statement('test.mark_by', 'INSERT INTO mark VALUES ($1, $2)');
const SLOW = statement('test.slow', 'SELECT pg_sleep(0.02)');
const BACKEND = statement('test.backend', 'SELECT pg_backend_pid()');

const begin = (timeoutMs: number): Promise<Transaction> =>
  test.database.begin({ owner: 'ann', isolationLevel: 'read_committed', readOnly: false, timeoutMs });

const marksOf = async (who: string): Promise<string | null | undefined> =>
  (await test.database.runUser('SELECT count(*) FROM mark WHERE who = $1', [who])).rows[0]?.[0];

const ended = async (transaction: Transaction): Promise<void> => {
  for (;;) {
    try {
      test.database.transaction(transaction.id, 'ann');
    } catch {
      return;
    }
    await sleep(5);
  }
};

it('sends nothing any more when the deadline passed while it computed', async () => {
  const transaction = await begin(100);
  const error = await failure(
    test.database.inTransaction(
      async (inner) => {
        await ended(transaction);
        await test.database.run(MARK, ['late', '1'], { transaction: inner });
      },
      { transaction },
    ),
  );
  expect(error.code).toBe('TRANSACTION_NOT_FOUND');
  expect(error.detail).toBe('rolled back: timed out');
  expect(await marksOf('late')).toBe('0');
});

it('sends no end of its savepoint into the transaction of the next user', async () => {
  const first = await begin(150);
  const { rows } = await test.database.run(BACKEND, [], { transaction: first });
  let release = (): void => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const works = [false, true].map((deep) =>
    test.database
      .inTransaction(
        (inner) => (deep ? test.database.inTransaction(() => held, { transaction: inner }) : held),
        { transaction: first },
      )
      .catch(() => undefined),
  );
  await ended(first);
  // It is gone from the register before its session is back.
  while (test.database.counts.poolInUse > 0) await sleep(5);
  const next = await begin(10_000);
  const same = await test.database.run(BACKEND, [], { transaction: next });
  expect(same.rows).toEqual(rows);
  await test.database.run(MARK, ['next', '1'], { transaction: next });
  release();
  await Promise.all(works);
  await test.database.inTransaction(
    (inner) => test.database.run(MARK, ['next', '2'], { transaction: inner }),
    {
      transaction: next,
    },
  );
  await test.database.commit(next);
  expect(await marksOf('next')).toBe('2');
});

it('leaves nothing behind and disturbs nobody, whenever the deadline comes', async () => {
  let done = false;
  const neighbour = async (name: string): Promise<number> => {
    let marks = 0;
    while (!done) {
      const transaction = await begin(20_000);
      for (let each = 0; each < 3; each++, marks++) {
        await test.database.inTransaction(
          (inner) => test.database.run(MARK, [name, String(marks)], { transaction: inner }),
          { transaction },
        );
      }
      await test.database.commit(transaction);
    }
    return marks;
  };
  const doomed = async (round: number): Promise<void> => {
    const transaction = await begin(20 + ((round * 7) % 60));
    const error = await failure(
      test.database.inTransaction(
        (inner) =>
          test.database.inTransaction(
            async (innermost) => {
              for (let at = 0; ; at++) {
                const marking = test.database.run(MARK, ['doomed', String(at)], {
                  transaction: innermost,
                  ahead: true,
                });
                await Promise.all([marking, test.database.run(SLOW, [], { transaction: innermost })]);
                // Neither PostgreSQL nor this transaction has anything to do meanwhile.
                if (at % 2 === 0) await sleep(round % 5);
              }
            },
            { transaction: inner },
          ),
        { transaction },
      ),
    );
    expect(['TRANSACTION_NOT_FOUND', 'QUERY_TIMEOUT', 'QUERY_CANCELLED', 'TRANSACTION_ABORTED']).toContain(
      error.code,
    );
  };
  const neighbours = ['n1', 'n2', 'n3'].map(neighbour);
  for (let round = 0; round < 12; round++)
    await Promise.all([0, 1, 2, 3, 4].map((n) => doomed(round * 5 + n)));
  done = true;
  const marks = await Promise.all(neighbours);
  expect(await marksOf('doomed')).toBe('0');
  expect(await Promise.all(['n1', 'n2', 'n3'].map(marksOf))).toEqual(marks.map(String));
});

it('ends with the stop of its store', async () => {
  const store = await openStore(test.uri, { observe: () => {} });
  const database = await store.namespace(store.defaultNamespace);
  const transaction = await database.begin({
    owner: 'ann',
    isolationLevel: 'read_committed',
    readOnly: false,
    timeoutMs: 20_000,
  });
  let stopped = (): void => {};
  const stop = new Promise<void>((resolve) => {
    stopped = resolve;
  });
  const work = failure(
    database.inTransaction(
      async (inner) => {
        await database.run(MARK, ['stopped', '1'], { transaction: inner });
        await stop;
        await database.run(MARK, ['stopped', '2'], { transaction: inner });
      },
      { transaction },
    ),
  );
  await sleep(50);
  await store.stop();
  stopped();
  expect((await work).code).toBe('TRANSACTION_NOT_ACTIVE');
  expect(await marksOf('stopped')).toBe('0');
});

it('ends with its connection', async () => {
  const transaction = await begin(20_000);
  const { rows } = await test.database.run(BACKEND, [], { transaction });
  const error = await failure(
    test.database.inTransaction(
      async (inner) => {
        await test.database.run(MARK, ['broken', '1'], { transaction: inner });
        await test.admin('SELECT pg_terminate_backend($1)', [rows[0]?.[0] ?? null]);
        await ended(transaction);
        await test.database.run(MARK, ['broken', '2'], { transaction: inner });
      },
      { transaction },
    ),
  );
  expect(error.detail).toBe('rolled back: connection lost');
  expect(await marksOf('broken')).toBe('0');
});
