/** OPTIONAL CALL of a procedure: which rows it keeps, and what is in them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { randomFraction } from '../../src/base/index.ts';
import { executeInMemory } from '../../src/cypher/run/memory/execute.ts';
import { MemoryGraph } from '../../src/cypher/run/memory/memory-graph.ts';
import { runQuery } from '../../src/models/graph/index.ts';
import { GRAPH_PROCEDURES } from '../../src/models/graph/procedures/index.ts';
import { openTestStore, type TestStore } from '../support/test-store.ts';

const TOWNS = "CREATE (:Town {name: 'a'})-[:ROAD]->(:Town {name: 'b'}), (:Town {name: 'c'})";

let store: TestStore;
const memory = new MemoryGraph();
const onPostgres = async (text: string) =>
  (await runQuery(store.database, text, { parameters: new Map() })).rows;
const inMemory = async (text: string) =>
  (await executeInMemory(memory, text, { procedures: GRAPH_PROCEDURES, random: randomFraction })).rows;

beforeAll(async () => {
  store = await openTestStore();
  await onPostgres(TOWNS);
  await inMemory(TOWNS);
});
afterAll(() => store.close());

const PATHS = `UNWIND ['b', 'c', 'a'] AS name MATCH (s {name: 'a'}), (t {name: name})
  OPTIONAL CALL algo.shortestPath({source: s, target: t}) YIELD hops, distance`;

describe.each([
  ['on PostgreSQL', onPostgres],
  ['in memory', inMemory],
])('%s', (_where, run) => {
  it('keeps rows for which nothing is found, with nulls', async () => {
    expect(await run(`${PATHS} RETURN name, hops, distance`)).toEqual([
      ['b', 1n, 1],
      ['c', null, null],
      ['a', 0n, 0],
    ]);
    const plain = PATHS.replace('OPTIONAL CALL', 'CALL');
    expect(await run(`${plain} RETURN name, hops`)).toEqual([
      ['b', 1n],
      ['a', 0n],
    ]);
  });

  it('may lose them to what comes behind it', async () => {
    expect(await run(`${PATHS} WITH name, hops WHERE hops IS NULL RETURN name`)).toEqual([['c']]);
    expect(await run(`${PATHS} RETURN count(*), count(hops)`)).toEqual([[3n, 2n]]);
  });

  it('keeps the row of a query that has no other', async () => {
    const text = "OPTIONAL CALL algo.degree({labels: 'Nobody'}) YIELD node_id RETURN node_id";
    expect(await run(text)).toEqual([[null]]);
    expect(await run(text.replace('OPTIONAL ', ''))).toEqual([]);
  });
});
