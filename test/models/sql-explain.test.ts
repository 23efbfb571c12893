/** Plans of statements, on a real PostgreSQL. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  type PlanNode,
  sqlExplain,
  sqlQuery,
  transactionBegin,
  transactionCommit,
} from '../../src/models/index.ts';
import { type Model, openModel, READER } from './call-operation.ts';

let model: Model;
beforeAll(async () => {
  model = await openModel();
  await model.call(sqlQuery, { sql: 'CREATE TABLE users (id bigint PRIMARY KEY, name text)' });
  await model.call(sqlQuery, { sql: 'CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint)' });
  await model.call(sqlQuery, { sql: "INSERT INTO users SELECT n, 'u' || n FROM generate_series(1, 500) n" });
  await model.call(sqlQuery, { sql: 'INSERT INTO orders SELECT n, n % 500 FROM generate_series(1, 5000) n' });
  await model.call(sqlQuery, { sql: 'ANALYZE' });
});
afterAll(() => model.stop());

const explain = (input: object, options = {}) => model.call(sqlExplain, input, options);
const countUsers = async () =>
  (await model.call(sqlQuery, { sql: 'SELECT count(*) FROM users' })).rows[0]?.[0];

function nodesOf(plan: PlanNode | string): PlanNode[] {
  if (typeof plan === 'string') throw new Error('a text');
  return [plan, ...(plan.children ?? []).flatMap(nodesOf)];
}

const JOIN = 'SELECT u.name, COUNT(o.id) FROM users u JOIN orders o ON u.id = o.customer_id GROUP BY u.name';

test('the example of the reference', async () => {
  const { plan, planningTimeMs, executionTimeMs } = await explain({
    sql: JOIN,
    analyze: false,
    verbose: true,
  });
  const nodes = nodesOf(plan);
  expect(nodes.map(({ nodeType }) => nodeType)).toEqual([
    'Projection',
    'HashAggregate',
    'HashJoin',
    'SeqScan',
    'SeqScan',
  ]);
  expect(nodes[0]?.output).toEqual(['u.name', 'count(o.id)']);
  expect(nodes[1]?.groupBy).toEqual(['u.name']);
  expect(nodes[2]).toMatchObject({
    joinType: 'inner',
    condition: 'o.customer_id = u.id',
    estimatedRows: 5_000,
  });
  expect(nodes.slice(3).map(({ table }) => table)).toEqual(['orders', 'users']);
  expect(nodes[3]).not.toHaveProperty('children');
  expect(planningTimeMs).toBeGreaterThan(0);
  expect(executionTimeMs).toBeUndefined();
});

test('text and dot', async () => {
  const text = await explain({ sql: JOIN, format: 'text', analyze: true });
  expect(text.plan).toContain('Hash Join');
  expect(text.plan).toContain('\n');
  expect(text.planningTimeMs).toBeGreaterThan(0);
  expect(text.executionTimeMs).toBeGreaterThan(0);
  const dot = await explain({ sql: JOIN, format: 'dot' });
  expect(dot.plan).toMatch(/^digraph plan \{/);
  expect(dot.plan).toContain('SeqScan\\norders');
  expect(sqlExplain.input.safeParse({ sql: JOIN, format: 'yaml' }).success).toBe(false);
});

test('analyze reports what happened', async () => {
  const { plan, executionTimeMs } = await explain({
    sql: 'SELECT * FROM users WHERE id < 11',
    analyze: true,
  });
  expect(nodesOf(plan)[0]).toMatchObject({ actualRows: 10, loops: 1, actualTimeMs: expect.any(Number) });
  expect(executionTimeMs).toBeGreaterThan(0);
});

test('analyze of a write leaves nothing behind, except in a transaction of the caller', async () => {
  const sql = 'DELETE FROM users WHERE id > 400';
  const { plan } = await explain({ sql, analyze: true });
  expect(nodesOf(plan)[0]).toMatchObject({ nodeType: 'Delete', table: 'users' });
  expect(await countUsers()).toBe('500');
  const { txnId } = await model.call(transactionBegin, {});
  await explain({ sql, analyze: true }, { transactionId: txnId });
  await model.call(transactionCommit, { txnId });
  expect(await countUsers()).toBe('400');
});

test('a reader may look at plans, and analyzes reads only', async () => {
  const reader = { principal: READER };
  expect(nodesOf((await explain({ sql: 'DELETE FROM users' }, reader)).plan)[0]?.nodeType).toBe('Delete');
  const analyzed = await explain({ sql: 'SELECT * FROM users', analyze: true }, reader);
  expect(nodesOf(analyzed.plan)[0]?.nodeType).toBe('SeqScan');
  const error = await model.fault(sqlExplain, { sql: 'DELETE FROM users', analyze: true }, reader);
  expect(error.code).toBe('READ_ONLY_TRANSACTION');
});

test('placeholders may have values or none', async () => {
  const sql = 'SELECT * FROM users WHERE id = $1';
  const generic = nodesOf((await explain({ sql })).plan)[0];
  expect(generic).toMatchObject({ nodeType: 'IndexScan', indexCondition: 'id = $1', index: 'users_pkey' });
  const given = nodesOf((await explain({ sql, params: [7], analyze: true })).plan)[0];
  expect(given).toMatchObject({ indexCondition: "id = '7'::bigint", actualRows: 1 });
  expect(nodesOf((await explain({ sql }, { principal: READER })).plan)[0]?.indexCondition).toBe('id = $1');
  expect((await model.fault(sqlExplain, { sql, analyze: true })).code).toBe('MISSING_PARAMETER');
  expect((await model.fault(sqlExplain, { sql, params: [1, 2] })).code).toBe('PARAMETER_COUNT_MISMATCH');
  const { txnId } = await model.call(transactionBegin, {});
  const inside = nodesOf((await explain({ sql }, { transactionId: txnId })).plan)[0];
  expect(inside?.indexCondition).toBe('id = $1');
  await model.call(transactionCommit, { txnId });
});

test.each([
  ['CREATE TABLE a (b int)', 'FEATURE_NOT_SUPPORTED'],
  ['VACUUM', 'FEATURE_NOT_SUPPORTED'],
  ['EXPLAIN SELECT 1', 'FEATURE_NOT_SUPPORTED'],
  ['SHOW TimeZone', 'FEATURE_NOT_SUPPORTED'],
  ['BEGIN', 'TRANSACTION_CONTROL_NOT_ALLOWED'],
  ['SELECT 1; SELECT 2', 'INVALID_SQL'],
  ['', 'INVALID_SQL'],
  ['SELECT * FROM missing', 'TABLE_NOT_FOUND'],
])('%j: %s', async (sql, code) => {
  expect((await model.fault(sqlExplain, { sql })).code).toBe(code);
});

test('positions count from the beginning of the text', async () => {
  const error = await model.fault(sqlExplain, { sql: 'SELECT * FORM users', verbose: true });
  expect(error).toMatchObject({ code: 'INVALID_SQL', position: 10 });
  expect(error.message).toContain('position 10');
  const generic = await model.fault(sqlExplain, { sql: 'SELECT missing FROM users WHERE id = $1' });
  expect(generic).toMatchObject({ code: 'COLUMN_NOT_FOUND', position: 8 });
});
