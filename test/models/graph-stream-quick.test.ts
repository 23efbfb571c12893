/** Streams of short results share the lane, once they have proved to be short; large ones never hold it up. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runQuery, streamQuery } from '../../src/models/graph/index.ts';
import { openTestStore, type TestStore } from '../support/test-store.ts';

const NODES = 4_000;

let store: TestStore;
beforeAll(async () => {
  store = await openTestStore();
  await runQuery(store.database, `UNWIND range(1, ${NODES}) AS i CREATE (:Leaf {i: i})`, {
    parameters: new Map(),
  });
});
afterAll(() => store.close());

interface Seen {
  readonly rows: number;
  /** `lane`: as a statement of Facet itself that all share. `session`: over one of its own. */
  readonly over: 'lane' | 'session' | undefined;
}

async function seen(text: string, parameters: ReadonlyMap<string, bigint>): Promise<Seen> {
  const before = store.observations.length;
  const { batches } = await streamQuery(store.database, text, { parameters });
  let rows = 0;
  for await (const batch of batches) rows += batch.length;
  await expect.poll(() => store.database.counts.poolInUse).toBe(0);
  const names = store.observations
    .slice(before)
    .flatMap((one) => (one.type === 'statement' ? [one.statement] : []));
  const over = names.includes('sql.user') ? 'session' : names.includes('graph.match') ? 'lane' : undefined;
  return { rows, over };
}

/** Until it comes over the lane, which it does when it was quick twice: a busy machine may need more attempts. */
async function untilQuick(text: string, parameters: ReadonlyMap<string, bigint>): Promise<void> {
  await expect.poll(async () => (await seen(text, parameters)).over, { timeout: 30_000 }).toBe('lane');
}

test('a short result comes over the lane, not at first but soon', async () => {
  const text = 'MATCH (n:Leaf) WHERE n.i = $i RETURN n.i AS short';
  const parameters = new Map([['i', 7n]]);
  expect(await seen(text, parameters)).toEqual({ rows: 1, over: 'session' });
  await untilQuick(text, parameters);
  expect((await seen(text, parameters)).rows).toBe(1);
});

test('a large result never does, however fast it is', async () => {
  const text = 'MATCH (n:Leaf) RETURN n.i AS large';
  for (let count = 0; count < 6; count++) {
    expect(await seen(text, new Map())).toEqual({ rows: NODES, over: 'session' });
  }
});

test('a result that is large this time streams, all of it', async () => {
  const text = 'MATCH (n:Leaf) WHERE n.i <= $most RETURN n.i AS sometimes, n';
  await untilQuick(text, new Map([['most', 10n]]));
  expect(await seen(text, new Map([['most', BigInt(NODES)]]))).toEqual({ rows: NODES, over: 'session' });
  expect(await seen(text, new Map([['most', 10n]]))).toEqual({ rows: 10, over: 'session' });
});

test('a few wide rows stream, too', async () => {
  await runQuery(store.database, 'UNWIND range(1, 30) AS i CREATE (:Wide {i: i, text: $text})', {
    parameters: new Map([['text', 'x'.repeat(100_000)]]),
  });
  const text = 'MATCH (n:Wide) WHERE n.i <= $most RETURN n';
  await untilQuick(text, new Map([['most', 1n]]));
  expect(await seen(text, new Map([['most', 30n]]))).toEqual({ rows: 30, over: 'session' });
});

test('what fails on the lane fails', async () => {
  const text = 'MATCH (n:Leaf) WHERE n.i = 5 RETURN 10 / (n.i - $i) AS quotient';
  await untilQuick(text, new Map([['i', 1n]]));
  await expect(seen(text, new Map([['i', 5n]]))).rejects.toMatchObject({ code: 'CYPHER_ARITHMETIC_ERROR' });
});
