/**
 * Counting without looking at every match: the same numbers as memory finds one by one, for generated patterns on small
 * graphs full of loops and parallel relationships, and numbers that nobody could count one by one.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FacetError } from '../../src/base/index.ts';
import { executeInMemory } from '../../src/cypher/run/memory/execute.ts';
import { MemoryGraph } from '../../src/cypher/run/memory/memory-graph.ts';
import { runQuery } from '../../src/models/graph/index.ts';
import { emptyGraph } from '../support/test-graph.ts';
import { openTestStore, type TestStore } from '../support/test-store.ts';

let opened: TestStore;
beforeAll(async () => {
  opened = await openTestStore();
});
afterAll(() => opened.close());

const PARAMETERS = { parameters: new Map([['one', 1n]]) };
const IN_MEMORY = { ...PARAMETERS, random: () => 0.5 };

const run = async (text: string): Promise<unknown> =>
  (await runQuery(opened.database, text, PARAMETERS)).rows[0]?.[0];

const NODES = 5;

/** One CREATE: few nodes, so that relationships often are loops, parallel, or go back. */
const graph = fc
  .record({
    labels: fc.array(fc.constantFrom('', ':A', ':B', ':A:B'), { minLength: NODES, maxLength: NODES }),
    edges: fc.array(
      fc.record({
        from: fc.nat(NODES - 1),
        to: fc.nat(NODES - 1),
        type: fc.constantFrom('R', 'R', 'S'),
        w: fc.nat(2),
      }),
      { minLength: 4, maxLength: 12 },
    ),
  })
  .map(({ labels, edges }) => {
    const nodes = labels.map((label, at) => `(n${at}${label} {x: ${at % 3}})`);
    const between = edges.map(({ from, to, type, w }) => `(n${from})-[:${type} {w: ${w}}]->(n${to})`);
    return `CREATE ${[...nodes, ...between].join(', ')}`;
  });

const pick = <T>(...items: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...items);

const relationship = fc
  .tuple(
    pick('-', '<-'),
    pick('', '', ':R', ':R', ':S', ':R|S', ':!R'),
    pick('', '', '', ' {w: 1}'),
    pick('-', '->'),
  )
  .map(([left, type, map, right]) => `${left}[${type}${map}]${left === '<-' ? '-' : right}`);

/** Names stand for places of the pattern, so a name that comes twice closes a circle or makes a star. */
const pattern = fc
  .tuple(
    fc.array(fc.array(relationship, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 2 }),
    fc.array(pick('', '', '', ':A', ':B', ':A&!B'), { minLength: 9, maxLength: 9 }),
    fc.array(fc.nat(11), { minLength: 9, maxLength: 9 }),
  )
  .filter(([paths]) => paths.flat().length <= 4)
  .map(([paths, labels, draws]) => {
    const names: string[] = [];
    const node = (): string => {
      const draw = draws.pop() ?? 0;
      const known = draw < 2 ? names[draw] : undefined;
      if (known !== undefined) return `(${known})`;
      names.push(`p${names.length}`);
      return `(${names.at(-1)}${labels.pop() ?? ''})`;
    };
    const texts = paths.map((hops) => hops.reduce((text, hop) => `${text}${hop}${node()}`, node()));
    return { text: texts.join(', '), names };
  });

const query = fc
  .tuple(
    pattern,
    pick('', '', 'x >= 1', 'x <> $one', 'x = 1', 'x IS NOT NULL OR p0:A'),
    fc.nat(99),
    fc.nat(4),
  )
  .map(([{ text, names }, condition, which, what]) => {
    const name = names[which % names.length] ?? 'p0';
    const where = condition === '' ? '' : ` WHERE ${condition.replace(/^x/, `${name}.x`)}`;
    const counted = ['*', '*', name, `DISTINCT ${names[0]}`, `DISTINCT ${names.at(-1)}`][what] ?? '*';
    return `MATCH ${text}${where} RETURN count(${counted})`;
  });

describe('the same numbers as in memory', () => {
  test('for generated patterns', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(graph, fc.array(query, { minLength: 8, maxLength: 8 }), async (create, queries) => {
        const memory = new MemoryGraph();
        await executeInMemory(memory, create, IN_MEMORY);
        await emptyGraph(opened.database);
        await runQuery(opened.database, create, PARAMETERS);
        for (const text of queries) {
          const { rows } = await executeInMemory(memory, text, IN_MEMORY);
          expect(await run(text), `${create}\n${text}`).toBe(rows[0]?.[0]);
        }
      }),
      { numRuns: 80, seed: 20_261_121 },
    );
  });

  test.each([
    // A loop cannot be passed twice in a row, and a relationship not back and forth.
    ['MATCH ()-->()-->() RETURN count(*)', 8n],
    ['MATCH ()--()--() RETURN count(*)', 20n],
    ['MATCH (a)-->(b)<--(c) RETURN count(*)', 4n],
    ['MATCH ()-[:R]->()-[:S]->() RETURN count(*)', 2n],
    ['MATCH (a), (b) RETURN count(*)', 9n],
    ['MATCH ()-->()-->(c) RETURN count(DISTINCT c)', 3n],
    ['MATCH (a {x: 0})--()--(c) RETURN count(DISTINCT c)', 3n],
  ])('%s', async (text, expected) => {
    const create =
      'CREATE (a {x: 0})-[:R]->(b {x: 1}), (a)-[:R]->(b), (b)-[:S]->(c {x: 2}), (a)-[:R]->(a), (c)-[:R]->(a)';
    const memory = new MemoryGraph();
    await executeInMemory(memory, create, IN_MEMORY);
    await emptyGraph(opened.database);
    await runQuery(opened.database, create, PARAMETERS);
    expect((await executeInMemory(memory, text, IN_MEMORY)).rows).toEqual([[expected]]);
    expect(await run(text)).toBe(expected);
  });
});

describe('a hub', () => {
  beforeAll(async () => {
    await emptyGraph(opened.database);
    await runQuery(
      opened.database,
      'CREATE (hub:Hub) WITH hub UNWIND range(1, 2000) AS n CREATE (hub)-[:R]->(:Leaf {n: n})-[:R]->(hub)',
      PARAMETERS,
    );
  });

  test('whose ways nobody could count one by one', async () => {
    // In and out 2,000 ways each at the hub, one at each leaf; three hops start and end at a leaf or at the hub.
    expect(await run('MATCH ()-[:R]->()-[:R]->() RETURN count(*)')).toBe(2000n * 2000n + 2000n);
    expect(await run('MATCH (a:Leaf)-->(:Hub)-->(b:Leaf) RETURN count(*)')).toBe(4_000_000n);
    expect(await run('MATCH (a)<--(h:Hub)-->(b), (h)-->(c) RETURN count(*)')).toBe(2000n * 1999n * 1998n);
    expect(await run('MATCH (a:Leaf), (b:Leaf), (c:Leaf), (d:Leaf) RETURN count(*)')).toBe(2000n ** 4n);
  });

  test('and more than an INTEGER holds is an error with its name', async () => {
    const text = `MATCH ${['a', 'b', 'c', 'd', 'e', 'f'].map((name) => `(${name}:Leaf)`).join(', ')} RETURN count(*)`;
    const failed = await run(text).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(FacetError);
    expect(failed).toMatchObject({ code: 'NUMERIC_OUT_OF_RANGE' });
  });
});
