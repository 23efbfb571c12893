/** A graph whose nodes and relationships were numbered together, before each had identities of their own. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ignoreObservations } from '../../src/base/index.ts';
import { openStore } from '../../src/engine/index.ts';
import { query } from '../../src/engine/query.ts';
import { runQuery } from '../../src/models/graph/index.ts';
import { asSuperuser, createDatabase, dropDatabase, uriOf } from '../support/test-store.ts';

let name: string;
beforeEach(async () => {
  name = await createDatabase();
});
afterEach(() => dropDatabase(name));

/** Opens the store, which brings the schema up to date, and asks the graph. */
async function asked(...texts: readonly string[]): Promise<readonly (readonly unknown[])[]> {
  const store = await openStore(uriOf(name), { observe: ignoreObservations });
  try {
    const database = await store.namespace('default');
    const answers: unknown[][] = [];
    for (const text of texts)
      answers.push((await runQuery(database, text, { parameters: new Map() })).rows.map(([id]) => id));
    return answers;
  } finally {
    await store.stop();
  }
}

/** Leaves the database as the version before has left its own, with what `statements` make there. */
async function olderSchema(...statements: readonly string[]): Promise<void> {
  await asked();
  await asSuperuser(name, async (session) => {
    const { rows } = await query(
      session,
      "DELETE FROM facet.migration WHERE name = 'graph/0004-edge-identities' RETURNING name",
    );
    expect(rows).toHaveLength(1);
    for (const statement of ['DROP SEQUENCE graph.edge_id', ...statements]) await query(session, statement);
  });
}

const GROWN = [
  'CREATE (x:new)-[:t]->(:new), (x)-[:t]->(x)',
  'MATCH (n) RETURN id(n) AS id ORDER BY id',
  'MATCH ()-[e]->() RETURN id(e) AS id ORDER BY id',
];

it('keeps them, and new ones come behind all that were ever given out', async () => {
  await olderSchema(
    // Two blocks of identities.
    "SELECT nextval('graph.id'), nextval('graph.id')",
    "INSERT INTO graph.node (id, labels) VALUES (0, '{a}'), (1, '{a}'), (1004, '{a}')",
    "INSERT INTO graph.edge (id, type, src, dst) VALUES (2, 't', 0, 1), (3, 't', 1, 0), (1005, 't', 0, 1004)",
  );
  const [, nodes, edges] = await asked(...GROWN);
  expect(nodes).toEqual([0n, 1n, 1_004n, 2_000n, 2_001n]);
  expect(edges).toEqual([2n, 3n, 1_005n, 2_000n, 2_001n]);
});

it('of a graph that was always empty both begin at 1', async () => {
  await olderSchema();
  const [, nodes, edges] = await asked(...GROWN);
  expect([nodes, edges]).toEqual([
    [1n, 2n],
    [1n, 2n],
  ]);
});
