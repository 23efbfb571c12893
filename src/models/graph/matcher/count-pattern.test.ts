/** Which patterns are counted from degrees, which from their ends, and which match by match. */
import { describe, expect, test } from 'vitest';
import { prepare } from '../../../cypher/index.ts';
import { countSql } from './pattern-sql.ts';

const NO_INDEXES = {
  equalityIndex: () => undefined,
  rangeIndex: () => undefined,
  codePointOrder: true,
} as unknown as Parameters<typeof countSql>[2]['schema'];

/** The SQL that counts the matches of a MATCH; of different values of the name in `distinct`. */
function sqlOf(match: string, distinct?: string): string | undefined {
  const query = prepare(`${match} RETURN count(*)`, new Map());
  const plan = query.kind === 'query' ? query.steps[0]?.plan : undefined;
  if (plan === undefined) throw new Error('no pattern');
  const slot =
    distinct === undefined ? undefined : plan.paths[0]?.nodes.at(distinct === 'first' ? 0 : -1)?.slot;
  const given = [
    ...plan.conjuncts.flatMap(({ condition }) =>
      condition?.kind === 'test' && condition.right.kind === 'given' ? [condition.right.value] : [],
    ),
    ...plan.paths.flatMap(({ nodes }) =>
      nodes.flatMap(({ properties }) => (properties?.entries ?? []).map(({ value }) => value)),
    ),
  ];
  const kinds = new Map(given.map((value) => [value, 'number' as const]));
  return countSql(plan, slot, { schema: NO_INDEXES, kinds, single: true })?.text;
}

const isByDegrees = (sql: string | undefined): boolean => sql?.endsWith('::bigint') ?? false;

describe('from degrees', () => {
  test.each([
    'MATCH ()-->()-->()',
    'MATCH ()-[:R]->()-[:R]->()-[:R]->()',
    'MATCH (a:A)--(b)--(c:B)',
    'MATCH (a)-->(h)<--(b), (h)-->(c)',
    'MATCH (a)-[r]->(b)-->(c) WHERE a.x > 1 AND r.w < 2 AND c:C',
    'MATCH ()-[:R]->()-[:S]->()-[:T]->()-[:U]->()-[:V]->()',
    'MATCH (a:A), (b:B)',
  ])('%s', (match) => {
    expect(isByDegrees(sqlOf(match))).toBe(true);
  });

  test('hops of one type are corrected by the loops, hops of two types are not', () => {
    expect(sqlOf('MATCH ()-[:R]->()-[:R]->()')).toContain('+ -1 *');
    expect(sqlOf('MATCH ()-[:R]->()-[:S]->()')).not.toContain('-1 *');
  });

  test('no table of nodes where nothing is asked of them', () => {
    expect(sqlOf('MATCH ()-->()-->()')).not.toContain('graph.node');
    expect(sqlOf('MATCH ()-->(:A)-->()')).toContain('graph.node');
  });
});

describe('match by match', () => {
  test.each([
    ['one relationship', 'MATCH (a)-->(b)'],
    ['a search that begins with few nodes', 'MATCH (a {x: 1})-->()-->()'],
    ['the same in WHERE', 'MATCH (a)-->()-->() WHERE a.x = 1'],
    ['a condition on two nodes', 'MATCH (a)-->()-->(c) WHERE a <> c'],
    ['a circle', 'MATCH (a)-[:R]->()-[:S]->()-[:T]->(a)'],
    ['more relationships of one type than can be corrected', 'MATCH ()-->()-->()-->()-->()-->()'],
    [
      'more relationships than anybody writes',
      `MATCH ()${[...'ABCDEFGHI'].map((type) => `-[:${type}]->()`).join('')}`,
    ],
  ])('%s', (_, match) => {
    const sql = sqlOf(match);
    expect(sql).toBeDefined();
    expect(isByDegrees(sql)).toBe(false);
  });
});

describe('different end nodes of two hops', () => {
  test.each([
    ['MATCH (a {x: 1})-->()-->(c)', 'last'],
    ['MATCH (a)-->()-->(c {x: 1})', 'first'],
    ['MATCH (a)--()<--(c)', 'last'],
  ])('%s, the %s node', (match, end) => {
    expect(sqlOf(match, end)).toMatch(/min\(e\d\.id\) AS low/);
  });

  test('no relationship is kept apart from those of another type', () => {
    expect(sqlOf('MATCH (a)-[:R]->()-[:S]->(c)', 'last')).not.toContain('w.low');
  });

  test.each([
    'MATCH (a)-->(c)',
    'MATCH (a)-->()-->()-->(c)',
    'MATCH (a)-->(a)-->(c)',
    'MATCH (a)-->()-->(c) WHERE a <> c',
  ])('not %s', (match) => {
    const sql = sqlOf(match, 'last');
    expect(sql).toContain('count(DISTINCT');
    expect(sql).not.toContain(' AS low');
  });
});
