/** Vectors whose squares are beyond 32-bit numbers: indexes find what measuring every row finds, and say how. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sqlCreateIndex, sqlQuery } from '../../src/models/index.ts';
import { type Model, openModel } from './call-operation.ts';
import { timelySearch } from './timely-search.ts';
import { numbers } from './vector-calls.ts';

const ROWS = 1_500;
const D = 8;
const TOP = 10;
const QUERIES = 12;

let model: Model;
beforeAll(async () => {
  model = await openModel();
}, 60_000);
afterAll(() => model.stop());

const query = (sql: string, params?: unknown[]) => model.call(sqlQuery, { sql, params });

const DISTANCES = { cosine: '<=>', l2: '<->', inner_product: '<#>' } as const;
type Metric = keyof typeof DISTANCES;

let tables = 0;

/** Rows of the sizes in turn, with their index. */
async function tableOf(metric: Metric, sizes: readonly number[]): Promise<string> {
  const name = `sizes_${++tables}`;
  await query(`CREATE TABLE ${name} (id int PRIMARY KEY, v VECTOR(${D}))`);
  const next = numbers(7, -0.5);
  const values = Array.from({ length: ROWS }, (_, id) => {
    const size = sizes[id % sizes.length] ?? 1;
    return `(${id}, '{${Array.from({ length: D }, () => Math.fround(next() * size)).join(',')}}')`;
  });
  await query(`INSERT INTO ${name} VALUES ${values.join(',')}`);
  const index = { name: `${name}_v`, table: name, columns: ['v'], type: 'hnsw' };
  await model.call(sqlCreateIndex, { ...index, options: { distance_metric: metric } });
  return name;
}

/** The share of the nearest that are found, and the plan of the last search. */
async function recall(table: string, metric: Metric, size: number) {
  const next = numbers(11, -0.5);
  let hits = 0;
  let plan: object = {};
  for (let turn = 0; turn < QUERIES; turn++) {
    const queryVector = Array.from({ length: D }, () => Math.fround(next() * size));
    const distance = `v ${DISTANCES[metric]} $1`;
    const exact = await query(`SELECT ${distance} AS d FROM ${table} ORDER BY d LIMIT 1 OFFSET ${TOP - 1}`, [
      `{${queryVector.join(',')}}`,
    ]);
    const farthest = Number(exact.rows[0]?.[0]);
    const asked = { table, vectorColumn: 'v', queryVector, topK: TOP, distanceMetric: metric };
    const found = await timelySearch(model, { ...asked, selectColumns: ['id'] });
    // Several may be as far as the last.
    hits += found.distances.filter((of) => of <= farthest + Math.abs(farthest) * 1e-6).length;
    plan = found.plan;
  }
  return { recall: hits / (QUERIES * TOP), plan };
}

test.each([1e-30, 1e-25, 1e-10, 1, 1e10, 1e25, 1e36])('cosine of vectors of size %d', async (size) => {
  const name = await tableOf('cosine', [size]);
  for (const asked of [size, 1, 1e-30, 1e30]) {
    const { recall: share, plan } = await recall(name, 'cosine', asked);
    expect(share).toBeGreaterThan(0.95);
    expect(plan).toMatchObject({ strategy: 'index', pending: 0 });
  }
});

test.each([
  ['l2', 1e-25],
  ['l2', 1e25],
  ['inner_product', 1e-25],
  ['inner_product', 1e25],
] as const)('%s of vectors of size %d is exact, and says so', async (metric, size) => {
  const name = await tableOf(metric, [size]);
  const { recall: share, plan } = await recall(name, metric, size);
  expect(share).toBe(1);
  expect(plan).toMatchObject({ strategy: 'exact', pending: ROWS, index: `${name}_v` });
  expect(plan).toMatchObject({ reason: expect.stringContaining('cannot order') });
});

test.each([
  ['l2', 1e-6],
  ['l2', 1e6],
  ['inner_product', 1e-6],
  ['inner_product', 1e6],
] as const)('%s of vectors of size %d is by the graph', async (metric, size) => {
  const name = await tableOf(metric, [size]);
  const { recall: share, plan } = await recall(name, metric, size);
  expect(share).toBeGreaterThan(0.95);
  expect(plan).toMatchObject({ strategy: 'index', pending: 0 });
});

test.each([
  'l2',
  'inner_product',
] as const)('%s of a few rows that are no size for the graph', async (metric) => {
  const name = await tableOf(metric, [1, 1, 1, 1, 1e-25, 1, 1, 1, 1, 1e25]);
  const sizes = metric === 'l2' ? [1, 1e-25] : [1, 1e-25, 1e25];
  for (const size of sizes) {
    const { recall: share, plan } = await recall(name, metric, size);
    expect(share).toBeGreaterThan(0.95);
    expect(plan).toMatchObject({ strategy: 'index', pending: ROWS / 5 });
  }
  if (metric === 'l2') {
    const { recall: share, plan } = await recall(name, metric, 1e25);
    expect(share).toBe(1);
    expect(plan).toMatchObject({ strategy: 'exact', pending: ROWS });
  }
});
