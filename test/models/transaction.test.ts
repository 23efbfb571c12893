/** Interactive transactions through their operations, on a real PostgreSQL. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { LIMITS } from '../../src/base/index.ts';
import {
  sqlCreateTable,
  sqlQuery,
  transactionBegin,
  transactionCommit,
  transactionRollback,
} from '../../src/models/index.ts';
import {
  type CallOptions,
  createAccounts,
  type Model,
  openModel,
  READER,
  refillAccounts,
} from './call-operation.ts';

let model: Model;
beforeAll(async () => {
  model = await openModel();
  await createAccounts(model);
});
afterAll(() => model.stop());
beforeEach(() => refillAccounts(model));

const query = (sql: string, params?: unknown[], options?: CallOptions) =>
  model.call(sqlQuery, { sql, params }, options);
const fault = (sql: string, params?: unknown[], options?: CallOptions) =>
  model.fault(sqlQuery, { sql, params }, options);

test('two updates are committed together', async () => {
  const begun = await model.call(transactionBegin, { isolationLevel: 'SERIALIZABLE', timeoutMs: 60_000 });
  expect(begun).toMatchObject({ isolationLevel: 'serializable', readOnly: false });
  expect(begun.txnId).toMatch(/^txn_[0-9a-f]{12}$/);
  expect(begun.startedAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  const inside = { transactionId: begun.txnId };
  await query('UPDATE account SET balance = balance - 5 WHERE id = 1', [], inside);
  await query('UPDATE account SET balance = balance + 5 WHERE id = 2', [], inside);
  expect((await query('SELECT balance FROM account ORDER BY id')).rows).toEqual([['10.50'], ['0.00']]);
  const committed = await model.call(transactionCommit, { txnId: begun.txnId });
  expect(committed).toMatchObject({ txnId: begun.txnId, status: 'committed', rowsAffected: 2 });
  expect((await query('SELECT balance FROM account ORDER BY id')).rows).toEqual([['5.50'], ['5.00']]);
  expect((await model.fault(transactionCommit, { txnId: begun.txnId })).code).toBe('TRANSACTION_NOT_ACTIVE');
  expect((await model.fault(transactionRollback, { txnId: begun.txnId })).code).toBe(
    'TRANSACTION_NOT_ACTIVE',
  );
});

test('rollback undoes, also tables made by operations', async () => {
  const { txnId } = await model.call(transactionBegin, {});
  const inside = { transactionId: txnId };
  await query('DELETE FROM account', [], inside);
  await model.call(sqlCreateTable, { name: 'made', columns: [{ name: 'a', type: 'Int64' }] }, inside);
  expect(await model.call(transactionRollback, { txnId })).toMatchObject({ txnId, status: 'rolled_back' });
  expect((await query('SELECT count(*) FROM account')).rows).toEqual([['2']]);
  expect((await fault('SELECT * FROM made')).code).toBe('TABLE_NOT_FOUND');
});

test('savepoints work inside, transaction control does not', async () => {
  const { txnId } = await model.call(transactionBegin, {});
  const inside = { transactionId: txnId };
  await query('SAVEPOINT a', [], inside);
  expect((await fault('SELECT 1/0', [], inside)).code).toBe('DIVISION_BY_ZERO');
  expect((await fault('SELECT 1', [], inside)).code).toBe('TRANSACTION_ABORTED');
  await query('ROLLBACK TO SAVEPOINT a', [], inside);
  expect((await query('SELECT 1', [], inside)).rows).toEqual([['1']]);
  expect((await fault('COMMIT', [], inside)).code).toBe('TRANSACTION_CONTROL_NOT_ALLOWED');
  await model.call(transactionRollback, { txnId });
});

test('an aborted one cannot be committed', async () => {
  const { txnId } = await model.call(transactionBegin, {});
  await fault('SELECT 1/0', [], { transactionId: txnId });
  expect((await model.fault(transactionCommit, { txnId })).code).toBe('TRANSACTION_ABORTED');
});

test('unknown, foreign and expired ones are not found', async () => {
  expect((await model.fault(transactionCommit, { txnId: 'txn_000000000000' })).code).toBe(
    'TRANSACTION_NOT_FOUND',
  );
  const { txnId } = await model.call(transactionBegin, {});
  expect((await model.fault(transactionCommit, { txnId }, { principal: READER })).code).toBe(
    'TRANSACTION_NOT_FOUND',
  );
  await model.call(transactionRollback, { txnId });
  const short = await model.call(transactionBegin, { timeoutMs: 30 });
  await expect
    .poll(async () => (await fault('SELECT 1', [], { transactionId: short.txnId })).code)
    .toBe('TRANSACTION_NOT_FOUND');
  expect((await fault('SELECT 1', [], { transactionId: short.txnId })).detail).toContain('timed out');
});

test.each([
  { isolationLevel: 'read_uncommitted' },
  { isolationLevel: 'Serializable' },
  { timeoutMs: 0 },
  { timeoutMs: LIMITS.transactionTimeoutMsMax + 1 },
  { readOnly: 'yes' },
  { isolation: 'serializable' },
])('%j is refused', (input) => {
  expect(transactionBegin.input.safeParse(input).success).toBe(false);
});
