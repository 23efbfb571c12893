/**
 * The graph under concurrent queries on a real PostgreSQL: nothing is lost, nothing dangles, and a query that fails
 * leaves nothing behind. What a test asserts holds for every interleaving.
 */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { FacetError } from '../../src/base/index.ts';
import type { Value } from '../../src/cypher/index.ts';
import type { Transaction } from '../../src/engine/index.ts';
import { type GraphResult, runQuery } from '../../src/models/graph/index.ts';
import { beginOn, emptyGraph } from '../support/test-graph.ts';
import { openTestStore, type TestStore } from '../support/test-store.ts';

const WRITERS = 16;

let store: TestStore;
beforeAll(async () => {
  store = await openTestStore();
});
afterAll(() => store.close());

beforeEach(() => emptyGraph(store.database));

interface Options {
  readonly parameters?: Readonly<Record<string, Value>>;
  readonly transaction?: Transaction;
}

const run = (text: string, { parameters = {}, transaction }: Options = {}): Promise<GraphResult> =>
  runQuery(store.database, text, {
    parameters: new Map(Object.entries(parameters)),
    procedures: new Map(),
    transaction,
  });

const one = async (text: string, options?: Options): Promise<Value> =>
  (await run(text, options)).rows[0]?.[0] ?? null;

async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return 'none';
  } catch (error) {
    if (error instanceof FacetError) return error.code;
    throw error;
  }
}

const begin = (): Promise<Transaction> => beginOn(store.database);

const writers = <T>(work: (writer: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: WRITERS }, (_, writer) => work(writer)));

/** Read from the tables, not through Cypher. */
const dangling = async (): Promise<string> => {
  const rows = await store.admin(
    `SELECT count(*) FROM graph.edge e
     WHERE NOT EXISTS (SELECT FROM graph.node n WHERE n.id = e.src)
        OR NOT EXISTS (SELECT FROM graph.node n WHERE n.id = e.dst)`,
  );
  return rows[0]?.[0] ?? '';
};

test('writers that create get identities of their own', async () => {
  const each = 25;
  await writers(async (writer) => {
    for (let i = 0; i < each; i++) {
      const text = 'CREATE (a:A {w: $w, i: $i})-[:T]->(:B {w: $w})';
      const { counters } = await run(text, { parameters: { w: BigInt(writer), i: BigInt(i) } });
      expect(counters).toMatchObject({ nodesCreated: 2, relationshipsCreated: 1 });
    }
  });
  const total = BigInt(WRITERS * each);
  expect(await one('MATCH (n) RETURN count(DISTINCT id(n)) AS c')).toBe(total * 2n);
  expect(await one('MATCH (a:A)-[:T]->(b:B) WHERE a.w = b.w RETURN count(*) AS c')).toBe(total);
});

test('a counter that all count in the same node loses nothing', async () => {
  const each = 5;
  await run('CREATE (:Counter {n: 0})');
  const outcomes = await writers(async () => {
    let counted = 0;
    for (let i = 0; i < each; i++) {
      const code = await codeOf(run('MATCH (c:Counter) SET c.n = c.n + 1'));
      expect(['none', 'SERIALIZATION_FAILURE', 'DEADLOCK_DETECTED']).toContain(code);
      if (code === 'none') counted++;
    }
    return counted;
  });
  const counted = outcomes.reduce((sum, count) => sum + count, 0);
  expect(counted).toBeGreaterThan(0);
  expect(await one('MATCH (c:Counter) RETURN c.n AS n')).toBe(BigInt(counted));
});

test('writers that set properties of their own on one node all stay', async () => {
  await run('CREATE (:Shared)');
  const done = await writers(async (writer) => {
    const code = await codeOf(run(`MATCH (s:Shared) SET s.p${writer} = ${writer}`));
    return code === 'none' ? [`p${writer}`] : [];
  });
  const kept = await one('MATCH (s:Shared) RETURN keys(s) AS keys');
  expect(Array.isArray(kept) ? kept.map(String).sort() : kept).toEqual(done.flat().sort());
  expect(done.flat().length).toBeGreaterThan(0);
});

test('two transactions that set two properties of one node: the second one knows', async () => {
  await run('CREATE (:Shared {a: 0, b: 0})');
  const [first, second] = [await begin(), await begin()];
  await run('MATCH (s:Shared) SET s.a = 1', { transaction: first });
  const late = codeOf(run('MATCH (s:Shared) SET s.b = 1', { transaction: second }));
  await store.database.commit(first);
  const code = await late;
  if (code === 'none') await store.database.commit(second);
  else await store.database.rollback(second);
  const row = (await run('MATCH (s:Shared) RETURN s.a AS a, s.b AS b')).rows[0];
  // Whatever the level makes of it, what was committed first is not overwritten by a copy from before.
  expect(row).toEqual([1n, code === 'none' ? 1n : 0n]);
});

test('DELETE against CREATE of relationships leaves none dangling', async () => {
  for (let round = 0; round < 8; round++) {
    await run('CREATE (:Hub), (:Spoke), (:Spoke), (:Spoke)');
    const codes = await Promise.all([
      ...Array.from({ length: 6 }, () => codeOf(run('MATCH (h:Hub), (s:Spoke) CREATE (h)-[:T]->(s)'))),
      codeOf(run('MATCH (h:Hub) DETACH DELETE h')),
      codeOf(run('MATCH (h:Hub) DELETE h')),
    ]);
    for (const code of codes) {
      expect(['none', 'GRAPH_CONSTRAINT_VIOLATION', 'SERIALIZATION_FAILURE', 'ENTITY_NOT_FOUND']).toContain(
        code,
      );
    }
    expect(await dangling(), codes.join()).toBe('0');
    await run('MATCH (n) DETACH DELETE n');
  }
});

test('a transaction that connects a node which another one has deleted cannot commit both', async () => {
  await run('CREATE (:Hub), (:Spoke)');
  const [connecting, deleting] = [await begin(), await begin()];
  await run('MATCH (h:Hub), (s:Spoke) CREATE (h)-[:T]->(s)', { transaction: connecting });
  const deleted = codeOf(
    run('MATCH (h:Hub) DELETE h', { transaction: deleting }).then(() => store.database.commit(deleting)),
  );
  const connected = await codeOf(store.database.commit(connecting));
  const codes = [connected, await deleted];
  expect(codes.filter((code) => code === 'none').length, codes.join()).toBeLessThan(2);
  if (codes[1] !== 'none') await store.database.rollback(deleting).catch(() => undefined);
  expect(await dangling()).toBe('0');
});

test('a failed query leaves nothing', async () => {
  await run('CREATE (:A {x: 1})');
  const before = await store.admin('SELECT id, labels, props FROM graph.node ORDER BY id');
  const failing =
    'MATCH (a:A) SET a.x = 2 CREATE (a)-[:T]->(:B) WITH a UNWIND [1, 0] AS d RETURN a.x / d AS r';
  expect(await codeOf(run(failing))).toBe('CYPHER_ARITHMETIC_ERROR');
  expect(await codeOf(run('MATCH (a:A) CREATE (a)-[:T]->(:B) DELETE a'))).toBe('GRAPH_CONSTRAINT_VIOLATION');
  expect(await store.admin('SELECT id, labels, props FROM graph.node ORDER BY id')).toEqual(before);
  expect(await store.admin('SELECT count(*) FROM graph.edge')).toEqual([['0']]);
});

test('a failed query in a transaction leaves what was before it, and the transaction goes on', async () => {
  const transaction = await begin();
  await run('CREATE (:A {x: 1})', { transaction });
  const failing = 'MATCH (a:A) SET a.x = 2 CREATE (:B) WITH a RETURN a.x / 0 AS r';
  expect(await codeOf(run(failing, { transaction }))).toBe('CYPHER_ARITHMETIC_ERROR');
  expect(await codeOf(run('RETURN gone', { transaction }))).toBe('INVALID_CYPHER');
  expect(await one('MATCH (a:A) RETURN a.x AS x', { transaction })).toBe(1n);
  await run('CREATE (:C)', { transaction });
  await store.database.commit(transaction);
  const labels = await run('MATCH (n) RETURN labels(n)[0] AS l ORDER BY l');
  expect(labels.rows).toEqual([['A'], ['C']]);
});

test('what is not committed is not seen, and what is rolled back never was', async () => {
  const transaction = await begin();
  await run('CREATE (:A)-[:T]->(:B)', { transaction });
  expect(await one('MATCH (n) RETURN count(n) AS c')).toBe(0n);
  expect(await one('MATCH (n) RETURN count(n) AS c', { transaction })).toBe(2n);
  await store.database.rollback(transaction);
  expect(await one('MATCH (n) RETURN count(n) AS c')).toBe(0n);
});

test('a long read sees one state, whatever is written meanwhile', async () => {
  await run('UNWIND range(1, 300) AS i CREATE (:P {i: i})-[:OF]->(:Q {i: i})');
  let stopped = false;
  const churn = (async () => {
    for (let i = 1; !stopped; i++) {
      await run('MATCH (p:P {i: $i})-[r:OF]->(q) SET p.v = $i, q.v = $i', {
        parameters: { i: BigInt((i % 300) + 1) },
      });
    }
  })();
  for (let look = 0; look < 10; look++) {
    const text =
      'MATCH (p:P) WITH p ORDER BY p.i MATCH (p)-[:OF]->(q) RETURN sum(CASE WHEN coalesce(p.v, 0) = coalesce(q.v, 0) THEN 0 ELSE 1 END) AS torn';
    expect(await one(text)).toBe(0n);
  }
  stopped = true;
  await churn;
});
