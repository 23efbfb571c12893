/** A commit that has to wait for another transaction ends in time, and its outcome is known. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Participant, statement, type Transaction } from '../../src/engine/index.ts';
import { failure } from '../support/failure.ts';
import { openTestStore, type TestStore } from '../support/test-store.ts';

let test: TestStore;
beforeAll(async () => {
  test = await openTestStore();
  await test.database.runUser(
    'CREATE TABLE later (id int, CONSTRAINT once UNIQUE (id) DEFERRABLE INITIALLY DEFERRED)',
  );
});
afterAll(() => test.close());

const begin = (): Promise<Transaction> =>
  test.database.begin({
    owner: 'ann',
    isolationLevel: 'read_committed',
    readOnly: false,
    timeoutMs: 50_000,
  });

it.concurrent('is rolled back, and told so, while the one that it waits for goes on', async () => {
  const { database } = test;
  const [holder, waiting] = [await begin(), await begin()];
  await database.runUser('INSERT INTO later VALUES (5)', [], { transaction: holder });
  await database.runUser('INSERT INTO later VALUES (5)', [], { transaction: waiting });
  const error = await failure(database.commit(waiting));
  expect(error.code).toBe('TRANSACTION_CONFLICT');
  expect((await failure(database.commit(waiting))).detail).toBe('rolled back');
  await database.commit(holder);
  expect((await database.runUser('SELECT id FROM later')).rows).toEqual([['5']]);
});

it.concurrent('ends in time, too, where work that belongs to it waits', async () => {
  const { database } = test;
  const LOCK = statement('test.lock', 'SELECT FROM pg_advisory_xact_lock(4711)');
  const participant: Participant<string> = {
    name: 'test.waits',
    sharesFlush: true,
    ahead: true,
    finish: async (transaction) => void (await database.run(LOCK, [], { transaction })),
  };
  const [holder, waiting] = [await begin(), await begin()];
  await database.run(LOCK, [], { transaction: holder });
  waiting.enlist(participant, 'x');
  const error = await failure(database.commit(waiting));
  expect([error.code, error.message]).toEqual([
    'TRANSACTION_CONFLICT',
    expect.stringContaining('commitMsMax'),
  ]);
  expect((await failure(database.commit(waiting))).detail).toBe('rolled back');
  await database.rollback(holder);
});
