/** EXPLAIN tells what a query would do and does nothing; what cannot run cannot be explained. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runQuery } from '../../src/models/graph/index.ts';
import { openTestStore, type TestStore } from '../support/test-store.ts';

let store: TestStore;
beforeAll(async () => {
  store = await openTestStore();
});
afterAll(() => store.close());

const run = (text: string) =>
  runQuery(store.database, text, { parameters: new Map(), procedures: new Map() });

it('shows the SQL of a pattern', async () => {
  const { rows } = await run('EXPLAIN MATCH (a:A {x: 1})-[:T]->(b) WHERE b.y > 2 RETURN a');
  const text = JSON.stringify(rows, (_, value: unknown) => (typeof value === 'bigint' ? `${value}` : value));
  expect(text).toContain('graph.edge');
  expect(text).toContain('MATCH');
});

it.each([
  'CREATE (:A)',
  'MERGE (:A {x: 1})',
  'UNWIND [1, 0] AS x CREATE (:A {x: 1 / x})',
])('does not do what it explains: %s', async (text) => {
  await run(`EXPLAIN ${text}`);
  expect(await store.admin('SELECT count(*) FROM graph.node')).toEqual([['0']]);
});

it.each([
  ['EXPLAIN', 'INVALID_CYPHER'],
  ['EXPLAIN MATCH (n)', 'INVALID_CYPHER'],
  ['EXPLAIN RETURN gone', 'INVALID_CYPHER'],
  ['EXPLAIN RETURN toUper(1)', 'INVALID_CYPHER'],
])('refuses %s', async (text, code) => {
  await expect(run(text)).rejects.toMatchObject({ code });
});
