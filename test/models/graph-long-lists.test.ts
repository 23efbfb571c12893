/** `IN` a list: the same as comparing with each item, whatever is in it, and linear in its length. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DateValue, type Value } from '../../src/cypher/index.ts';
import { explain, runQuery } from '../../src/models/graph/index.ts';
import { planOf } from '../../src/models/graph/prepared-plans.ts';
import { openTestStore, type TestStore } from '../support/test-store.ts';

let store: TestStore;
beforeAll(async () => {
  store = await openTestStore();
});
afterAll(() => store.close());

const run = async (text: string, values: Record<string, Value> = {}, timeoutMs?: number) =>
  (await runQuery(store.database, text, { parameters: new Map(Object.entries(values)), timeoutMs })).rows;

const VALUES: readonly Value[] = [
  1n,
  1.5,
  2,
  -0,
  2n ** 53n,
  2n ** 53n + 1n,
  2 ** 53,
  1e300,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  'a',
  '',
  'a\u0000b',
  'x'.repeat(70),
  `${'x'.repeat(70)}y`,
  'x'.repeat(400),
  true,
  false,
  new DateValue(100),
  [1n],
  [1n, 'a'],
  ['a'],
];

const LISTS: readonly (readonly [string, Value])[] = [
  ['nothing', []],
  ['null', [null]],
  ['numbers', [1n, 2n, 2 ** 53, 1.5]],
  ['numbers and null', [1n, null, 1e300]],
  ['a zero', [0n]],
  ['texts', ['a', 'x'.repeat(70), 'x'.repeat(400)]],
  ['a text that jsonb has not', ['a\u0000b', 'a']],
  ['truths', [true, 1n]],
  ['a mixture', [1n, 'a', false, null, 'nowhere']],
  ['what equals nothing', [Number.NaN]],
  ['infinity', [Number.POSITIVE_INFINITY, 'a']],
  ['dates', [new DateValue(100), 1n]],
  ['lists', [[1n], ['a'], 1n]],
  ['no list', 'a'],
  ['null itself', null],
];

describe.each(['no index', 'an index', 'a constraint'])('with %s', (beside) => {
  const label = beside.replace(/\W/g, '_');
  beforeAll(async () => {
    if (beside === 'an index') await run(`CREATE INDEX FOR (n:${label}) ON (n.v)`);
    if (beside === 'a constraint') await run(`CREATE CONSTRAINT FOR (n:${label}) REQUIRE n.u IS UNIQUE`);
    for (const [at, value] of VALUES.entries()) {
      await run(`CREATE (n:${label} {at: $at, v: $value, w: $value})-[:TO {v: $value}]->(:End)`, {
        at: BigInt(at),
        value,
      });
    }
    // Numbers that are equal have one place where values are unique.
    await run(`MATCH (n:${label}) WITH n.v AS v, min(n.at) AS at MATCH (n:${label} {at: at}) SET n.u = n.v`);
    await run(`CREATE (:${label} {at: -1})`);
  });

  it.each(LISTS)('%s', async (_what, list) => {
    for (const key of ['v', 'u', 'w']) {
      // A list comprehension is beyond what SQL can test.
      const wanted =
        list === null || !Array.isArray(list)
          ? undefined
          : await run(
              `MATCH (n:${label}) WHERE size([x IN $list WHERE x = n.${key}]) > 0 RETURN n.at ORDER BY n.at`,
              { list },
            );
      for (const text of [
        `MATCH (n:${label}) WHERE n.${key} IN $list RETURN n.at ORDER BY n.at`,
        `MATCH (n:${label}) WHERE n.${key} IN $list OR n.at = -7 RETURN n.at ORDER BY n.at`,
        `UNWIND [1, 2] AS x MATCH (n:${label}) WHERE n.${key} IN $list RETURN DISTINCT n.at ORDER BY n.at`,
        `UNWIND [$list, [], $list] AS l MATCH (n:${label}) WHERE n.${key} IN l RETURN DISTINCT n.at ORDER BY n.at`,
        `UNWIND [1, 2] AS x MATCH (n:${label}) WHERE n.at > x - 10 AND n.${key} IN $list RETURN DISTINCT n.at ORDER BY n.at`,
        `MATCH (n:${label}) WHERE EXISTS { (m:${label}) WHERE m.at = n.at AND m.${key} IN $list } RETURN n.at ORDER BY n.at`,
        `MATCH (e:End)<-[r:TO]-(n:${label}) WITH e, n WHERE n.${key} IN $list RETURN n.at ORDER BY n.at`,
      ]) {
        const found = await run(text, { list }).catch((error: { code: string }) => error.code);
        expect(found, text).toEqual(wanted ?? (list === null ? [] : 'CYPHER_TYPE_ERROR'));
      }
      const counted = await run(`MATCH (n:${label}) WHERE n.${key} IN $list RETURN count(*)`, { list }).catch(
        (error: { code: string }) => error.code,
      );
      expect(counted).toEqual(
        wanted === undefined ? (list === null ? [[0n]] : 'CYPHER_TYPE_ERROR') : [[BigInt(wanted.length)]],
      );
    }
  });
});

it('identities and types', async () => {
  await run('CREATE (:I {k: 1})-[:A]->(:I {k: 2})-[:B]->(:I {k: 3})');
  const [[ids] = []] = await run('MATCH (n:I) WHERE n.k <> 2 RETURN collect(id(n))');
  const list = ids as Value;
  for (const text of [
    'MATCH (n:I) WHERE id(n) IN $list RETURN n.k ORDER BY n.k',
    'UNWIND [1, 2] AS x MATCH (n:I) WHERE id(n) IN $list RETURN DISTINCT n.k ORDER BY n.k',
    'UNWIND [1, 2] AS x MATCH (n:I) WHERE id(n) IN $list AND n.k IN [1, 3, 5] RETURN DISTINCT n.k ORDER BY n.k',
  ]) {
    expect(await run(text, { list })).toEqual([[1n], [3n]]);
  }
  for (const start of ['', 'UNWIND [1, 2] AS x ']) {
    const text = `${start}MATCH (:I)-[r]->(n) WHERE type(r) IN $list RETURN DISTINCT n.k`;
    expect(await run(text, { list: ['B', 'C', null] })).toEqual([[3n]]);
  }
});

it('what differs from row to row is not taken for one list', async () => {
  await run('UNWIND range(1, 5) AS i CREATE (:Row {i: i})');
  const text =
    'UNWIND [1, 2, 3] AS x MATCH (n:Row) WHERE n.i IN [x, x + 1] RETURN x, collect(n.i) AS found ORDER BY x';
  const rows = await run(text);
  expect(rows.map(([x, found]) => [x, [...(found as bigint[])].sort()])).toEqual([
    [1n, [1n, 2n]],
    [2n, [2n, 3n]],
    [3n, [3n, 4n]],
  ]);
  const drawn = await run(
    'UNWIND range(1, 200) AS x MATCH (n:Row) WHERE n.i IN [toInteger(rand() * 5) + 1] RETURN DISTINCT n.i',
  );
  expect(drawn.length).toBe(5);
});

it('SQL says all of it when the items are scalars', async () => {
  const { query } = planOf('MATCH (n:Row) WHERE n.i IN $list RETURN n.i');
  if (query.kind !== 'query') throw new Error('it is a query');
  const pushdown = async (list: Value) =>
    (await explain(store.database, query, { parameters: new Map([['list', list]]) }))[0]?.conditions[0]
      ?.pushdown;
  expect(await pushdown([1n, 'a', null])).toBe('exact');
  expect(await pushdown([1n, [2n]])).toBe('superset');
});

it('ten thousand items and as many nodes are ten thousand steps and not their square', async () => {
  await run(`UNWIND range(1, 20000) AS i CREATE (:Many {i: i, name: 'number ' + i})`, {}, 60_000);
  const numbers = Array.from({ length: 10_000 }, (_, at) => BigInt(at * 2));
  const names = numbers.map((number) => `number ${number}`);
  const mixed = [...names, true];
  for (const indexed of [false, true]) {
    if (indexed) {
      await run('CREATE INDEX FOR (n:Many) ON (n.i)');
      await run('CREATE INDEX FOR (n:Many) ON (n.name)');
    }
    // Compared one by one these would take minutes.
    for (const start of ['', 'UNWIND [0, 30000] AS x ']) {
      const by = start === '' ? '' : 'n.i > x AND ';
      for (const [key, list] of [
        ['i', numbers],
        ['name', names],
        ['name', mixed],
      ] as const) {
        const text = `${start}MATCH (n:Many) WHERE ${by}n.${key} IN $list RETURN count(n)`;
        expect(await run(text, { list }, 10_000)).toEqual([[9_999n]]);
      }
    }
  }
});
