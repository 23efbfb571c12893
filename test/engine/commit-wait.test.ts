/** A commit that has to wait for another transaction ends in time, and its outcome is known. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Transaction } from '../../src/engine/index.ts';
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

it('is rolled back, and told so, while the one that it waits for goes on', async () => {
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
