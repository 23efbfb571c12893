/** What a stream of many entities holds in memory, however slowly it is read: a few batches, and not what went by. */
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runQuery, streamQuery } from '../../src/models/graph/index.ts';
import { openTestStore, type TestStore } from '../support/test-store.ts';

setFlagsFromString('--expose-gc');
const collectHeap = runInNewContext('gc') as () => void;

const NODES = 120_000;
/** An entity with its properties takes some 500 bytes, so all of them 60 MB. */
const HEAP_BYTES_MAX = 15_000_000;

let store: TestStore;
beforeAll(async () => {
  store = await openTestStore();
  await runQuery(
    store.database,
    `UNWIND range(1, ${NODES}) AS i CREATE (:Leaf {i: i, name: 'leaf number ' + i})`,
    { parameters: new Map(), timeoutMs: 120_000 },
  );
});
afterAll(() => store.close());

const heapBytes = (): number => {
  collectHeap();
  return process.memoryUsage().heapUsed;
};

it.each([
  ['of a query that asks once', 'MATCH (n:Leaf) RETURN n', false],
  ['of a query that asks more often', 'MATCH (n:Leaf) OPTIONAL MATCH (n)-[r:ON]->(m) RETURN n, m', false],
  ['in a transaction', 'MATCH (n:Leaf) RETURN n', true],
])('stays flat %s', async (_what, text, inside) => {
  const transaction = inside
    ? await store.database.begin({
        owner: 'tester',
        isolationLevel: 'read_committed',
        readOnly: true,
        timeoutMs: 120_000,
      })
    : undefined;
  const { batches } = await streamQuery(store.database, text, { parameters: new Map(), transaction });
  let rows = 0;
  let atFirst: number | undefined;
  let most = 0;
  let seen = 0;
  for await (const batch of batches) {
    rows += batch.length;
    if (seen++ % 20 === 0) await sleep(20);
    if (seen % 40 !== 1) continue;
    const bytes = heapBytes();
    atFirst ??= bytes;
    most = Math.max(most, bytes - atFirst);
  }
  if (transaction !== undefined) await store.database.rollback(transaction);
  expect(rows).toBe(NODES);
  expect(seen).toBeGreaterThan(80);
  expect(most).toBeLessThan(HEAP_BYTES_MAX);
});
