/** PROFILE runs a query and tells of each step how many rows it handed on, in the layout of EXPLAIN. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runQuery } from '../../src/models/graph/index.ts';
import { openTestStore, type TestStore } from '../support/test-store.ts';

let store: TestStore;
beforeAll(async () => {
  store = await openTestStore();
  await run('UNWIND range(1, 5) AS i CREATE (:A {i: i})-[:T]->(:B {i: i})');
});
afterAll(() => store.close());

const run = (text: string) => runQuery(store.database, text, { parameters: new Map() });

/** Operator and rows of each step. */
async function stepsOf(text: string): Promise<unknown[]> {
  const { columns, rows } = await run(`PROFILE ${text}`);
  expect(columns).toEqual(['operator', 'details', 'rows', 'time_ms', 'sql']);
  for (const [, , count, timeMs] of rows) {
    expect(typeof timeMs).toBe(count === null ? 'object' : 'number');
  }
  return rows.map(([operator, , count]) => [operator, count]);
}

it.each([
  [
    'MATCH (a:A)-[:T]->(b) WHERE a.i > 2 WITH b ORDER BY b.i LIMIT 2 RETURN b.i',
    [
      ['MATCH', 3n],
      ['WITH', 2n],
      ['RETURN', 2n],
    ],
  ],
  [
    'MATCH (a:A) OPTIONAL MATCH (a)-[:T]->(b {i: 1}) RETURN a, b',
    [
      ['MATCH', 5n],
      ['MATCH', 5n],
      ['RETURN', 5n],
    ],
  ],
  [
    'MATCH (a) WHERE (a)-[:T]->() RETURN a',
    [
      ['MATCH', 5n],
      ['PATTERN', 5n],
      ['RETURN', 5n],
    ],
  ],
  [
    'UNWIND [1, 2] AS i CALL (i) { MATCH (a:A {i: i}) RETURN a } RETURN a',
    [
      ['UNWIND', 2n],
      ['CALL SUBQUERY', 2n],
      ['MATCH', 2n],
      ['RETURN', 2n],
      ['RETURN', 2n],
    ],
  ],
  [
    'MATCH (a:A {i: 99}) UNWIND [1, 2] AS x RETURN x',
    [
      ['MATCH', 0n],
      ['UNWIND', 0n],
      ['RETURN', 0n],
    ],
  ],
])('%s', async (text, expected) => {
  expect(await stepsOf(text)).toEqual(expected);
});

it('says of a count that was asked for as a number that no rows were looked at', async () => {
  expect(await stepsOf('MATCH (a:A) RETURN count(*)')).toEqual([
    ['MATCH', null],
    ['RETURN', 1n],
  ]);
});

it('does what it profiles, and counts it', async () => {
  const { rows, counters, writes } = await run('PROFILE UNWIND [1, 2, 3] AS x CREATE (:P {x: x})');
  expect(rows.map(([operator, , count]) => [operator, count])).toEqual([
    ['UNWIND', 3n],
    ['CREATE', 3n],
  ]);
  expect([counters.nodesCreated, writes]).toEqual([3, true]);
  expect((await run('MATCH (p:P) RETURN count(p)')).rows).toEqual([[3n]]);
});

it('fails as the query fails', async () => {
  await expect(run('PROFILE RETURN 1 / 0')).rejects.toMatchObject({ code: 'CYPHER_ARITHMETIC_ERROR' });
});
