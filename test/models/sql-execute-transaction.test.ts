/** Several statements in one call: all or nothing, in order, within one time. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { LIMITS } from '../../src/base/index.ts';
import { sqlDescribeTables, sqlExecuteTransaction, sqlQuery } from '../../src/models/index.ts';
import { type Model, openModel } from './call-operation.ts';

let model: Model;
beforeAll(async () => {
  model = await openModel();
  await model.call(sqlQuery, {
    sql: 'CREATE TABLE t (id int PRIMARY KEY DEFERRABLE INITIALLY DEFERRED, v bigint)',
  });
}, 60_000);
afterAll(async () => await model.stop());

const run = (statements: readonly object[], more: object = {}) =>
  model.call(sqlExecuteTransaction, { statements, ...more });
const ids = async () =>
  (await model.call(sqlQuery, { sql: 'SELECT id FROM t ORDER BY id' })).rows.map(([id]) => id);

it('runs them in order, and counts what each changed or returned', async () => {
  const { results } = await run([
    { sql: 'INSERT INTO t VALUES ($1, $2)', params: [1, 10] },
    { sql: 'UPDATE t SET v = v + 1' },
    { sql: 'SELECT v FROM t WHERE v = 11' },
    { sql: 'SAVEPOINT s' },
  ]);
  expect(results.map(({ rowsAffected }) => rowsAffected)).toEqual([1, 1, 1, 0]);
});

it('undoes all of them when one fails, and says which', async () => {
  await expect(
    run([
      { sql: 'INSERT INTO t VALUES (2, 0)' },
      { sql: 'SELECT 1 / 0' },
      { sql: 'INSERT INTO t VALUES (3, 0)' },
    ]),
  ).rejects.toMatchObject({ code: 'DIVISION_BY_ZERO', statementIndex: 1 });
  await expect(run([{ sql: 'SELECT 1' }, { sql: 'COMMIT' }])).rejects.toMatchObject({
    code: 'TRANSACTION_CONTROL_NOT_ALLOWED',
    statementIndex: 1,
  });
  expect(await ids()).toEqual(['1']);
});

it('fails as a whole when the commit does', async () => {
  const failing = run([{ sql: 'INSERT INTO t VALUES (1, 0)' }]);
  await expect(failing).rejects.toMatchObject({ code: 'UNIQUE_VIOLATION', statementIndex: undefined });
  expect(await ids()).toEqual(['1']);
});

it('has the isolation level that was asked for', async () => {
  const level = "INSERT INTO t SELECT 7, 0 WHERE current_setting('transaction_isolation') = 'serializable'";
  const { results } = await run([{ sql: level }], { isolationLevel: 'serializable' });
  expect(results[0]?.rowsAffected).toBe(1);
});

it('ends when the time of all is over', async () => {
  const sleeping = { sql: 'SELECT pg_sleep(0.2)' };
  await expect(run([sleeping, sleeping, sleeping], { timeoutMs: 300 })).rejects.toMatchObject({
    code: 'QUERY_TIMEOUT',
    statementIndex: 1,
  });
});

it('takes a bounded number of them', async () => {
  const many = Array.from({ length: LIMITS.transactionStatementsMax + 1 }, () => ({ sql: 'SELECT 1' }));
  await expect(run(many)).rejects.toMatchObject({ issues: [{ path: ['statements'] }] });
  await expect(run([])).rejects.toMatchObject({ issues: [{ path: ['statements'] }] });
});

it('tables are described with as much as is asked for', async () => {
  const { tables } = await model.call(sqlDescribeTables, { indexes: true });
  expect(tables).toEqual([
    {
      name: 't',
      schema: 'public',
      engine: 'row',
      sizeBytes: expect.any(Number),
      indexes: [{ name: 't_pkey', columns: ['id'], type: 'btree', unique: true }],
    },
  ]);
});
