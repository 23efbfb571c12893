/**
 * FIND against the same done naively: everything is read, tested and sorted here. The data have what decides between the
 * ways of a plan: conditions that few and that many pass, a node with very many edges, embeddings of things that are
 * none of the candidates.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LIMITS } from '../../../src/base/index.ts';
import { openStatements, type Statements } from './unified-support.ts';

const ITEMS = 1_500;
const DIMENSIONS = 4;
const ROLES = ['pilot', 'engineer', 'cook', 'p%t'];

interface Thing {
  readonly key: string;
  readonly role: string | null;
  readonly size: number | null;
  readonly vector: readonly number[] | undefined;
}

let state = 7;
/** Mulberry32, from 0 to 1. */
function random(): number {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
}
const below = (count: number) => Math.floor(random() * count);

const things = (table: string): Thing[] =>
  Array.from({ length: ITEMS }, (_, at) => ({
    key: `${table}:${at}`,
    role: random() < 0.1 ? null : (ROLES[below(ROLES.length)] ?? null),
    size: random() < 0.1 ? null : below(200),
    vector:
      random() < 0.2 ? undefined : Array.from({ length: DIMENSIONS }, () => Math.fround(random() * 2 - 1)),
  }));

const items = things('item');
const parts = things('part');
/** Keys by key, both ways. The first item is connected with more than are measured one by one. */
const neighbours = new Map<string, Set<string>>();
const edges: { from: string; to: string }[] = [];
function connect(from: string, to: string): void {
  edges.push({ from, to });
  for (const [a, b] of [
    [from, to],
    [to, from],
  ] as const) {
    neighbours.set(a, (neighbours.get(a) ?? new Set()).add(b));
  }
}
for (let at = 1; at <= 1_300; at++)
  connect(at % 2 === 0 ? 'item:0' : `item:${at}`, at % 2 === 0 ? `item:${at}` : 'item:0');
for (let count = 0; count < 600; count++) connect(`item:${1 + below(40)}`, `part:${below(300)}`);
for (let count = 0; count < 600; count++) connect(`item:${1 + below(40)}`, `item:${1 + below(ITEMS - 1)}`);

let db: Statements;
beforeAll(async () => {
  db = await openStatements();
  const properties = ({ key, role, size }: Thing) => ({ entity_key: key, role, size });
  await db.cypher('CREATE INDEX FOR (n:item) ON (n.entity_key)');
  await db.cypher('CREATE INDEX FOR (n:part) ON (n.entity_key)');
  for (const [label, list] of [
    ['item', items],
    ['part', parts],
  ] as const) {
    await db.cypher(`UNWIND $list AS one CREATE (n:${label}) SET n = one`, { list: list.map(properties) });
    const points = list.flatMap(({ key, vector }) => (vector === undefined ? [] : [{ key, vector }]));
    await db.embed('default', points);
  }
  await db.embed(
    'default',
    Array.from({ length: 50 }, (_, at) => ({ key: `ghost:${at}`, vector: [1, at / 50, 0, 0] })),
  );
  const ids = new Map((await db.cypher('MATCH (n) RETURN n.entity_key, id(n)')) as [string, bigint][]);
  const list = edges.map(({ from, to }) => ({ from: ids.get(from), to: ids.get(to) }));
  await db.cypher(
    'UNWIND $list AS one MATCH (a) WHERE id(a) = one.from MATCH (b) WHERE id(b) = one.to CREATE (a)-[:to]->(b)',
    { list },
  );
  await db.sql('CREATE TABLE part (id int PRIMARY KEY, role text, size int)');
  await db.sql('INSERT INTO part SELECT * FROM unnest($1::int[], $2::text[], $3::int[])', [
    parts.map((_, at) => at),
    parts.map(({ role }) => role),
    parts.map(({ size }) => size),
  ]);
}, 120_000);
afterAll(() => db.stop());

interface Test {
  readonly text: string;
  readonly passes: (thing: Thing) => boolean;
}

const text = (value: string | null) => (value === null ? 'NULL' : `'${value}'`);
const role = fc.constantFrom(...ROLES);
const size = fc.integer({ min: -1, max: 200 });

const leaf: fc.Arbitrary<Test> = fc.oneof(
  role.map((given) => ({ text: `role = ${text(given)}`, passes: (one: Thing) => one.role === given })),
  role.map((given) => ({ text: `role <> ${text(given)}`, passes: (one: Thing) => one.role !== given })),
  size.map((given) => ({ text: `size = ${given}`, passes: (one: Thing) => one.size === given })),
  size.map((given) => ({
    text: `size < ${given}`,
    passes: (one: Thing) => one.size !== null && one.size < given,
  })),
  size.map((given) => ({
    text: `size >= ${given}`,
    passes: (one: Thing) => one.size !== null && one.size >= given,
  })),
  fc.tuple(size, size).map(([a, b]) => ({
    text: `size BETWEEN ${a} AND ${b}`,
    passes: (one: Thing) => one.size !== null && one.size >= a && one.size <= b,
  })),
  fc.array(fc.option(role), { minLength: 1, maxLength: 3 }).map((list) => ({
    text: `role IN (${list.map(text).join(', ')})`,
    passes: (one: Thing) => list.includes(one.role),
  })),
  fc.boolean().map((negated) => ({
    text: `size IS ${negated ? 'NOT ' : ''}NULL`,
    passes: (one: Thing) => (one.size === null) !== negated,
  })),
  fc.constantFrom(
    { text: "role LIKE 'p%'", passes: (one: Thing) => one.role?.startsWith('p') === true },
    { text: "role LIKE '_oo_'", passes: (one: Thing) => one.role === 'cook' },
    { text: "role LIKE 'p\\\\%t'", passes: (one: Thing) => one.role === 'p%t' },
    { text: "role CONTAINS 'n'", passes: (one: Thing) => one.role?.includes('n') === true },
    { text: "role STARTS WITH 'p%'", passes: (one: Thing) => one.role === 'p%t' },
    { text: "role ENDS WITH 't'", passes: (one: Thing) => one.role?.endsWith('t') === true },
  ),
);

const { condition } = fc.letrec<{ condition: Test }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    leaf,
    tie('condition').map((part) => ({
      text: `NOT (${part.text})`,
      passes: (one: Thing) => !part.passes(one),
    })),
    fc.tuple(tie('condition'), tie('condition')).map(([a, b]) => ({
      text: `(${a.text} AND ${b.text})`,
      passes: (one: Thing) => a.passes(one) && b.passes(one),
    })),
    fc.tuple(tie('condition'), tie('condition')).map(([a, b]) => ({
      text: `(${a.text} OR ${b.text})`,
      passes: (one: Thing) => a.passes(one) || b.passes(one),
    })),
  ),
}));

const METRICS = {
  COSINE: (a: readonly number[], b: readonly number[]) => dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b)),
  EUCLIDEAN: (a: readonly number[], b: readonly number[]) =>
    1 / (1 + Math.sqrt(a.reduce((sum, x, at) => sum + (x - (b[at] ?? 0)) ** 2, 0))),
  DOT_PRODUCT: (a: readonly number[], b: readonly number[]) => dot(a, b),
};
const dot = (a: readonly number[], b: readonly number[]) =>
  a.reduce((sum, x, at) => sum + x * (b[at] ?? 0), 0);

const withVectors = items.filter(({ vector }) => vector !== undefined);
const likeness = fc.record({
  to: fc.oneof(
    fc
      .constantFrom(...withVectors.slice(0, 50))
      .map(({ key, vector }) => ({ text: `'${key}'`, vector: vector ?? [] })),
    fc
      .array(fc.integer({ min: -20, max: 20 }), { minLength: DIMENSIONS, maxLength: DIMENSIONS })
      .filter((list) => list.some((one) => one !== 0))
      .map((list) => ({ text: `[${list.join(', ')}]`, vector: list })),
  ),
  metric: fc.constantFrom('COSINE', 'EUCLIDEAN', 'DOT_PRODUCT'),
});

const find = fc.record({
  isRows: fc.boolean(),
  condition: fc.option(condition, { nil: undefined }),
  likeness: fc.option(likeness, { nil: undefined, freq: 4 }),
  connectedTo: fc.option(
    fc.oneof(
      fc.constant('item:0'),
      fc.nat(40).map((at) => `item:${at}`),
      fc.nat(300).map((at) => `part:${at}`),
    ),
    { nil: undefined },
  ),
  limit: fc.constantFrom(0, 1, 5, 30, 400),
  offset: fc.constantFrom(0, 0, 1, 7),
});

type Asked = typeof find extends fc.Arbitrary<infer T> ? T : never;

function statement({ isRows, condition, likeness, connectedTo, limit, offset }: Asked): string {
  const clauses = [
    isRows ? 'FIND ROWS FROM part' : 'FIND NODE item',
    condition === undefined ? '' : `WHERE ${condition.text}`,
    likeness === undefined ? '' : `SIMILAR TO ${likeness.to.text} METRIC ${likeness.metric}`,
    connectedTo === undefined ? '' : `CONNECTED TO '${connectedTo}'`,
    `LIMIT ${limit} OFFSET ${offset}`,
  ];
  return clauses.filter((clause) => clause !== '').join(' ');
}

/** Keys that pass, the best first, and how good they are. */
function naive({
  isRows,
  condition,
  likeness,
  connectedTo,
}: Asked): { key: string; score: number | undefined }[] {
  const passing = (isRows ? parts : items).filter(
    (one) =>
      (condition?.passes(one) ?? true) &&
      (connectedTo === undefined || neighbours.get(connectedTo)?.has(one.key) === true),
  );
  if (likeness === undefined) return passing.map(({ key }) => ({ key, score: undefined }));
  const measure = METRICS[likeness.metric];
  return passing
    .flatMap(({ key, vector }) =>
      vector === undefined ? [] : [{ key, score: measure(likeness.to.vector, vector) }],
    )
    .sort((a, b) => b.score - a.score);
}

async function compare(asked: Asked): Promise<void> {
  const { items: answer, description } = await db.run(statement(asked));
  const all = naive(asked);
  const expected = all.slice(asked.offset, asked.offset + asked.limit);
  const got: { key: string; score: number | undefined }[] = answer.map(
    (one: { key: string; fields: { entity_key: string }; score?: number }) => ({
      key: asked.isRows ? `part:${one.key}` : one.fields.entity_key,
      score: one.score,
    }),
  );
  expect(description).toContain(`Found ${expected.length} `);
  if (asked.likeness === undefined) {
    expect(got).toEqual(expected);
    return;
  }
  // Those that are as good as each other but for rounding come in any order.
  const scores = new Map(all.map(({ key, score }) => [key, score]));
  expect(new Set(got.map(({ key }) => key)).size).toBe(got.length);
  expect(got.length).toBe(expected.length);
  for (const [at, { key, score }] of got.entries()) {
    expect(scores.get(key)).toBeCloseTo(score ?? Number.NaN, 4);
    expect(score).toBeCloseTo(expected[at]?.score ?? Number.NaN, 4);
  }
}

test('random statements answer what a naive evaluation answers', async () => {
  await fc.assert(fc.asyncProperty(find, compare), { numRuns: 80, seed: 42 });
});

test('so they do with an index of the embeddings, whose neighbours are checked', async () => {
  await db.run('EMBED BUILD INDEX');
  const exact = find.filter(({ likeness, limit }) => likeness !== undefined && limit > 0);
  await fc.assert(
    fc.asyncProperty(exact, async (asked) => {
      const { items: answer } = await db.run(statement(asked));
      const all = naive(asked);
      const scores = new Map(all.map(({ key, score }) => [key, score]));
      // An approximate index may overlook some, and what it finds is right.
      expect(answer.length).toBe(all.slice(asked.offset, asked.offset + asked.limit).length);
      for (const { key, fields, score } of answer) {
        expect(scores.get(asked.isRows ? `part:${key}` : fields.entity_key)).toBeCloseTo(score, 4);
      }
    }),
    { numRuns: 40, seed: 42 },
  );
});

test('what many others are more similar than is found one by one', async () => {
  const crowd = Array.from({ length: LIMITS.vectorTopKMax + 1 }, (_, at) => ({
    key: `crowd:${at}`,
    vector: [1, at / 1e9, 0, 0],
  }));
  await db.embed('far', crowd.slice(1));
  await db.embed('far', crowd.slice(0, 1));
  const far = items.slice(0, 1_200).map(({ key }, at) => ({ key, vector: [0, 1, at / 2_000, 0] }));
  await db.embed('far', far);
  const { items: answer } = await db.run('FIND NODE item SIMILAR TO [1, 1, 0, 0] IN far LIMIT 3 OFFSET 1');
  expect(answer.map(({ fields }: { fields: { entity_key: string } }) => fields.entity_key)).toEqual([
    'item:1',
    'item:2',
    'item:3',
  ]);
});

test('the plans are the different ones', async () => {
  const plan = async (text: string) => (await db.run(`EXPLAIN ${text}`)).value as string;
  expect(await plan('FIND NODE item WHERE size = 5 SIMILAR TO [1, 0, 0, 0]')).toMatch(
    /^1\. filter: .*\n2\. vector: .* measured one by one/,
  );
  expect(await plan('FIND NODE item WHERE size >= 0 SIMILAR TO [1, 0, 0, 0]')).toMatch(
    /^1\. vector: .* more than 1000 pass\n2\. check: /,
  );
  expect(await plan("FIND NODE item SIMILAR TO [1, 0, 0, 0] CONNECTED TO 'item:5'")).toMatch(
    /^1\. graph: .*\n2\. filter: .*\n3\. vector: /,
  );
  expect(await plan("FIND NODE item WHERE size = 5 SIMILAR TO [1, 0, 0, 0] CONNECTED TO 'item:0'")).toMatch(
    /^1\. filter: .*\n2\. graph: .* more than 1000 edges\n3\. vector: /,
  );
  expect(await plan("FIND NODE item SIMILAR TO [1, 0, 0, 0] CONNECTED TO 'item:0'")).toMatch(
    /^1\. vector: .*\n2\. check: .*\n3\. check: an edge/,
  );
});
