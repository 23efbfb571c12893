/** Vector search through its operation, on a real PostgreSQL: each way to the answer gives the right one. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  sqlCreateIndex,
  sqlCreateTable,
  sqlDropIndex,
  sqlListIndexes,
  sqlQuery,
  vectorSearch,
} from '../../src/models/index.ts';
import { type Model, openModel, READER } from './call-operation.ts';
import { timelySearch } from './timely-search.ts';
import { numbers } from './vector-calls.ts';

let model: Model;
const DIMENSIONS = 8;
const ROWS = 3_000;

const next = numbers(7, -0.5);
const vector = (): number[] => Array.from({ length: DIMENSIONS }, () => Math.fround(next()));
const vectors = new Map<number, number[]>();

beforeAll(async () => {
  model = await openModel();
  await model.call(sqlCreateTable, {
    name: 'item',
    columns: [
      { name: 'id', type: 'Int64', primaryKey: true },
      { name: 'kind', type: 'Text' },
      { name: 'v', type: `Vector(${DIMENSIONS})` },
    ],
  });
  for (let id = 1; id <= ROWS; id++) vectors.set(id, vector());
  await insert([...vectors]);
}, 60_000);
afterAll(() => model.stop());

const query = (sql: string, params?: unknown[]) => model.call(sqlQuery, { sql, params });

async function insert(entries: readonly (readonly [number, readonly number[]])[]): Promise<void> {
  await query(
    `INSERT INTO item SELECT (e->>0)::int8, 'kind ' || (e->>0)::int8 % 100,
       ARRAY(SELECT x::real FROM jsonb_array_elements_text(e->1) x) FROM jsonb_array_elements($1::jsonb) e`,
    [JSON.stringify(entries)],
  );
}

const search = (input: object) =>
  timelySearch(model, { table: 'item', vectorColumn: 'v', selectColumns: ['id'], ...input });
/** For those to whom it is the same which way it goes. */
const searchOnce = (input: object) =>
  model.call(vectorSearch, { table: 'item', vectorColumn: 'v', selectColumns: ['id'], ...input });
const fault = (input: object) => model.fault(vectorSearch, { table: 'item', vectorColumn: 'v', ...input });

type Metric = 'cosine' | 'l2' | 'inner_product';

function distance(metric: Metric, a: readonly number[], b: readonly number[]): number {
  const dot = (x: readonly number[], y: readonly number[]) =>
    x.reduce((sum, n, at) => sum + n * (y[at] ?? 0), 0);
  if (metric === 'inner_product') return -dot(a, b);
  if (metric === 'l2') return Math.sqrt(a.reduce((sum, n, at) => sum + (n - (b[at] ?? 0)) ** 2, 0));
  return 1 - dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}

/** Ids and distances by looking at everything. */
const nearest = (
  metric: Metric,
  to: readonly number[],
  count: number,
  only: (id: number) => boolean = () => true,
) =>
  [...vectors]
    .filter(([id]) => only(id))
    .map(([id, v]) => ({ id, distance: distance(metric, v, to) }))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, count);

async function expectExact(
  metric: Metric,
  input: object = {},
  only?: (id: number) => boolean,
): Promise<string> {
  const to = vector();
  const found = await search({ queryVector: to, distanceMetric: metric, ...input });
  const wanted = nearest(metric, to, 10, only);
  expect(found.rows.map(([id]) => Number(id))).toEqual(wanted.map(({ id }) => id));
  for (const [at, { distance }] of wanted.entries()) expect(found.distances[at]).toBeCloseTo(distance, 4);
  return found.plan.strategy;
}

const METRICS: Metric[] = ['cosine', 'l2', 'inner_product'];

test.each(METRICS)('without an index every row is measured: %s', async (metric) => {
  expect(await expectExact(metric)).toBe('exact');
  expect(await expectExact(metric, { filter: "kind = 'kind 5'" }, (id) => id % 100 === 5)).toBe('exact');
});

test('all columns are given when none are named, and a reader may search', async () => {
  const found = await model.call(
    vectorSearch,
    { table: 'public.item', vectorColumn: 'v', queryVector: vectors.get(1), topK: 1 },
    { principal: READER },
  );
  expect(found.columns).toEqual([
    { name: 'id', type: 'Int64' },
    { name: 'kind', type: 'Text' },
    { name: 'v', type: 'Array<Float32>' },
  ]);
  expect(found.rows[0]?.slice(0, 2)).toEqual(['1', 'kind 1']);
});

test('an index is built, listed, asked and dropped', async () => {
  const built = await model.call(sqlCreateIndex, {
    name: 'item_v',
    table: 'item',
    columns: ['v'],
    type: 'HNSW',
    options: { m: 16, ef_construction: 100, distance_metric: 'cosine' },
  });
  expect(built).toMatchObject({ name: 'item_v', type: 'hnsw', created: true });
  const found = await search({ queryVector: vector(), topK: 10 });
  expect(found.plan).toMatchObject({ strategy: 'index', index: 'item_v' });
  let hits = 0;
  for (let round = 0; round < 50; round++) {
    const to = vector();
    const { rows } = await search({ queryVector: to });
    const wanted = new Set(nearest('cosine', to, 10).map(({ id }) => id));
    hits += rows.filter(([id]) => wanted.has(Number(id))).length;
  }
  expect(hits / 500).toBeGreaterThan(0.95);
  // Another metric than the graph's, and filters of each kind, are exact.
  expect(await expectExact('l2')).toBe('exact');
  expect(await expectExact('cosine', { filter: 'id % 100 = $1', params: [5] }, (id) => id % 100 === 5)).toBe(
    'exact',
  );
});

test('what is written is found at once, and what is deleted is not', async () => {
  const to = vector();
  for (let round = 0; round < 50; round++) {
    const id = 10_000 + round;
    vectors.set(
      id,
      to.map((n) => Math.fround(n + (round + 1) * 1e-4)),
    );
    await insert([[id, vectors.get(id) ?? []]]);
    const { rows } = await searchOnce({ queryVector: vectors.get(id), distanceMetric: 'cosine', topK: 1 });
    expect(rows).toEqual([[String(id)]]);
    await query(`DELETE FROM item WHERE id = ${id}`);
    vectors.delete(id);
    const after = await searchOnce({ queryVector: to, topK: 50 });
    expect(after.rows.flat()).not.toContain(String(id));
  }
}, 120_000);

test('a transaction sees its own rows', async () => {
  const transaction = await model.store
    .openNamespace('default')
    ?.begin({ owner: 'writer', isolationLevel: 'read_committed', readOnly: false, timeoutMs: 10_000 });
  const id = transaction?.id ?? '';
  await model.call(sqlQuery, { sql: 'DELETE FROM item WHERE id <> 17' }, { transactionId: id });
  const inside = await model.call(
    vectorSearch,
    { table: 'item', vectorColumn: 'v', queryVector: vector(), selectColumns: ['id'] },
    { transactionId: id },
  );
  expect(inside.rows).toEqual([['17']]);
  expect(inside.plan.strategy).toBe('exact');
  await model.call(sqlQuery, { sql: 'UPDATE item SET kind = kind' }, { transactionId: id });
  if (transaction !== undefined) await model.store.openNamespace('default')?.rollback(transaction);
  expect((await search({ queryVector: vector() })).rows).toHaveLength(10);
});

test('bad questions have specific answers', async () => {
  const queryVector = vector();
  expect((await fault({ queryVector, table: 'nothing' })).code).toBe('TABLE_NOT_FOUND');
  expect((await fault({ queryVector, vectorColumn: 'w' })).code).toBe('COLUMN_NOT_FOUND');
  expect((await fault({ queryVector, vectorColumn: 'kind' })).code).toBe('NOT_A_VECTOR_COLUMN');
  expect((await fault({ queryVector, selectColumns: ['w'] })).code).toBe('COLUMN_NOT_FOUND');
  const mismatch = await fault({ queryVector: [1, 2, 3] });
  expect([mismatch.code, mismatch.message]).toEqual([
    'VECTOR_DIMENSION_MISMATCH',
    "The query vector has 3 dimensions, column 'v' of 'public.item' has 8",
  ]);
  expect((await fault({ queryVector: [] })).code).toBe('INVALID_PARAMETER');
  expect((await fault({ queryVector: ['a'] })).code).toBe('INVALID_PARAMETER');
  expect((await fault({ queryVector: Array(8).fill(1e300) })).code).toBe('INVALID_VECTOR');
  expect((await fault({ queryVector: Array(8).fill(0) })).code).toBe('INVALID_VECTOR');
  expect((await search({ queryVector: Array(8).fill(0), distanceMetric: 'l2' })).rows).toHaveLength(10);
});

const FILTERS = [
  'nothing = 1',
  'id =',
  'id = 1; DROP TABLE item',
  'id = 1) OR (true',
  'true /* ',
  "kind = 'open",
  '',
  'id',
  "nextval('item_seq') > 0",
  'EXISTS (SELECT FROM missing)',
  "set_config('search_path', 'x', false) = 'x' AND pg_sleep('a') IS NULL",
];

test.each(FILTERS)('a filter that does not work is refused: %s', async (filter) => {
  const error = await model.fault(vectorSearch, {
    table: 'item',
    vectorColumn: 'v',
    queryVector: vector(),
    filter,
  });
  expect(error.code).toBe('INVALID_FILTER');
});

test('the index goes with its name, and names are unique among all indexes', async () => {
  const again = { name: 'item_v', table: 'item', columns: ['v'], type: 'hnsw' };
  expect((await model.fault(sqlCreateIndex, again)).code).toBe('INDEX_ALREADY_EXISTS');
  expect(await model.call(sqlCreateIndex, { ...again, ifNotExists: true })).toMatchObject({ created: false });
  expect((await model.fault(sqlCreateIndex, { ...again, name: 'item_pkey' })).code).toBe(
    'INDEX_ALREADY_EXISTS',
  );
  expect((await model.fault(sqlCreateIndex, { ...again, type: 'btree', columns: ['id'] })).code).toBe(
    'INDEX_ALREADY_EXISTS',
  );
  const { indexes } = await model.call(sqlListIndexes, { table: 'item' });
  expect(indexes.map(({ name, type }) => [name, type])).toEqual([
    ['item_pkey', 'btree'],
    ['item_v', 'hnsw'],
  ]);
  expect(indexes[1]).toMatchObject({ status: 'ready', progress: 1, columns: ['v'], unique: false });
  expect(await model.call(sqlDropIndex, { name: 'item_v' })).toEqual({ name: 'item_v', dropped: true });
  expect((await model.call(sqlListIndexes, { table: 'item' })).indexes).toHaveLength(1);
  expect((await search({ queryVector: vector() })).plan.index).toBeNull();
});

test('a zero vector has no cosine: it is left out, with an index and without, and is found by other metrics', async () => {
  await query('CREATE TABLE flat (id int PRIMARY KEY, v VECTOR(3))');
  await query("INSERT INTO flat VALUES (1, '{0,0,0}'), (2, '{1,0,0}'), (3, '{0,1,0}'), (4, NULL)");
  const ask = async (input: object) => {
    const found = await search({ table: 'flat', queryVector: [1, 0.5, 0], ...input });
    return found.rows.map(([id]) => Number(id));
  };
  const asked = async () => {
    expect(await ask({})).toEqual([2, 3]);
    expect(await ask({ filter: 'id < 3' })).toEqual([2]);
    expect(await ask({ filter: 'id = 1' })).toEqual([]);
    expect(await ask({ distanceMetric: 'l2' })).toEqual([2, 1, 3]);
  };
  await asked();
  await model.call(sqlCreateIndex, { name: 'flat_v', table: 'flat', columns: ['v'], type: 'hnsw' });
  await asked();
  await query("UPDATE flat SET v = '{0,0,0}' WHERE id = 2");
  expect(await ask({})).toEqual([3]);
});
