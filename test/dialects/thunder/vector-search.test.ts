/** Vectors through the REST API: the requests of the ThunderDB API reference letter for letter, and what is wrong with others. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { keysOf, startThunder, type Thunder } from './harness.ts';

let thunder: Thunder;
beforeAll(async () => {
  thunder = await startThunder();
  await thunder.sql(
    'CREATE TABLE documents (id bigint PRIMARY KEY, title text, category text, published boolean, embedding VECTOR(5))',
  );
  await thunder.sql(`INSERT INTO documents
    SELECT n, 'Title ' || n, CASE WHEN n % 2 = 0 THEN 'science' ELSE 'art' END, n % 3 > 0,
           ARRAY[n, n % 7, n % 5, 1, 2] FROM generate_series(1, 400) n`);
});
afterAll(() => thunder.stop());

const SEARCH = {
  table: 'documents',
  vector_column: 'embedding',
  query_vector: [0.1, -0.23, 0.98, 0.45, 0.67],
  top_k: 10,
  distance_metric: 'cosine',
  ef_search: 100,
  filter: "category = 'science' AND published = true",
  select_columns: ['id', 'title', 'category'],
};
const search = (input: object) => thunder.post('/api/v1/vector-search', { ...SEARCH, ...input });

test('the table and the index of the reference', async () => {
  const table = await thunder.post('/api/v1/tables', {
    name: 'products',
    schema: 'public',
    engine: 'row',
    columns: [
      { name: 'id', type: 'Int64', primary_key: true },
      { name: 'name', type: 'Varchar(255)', nullable: false },
      { name: 'description', type: 'Text', nullable: true },
      { name: 'price', type: 'Decimal(10,2)', nullable: false },
      { name: 'category', type: 'Varchar(100)', nullable: true },
      { name: 'embedding', type: 'Vector(768)', nullable: true },
      { name: 'created_at', type: 'TimestampTz', default: 'now()' },
    ],
    if_not_exists: true,
  });
  expect(table.status).toBe(201);
  const index = await thunder.post('/api/v1/indexes', {
    name: 'products_embedding_idx',
    table: 'products',
    columns: ['embedding'],
    type: 'hnsw',
    options: { m: 16, ef_construction: 200, distance_metric: 'cosine' },
    if_not_exists: true,
  });
  expect([index.status, index.json]).toEqual([
    201,
    {
      name: 'products_embedding_idx',
      table: 'products',
      type: 'hnsw',
      created: true,
      build_time_ms: expect.any(Number),
    },
  ]);
  const listed = await thunder.get('/api/v1/indexes?table=products');
  expect(listed.json.indexes?.[1]).toMatchObject({
    name: 'products_embedding_idx',
    columns: ['embedding'],
    type: 'hnsw',
    unique: false,
    status: 'ready',
  });
  const dropped = await thunder.del('/api/v1/indexes/products_embedding_idx?if_exists=true');
  expect([dropped.status, dropped.json]).toEqual([200, { name: 'products_embedding_idx', dropped: true }]);
  const again = await thunder.del('/api/v1/indexes/products_embedding_idx?if_exists=true');
  expect(again.json).toEqual({ name: 'products_embedding_idx', dropped: false });
});

test('the search of the reference, without an index and with each type', async () => {
  const answers: unknown[] = [];
  for (const type of [undefined, 'hnsw', 'ivf_pq']) {
    if (type !== undefined) {
      const options = type === 'hnsw' ? {} : { nlist: 64, nprobe: 8, m_pq: 5 };
      const built = await thunder.post('/api/v1/indexes', {
        name: `documents_${type}`,
        table: 'documents',
        columns: ['embedding'],
        type,
        options,
      });
      expect(built.status).toBe(201);
      if (type === 'ivf_pq') expect(built.json.note).toContain('hnsw graph');
    }
    const reply = await search({});
    expect(reply.status).toBe(200);
    expect(keysOf(reply.json)).toEqual(['count', 'distance_metric', 'execution_time_ms', 'plan', 'results']);
    expect(reply.json).toMatchObject({ count: 10, distance_metric: 'cosine' });
    expect(keysOf(reply.json.results?.[0])).toEqual(['category', 'distance', 'id', 'title']);
    answers.push(JSON.stringify(reply.json.results).replace(/\.(\d{6})\d*/g, '.$1'));
    if (type !== undefined) await thunder.del(`/api/v1/indexes/documents_${type}`);
  }
  expect(answers[1]).toEqual(answers[0]);
  expect(answers[2]).toEqual(answers[0]);
});

test('all columns, with the vector as an array', async () => {
  const reply = await thunder.post('/api/v1/vector-search', {
    table: 'documents',
    schema: 'public',
    vector_column: 'embedding',
    query_vector: [7, 0, 2, 1, 2],
    distance_metric: 'l2',
    top_k: 1,
  });
  expect(reply.json.results).toEqual([
    { id: 7, title: 'Title 7', category: 'art', published: true, embedding: [7, 0, 2, 1, 2], distance: 0 },
  ]);
});

test.each([
  [{ table: 'nothing' }, 404, 'TABLE_NOT_FOUND'],
  [{ vector_column: 'nothing' }, 422, 'COLUMN_NOT_FOUND'],
  [{ vector_column: 'title' }, 422, 'NOT_A_VECTOR_COLUMN'],
  [{ select_columns: ['nothing'] }, 422, 'COLUMN_NOT_FOUND'],
  [{ query_vector: [1, 2] }, 422, 'VECTOR_DIMENSION_MISMATCH'],
  [{ query_vector: [0, 0, 0, 0, 0] }, 422, 'INVALID_VECTOR'],
  [{ query_vector: [1, 2, 3, 4, 1e39] }, 422, 'INVALID_VECTOR'],
  [{ query_vector: [] }, 400, 'INVALID_PARAMETER'],
  [{ query_vector: [1, 2, 3, 4, 'a'] }, 400, 'INVALID_PARAMETER'],
  [{ top_k: 0 }, 400, 'INVALID_PARAMETER'],
  [{ top_k: 10_001 }, 400, 'INVALID_PARAMETER'],
  [{ distance_metric: 'manhattan' }, 400, 'INVALID_PARAMETER'],
  [{ filter: 'nothing = 1' }, 422, 'INVALID_FILTER'],
  [{ filter: 'true; DELETE FROM documents' }, 422, 'INVALID_FILTER'],
  [{ filter: 'true) UNION SELECT (1' }, 422, 'INVALID_FILTER'],
])('%j', async (input, status, code) => {
  const reply = await search(input);
  expect([reply.status, reply.json.error?.code]).toEqual([status, code]);
});

test('a filter may ask other tables, and writes nothing', async () => {
  const reply = await search({
    filter: 'category IN (SELECT DISTINCT category FROM documents WHERE id = 2)',
  });
  expect(reply.status).toBe(200);
  await thunder.sql(
    'CREATE FUNCTION wipe() RETURNS boolean LANGUAGE sql AS $$DELETE FROM documents; SELECT true$$',
  );
  expect((await search({ filter: 'wipe()' })).json.error?.code).toBe('INVALID_FILTER');
  const counted = await thunder.sql('SELECT count(*) FROM documents');
  expect(counted.json.rows).toEqual([[400]]);
});

test.each([
  [{ options: { m: 1 } }, 'INVALID_INDEX_OPTION'],
  [{ options: { m: 101 } }, 'INVALID_INDEX_OPTION'],
  [{ options: { m: 16, ef_construction: 31 } }, 'INVALID_INDEX_OPTION'],
  [{ options: { nlist: 10 } }, 'INVALID_INDEX_OPTION'],
  [{ options: { distance_metric: 'hamming' } }, 'INVALID_INDEX_OPTION'],
  [{ type: 'ivf_pq', options: { m_pq: 6 } }, 'INVALID_INDEX_OPTION'],
  [{ columns: ['embedding', 'id'] }, 'INVALID_INDEX_OPTION'],
  [{ columns: ['title'] }, 'NOT_A_VECTOR_COLUMN'],
])('an index that cannot be: %j', async (input, code) => {
  const reply = await thunder.post('/api/v1/indexes', {
    name: 'never',
    table: 'documents',
    columns: ['embedding'],
    type: 'hnsw',
    ...input,
  });
  expect([reply.status, reply.json.error?.code]).toEqual([422, code]);
});
