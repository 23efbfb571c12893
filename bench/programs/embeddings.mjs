// A table with vectors and a collection with the same ones, in one process and one database: searches of both by one caller
// at a time. 1,000 Gaussian clusters would say more of what is found; here the time counts, so the numbers are uniform.
import { openStore } from '../../dist/engine/index.js';
import * as models from '../../dist/models/index.js';
import { answer, timesOf } from './answer.mjs';
import { operationsOn, uniformVectors } from './operations.mjs';

const DIMENSIONS = 128;
const QUERIES = 200;
const TOP_K = 10;
const PIECE = 1_000;

const vector = uniformVectors(DIMENSIONS);

let store;
let database;
let call;
let keys;
let queries;
async function load(rows) {
  const vectors = Array.from({ length: rows }, vector);
  keys = vectors.map((_, at) => `key ${at}`);
  queries = Array.from({ length: QUERIES }, vector);
  store = await openStore('memory://embeddings', { observe: () => {} });
  database = await store.namespace(store.defaultNamespace);
  call = operationsOn(store, database);
  await call(models.sqlQuery, {
    sql: `CREATE TABLE item (id text PRIMARY KEY, v VECTOR(${DIMENSIONS}))`,
  });
  const startedAt = performance.now();
  for (let from = 0; from < rows; from += PIECE) {
    const points = vectors.slice(from, from + PIECE).map((v, at) => ({ key: keys[from + at], vector: v }));
    await call(models.embeddingStore, { collection: 'items', points });
  }
  const storeMs = performance.now() - startedAt;
  await call(models.sqlQuery, { sql: 'INSERT INTO item SELECT key, vector FROM embedding.items' });
  await call(models.sqlQuery, { sql: 'ANALYZE item' });
  await call(models.sqlCreateIndex, { name: 'item_v', table: 'item', columns: ['v'], type: 'hnsw' });
  const { buildTimeMs } = await call(models.embeddingBuildIndex, { collection: 'items' });
  return { storeMs, buildTimeMs };
}

/** Rate is searches a second at the median. */
async function round(ms, search) {
  const timesMs = [];
  const until = performance.now() + ms;
  for (let at = 0; performance.now() < until || at < QUERIES; at++) {
    const startedAt = performance.now();
    const found = await search(at);
    timesMs.push(performance.now() - startedAt);
    if (found !== TOP_K) throw new Error(`${found} results instead of ${TOP_K}`);
  }
  const details = timesOf(timesMs);
  return { rate: 1_000 / details.p50Ms, details };
}

const embeddings = async (input) =>
  (await call(models.embeddingSearch, { collection: 'items', limit: TOP_K, ...input })).items.length;

answer({
  load: ({ rows }) => load(rows),
  vector: ({ ms }) => round(ms, (at) => embeddings({ vector: queries[at % QUERIES] })),
  key: ({ ms }) => round(ms, (at) => embeddings({ key: keys[(at * 37) % keys.length] })),
  direct: ({ ms }) =>
    round(ms, async (at) => {
      const { rows } = await call(models.vectorSearch, {
        table: 'item',
        vectorColumn: 'v',
        queryVector: Array.from(queries[at % QUERIES]),
        topK: TOP_K,
        selectColumns: ['id'],
      });
      return rows.length;
    }),
  stop: () => store.stop(),
});
