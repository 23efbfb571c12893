/** Indexes through their operations, on a real PostgreSQL. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sqlCreateIndex, sqlDropIndex, sqlListIndexes, sqlQuery } from '../../src/models/index.ts';
import { type Model, openModel } from './call-operation.ts';

let model: Model;
beforeAll(async () => {
  model = await openModel();
  await query('CREATE SCHEMA depot');
  await query(
    'CREATE TABLE depot.item (id int PRIMARY KEY, "Odd name" text, body jsonb, at timestamptz, raw json)',
  );
  await query(
    `INSERT INTO depot.item SELECT n, 'word ' || n % 3, '{"a": 1}', now(), '1' FROM generate_series(1, 100) n`,
  );
});
afterAll(() => model.stop());

const query = (sql: string) => model.call(sqlQuery, { sql });
const table = 'depot.item';
const create = (input: object) => model.call(sqlCreateIndex, { table, ...input });
const fault = (input: object) =>
  model.fault(sqlCreateIndex, { name: 'never', table, columns: ['id'], ...input });

test('each type is built, listed and reported', async () => {
  expect(await create({ name: 'by_name', columns: ['Odd name', 'id'], options: { fillfactor: 70 } })).toEqual(
    {
      name: 'by_name',
      table,
      type: 'btree',
      created: true,
      buildTimeMs: expect.any(Number),
    },
  );
  await create({ name: 'by_hash', columns: ['id'], type: 'hash' });
  await create({ name: 'by_body', columns: ['body'], type: 'gin', options: { fastupdate: false } });
  await create({ name: 'by_word', columns: ['Odd name'], type: 'GIN' });
  await create({ name: 'by_time', columns: ['at'], type: 'brin', options: { pages_per_range: 16 } });
  await create({ name: 'by_id', columns: ['id'], unique: true });
  const { indexes, pagination } = await model.call(sqlListIndexes, { table });
  expect(indexes.map(({ name, columns, type, unique }) => [name, columns, type, unique])).toEqual([
    ['item_pkey', ['id'], 'btree', true],
    ['by_body', ['body'], 'gin', false],
    ['by_hash', ['id'], 'hash', false],
    ['by_id', ['id'], 'btree', true],
    ['by_name', ['Odd name', 'id'], 'btree', false],
    ['by_time', ['at'], 'brin', false],
    ['by_word', [expect.stringContaining('to_tsvector')], 'gin', false],
  ]);
  expect(indexes[0]).toMatchObject({ table: 'depot.item', sizeBytes: expect.any(Number) });
  expect(pagination.total).toBe(7);
  expect(
    (await model.call(sqlListIndexes, { table, limit: 2, cursor: pagination.nextCursor ?? undefined }))
      .indexes,
  ).toHaveLength(2);
  const options = await query(
    "SELECT reloptions::text FROM pg_class WHERE relname IN ('by_name', 'by_time') ORDER BY 1",
  );
  expect(options.rows).toEqual([['{fillfactor=70}'], ['{pages_per_range=16}']]);
});

test('without a table all are listed, but not those of the system', async () => {
  const { indexes } = await model.call(sqlListIndexes, {});
  expect(indexes.map(({ name }) => name)).toContain('item_pkey');
  expect(indexes.some(({ table: of }) => /^(facet|pg_)/.test(of))).toBe(false);
  expect((await model.call(sqlListIndexes, { schema: 'facet' })).indexes.length).toBeGreaterThan(0);
  expect((await model.fault(sqlListIndexes, { table: 'missing' })).code).toBe('TABLE_NOT_FOUND');
  expect((await model.fault(sqlListIndexes, { cursor: '?' })).code).toBe('INVALID_CURSOR');
});

test('one that exists', async () => {
  await create({ name: 'twice', columns: ['id'] });
  expect((await fault({ name: 'twice' })).code).toBe('INDEX_ALREADY_EXISTS');
  expect(await create({ name: 'twice', columns: ['id'], ifNotExists: true })).toEqual({
    name: 'twice',
    table,
    type: 'btree',
    created: false,
    buildTimeMs: 0,
  });
});

test.each([
  ['hnsw', { type: 'hnsw', options: { m: 16 } }, 'NOT_A_VECTOR_COLUMN'],
  ['ivf_pq', { type: 'ivf_pq' }, 'NOT_A_VECTOR_COLUMN'],
  ['an unknown type', { type: 'rtree' }, 'INVALID_INDEX_TYPE'],
  ['an option out of range', { options: { fillfactor: 5 } }, 'INVALID_INDEX_OPTION'],
  ['an option of another type', { type: 'gin', options: { fillfactor: 50 } }, 'INVALID_INDEX_OPTION'],
  ['a unique brin', { type: 'brin', unique: true }, 'INVALID_INDEX_OPTION'],
  ['a hash of two', { type: 'hash', columns: ['id', 'at'] }, 'INVALID_INDEX_OPTION'],
  ['an unknown column', { columns: ['missing'] }, 'COLUMN_NOT_FOUND'],
  ['an expression', { columns: ['lower("Odd name")'] }, 'COLUMN_NOT_FOUND'],
  ['an unknown table', { table: 'missing' }, 'TABLE_NOT_FOUND'],
  ['a gin on numbers', { type: 'gin' }, 'TYPE_MISMATCH'],
  ['a btree on json', { columns: ['raw'] }, 'TYPE_MISMATCH'],
  ['a unique one on equal values', { columns: ['Odd name'], unique: true }, 'UNIQUE_VIOLATION'],
])('%s is refused', async (_, input, code) => {
  expect((await fault(input)).code).toBe(code);
  expect((await model.fault(sqlDropIndex, { name: 'depot.never' })).code).toBe('INDEX_NOT_FOUND');
});

test('dropping', async () => {
  await create({ name: 'short', columns: ['id'] });
  expect(await model.call(sqlDropIndex, { name: 'depot.short' })).toEqual({ name: 'short', dropped: true });
  expect((await model.fault(sqlDropIndex, { name: 'short', schema: 'depot' })).code).toBe('INDEX_NOT_FOUND');
  expect(await model.call(sqlDropIndex, { name: 'short', ifExists: true })).toEqual({
    name: 'short',
    dropped: false,
  });
  expect((await model.fault(sqlDropIndex, { name: 'depot.item_pkey' })).code).toBe('DEPENDENT_OBJECTS_EXIST');
  expect((await model.fault(sqlDropIndex, { name: 'depot.item' })).code).toBe('INDEX_NOT_FOUND');
});
