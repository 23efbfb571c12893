/**
 * Two interactive transactions of the default level that write the same: the second one waits, and is then told what
 * the first one did instead of writing over it. Queries of their own are tried again until all have succeeded.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { asFacetError, type FacetError } from '../../src/base/index.ts';
import type { Value } from '../../src/cypher/index.ts';
import type { Transaction } from '../../src/engine/index.ts';
import { type GraphResult, runQuery } from '../../src/models/graph/index.ts';
import { beginOn, emptyGraph } from '../support/test-graph.ts';
import { openTestStore, type TestStore } from '../support/test-store.ts';

let store: TestStore;
beforeAll(async () => {
  store = await openTestStore();
});
afterAll(() => store.close());

beforeEach(() => emptyGraph(store.database));

const run = (text: string, transaction?: Transaction, timeoutMs?: number): Promise<GraphResult> =>
  runQuery(store.database, text, { parameters: new Map(), procedures: new Map(), transaction, timeoutMs });

const rowOf = async (text: string): Promise<readonly Value[] | undefined> => (await run(text)).rows[0];

const begin = (): Promise<Transaction> => beginOn(store.database);

const outcomeOf = (work: Promise<GraphResult>): Promise<GraphResult | FacetError> => work.catch(asFacetError);

/** Until a backend of the store waits for a lock. */
async function waits(): Promise<void> {
  for (;;) {
    const [row] = await store.admin(
      "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
    );
    if (row?.[0] !== '0') return;
    await sleep(5);
  }
}

/** `first` and `second` in transactions of their own; the first one commits when the second one waits for it. */
async function race(
  first: string,
  second: string,
): Promise<{ late: GraphResult | FacetError; again: GraphResult }> {
  const [one, two] = [await begin(), await begin()];
  await run(first, one);
  const outcome = outcomeOf(run(second, two));
  await waits();
  await store.database.commit(one);
  const late = await outcome;
  // The transaction is open still, and its next query sees what the other one did.
  const again = await run(second, two);
  await store.database.commit(two);
  return { late, again };
}

describe('the second of two transactions', () => {
  it.each<[string, string, string, string, string, readonly Value[]]>([
    ['a number', '{v: 0}', 'SET n.v = n.v + 1', 'SET n.v = n.v + 1', 'n.v', [2n]],
    ['a list', '{v: []}', 'SET n.v = n.v + 2', 'SET n.v = n.v + 3', 'n.v', [[2n, 3n]]],
    ['labels', '', 'SET n:A', 'SET n:B', 'labels(n)', [['A', 'B', 'L']]],
    ['labels that go', ':A', 'REMOVE n:A', 'SET n:B', 'labels(n)', [['B', 'L']]],
    [
      'floats and text',
      '{f: 1.5, s: "ä\\n", d: date("2020-01-01")}',
      'SET n.x = 1',
      'SET n.y = 1',
      'n.x + n.y',
      [2n],
    ],
  ])('does not write over %s', async (_, properties, first, second, read, expected) => {
    await run(`CREATE (:L${properties.startsWith(':') ? properties : ` ${properties}`})`);
    const { late } = await race(`MATCH (n:L) ${first}`, `MATCH (n:L) ${second}`);
    expect(late).toMatchObject({ code: 'SERIALIZATION_FAILURE', sqlState: '40001' });
    expect((late as FacetError).message).toMatch(/^Another transaction has changed node \d+ since/);
    expect(await rowOf(`MATCH (n:L) RETURN ${read}`)).toEqual(expected);
  });

  it('does not write over a relationship', async () => {
    await run('CREATE (:L)-[:T {v: 0}]->(:L)');
    const { late } = await race(
      'MATCH ()-[r:T]->() SET r.v = r.v + 1',
      'MATCH ()-[r:T]->() SET r.v = r.v + 1',
    );
    expect((late as FacetError).message).toMatch(/^Another transaction has changed relationship \d+ since/);
    expect(await rowOf('MATCH ()-[r:T]->() RETURN r.v')).toEqual([2n]);
  });

  it('is told that what it changes is gone', async () => {
    await run('CREATE (:L)');
    const { late, again } = await race('MATCH (n:L) DELETE n', 'MATCH (n:L) SET n.x = 1 RETURN n.x');
    expect((late as FacetError).message).toMatch(/^Another transaction has deleted node \d+ since/);
    expect([again.rows, again.counters.propertiesSet]).toEqual([[], 0]);
  });

  it('does not delete twice, nor what is other than it was read', async () => {
    await run('CREATE (:L {state: "old"})');
    const changed = await race('MATCH (n:L) SET n.state = "new"', 'MATCH (n:L {state: "old"}) DELETE n');
    expect(changed.late).toMatchObject({ code: 'SERIALIZATION_FAILURE' });
    expect(changed.again.counters.nodesDeleted).toBe(0);
    const deleted = await race('MATCH (n:L) DELETE n', 'MATCH (n:L) DELETE n');
    expect(deleted.late).toMatchObject({ code: 'SERIALIZATION_FAILURE' });
    expect(deleted.again.counters.nodesDeleted).toBe(0);
  });

  it('matches what the first one merged', async () => {
    await run('CREATE CONSTRAINT FOR (n:MK) REQUIRE n.k IS UNIQUE');
    const [one, two] = [await begin(), await begin()];
    const merge = 'MERGE (n:MK {k: 1}) ON CREATE SET n.by = 1 ON MATCH SET n.seen = true';
    await run(merge, one);
    const outcome = run(merge, two);
    await waits();
    await store.database.commit(one);
    expect((await outcome).counters.nodesCreated).toBe(0);
    await store.database.commit(two);
    expect(await rowOf('MATCH (n:MK) RETURN count(*), n.seen')).toEqual([1n, true]);
  });

  it('may change again and again what it has made or changed itself', async () => {
    const transaction = await begin();
    await run(
      'CREATE (n:L {v: 0.1}) SET n.v = n.v + 1 SET n:M WITH n MATCH (m:M) SET m.w = [1, 2.0]',
      transaction,
    );
    await run('MATCH (n:L) SET n.x = 1 REMOVE n.w SET n.x = 2 CREATE (n)-[:T {a: 1}]->(:O)', transaction);
    await run('MATCH (n:L)-[r:T]->(o) SET r.a = 2 DELETE r, o', transaction);
    await store.database.commit(transaction);
    expect(await rowOf('MATCH (n:L) RETURN labels(n), n.v, n.w, n.x')).toEqual([['L', 'M'], 1.1, null, 2n]);
  });
});

describe('connecting against deleting', () => {
  const CONNECT = 'MATCH (n:End) CREATE (:Start)-[:TO]->(n)';

  it('waits in the query, not in the commit: the node is deleted', async () => {
    await run('CREATE (:End)');
    const [deleting, connecting] = [await begin(), await begin()];
    await run('MATCH (n:End) DETACH DELETE n', deleting);
    const late = outcomeOf(run(CONNECT, connecting));
    await waits();
    await store.database.commit(deleting);
    expect(await late).toMatchObject({
      code: 'TRANSACTION_CONFLICT',
      message: expect.stringMatching(/^Another transaction has deleted node \d+, which this one connects$/),
    });
    expect((await run(CONNECT, connecting)).counters.nodesCreated).toBe(0);
    await store.database.commit(connecting);
    expect(await rowOf('MATCH (n) RETURN count(n)')).toEqual([0n]);
  });

  it('waits in the query, not in the commit: the node is connected', async () => {
    await run('CREATE (:End)');
    const [connecting, deleting] = [await begin(), await begin()];
    await run(CONNECT, connecting);
    const late = outcomeOf(run('MATCH (n:End) DETACH DELETE n', deleting));
    await waits();
    await store.database.commit(connecting);
    expect(await late).toMatchObject({
      code: 'TRANSACTION_CONFLICT',
      message: expect.stringMatching(/^Another transaction has connected node \d+, which this one deletes$/),
    });
    expect((await run('MATCH (n:End) DETACH DELETE n', deleting)).counters.relationshipsDeleted).toBe(1);
    await store.database.commit(deleting);
    expect(await rowOf('MATCH (n) RETURN labels(n), COUNT { (n)--() }')).toEqual([['Start'], 0n]);
  });

  it('lets go on who waits for the other to give up', async () => {
    await run('CREATE (:End)');
    const [deleting, connecting] = [await begin(), await begin()];
    await run('MATCH (n:End) DETACH DELETE n', deleting);
    const late = run(CONNECT, connecting);
    await waits();
    await store.database.rollback(deleting);
    expect((await late).counters.relationshipsCreated).toBe(1);
    await store.database.commit(connecting);
  });

  it('allows to delete nodes before what connects them, and to connect afterwards', async () => {
    await run('CREATE (:End)-[:A]->(:Mid)-[:B]->(:Last)');
    const transaction = await begin();
    await run(
      'MATCH (m:Mid)-[b:B]->() MATCH ()-[a:A]->(m) DELETE m WITH a, b DELETE a WITH b DELETE b',
      transaction,
    );
    await run(CONNECT, transaction);
    const late = outcomeOf(run('MATCH (n:End) DETACH DELETE n'));
    await waits();
    await store.database.commit(transaction);
    expect(await late).toMatchObject({ counters: { nodesDeleted: 1, relationshipsDeleted: 1 } });
  });
});

describe('queries of their own', () => {
  it('count in one node 200 at once, and lose nothing', async () => {
    await run('CREATE (:C {n: 0})');
    await Promise.all(Array.from({ length: 200 }, () => run('MATCH (c:C) SET c.n = c.n + 1')));
    expect(await rowOf('MATCH (c:C) RETURN c.n')).toEqual([200n]);
  });

  it('merge few keys 120 at once, and all succeed', async () => {
    await run('CREATE CONSTRAINT FOR (n:K) REQUIRE n.k IS UNIQUE');
    await Promise.all(
      Array.from({ length: 120 }, (_, i) =>
        run(`MERGE (n:K {k: ${i % 3}}) ON CREATE SET n.n = 1 ON MATCH SET n.n = n.n + 1`),
      ),
    );
    expect((await run('MATCH (n:K) RETURN n.n')).rows).toEqual([[40n], [40n], [40n]]);
  });

  it('do not wait for one that waits for somebody else', async () => {
    await run('CREATE (:C {n: 0}), (:D {n: 0})');
    const holder = await begin();
    await run('MATCH (d:D) SET d.n = 1', holder);
    const stuck = outcomeOf(run('MATCH (d:D) SET d.n = d.n + 1', undefined, 1_000));
    await waits();
    await Promise.all(Array.from({ length: 40 }, () => run('MATCH (c:C) SET c.n = c.n + 1')));
    expect(await rowOf('MATCH (c:C) RETURN c.n')).toEqual([40n]);
    expect(await stuck).toMatchObject({ code: 'QUERY_TIMEOUT' });
    await store.database.rollback(holder);
  });
});
