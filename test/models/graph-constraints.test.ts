/** When constraints of the graph are looked at, and what counts as equal for those of uniqueness. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { asFacetError } from '../../src/base/index.ts';
import type { Transaction } from '../../src/engine/index.ts';
import { type GraphResult, runQuery } from '../../src/models/graph/index.ts';
import { beginOn, emptyGraph } from '../support/test-graph.ts';
import { openTestStore, type TestStore } from '../support/test-store.ts';

let store: TestStore;
beforeAll(async () => {
  store = await openTestStore();
  for (const constraint of [
    'FOR (n:NN) REQUIRE n.k IS NOT NULL',
    "FOR (n:TY) REQUIRE n.`it's` IS :: INTEGER",
    'FOR (n:KY) REQUIRE (n.a, n.b) IS NODE KEY',
    'FOR ()-[r:RR]-() REQUIRE r.k IS NOT NULL',
    'FOR (n:UQ) REQUIRE n.p IS UNIQUE',
  ]) {
    await run(`CREATE CONSTRAINT ${constraint}`);
  }
});
afterAll(() => store.close());

beforeEach(() => emptyGraph(store.database));

const run = (text: string, transaction?: Transaction): Promise<GraphResult> =>
  runQuery(store.database, text, { parameters: new Map(), procedures: new Map(), transaction });

const codeOf = (text: string, transaction?: Transaction): Promise<string> =>
  run(text, transaction).then(
    () => 'none',
    (thrown) => asFacetError(thrown).code,
  );

const begin = (isolationLevel?: Transaction['isolationLevel']): Promise<Transaction> =>
  beginOn(store.database, isolationLevel);

describe('existence and type', () => {
  const ALLOWED = [
    'CREATE (n:NN) SET n.k = 1',
    'CREATE (n:NN {k: 1}) SET n = {} SET n.k = 5',
    'CREATE (n:NN {k: 1}) REMOVE n.k SET n.k = 2',
    'CREATE (n:Plain) SET n:NN SET n.k = 1',
    'CREATE (n:NN) WITH n MATCH (m) SET m.k = 3',
    'CREATE (n:NN) DELETE n',
    'CREATE (n:NN) REMOVE n:NN',
    "CREATE (n:TY {`it's`: 'a'}) SET n.`it's` = 1",
    'CREATE (n:KY) SET n.a = 1 SET n.b = 2',
    'CREATE ()-[r:RR]->() SET r.k = 1',
  ];
  const REFUSED = [
    'CREATE (n:NN)',
    'CREATE (n:NN {k: 1}) SET n.k = null',
    'CREATE (n:Plain) SET n:NN',
    "CREATE (n:TY {`it's`: 1}) SET n.`it's` = 'a'",
    'CREATE (n:KY {a: 1})',
    'CREATE ()-[r:RR]->()',
  ];

  it.each(ALLOWED)('are looked at when the query is done: %s', async (text) => {
    expect(await codeOf(text)).toBe('none');
    const transaction = await begin();
    expect(await codeOf(text.replaceAll('1', '7').replaceAll('2', '8'), transaction)).toBe('none');
    await store.database.commit(transaction);
  });

  it.each(REFUSED)('hold: %s', async (text) => {
    expect(await codeOf(text)).toBe('GRAPH_CONSTRAINT_VIOLATION');
    const transaction = await begin();
    expect(await codeOf('CREATE (:Kept)', transaction)).toBe('none');
    // In a longer transaction the query is refused and not the commit.
    expect(await codeOf(text, transaction)).toBe('GRAPH_CONSTRAINT_VIOLATION');
    expect(await codeOf('CREATE (n:NN) SET n.k = 1', transaction)).toBe('none');
    expect(await codeOf(text, transaction)).toBe('GRAPH_CONSTRAINT_VIOLATION');
    await store.database.commit(transaction);
    expect((await run('MATCH (n) RETURN labels(n)[0] AS l ORDER BY l')).rows).toEqual([['Kept'], ['NN']]);
  });

  it('are refused when what is stored violates them, and dropped', async () => {
    await run('CREATE (:Later)');
    expect(await codeOf('CREATE CONSTRAINT later FOR (n:Later) REQUIRE n.k IS NOT NULL')).toBe(
      'GRAPH_CONSTRAINT_VIOLATION',
    );
    await run('MATCH (n:Later) SET n.k = 1');
    await run('CREATE CONSTRAINT later FOR (n:Later) REQUIRE n.k IS NOT NULL');
    expect(await codeOf('MATCH (n:Later) REMOVE n.k')).toBe('GRAPH_CONSTRAINT_VIOLATION');
    await run('DROP CONSTRAINT later');
    expect(await codeOf('MATCH (n:Later) REMOVE n.k')).toBe('none');
  });
});

describe('uniqueness', () => {
  it.each<[string, string]>([
    ['[x IN range(1, 80) | 1]', '[x IN range(1, 80) | 1.0]'],
    ['[1, 2]', '[1.0, 2.0]'],
    ['1', '1.0'],
    [`'${'a'.repeat(300)}'`, `'${'a'.repeat(300)}'`],
    ["date('2020-01-01')", "date('2020-01-01')"],
  ])('knows equal values however they are spelled: %s', async (one, other) => {
    await run(`CREATE (:UQ {p: ${one}})`);
    expect(await codeOf(`CREATE (:UQ {p: ${other}})`)).toBe('GRAPH_CONSTRAINT_VIOLATION');
    expect((await run(`MATCH (n:UQ {p: ${other}}) RETURN count(n)`)).rows).toEqual([[1n]]);
    expect((await run(`MERGE (n:UQ {p: ${other}})`)).counters.nodesCreated).toBe(0);
  });

  it.each(['0.0 / 0.0', '[1.0, 0.0 / 0.0]'])('lets in what is not equal to itself: %s', async (value) => {
    await run(`CREATE (:UQ {p: ${value}})`);
    expect(await codeOf(`CREATE (:UQ {p: ${value}})`)).toBe('none');
    expect((await run(`MATCH (n:UQ {p: ${value}}) RETURN count(n)`)).rows).toEqual([[0n]]);
  });
});

it.each([
  'repeatable_read',
  'serializable',
] as const)('none is created at %s, which may not see what others have stored', async (isolationLevel) => {
  const transaction = await begin(isolationLevel);
  await run('MATCH (n) RETURN count(n)', transaction);
  await run('CREATE (:Unseen)');
  const constraint = 'CREATE CONSTRAINT unseen FOR (n:Unseen) REQUIRE n.k IS NOT NULL';
  expect(await codeOf(constraint, transaction)).toBe('INVALID_TRANSACTION_STATE');
  await store.database.rollback(transaction);
  expect(await codeOf(constraint)).toBe('GRAPH_CONSTRAINT_VIOLATION');
});
