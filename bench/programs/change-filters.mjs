// Followers of one table with a filter each, in this process, from dist/: how long a load of rows takes until everybody
// has what is theirs.
import { setMaxListeners } from 'node:events';
import { openStore } from '../../dist/engine/index.js';
import * as models from '../../dist/models/index.js';
import { answer } from './answer.mjs';

const BUCKETS = 100;
const ROWS_PER_TRANSACTION = 1_000;
const ROWS_PER_ROUND = 50_000;

let store;
let database;

function call(operation, input, signal) {
  const principal = { name: 'bench', role: 'admin' };
  const context = {
    store,
    database,
    principal,
    requestId: 'req_00000000',
    signal,
    observe: () => {},
    server: {},
  };
  return operation.run(context, input);
}

const write = () =>
  database.runUser(
    `INSERT INTO bench_filtered (bucket, total, note)
     SELECT n % ${BUCKETS}, n * 1.5, 'row number ' || n FROM generate_series(1, ${ROWS_PER_TRANSACTION}) n`,
  );

/** Follows one bucket. `end` resolves when everything of it is here; in an object, lest the start waits for it. */
async function follow(bucket, wanted, signal) {
  const filter = `bucket = ${bucket} AND total > 0`;
  const { feed } = await call(models.changesFollow, { table: 'bench_filtered', filter }, signal);
  const end = new Promise((resolve, reject) => {
    let got = 0;
    feed.onReady(() => {
      for (let items = feed.take(1_000); items.length > 0; items = feed.take(1_000)) got += items.length;
      if (feed.ended !== undefined) reject(feed.ended.reason);
      else if (got === wanted) resolve();
    });
  });
  return { end };
}

/** As many subscribers as asked for, each of another bucket. */
async function round(subscribers) {
  const session = new AbortController();
  setMaxListeners(0, session.signal);
  const wanted = ROWS_PER_ROUND / BUCKETS;
  const ready = [];
  for (let bucket = 0; bucket < subscribers; bucket++) ready.push(follow(bucket, wanted, session.signal));
  const ends = await Promise.all(ready);
  const startedAt = performance.now();
  for (let rows = 0; rows < ROWS_PER_ROUND; rows += ROWS_PER_TRANSACTION) await write();
  await Promise.all(ends.map(({ end }) => end));
  const elapsedMs = performance.now() - startedAt;
  session.abort();
  return { rate: (ROWS_PER_ROUND * 1000) / elapsedMs };
}

answer({
  async open({ uri }) {
    store = await openStore(uri, { observe: () => {} });
    database = await store.namespace('default');
    await database.runUser(
      'CREATE TABLE bench_filtered (id bigserial PRIMARY KEY, bucket int, total numeric, note text)',
    );
  },
  round: ({ subscribers }) => round(subscribers),
});
