/** Indexes on vectors in SQL text, on a server without pgvector. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  sqlExecuteTransaction,
  sqlListIndexes,
  sqlQuery,
  sqlStream,
  transactionBegin,
  transactionRollback,
} from '../../src/models/index.ts';
import { type Model, openModel, READER } from './call-operation.ts';
import { timelySearch } from './timely-search.ts';

let model: Model;
beforeAll(async () => {
  model = await openModel();
  await query('CREATE TABLE doc (id int PRIMARY KEY, v VECTOR(3), "Other V" VECTOR(2))');
  await query("INSERT INTO doc SELECT n, ARRAY[n, 1, 0]::real[], '{1,2}' FROM generate_series(1, 20) n");
});
afterAll(() => model.stop());

const query = (sql: string) => model.call(sqlQuery, { sql });
const fault = (sql: string, options = {}) => model.fault(sqlQuery, { sql }, options);

async function indexes(): Promise<unknown[]> {
  const listed = await model.call(sqlListIndexes, { table: 'doc' });
  return listed.indexes.filter(({ name }) => name !== 'doc_pkey').map(({ name, type }) => [name, type]);
}

test.each([
  [
    'CREATE INDEX doc_v ON doc USING hnsw (v vector_l2_ops) WITH (m = 8, ef_construction = 64)',
    'doc_v',
    'hnsw',
    'l2',
  ],
  [
    'create index concurrently if not exists "Doc V" on public.doc using HNSW (v) ; -- yes',
    'Doc V',
    'hnsw',
    'cosine',
  ],
  [
    'CREATE INDEX ON ONLY "doc" /* USING btree */ USING ivfflat (v) WITH (lists = 9)',
    'doc_v_idx',
    'ivf_pq',
    'l2',
  ],
  [
    "CREATE INDEX p ON doc USING ivf_pq (v vector_ip_ops) WITH (nlist = '4', m_pq = 2)",
    'p',
    'ivf_pq',
    'inner_product',
  ],
])('%s', async (sql, name, type, metric) => {
  const made = await query(sql);
  await query('CREATE INDEX plain ON doc (id)');
  const plain = await query('DROP INDEX plain');
  expect({ ...made, executionTimeMs: 0 }).toEqual({ ...plain, executionTimeMs: 0 });
  expect(await indexes()).toEqual([[name, type]]);
  const asked = { table: 'doc', vectorColumn: 'v', queryVector: [7, 1, 0], topK: 1, distanceMetric: metric };
  expect((await timelySearch(model, asked)).plan).toMatchObject({ strategy: 'index', index: name });
  const quoted = `"${name}"`;
  expect((await fault(`DROP INDEX ${quoted}, doc_pkey`)).code).toBe('FEATURE_NOT_SUPPORTED');
  await query(`DROP INDEX IF EXISTS public.${quoted} CASCADE`);
  expect(await indexes()).toEqual([]);
  expect((await timelySearch(model, asked)).plan).toMatchObject({ strategy: 'exact', index: null });
  await query(`DROP INDEX IF EXISTS ${quoted}`);
  expect((await fault(`DROP INDEX ${quoted}`)).code).toMatch(/NOT_FOUND/);
});

test('a column with a quoted name, by a stream', async () => {
  const sql = 'CREATE INDEX other ON doc USING hnsw ("Other V" vector_cosine_ops)';
  const made = await model.call(sqlStream, { sql });
  expect(await made.columns).toEqual([]);
  for await (const batch of made.batches) expect(batch).toEqual([]);
  expect(await indexes()).toEqual([['other', 'hnsw']]);
  await query('DROP INDEX other');
});

test('what is there already, and what is not', async () => {
  const sql = 'CREATE INDEX twice ON doc USING hnsw (v)';
  await query(sql);
  expect((await fault(sql)).code).toBe('INDEX_ALREADY_EXISTS');
  await query(sql.replace('INDEX', 'INDEX IF NOT EXISTS'));
  await query('DROP INDEX twice');
  expect((await fault('CREATE INDEX x ON nothing USING hnsw (v)')).code).toBe('TABLE_NOT_FOUND');
  expect((await fault('CREATE INDEX x ON doc USING hnsw (w)')).code).toBe('COLUMN_NOT_FOUND');
  expect((await fault('CREATE INDEX x ON doc USING hnsw (id)')).code).toBe('NOT_A_VECTOR_COLUMN');
});

test.each([
  ['CREATE UNIQUE INDEX x ON doc USING hnsw (v)', 'FEATURE_NOT_SUPPORTED', '('],
  ['CREATE INDEX x ON doc USING hnsw (v, id)', 'FEATURE_NOT_SUPPORTED', ', id'],
  ['CREATE INDEX x ON doc USING hnsw (lower(v))', 'FEATURE_NOT_SUPPORTED', '(v)'],
  ['CREATE INDEX x ON doc USING hnsw (v bit_hamming_ops)', 'FEATURE_NOT_SUPPORTED', 'bit_hamming_ops'],
  ['CREATE INDEX x ON doc USING hnsw (v) WHERE id > 3', 'FEATURE_NOT_SUPPORTED', 'WHERE'],
  ['CREATE INDEX x ON doc USING hnsw (v) WITH (m)', 'FEATURE_NOT_SUPPORTED', undefined],
  ['CREATE INDEX x ON doc USING hnsw (v', 'FEATURE_NOT_SUPPORTED', undefined],
  ['CREATE INDEX x ON doc USING hnsw (v) WITH (m = 1)', 'INVALID_INDEX_OPTION', undefined],
  ['CREATE INDEX x ON doc USING hnsw (v) WITH (fillfactor = 70)', 'INVALID_INDEX_OPTION', undefined],
])('%s is refused', async (sql, code, at) => {
  const error = await fault(sql);
  expect(error.code).toBe(code);
  if (at !== undefined) expect(error.position).toBe(sql.indexOf(at) + 1);
  expect(await indexes()).toEqual([]);
});

test('neither readers nor transactions make or drop them', async () => {
  const sql = 'CREATE INDEX kept ON doc USING hnsw (v)';
  const drop = 'DROP INDEX IF EXISTS kept';
  expect((await fault(sql, { principal: READER })).code).toBe('READ_ONLY_TRANSACTION');
  expect((await model.fault(sqlQuery, { sql, readOnly: true })).code).toBe('READ_ONLY_TRANSACTION');
  await query(sql);
  expect((await fault(drop, { principal: READER })).code).toBe('READ_ONLY_TRANSACTION');
  for (const text of [sql, drop]) {
    const { txnId } = await model.call(transactionBegin, {});
    const inside = { transactionId: txnId };
    expect((await fault(text, inside)).code).toBe('FEATURE_NOT_SUPPORTED');
    await model.call(transactionRollback, { txnId }, inside);
    const statements = [{ sql: 'SELECT 1' }, { sql: text }];
    const error = await model.fault(sqlExecuteTransaction, { statements });
    expect([error.code, error.statementIndex]).toEqual(['FEATURE_NOT_SUPPORTED', 1]);
  }
  expect(await indexes()).toEqual([['kept', 'hnsw']]);
  await query(drop);
});

test('the time of a statement is that of its index, too', async () => {
  await query('CREATE TABLE large (id int PRIMARY KEY, v VECTOR(64))');
  const numbers = '(SELECT array_agg(random() + (n + g) * 0)::real[] FROM generate_series(1, 64) g)';
  await query(`INSERT INTO large SELECT n, ${numbers} FROM generate_series(1, 2000) n`);
  const error = await model.fault(sqlQuery, { sql: 'CREATE INDEX ON large USING hnsw (v)', timeoutMs: 30 });
  expect(error.code).toBe('QUERY_TIMEOUT');
  expect((await model.call(sqlListIndexes, { table: 'large' })).indexes).toHaveLength(1);
});
