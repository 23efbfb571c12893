/** Shortest paths in larger graphs on PostgreSQL: how often it is asked, what a search may cost, and how it is ended. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LIMITS } from '../../src/base/index.ts';
import { type Database, statement } from '../../src/engine/index.ts';
import { runQuery } from '../../src/models/graph/index.ts';
import { openTestStore, type TestStore } from '../support/test-store.ts';

let test: TestStore;
beforeAll(async () => {
  test = await openTestStore();
});
afterAll(() => test.close());
beforeEach(async () => {
  await test.database.run(statement('test.empty_relationships', 'DELETE FROM graph.edge'));
  await test.database.run(statement('test.empty_nodes', 'DELETE FROM graph.node'));
});

const cypher = (text: string, options = {}) =>
  runQuery(test.database, text, { parameters: new Map(), procedures: new Map(), ...options });

const firstValue = async (text: string): Promise<unknown> => (await cypher(text)).rows[0]?.[0];

/** The statements of searches that a query makes, by their names. */
async function statementsOf(text: string): Promise<string[]> {
  const names: string[] = [];
  const counting = new Proxy(test.database, {
    get(database, key) {
      const value: unknown = Reflect.get(database, key, database);
      if (typeof value !== 'function') return value;
      if (key !== 'run') return value.bind(database);
      return (...all: Parameters<Database['run']>) => {
        names.push(all[0].name);
        return database.run(...all);
      };
    },
  });
  await runQuery(counting, text, { parameters: new Map(), procedures: new Map() });
  return names.filter((name) => name.startsWith('graph.search'));
}

/** 40 nodes in a ring, each connected to the one behind it and to the one ten further on. */
const RING = `UNWIND range(0, 39) AS i CREATE (:Stop {i: i}) WITH count(*) AS n
  MATCH (a:Stop), (b:Stop) WHERE b.i = (a.i + 1) % 40 OR b.i = (a.i + 10) % 40
  CREATE (a)-[:NEXT {far: b.i <> (a.i + 1) % 40}]->(b)`;

/** Each of so many nodes connected to every other one. */
const CLIQUE = `UNWIND range(1, 14) AS i CREATE (:Point {i: i}) WITH count(*) AS n
  MATCH (a:Point), (b:Point) WHERE a <> b CREATE (a)-[:T]->(b)`;

describe('what is asked of PostgreSQL', () => {
  it('is one statement for each step, and one for the path', async () => {
    await cypher(RING);
    const text =
      'MATCH (a:Stop {i: 0}), (b:Stop {i: 23}), p = shortestPath((a)-[:NEXT*]->(b)) RETURN length(p) AS l';
    expect(await firstValue(text)).toBe(5n);
    expect(await statementsOf(text)).toEqual([
      ...Array.from({ length: 5 }, () => 'graph.search_neighbours'),
      'graph.search_between',
    ]);
  });

  it('is nothing again for many pairs of nodes', async () => {
    await cypher(RING);
    const text = `MATCH p = shortestPath((a:Stop)-[:NEXT*]->(b:Stop)) WHERE a <> b
      RETURN count(p) AS paths, sum(length(p)) AS steps`;
    const { rows } = await cypher(text);
    // From each of 40 to 39 others: 0 to 3 long steps and 0 to 9 short ones.
    expect(rows).toEqual([[1560n, 40n * (10n * 6n + 4n * 45n)]]);
    expect((await statementsOf(text)).length).toBeLessThan(150);
  });
});

describe('conditions', () => {
  it('are tested on the way', async () => {
    await cypher(RING);
    const path = 'p = shortestPath((a)-[:NEXT*]->(b))';
    const from = `MATCH (a:Stop {i: 0}), (b:Stop {i: 12}), ${path} WHERE`;
    expect(await firstValue(`${from} none(r IN relationships(p) WHERE r.far) RETURN length(p)`)).toBe(12n);
    expect(
      await firstValue(`${from} none(n IN nodes(p) WHERE n.i IN [1, 10]) RETURN length(p)`),
    ).toBeUndefined();
    expect(await firstValue(`${from} none(n IN nodes(p) WHERE n.i = 10) RETURN length(p)`)).toBe(3n);
  });

  it('see what the query has changed', async () => {
    await cypher(RING);
    const text = `MATCH (s:Stop {i: 10}) SET s.shut = true WITH s
      MATCH (a:Stop {i: 0}), (b:Stop {i: 20}), p = shortestPath((a)-[:NEXT*]->(b))
      WHERE none(n IN nodes(p) WHERE coalesce(n.shut, false)) RETURN length(p)`;
    expect(await firstValue(text)).toBe(11n);
  });

  it('on the whole path may cost more than a search may', async () => {
    await cypher(CLIQUE);
    const text = `MATCH (a:Point {i: 1}), (b:Point {i: 2}), p = shortestPath((a)-[:T*]->(b))
      WHERE reduce(sum = 0, n IN nodes(p) | sum + n.i) < 0 RETURN p`;
    await expect(cypher(text)).rejects.toMatchObject({
      code: 'LIMIT_EXCEEDED',
      message: expect.stringContaining(
        `${LIMITS.graphSearchRelationshipsMax} relationships (graphSearchRelationshipsMax)`,
      ),
    });
  });
});

describe('a search that takes too long', () => {
  const endless = `MATCH (a:Point {i: 1}), (b:Point {i: 2}), p = shortestPath((a)-[:T*]->(b))
    WHERE all(i IN range(1, 1000000) WHERE i > length(p) OR i > 0) AND length(p) > 20 RETURN p`;

  it('ends with its timeout', async () => {
    await cypher(CLIQUE);
    await expect(cypher(endless, { timeoutMs: 50 })).rejects.toMatchObject({ code: 'QUERY_TIMEOUT' });
  });

  it('ends when it is cancelled', async () => {
    await cypher(CLIQUE);
    const signal = AbortSignal.timeout(50);
    await expect(cypher(endless, { signal })).rejects.toMatchObject({ code: 'QUERY_CANCELLED' });
  });
});
