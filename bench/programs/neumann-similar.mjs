// A collection, searched by statements through the gate and by the operation itself, in one process and one database, by
// one caller at a time. The numbers are uniform: the time counts, and not what is found.

import { runStatement } from '../../dist/dialects/neumann/statements/index.js';
import { AdmissionControl, createDispatch, DEFAULT_RATE_LIMITS } from '../../dist/dispatch/index.js';
import { openStore } from '../../dist/engine/index.js';
import * as models from '../../dist/models/index.js';
import { answer, timesOf } from './answer.mjs';
import { operationsOn, uniformVectors } from './operations.mjs';

const DIMENSIONS = 128;
const QUERIES = 200;
const TOP_K = 10;
const PIECE = 1_000;

const vector = uniformVectors(DIMENSIONS);

const { signal } = new AbortController();
const principal = { name: 'bench', role: 'admin' };
const server = { accepting: () => true };
let store;
let database;
let call;
let dispatch;
let keys;
let queries;
let statements;

async function load(rows) {
  const vectors = Array.from({ length: rows }, vector);
  keys = vectors.map((_, at) => `key:${at}`);
  queries = Array.from({ length: QUERIES }, vector);
  statements = {
    vector: queries.map((one) => `SIMILAR [${one.join(', ')}] TOP ${TOP_K} IN items`),
    key: queries.map((_, at) => `SIMILAR '${keys[(at * 37) % rows]}' TOP ${TOP_K} IN items`),
  };
  store = await openStore('memory://similar', { observe: () => {} });
  database = await store.namespace(store.defaultNamespace);
  call = operationsOn(store, database, { principal, signal, server });
  dispatch = createDispatch({
    store,
    authenticate: () => principal,
    admission: new AdmissionControl(DEFAULT_RATE_LIMITS, false, {
      monotonicMs: () => performance.now(),
      nowMs: () => Date.now(),
    }),
    server,
    observe: () => {},
  });
  for (let from = 0; from < rows; from += PIECE) {
    const points = vectors.slice(from, from + PIECE).map((v, at) => ({ key: keys[from + at], vector: v }));
    await call(models.embeddingStore, { collection: 'items', points });
  }
  const { buildTimeMs } = await call(models.embeddingBuildIndex, { collection: 'items' });
  return { buildTimeMs };
}

/** As a service makes one for each request. */
const callOf = () => ({
  dispatch,
  session: {
    dialect: 'neumann',
    requestId: 'req_00000000',
    credentials: { scheme: 'none' },
    address: '127.0.0.1',
    signal,
  },
  timeLeftMs: () => undefined,
});

/** Rate is searches a second at the median. */
async function round(ms, search) {
  const timesMs = [];
  const until = performance.now() + ms;
  for (let at = 0; performance.now() < until || at < QUERIES; at++) {
    const startedAt = performance.now();
    const found = await search(at % QUERIES);
    timesMs.push(performance.now() - startedAt);
    if (found !== TOP_K) throw new Error(`${found} results instead of ${TOP_K}`);
  }
  const details = timesOf(timesMs);
  return { rate: 1_000 / details.p50Ms, details };
}

const askedBy = {
  vector: (at) => ({ vector: queries[at] }),
  key: (at) => ({ key: keys[(at * 37) % keys.length] }),
};

answer({
  load: ({ rows }) => load(rows),
  statement: ({ by, ms }) =>
    round(ms, async (at) => (await runStatement(statements[by][at], callOf())).value.items.length),
  direct: ({ by, ms }) =>
    round(ms, async (at) => {
      const input = { collection: 'items', limit: TOP_K, ...askedBy[by](at) };
      return (await call(models.embeddingSearch, input)).items.length;
    }),
  stop: () => store.stop(),
});
