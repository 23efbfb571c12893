/** VECTOR(n) in SQL of clients on a server without pgvector: columns, casts, parameters, operators, and what is refused. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { NamespaceDatabase } from '../../src/engine/database.ts';
import {
  sqlCreateTable,
  sqlDescribeTable,
  sqlExecute,
  sqlExecuteTransaction,
  sqlPrepare,
  sqlQuery,
} from '../../src/models/index.ts';
import { type Model, openModel, READER } from './call-operation.ts';

let model: Model;
beforeAll(async () => {
  model = await openModel();
  await query('CREATE TABLE doc (id int PRIMARY KEY, v VECTOR(3))');
});
afterAll(() => model.stop());

const query = (sql: string, params?: unknown[]) => model.call(sqlQuery, { sql, params });
const fault = (sql: string, params?: unknown[]) => model.fault(sqlQuery, { sql, params });
const rows = async (sql: string, params?: unknown[]) => (await query(sql, params)).rows;
const typeOf = async (table: string) =>
  (await model.call(sqlDescribeTable, { table })).columns.find(({ name }) => name === 'v')?.type;

test('a column is one of its length, however it is made', async () => {
  expect(await typeOf('doc')).toBe('Vector(3)');
  await query('CREATE TABLE later (id int)');
  await query('ALTER TABLE later ADD COLUMN v vector ( 4 ) NOT NULL');
  expect(await typeOf('later')).toBe('Vector(4)');
  await query('ALTER TABLE later ALTER COLUMN v TYPE VECTOR(5)');
  expect(await typeOf('later')).toBe('Vector(5)');
  await model.call(sqlCreateTable, { name: 'rest', columns: [{ name: 'v', type: 'Vector(6)' }] });
  expect(await typeOf('rest')).toBe('Vector(6)');
});

test('vectors are written in each form', async () => {
  await query("INSERT INTO doc VALUES (1, '{1,0,0}'), (2, ARRAY[0,1,0]), (3, '[0,0,1]'::vector)");
  await query("INSERT INTO doc VALUES (4, CAST('[1,1,0]' AS vector(3))), (5, '[1,0,1]'::vector(3))");
  await query('INSERT INTO doc VALUES (6, $1)', [[1, 2, 3]]);
  await query('INSERT INTO doc VALUES (7, $1)', ['[1,2,4]']);
  await query('INSERT INTO doc VALUES (8, $1::vector(3))', ['[1, 2, 5]']);
  await model.call(sqlExecuteTransaction, {
    statements: [{ sql: "INSERT INTO doc VALUES (9, '[9,9,9]'::vector(3))" }],
  });
  await model.call(sqlPrepare, { name: 'put', sql: 'INSERT INTO doc VALUES ($1, $2::vector(3))' });
  await model.call(sqlExecute, { name: 'put', params: [10, [2, 2, 2]] });
  expect(await rows('SELECT id, v FROM doc WHERE id IN (3, 7, 8, 9, 10) ORDER BY id')).toEqual([
    ['3', '{0,0,1}'],
    ['7', '{1,2,4}'],
    ['8', '{1,2,5}'],
    ['9', '{9,9,9}'],
    ['10', '{2,2,2}'],
  ]);
});

test('operators and functions have the meaning of pgvector', async () => {
  expect(
    await rows("SELECT v <-> '[1,0,0]', v <#> '[1,2,3]', v <=> '[0,1,0]' FROM doc WHERE id = 1"),
  ).toEqual([['0', '-1', '1']]);
  expect(await rows('SELECT id FROM doc ORDER BY v <-> $1 LIMIT 2', [[0, 1, 0.1]])).toEqual([['2'], ['4']]);
  expect(
    await rows(
      'SELECT vector_dims(v), vector_norm(v), inner_product(v, v), l2_distance(v, v), cosine_distance(v, v) FROM doc WHERE id = 3',
    ),
  ).toEqual([['3', '1', '1', '0', '0']]);
  expect(await rows("SELECT '[0,0]'::vector <=> '[1,0]'::vector")).toEqual([['NaN']]);
});

test('a reader casts to what is there', async () => {
  const call = (sql: string) => model.call(sqlQuery, { sql }, { principal: READER });
  expect((await call("SELECT '[1,2,3]'::vector(3)")).rows).toEqual([['{1,2,3}']]);
  const error = await model.fault(sqlQuery, { sql: "SELECT '[1]'::vector(77)" }, { principal: READER });
  expect(error.code).toBe('INVALID_TYPE');
});

test('JSON and ranges that look like vectors stay what they are', async () => {
  await query('CREATE TABLE other (j jsonb, r int4range)');
  await query('INSERT INTO other VALUES ($1, $2)', ['[1,2]', '[1,5]']);
  expect(await rows('SELECT j::text, r::text FROM other')).toEqual([['[1, 2]', '[1,6)']]);
});

test.each([
  ["INSERT INTO doc VALUES (90, '{1,2}')", 'VECTOR_DIMENSION_MISMATCH', /3 dimensions/],
  ["INSERT INTO rest VALUES ('{1,2}')", 'VECTOR_DIMENSION_MISMATCH', /6 dimensions/],
  ["SELECT '[1,2]'::vector(3)", 'VECTOR_DIMENSION_MISMATCH', /3 dimensions/],
  ["SELECT v <-> '[1,2]' FROM doc", 'VECTOR_DIMENSION_MISMATCH', /3 and 2/],
  ["INSERT INTO doc VALUES (90, '{1,NaN,2}')", 'INVALID_VECTOR', /finite/],
  ["INSERT INTO doc VALUES (90, '{1,NULL,2}')", 'INVALID_VECTOR', /finite/],
  ["INSERT INTO rest VALUES ('{1,2,3,4,5,Infinity}')", 'INVALID_VECTOR', /finite/],
  ['CREATE TABLE bad (v VECTOR)', 'INVALID_TYPE', /VECTOR\(768\)/],
  ['CREATE TABLE bad (v VECTOR(16001))', 'INVALID_TYPE', /16000/],
])('%s', async (sql, code, message) => {
  const error = await fault(sql);
  expect([error.code, error.message]).toEqual([code, expect.stringMatching(message)]);
});

test('positions in errors count the text as it was sent', async () => {
  const sql = 'CREATE TABLE bad (v VECTOR(3), w nothing)';
  expect((await fault(sql)).position).toBe(sql.indexOf('nothing') + 1);
});

test('the operators hide no code in reads, so that short queries still share a session', async () => {
  const database = model.store.openNamespace('default') as NamespaceDatabase;
  await expect.poll(() => database.router.catalog?.hiddenInReads).toBe(false);
});
