/**
 * Conditions of MATCH in SQL: the same answers as without SQL, for generated conditions on values of all types, with
 * and without indexes; and the index is what PostgreSQL uses.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CypherError, prepare, type Value } from '../../src/cypher/index.ts';
import { executeInMemory } from '../../src/cypher/run/memory/execute.ts';
import { MemoryGraph } from '../../src/cypher/run/memory/memory-graph.ts';
import { type Database, openStore, type Store } from '../../src/engine/index.ts';
import { explain, runQuery, type Segment } from '../../src/models/graph/index.ts';
import { openTestStore, type TestStore } from '../support/test-store.ts';

let opened: TestStore;
/** Where queries run; some tests put another one in its place. */
let database: Database;
beforeAll(async () => {
  opened = await openTestStore();
  database = opened.database;
});
afterAll(() => opened.close());

type Parameters = Readonly<Record<string, Value>>;

const run = async (text: string, parameters: Parameters = {}): Promise<readonly (readonly Value[])[]> =>
  (await runQuery(database, text, { parameters: new Map(Object.entries(parameters)) })).rows;

async function planOf(text: string, parameters: Parameters = {}): Promise<readonly Segment[]> {
  const query = prepare(text, new Map());
  if (query.kind === 'command') throw new Error('a command');
  return explain(database, query, { parameters: new Map(Object.entries(parameters)) });
}

/** Values with corners: what is equal across types, what has no JSON, what sorts differently elsewhere. */
const LITERALS = [
  '0',
  '1',
  '1.0',
  '-1',
  '1.5',
  '2',
  '9007199254740993',
  '9007199254740992.0',
  '9007199254740992',
  '9007199254740991',
  '-0.0',
  '9223372036854775807',
  '1e308',
  '-1e308',
  '0.0 / 0.0',
  '1.0 / 0.0',
  '-1.0 / 0.0',
  "''",
  "'a'",
  "'ab'",
  "'B'",
  "'b'",
  "'é'",
  "'\\uFFFD'",
  "'\u{1F600}'",
  "'\u{1F600}x'",
  "'a\\u0000b'",
  // Around the length at which keys of indexes are cut, characters of two UTF-16 units among them.
  `'${'k'.repeat(63)}'`,
  `'${'k'.repeat(64)}'`,
  `'${'k'.repeat(65)}'`,
  `'${'k'.repeat(64)}l'`,
  `'${'k'.repeat(63)}\u{1F600}'`,
  `'${'k'.repeat(63)}\u{1F600}x'`,
  `'${'k'.repeat(63)}\u{1F601}'`,
  "'it\\'s \"q\" \\\\ %_'",
  'true',
  'false',
  "date('2020-01-01')",
  "datetime('2020-01-01T00:00Z')",
  "datetime('2020-01-01T01:00+01:00')",
  "duration('P1D')",
  'point({x: 1, y: 2})',
  '[]',
  '[1]',
  '[1.0]',
  "['a', 'b']",
  '[0.0 / 0.0]',
] as const;
const LONG = [`'${'a'.repeat(63)}b'`, `'${'a'.repeat(64)}b'`, `'${'a'.repeat(70)}'`] as const;

/** Some that only stand in queries. */
const ASKED = [
  ...LITERALS,
  ...LONG,
  'null',
  '{a: 1}',
  '[1, null]',
  '[[1]]',
  '$number',
  '$text',
  '$list',
  '$none',
];
const PARAMETERS: Parameters = { number: 1n, text: 'ab', list: [1n, 'ab', null, 2.5], none: null };

const CREATE = [...LITERALS, ...LONG]
  .map((literal, at) => `(:${at % 2 === 0 ? 'A' : 'A:B'} {k: ${at}, p: ${literal}, q: ${at % 3}})`)
  .join(', ');
const SETUP = [
  `CREATE ${CREATE}, (:A {k: 100}), (:B {k: 101, q: 1}), ({k: 102, p: 1})`,
  `MATCH (a:A), (b:A) WHERE a.k % 7 = b.k % 5 AND a.k < b.k AND a.k % 3 = 0
   CREATE (a)-[:R {w: a.p, k: a.k * 1000 + b.k}]->(b)`,
  'MATCH (a:A), (b:A) WHERE a.k % 11 = 0 AND b.k % 13 = 0 CREATE (a)-[:S {w: b.p, k: -a.k * 1000 - b.k}]->(b)',
];

const pick = <T>(items: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...items);
const value = pick(ASKED);
const property = pick(['n.p', 'n.p', 'n.q', 'n.k', 'n.missing', 'm.p', 'r.w', 'r.k']);
const leaf: fc.Arbitrary<string> = fc.oneof(
  fc.tuple(property, pick(['=', '<>', '<', '<=', '>', '>=']), value).map((parts) => parts.join(' ')),
  fc.tuple(value, pick(['=', '<>', '<', '<=', '>', '>=']), property).map((parts) => parts.join(' ')),
  fc.tuple(property, pick(['STARTS WITH', 'ENDS WITH', 'CONTAINS']), value).map((parts) => parts.join(' ')),
  fc
    .tuple(property, fc.array(value, { maxLength: 4 }))
    .map(([left, items]) => `${left} IN [${items.join(', ')}]`),
  fc.tuple(property, pick(['$list', '$none', 'null'])).map(([left, list]) => `${left} IN ${list}`),
  fc.tuple(property, pick(['IS NULL', 'IS NOT NULL'])).map((parts) => parts.join(' ')),
  fc.tuple(value, property, value).map(([low, left, high]) => `${low} <= ${left} < ${high}`),
  pick([
    'n:A',
    'm:B',
    'n:A&!B',
    'r:R',
    'n = m',
    'n <> m',
    'n.p = m.p',
    'n.p <> m.p',
    'n.q = m.q',
    'n.k < m.k',
    "type(r) = 'R'",
    "type(r) IN ['S', 'T']",
    'id(n) = id(m)',
    'id(n) = 3',
    'id(n) IN [1, 2, 3.0, null]',
    "elementId(n) = '4'",
    "elementId(m) IN ['4', 'x', '05']",
    'size(n.p) = 2',
    'rand() >= 0',
    '(n)-[:S]->()',
    'EXISTS { (m)-->(:B) }',
    'true',
    'null',
  ]),
);
const condition: fc.Arbitrary<string> = fc.letrec<{ tree: string }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    fc.tuple(tie('tree'), tie('tree')).map(([left, right]) => `(${left} AND ${right})`),
    fc.tuple(tie('tree'), tie('tree')).map(([left, right]) => `(${left} OR ${right})`),
    tie('tree').map((inner) => `NOT (${inner})`),
  ),
})).tree;

const NODES = /\b(m|r)[.:]|\b(m|r)\b/;

/** The pattern must have the names that the condition uses. */
const queryOf = (where: string, shape: number): string => {
  const needsPath = NODES.test(where);
  const result = needsPath ? 'RETURN n.k AS a, m.k AS b, r.k AS c' : 'RETURN n.k AS a';
  if (!needsPath) {
    return [
      `MATCH (n) WHERE ${where} ${result}`,
      `MATCH (n:A) WHERE ${where} ${result}`,
      `MATCH (n:A WHERE ${where}) ${result}`,
      `MATCH (n) WHERE n:B AND ${where} RETURN count(*) AS a`,
      `UNWIND [1, 2] AS x OPTIONAL MATCH (n:B) WHERE ${where} RETURN n.k AS a, x`,
      `MATCH (n:A) WHERE ${where} RETURN count(*) AS a`,
    ][shape % 6] as string;
  }
  return [
    `MATCH (n)-[r]->(m) WHERE ${where} ${result}`,
    `MATCH (n:A)-[r:R]->(m:A) WHERE ${where} ${result}`,
    `MATCH (n:A)-[r]-(m) WHERE ${where} ${result}`,
    `MATCH (n:A) OPTIONAL MATCH (n)-[r:S]->(m) WHERE ${where} ${result}`,
    `MATCH (m:A)<-[r:R]-(n:A) WHERE ${where} RETURN count(DISTINCT n) AS a`,
    `MATCH (m:B) WITH m ORDER BY m.k LIMIT 6 MATCH (n)-[r]->(m) WHERE ${where} ${result}`,
  ][shape % 6] as string;
};

type Answer = { readonly rows: readonly string[] } | { readonly error: string };

const shown = (rows: readonly (readonly Value[])[]): readonly string[] =>
  rows.map((row) => row.map(String).join('|')).sort();

async function answer(work: () => Promise<readonly (readonly Value[])[]>): Promise<Answer> {
  try {
    return { rows: shown(await work()) };
  } catch (error) {
    if (error instanceof CypherError) return { error: error.type };
    throw error;
  }
}

const INDEXES = [
  'CREATE INDEX FOR (n:A) ON (n.p)',
  'CREATE INDEX FOR (n:B) ON (n.q, n.p)',
  'CREATE CONSTRAINT FOR (n:A) REQUIRE n.k IS UNIQUE',
  'CREATE INDEX FOR ()-[r:R]-() ON (r.w)',
];

describe('the same answers as without SQL', () => {
  const memory = new MemoryGraph();
  const inMemory = async (text: string): Promise<readonly (readonly Value[])[]> =>
    (
      await executeInMemory(memory, text, {
        parameters: new Map(Object.entries(PARAMETERS)),
        random: () => 0.5,
      })
    ).rows;

  beforeAll(async () => {
    for (const text of SETUP) {
      await inMemory(text);
      await run(text);
    }
    expect(await run('MATCH ()-[r]->() RETURN count(*)')).toEqual(
      await inMemory('MATCH ()-[r]->() RETURN count(*)'),
    );
  });

  const compared = (seed: number): Promise<void> =>
    fc.assert(
      fc.asyncProperty(condition, fc.nat(5), async (where, shape) => {
        const text = queryOf(where, shape);
        const [mine, reference] = await Promise.all([
          answer(() => run(text, PARAMETERS)),
          answer(() => inMemory(text)),
        ]);
        // An error belongs to a row that SQL may have left out.
        if ('error' in reference && 'rows' in mine) return;
        expect(mine, text).toEqual(reference);
      }),
      { seed, numRuns: 500 },
    );

  /** Everything against everything, by the operators that are pushed. */
  async function allPairs(): Promise<void> {
    const wrong: string[] = [];
    for (const operator of ['=', '<>', '<', '<=', '>', '>=', 'STARTS WITH', 'ENDS WITH', 'CONTAINS']) {
      for (const asked of ASKED) {
        const text = `MATCH (n:A) WHERE n.p ${operator} ${asked} RETURN n.k AS a`;
        const [mine, reference] = await Promise.all([
          answer(() => run(text, PARAMETERS)),
          answer(() => inMemory(text)),
        ]);
        if (JSON.stringify(mine) !== JSON.stringify(reference)) wrong.push(text);
      }
    }
    expect(wrong).toEqual([]);
  }

  test('of all pairs of values', allPairs);
  test('of generated conditions', () => compared(20_261_121));

  describe('with indexes', () => {
    let careful: Store;
    beforeAll(async () => {
      for (const text of INDEXES) await run(text);
      // So few rows are read faster without an index. New sessions know of it, so they are another store's.
      await opened.admin(`ALTER DATABASE ${opened.name} SET enable_seqscan = off`);
      careful = await openStore(opened.uri, { observe: () => {} });
      database = await careful.namespace('default');
    });
    afterAll(async () => {
      database = opened.database;
      await careful.stop();
    });

    test('which PostgreSQL does use', async () => {
      const [first] = await planOf("MATCH (n:A) WHERE n.p > 'a' RETURN n");
      const { rows } = await database.runUser(`EXPLAIN ${first?.sql}`, ['"a"', '"a"']);
      expect(rows.map(([line]) => line).join('\n')).toContain('schema_1');
    });
    test('of all pairs of values', allPairs);
    test('of generated conditions', () => compared(20_261_122));
    test('of values that other rows give', async () => {
      const text = `MATCH (m:A) MATCH (n:A) WHERE n.p = m.p OR n.p > m.p RETURN n.k AS a, m.k AS b`;
      expect(shown(await run(text))).toEqual(shown(await inMemory(text)));
      const equal = 'MATCH (m:A) MATCH (n:A {p: m.p}) RETURN n.k AS a, m.k AS b';
      expect(shown(await run(equal))).toEqual(shown(await inMemory(equal)));
    });
  });
});

describe('what is pushed', () => {
  const pushed = async (where: string, parameters: Parameters = {}): Promise<string | undefined> => {
    const [first] = await planOf(`MATCH (n:Thing)-[r]->(m) WHERE ${where} RETURN n, r, m`, parameters);
    return first?.conditions.map(({ pushdown }) => pushdown).join();
  };

  test.each([
    ['n.p = 1 AND n.q = $x AND m.p IS NULL AND m:B', 'exact,exact,exact,exact'],
    ['n.p < 1 AND n.p <> 2 AND n = m AND id(n) = 1', 'exact,exact,exact,exact'],
    ["n.p IN [1, 'a', null] AND n.p STARTS WITH 'a' AND n.p = m.p", 'exact,superset,superset'],
    ['n.p IN [1, [2]] AND n.p IN [0.0 / 0.0]', 'superset,superset'],
    ['n.p = 1 OR m.p > 2', 'exact'],
    ['n.p = 1 OR size(m.p) > 2', 'none'],
    ['(n.p = 1 AND size(n.p) = 1) OR m.p = 2', 'superset'],
    ['NOT n.p = 1 AND NOT n.p < 1', 'exact,none'],
    ['n.p = rand() AND (n)-->() AND n.p + 1 = 2', 'none,none,none'],
    ['n.p < true AND n.p <> [1]', 'none,none'],
  ])('%s', async (where, outcome) => {
    expect(await pushed(where, { x: 1n })).toBe(outcome);
  });

  test('a value of an earlier clause is open until it is known', async () => {
    const segments = await planOf('MATCH (m:A) WITH m MATCH (n:A) WHERE n.p > m.p RETURN n');
    expect(segments.map(({ operator }) => operator)).toEqual(['match', 'with', 'match', 'return']);
    expect(segments[2]?.conditions).toEqual([{ text: 'n.p > m.p', pushdown: 'open' }]);
  });

  test('EXPLAIN shows it', async () => {
    const rows = await run("EXPLAIN MATCH (n:Thing) WHERE n.p = 1 AND n.p =~ 'x' RETURN n");
    expect(rows.map(([operator]) => operator)).toEqual(['MATCH', 'RETURN']);
    expect(rows[0]?.[1]).toContain("condition (exact): n.p = 1\ncondition (none): n.p =~ 'x'");
    expect(rows[0]?.[2]).toContain(`props -> 'p' = $1::jsonb`);
  });
});

describe('20,000 nodes', () => {
  beforeAll(async () => {
    await run(
      `UNWIND range(1, 20000) AS n
      CREATE (:Big {number: n, name: 'name ' + toString(n), 'odd key': n % 100, email: 'e' + toString(n)})`.replace(
        "'odd key'",
        '`odd key`',
      ),
    );
    await run(
      'MATCH (a:Big) WHERE a.number % 10 = 0 MATCH (b:Big {number: 1}) CREATE (a)-[:Link {at: a.number}]->(b)',
    );
    await run('CREATE INDEX number FOR (n:Big) ON (n.number)');
    await run('CREATE INDEX name FOR (n:Big) ON (n.name)');
    await run('CREATE CONSTRAINT email FOR (n:Big) REQUIRE n.email IS UNIQUE');
    await run('CREATE INDEX at FOR ()-[r:Link]-() ON (r.at)');
  }, 120_000);

  const plan = async (text: string, sent: readonly string[]): Promise<string> => {
    const [first] = await planOf(text);
    const { rows } = await opened.database.runUser(`EXPLAIN ${first?.sql}`, sent);
    return rows.map(([line]) => line).join('\n');
  };

  const indexOf = async (name: string): Promise<string> => {
    const [row] = await opened.admin('SELECT id FROM graph.schema_entry WHERE name = $1', [name]);
    return `schema_${row?.[0]}`;
  };

  test.each([
    ['MATCH (n:Big {number: 77}) RETURN n', 'number', ['77']],
    ['MATCH (n:Big) WHERE n.number = 77 RETURN n', 'number', ['77']],
    ['MATCH (n) WHERE n.number = 77 AND n:Big RETURN n', 'number', ['77']],
    ['MATCH (n:Big) WHERE n.number > 19990 RETURN n', 'number', ['19990']],
    ['MATCH (n:Big) WHERE 10 <= n.number < 20 RETURN n', 'number', ['10', '20']],
    ['MATCH (n:Big) WHERE n.number IN [1, 2, 3] RETURN n', 'number', ['{1,2,3}', '{1,2,3}']],
    ["MATCH (n:Big) WHERE n.name STARTS WITH 'name 777' RETURN n", 'name', ['"name 777"', '"name 777"']],
    ["MATCH (n:Big) WHERE n.name >= 'name 9999' RETURN n", 'name', ['"name 9999"', '"name 9999"']],
    ["MATCH (n:Big) WHERE n.email = 'e5' RETURN n", 'email', ['"e5"', '"e5"']],
    ["MATCH (n:Big {email: 'e5'})-->(m) RETURN m", 'email', ['"e5"', '"e5"']],
    ['MATCH ()-[r:Link]->() WHERE r.at = 50 RETURN r', 'at', ['50']],
    ['MATCH (a)-[r:Link {at: 50}]-(b) RETURN a', 'at', ['50']],
  ] as const)('%s', async (text, index, sent) => {
    expect(await plan(text, sent)).toContain(await indexOf(index));
    const [first] = await planOf(text);
    expect(first?.indexes).toEqual([index]);
  });

  test('nothing of an index where there is none', async () => {
    const [first] = await planOf('MATCH (n:Big) WHERE n.`odd key` = 1 RETURN n');
    expect(first?.sql).not.toContain('cy_');
    expect(await run('MATCH (n:Big) WHERE n.`odd key` = 1 RETURN count(*)')).toEqual([[200n]]);
  });

  test('the index is used once it exists, and no more when it is gone', async () => {
    const text = 'MATCH (n:Big) WHERE n.`odd key` = 1 RETURN count(n.name)';
    expect(await run(text)).toEqual([[200n]]);
    await run('CREATE INDEX odd FOR (n:Big) ON (n.`odd key`)');
    expect((await planOf(text))[0]?.indexes).toEqual(['odd']);
    expect(await run(text)).toEqual([[200n]]);
    await run('DROP INDEX odd');
    expect((await planOf(text))[0]?.indexes).toEqual([]);
    expect(await run(text)).toEqual([[200n]]);
  });
});
