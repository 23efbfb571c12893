/**
 * EXISTS, COUNT, COLLECT and CALL for many rows at once: what memory gives row by row, and as few questions to
 * PostgreSQL as there are batches.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { executeInMemory } from '../../src/cypher/run/memory/execute.ts';
import { MemoryGraph } from '../../src/cypher/run/memory/memory-graph.ts';
import type { Row } from '../../src/cypher/run/row.ts';
import { runQuery } from '../../src/models/graph/index.ts';
import { openTestStore, type TestStore } from '../support/test-store.ts';
import { describeValue, textOf } from '../tck/value-text.ts';

const GRAPH = `CREATE (a:P {x: 1, s: 'a'}), (b:P {x: 2}), (c:P:Q {x: 3, s: 'c'}), (d:Q), (e:P {x: 0.0 / 0.0}),
  (a)-[:R {w: 1}]->(b), (a)-[:R {w: 2}]->(b), (a)-[:S]->(a), (b)-[:R {w: 1}]->(c), (c)-[:S {w: 3}]->(d),
  (d)-[:R]->(a), (c)-[:R {w: 2}]->(c)`;

const IN_MEMORY = { random: () => 0.5 };

let opened: TestStore;
const memory = new MemoryGraph();
beforeAll(async () => {
  opened = await openTestStore();
  await executeInMemory(memory, GRAPH, IN_MEMORY);
  await runQuery(opened.database, GRAPH, { parameters: new Map() });
});
afterAll(() => opened.close());

/** In any order, or the error that it ends with. */
async function outcome(run: Promise<{ readonly rows: readonly Row[] }>): Promise<unknown> {
  try {
    return (await run).rows.map((row) => row.map((value) => textOf(describeValue(value)))).sort();
  } catch (error) {
    return error instanceof Error ? error.message : error;
  }
}

async function same(text: string): Promise<void> {
  const expected = await outcome(executeInMemory(memory, text, IN_MEMORY));
  const actual = await outcome(runQuery(opened.database, text, { parameters: new Map() }));
  expect(actual, text).toEqual(expected);
}

const BODIES = [
  '(n)-->()',
  '(n)-[:R]->(m) WHERE m.x > n.x',
  'MATCH (n)-[r:R {w: 1}]-(m)',
  'MATCH (n)-[r:R {w: n.x}]->(m:P)',
  'MATCH (n:Q)',
  'MATCH (n {x: 3})-->()',
  'MATCH (m {x: n.x})',
  'MATCH (m) WHERE m.x = n.x',
  'MATCH (m:P) WHERE m.s = n.s OR m.x IN [n.x, 1]',
  'MATCH (m)-->(n)-->(m)',
  'MATCH (n)-->(m), (m)-->(k) WHERE k <> n',
  'MATCH (n)-[r*1..2]->(m) WHERE size(r) > 1',
  'MATCH p = (n)-->() WHERE length(p) = 1',
  'MATCH (n)-->(m) MATCH (m)-->(k)',
  'MATCH (n)-->(m) OPTIONAL MATCH (m)-[:S]->(k)',
  'MATCH (n)-->(m) WHERE EXISTS { (m)-[:S]->() }',
  'MATCH (n)-->(m) WHERE COUNT { (m)-->(k) WHERE k.x > n.x } > 0',
  'MATCH (n)-->(m {x: COUNT { (n)-->() }})',
  'MATCH (m) WHERE m.s STARTS WITH n.s',
  'MATCH (m) WHERE m.x / (n.x - 2) > 0',
  'MATCH (k)-[n]->()',
];
const IMPORTS = [
  'MATCH (n)',
  'MATCH (n:P)',
  'OPTIONAL MATCH (n:Nobody)',
  'MATCH (n) WITH n ORDER BY n.x LIMIT 1',
  'MATCH ()-->(n)',
  'UNWIND [1, null] AS one OPTIONAL MATCH (n:P {x: one})',
];

describe('subqueries over many rows', () => {
  it.each(BODIES)('%s', async (body) => {
    for (const before of IMPORTS) {
      const whole = body.startsWith('MATCH') ? body : `MATCH ${body}`;
      await same(`${before} RETURN n, EXISTS { ${body} } AS found`);
      await same(`${before} RETURN n, COUNT { ${body} } AS found`);
      await same(`${before} WITH n WHERE EXISTS { ${whole} RETURN n } RETURN n`);
      await same(`${before} RETURN n, COUNT { ${whole} RETURN n.x / 0 } AS found`);
      await same(`${before} WITH n, COLLECT { ${whole} RETURN n.x } AS found RETURN n, found`);
      await same(`${before} CALL (n) { ${whole} RETURN n.x AS y } RETURN n, y`);
      await same(`${before} CALL { WITH n ${whole} RETURN n.x AS y, n AS z } RETURN n, y, z`);
      await same(`${before} OPTIONAL CALL (*) { ${whole} RETURN n.s AS y } RETURN n, y`);
    }
  });

  it('keep the order of what they find for a row, and the rows in theirs', async () => {
    const text =
      'UNWIND [3, 1, 2] AS x MATCH (n:P {x: x}) CALL (n) { MATCH (n)-->(m) RETURN m.x AS y } RETURN x';
    const { rows } = await runQuery(opened.database, text, { parameters: new Map() });
    const order = rows.map(([x]) => Number(x));
    expect([...new Set(order)]).toEqual([3, 1, 2]);
    expect(order).toEqual([3, 3, 1, 1, 1, 2]);
  });

  it('see what the query has changed before', async () => {
    const text = `MATCH (n:P) WITH collect(n) AS all FOREACH (one IN all | CREATE (one)-[:NEW]->(:Made))
      WITH all UNWIND all AS n RETURN sum(COUNT { (n)-[:NEW]->(:Made) }) AS made, count(*) AS rows`;
    await expect(
      opened.database.inTransaction(async (transaction) => {
        const { rows } = await runQuery(opened.database, text, { parameters: new Map(), transaction });
        expect(rows).toEqual([[4n, 4n]]);
        throw new Error('back');
      }),
    ).rejects.toThrow('back');
  });

  it('combine as they like', async () => {
    const body = fc.constantFrom(...BODIES.filter((one) => one.startsWith('MATCH')));
    const form = fc.constantFrom('EXISTS', 'COUNT');
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...IMPORTS),
        form,
        body,
        form,
        body,
        async (before, one, a, two, b) => {
          await same(`${before} RETURN n, ${one} { ${a} } AS p, ${two} { ${b} } AS q`);
          await same(`${before} WITH n WHERE NOT EXISTS { ${a} } RETURN n, ${two} { ${b} } AS q`);
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe('what they ask of PostgreSQL', () => {
  it.each([
    ['EXISTS', 'RETURN sum(CASE WHEN EXISTS { (n)-[:N]->() } THEN 1 ELSE 0 END) AS found', 1_000n],
    ['COUNT', 'RETURN sum(COUNT { (n)-[:N]->() }) AS found', 1_000n],
    ['COLLECT', 'RETURN sum(size(COLLECT { MATCH (n)-[:N]->(m) RETURN m })) AS found', 1_000n],
    ['CALL', 'CALL (n) { MATCH (n)-[:N]->(m) RETURN m } RETURN count(m) AS found', 1_000n],
    ['a predicate', 'WITH n WHERE (n)-[:N]->() RETURN count(n) AS found', 1_000n],
  ])('%s: one statement for each batch', async (_, rest, expected) => {
    const { database } = opened;
    const asked: string[] = [];
    const counting = new Proxy(database, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== 'function') return value;
        if (name !== 'run') return value.bind(target);
        return (...parameters: Parameters<typeof database.run>) => {
          asked.push(parameters[0].name);
          return target.run(...parameters);
        };
      },
    });
    await expect(
      database.inTransaction(async (transaction) => {
        const options = { parameters: new Map(), transaction };
        await runQuery(database, 'UNWIND range(1, 1000) AS x CREATE (:Many {x: x})-[:N]->(:One)', options);
        const { rows } = await runQuery(counting, `MATCH (n:Many) ${rest}`, options);
        expect(rows).toEqual([[expected]]);
        throw new Error('back');
      }),
    ).rejects.toThrow('back');
    expect(asked.filter((name) => /^graph\.(?:match|count)/.test(name)).length).toBe(2);
  });
});
