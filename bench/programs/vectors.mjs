// Both sides of the vector scenarios in one process, so that they have the same vectors: the operation from dist/, on a
// PostgreSQL of its own, and the library usearch called directly. 1,000 Gaussian clusters, the same at each run.
import { createRequire } from 'node:module';
import { openStore } from '../../dist/engine/index.js';
import * as models from '../../dist/models/index.js';
import { answer, timesOf } from './answer.mjs';
import { operationsOn } from './operations.mjs';

const DIMENSIONS = 128;
const CLUSTERS = 1_000;
const QUERIES = 200;
const TOP_K = 10;
const { Index } = createRequire(import.meta.url)('usearch');

/** Mulberry32: 32 bits of state, well mixed. */
function uniform(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

function generator(seed) {
  const next = uniform(seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  const centres = Array.from({ length: CLUSTERS }, () => Float32Array.from({ length: DIMENSIONS }, normal));
  return () => Float32Array.from(centres[Math.floor(next() * CLUSTERS)], (x) => x + 0.3 * normal());
}

let store;
let database;
let call;
let vectors;
let queries;
let direct;
/** By filter: nearest ids of each query. */
const truths = new Map();
const FILTERS = {
  none: { passes: () => true },
  one: { text: 'bucket = 7', passes: (id) => id % 100 === 7 },
  half: { text: 'bucket < 50', passes: (id) => id % 100 < 50 },
};

async function load(rows) {
  const next = generator(20_260_101);
  vectors = Array.from({ length: rows }, next);
  queries = Array.from({ length: QUERIES }, next);
  store = await openStore('memory://vectors', { observe: () => {} });
  database = await store.namespace(store.defaultNamespace);
  call = operationsOn(store, database);
  await call(models.sqlQuery, {
    sql: `CREATE TABLE item (id int PRIMARY KEY, bucket int, v VECTOR(${DIMENSIONS}))`,
  });
  for (let from = 0; from < rows; from += 250) {
    const values = vectors
      .slice(from, from + 250)
      .map((v, at) => `(${from + at},${(from + at) % 100},'{${v.join(',')}}')`);
    await call(models.sqlQuery, { sql: `INSERT INTO item VALUES ${values.join(',')}` });
  }
  // Who filters by a column has an index on it.
  await call(models.sqlQuery, { sql: 'CREATE INDEX item_bucket ON item (bucket)' });
  await call(models.sqlQuery, { sql: 'ANALYZE item' });
  const built = await call(models.sqlCreateIndex, {
    name: 'item_v',
    table: 'item',
    columns: ['v'],
    type: 'hnsw',
    options: { m: 16, ef_construction: 128 },
  });
  direct = new Index({
    dimensions: DIMENSIONS,
    metric: 'cos',
    quantization: 'f32',
    connectivity: 16,
    expansion_add: 128,
    expansion_search: 64,
    multi: false,
  });
  for (let from = 0; from < rows; from += 1_000) {
    const some = vectors.slice(from, from + 1_000);
    const flat = new Float32Array(some.length * DIMENSIONS);
    for (const [at, v] of some.entries()) flat.set(v, at * DIMENSIONS);
    direct.add(
      BigUint64Array.from(some, (_, at) => BigInt(from + at)),
      flat,
      2,
    );
  }
  for (const name of Object.keys(FILTERS)) truths.set(name, truthOf(FILTERS[name].passes));
  return { buildMs: built.buildTimeMs };
}

function truthOf(passes) {
  const length = (v) => Math.sqrt(v.reduce((sum, x) => sum + x * x, 0));
  const lengths = vectors.map(length);
  return queries.map((query) => {
    const near = [];
    for (let id = 0; id < vectors.length; id++) {
      if (!passes(id)) continue;
      let dot = 0;
      const v = vectors[id];
      for (let at = 0; at < DIMENSIONS; at++) dot += v[at] * query[at];
      const distance = 1 - dot / lengths[id];
      if (near.length < TOP_K || distance < near[TOP_K - 1].distance) {
        near.push({ id, distance: 1 - dot / (lengths[id] * 1) });
        near.sort((a, b) => a.distance - b.distance);
        near.length = Math.min(near.length, TOP_K);
      }
    }
    return new Set(near.map(({ id }) => id));
  });
}

/** Rate is searches a second of one caller at the median. */
async function round(ms, filter, search) {
  const timesMs = [];
  let hits = 0;
  let at = 0;
  const until = performance.now() + ms;
  while (performance.now() < until || at < QUERIES) {
    const startedAt = performance.now();
    const ids = await search(queries[at % QUERIES]);
    timesMs.push(performance.now() - startedAt);
    if (at < QUERIES) for (const id of ids) if (truths.get(filter)[at].has(Number(id))) hits++;
    at++;
  }
  const details = timesOf(timesMs);
  return {
    rate: 1_000 / details.p50Ms,
    details: { ...details, missed: 1 - hits / (QUERIES * TOP_K) },
  };
}

answer({
  load: ({ rows }) => load(rows),
  ours: ({ ms, filter }) =>
    round(ms, filter, async (query) => {
      const { rows } = await call(models.vectorSearch, {
        table: 'item',
        vectorColumn: 'v',
        queryVector: Array.from(query),
        selectColumns: ['id'],
        filter: FILTERS[filter].text,
      });
      return rows.map(([id]) => id);
    }),
  direct: ({ ms }) => round(ms, 'none', async (query) => direct.search(query, TOP_K, 1).keys),
  stop: () => store.stop(),
});
