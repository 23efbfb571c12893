/** Cypher results as they are computed, on a real PostgreSQL. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runQuery, streamQuery } from '../../src/models/graph/index.ts';
import { openTestStore, type TestStore } from '../support/test-store.ts';

const NODES = 5_000;

let store: TestStore;
beforeAll(async () => {
  store = await openTestStore();
  await runQuery(store.database, `UNWIND range(1, ${NODES}) AS i CREATE (:Leaf {i: i})`, {
    parameters: new Map(),
  });
});
afterAll(() => store.close());

const stream = (text: string) => streamQuery(store.database, text, { parameters: new Map() });

/** Names of the statements that were run since there were `before` observations. */
const statementsSince = (before: number): readonly string[] =>
  store.observations.slice(before).flatMap((seen) => (seen.type === 'statement' ? [seen.statement] : []));

test('rows come in batches, all of them', async () => {
  const { columns, batches, counters } = await stream('MATCH (n:Leaf) RETURN n.i AS i');
  const found = new Set<unknown>();
  let count = 0;
  for await (const batch of batches) {
    count++;
    for (const [value] of batch) found.add(value);
  }
  expect([columns, found.size, counters]).toEqual([['i'], NODES, undefined]);
  expect(count).toBeGreaterThan(1);
});

test('a reader who leaves early gives the connection back', async () => {
  const { batches } = await stream('MATCH (a:Leaf), (b:Leaf) RETURN a.i, b.i');
  for await (const batch of batches) {
    expect(batch.length).toBeGreaterThan(0);
    break;
  }
  await expect.poll(() => store.database.counts.poolInUse).toBe(0);
});

test('what may take long has a session of its own, and not the lane that all share', async () => {
  for (const text of ['MATCH (n:Leaf) RETURN count(n)', 'MATCH (n:Leaf) RETURN n.i']) {
    const before = store.observations.length;
    const { batches } = await stream(text);
    let count = 0;
    for await (const batch of batches) count += batch.length;
    expect(count).toBeGreaterThan(0);
    // A stream is observed when its session is given back, a moment after its last row.
    await expect.poll(() => statementsSince(before)).toContain('sql.user');
    const shared = statementsSince(before).filter((name) => name === 'graph.match' || name === 'graph.count');
    expect(shared).toEqual([]);
  }
});

test('a failure while rows are computed comes to the reader', async () => {
  const { batches } = await stream('MATCH (n:Leaf) RETURN 1 / (n.i - 4000)');
  await expect(
    (async () => {
      for await (const _ of batches);
    })(),
  ).rejects.toMatchObject({ code: 'CYPHER_ARITHMETIC_ERROR' });
  await expect.poll(() => store.database.counts.poolInUse).toBe(0);
});
