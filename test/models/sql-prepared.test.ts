/** Prepared statements by name, on a real PostgreSQL. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { LIMITS } from '../../src/base/index.ts';
import { sqlDeallocate, sqlExecute, sqlPrepare, sqlQuery } from '../../src/models/index.ts';
import { createAccounts, type Model, openModel, READER, refillAccounts } from './call-operation.ts';

let model: Model;
beforeAll(async () => {
  model = await openModel();
  await createAccounts(model);
});
afterAll(() => model.stop());
beforeEach(() => refillAccounts(model));

const query = (sql: string) => model.call(sqlQuery, { sql });

test('create, execute, deallocate', async () => {
  const created = await model.call(sqlPrepare, {
    name: 'by_id',
    sql: 'SELECT owner FROM account WHERE id = $1 AND owner = ANY ($2)',
  });
  expect(created).toEqual({ name: 'by_id', paramTypes: ['Int64', 'Array<Text>'], created: true });
  const result = await model.call(sqlExecute, { name: 'by_id', params: [1, ['Ann', 'Bob']] });
  expect(result).toMatchObject({ rows: [['Ann']], columns: [{ name: 'owner', type: 'Varchar' }] });
  expect((await model.fault(sqlExecute, { name: 'by_id', params: [1] })).code).toBe(
    'PARAMETER_COUNT_MISMATCH',
  );
  expect((await model.fault(sqlPrepare, { name: 'by_id', sql: 'SELECT 1' })).code).toBe(
    'PREPARED_STATEMENT_EXISTS',
  );
  expect((await model.fault(sqlExecute, { name: 'by_id', params: [] }, { principal: READER })).code).toBe(
    'PREPARED_STATEMENT_NOT_FOUND',
  );
  expect(await model.call(sqlDeallocate, { name: 'by_id' })).toEqual({ name: 'by_id', deallocated: true });
  expect((await model.fault(sqlExecute, { name: 'by_id' })).code).toBe('PREPARED_STATEMENT_NOT_FOUND');
  expect((await model.fault(sqlDeallocate, { name: 'by_id' })).code).toBe('PREPARED_STATEMENT_NOT_FOUND');
});

test.each([
  ['SELEC 1', 'INVALID_SQL'],
  ['SELECT * FROM missing', 'TABLE_NOT_FOUND'],
  ['COMMIT', 'TRANSACTION_CONTROL_NOT_ALLOWED'],
  ['SELECT 1; SELECT 2', 'INVALID_SQL'],
])('%s is refused when it is prepared', async (sql, code) => {
  expect((await model.fault(sqlPrepare, { name: 'bad', sql })).code).toBe(code);
  expect((await model.fault(sqlExecute, { name: 'bad' })).code).toBe('PREPARED_STATEMENT_NOT_FOUND');
});

test('they outlive a change of the table', async () => {
  await query('CREATE TABLE changing (a int)');
  await model.call(sqlPrepare, { name: 'all', sql: 'SELECT * FROM changing' });
  expect((await model.call(sqlExecute, { name: 'all' })).columns).toHaveLength(1);
  await query('ALTER TABLE changing ADD COLUMN b text');
  expect((await model.call(sqlExecute, { name: 'all' })).columns).toHaveLength(2);
});

test('beyond the bound the least recently used one goes', async () => {
  const principal = { name: 'collector', role: 'write' } as const;
  for (let at = 0; at < LIMITS.preparedPerPrincipalMax; at++) {
    await model.call(sqlPrepare, { name: `p${at}`, sql: 'SELECT 1' }, { principal });
  }
  await model.call(sqlExecute, { name: 'p0' }, { principal });
  await model.call(sqlPrepare, { name: 'one more', sql: 'SELECT 1' }, { principal });
  expect((await model.fault(sqlExecute, { name: 'p1' }, { principal })).code).toBe(
    'PREPARED_STATEMENT_NOT_FOUND',
  );
  expect((await model.call(sqlExecute, { name: 'p0' }, { principal })).rowCount).toBe(1);
});

test('lists are written for the type that the placeholder has now', async () => {
  const insert = 'INSERT INTO shifting VALUES ($1)';
  await query('CREATE TABLE shifting (a int[])');
  await model.call(sqlPrepare, { name: 'shift', sql: insert });
  await model.call(sqlExecute, { name: 'shift', params: [[]] });
  await model.call(sqlQuery, { sql: insert, params: [[1]] });
  await query('DROP TABLE shifting');
  await query('CREATE TABLE shifting (a jsonb)');
  await model.call(sqlExecute, { name: 'shift', params: [[]] });
  await model.call(sqlQuery, { sql: insert, params: [[1]] });
  expect(await query('SELECT a::text FROM shifting')).toMatchObject({ rows: [['[]'], ['[1]']] });
});
