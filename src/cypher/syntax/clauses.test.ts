/** Each clause in its forms, and the words that are no clauses here. */
import { describe, expect, it } from 'vitest';
import type { Clause } from './ast.ts';
import { parse } from './parse.ts';

function clausesOf(text: string): readonly Clause[] {
  const { body } = parse(text);
  return body.kind === 'query' ? (body.parts[0]?.clauses ?? []) : [];
}

/** The first clause of a query that is sound with `RETURN 1` behind it. */
const first = (text: string): Clause | undefined => clausesOf(`${text} RETURN 1`)[0];

const variable = (name: string): object => ({ kind: 'variable', name });
const integer = (value: bigint): object => ({ kind: 'literal', value });

describe('reading clauses', () => {
  it('MATCH and OPTIONAL MATCH', () => {
    expect(first('MATCH (a), (b)-->(c) WHERE a.x')).toMatchObject({
      kind: 'match',
      optional: false,
      patterns: [{ nodes: [{}] }, { nodes: [{}, {}] }],
      where: { kind: 'property' },
      span: { start: 0, end: 30 },
    });
    expect(first('optional match (a)')).toMatchObject({
      optional: true,
      where: undefined,
      span: { start: 0 },
    });
  });

  it('UNWIND', () => {
    expect(first('UNWIND [1] + 2 AS x')).toMatchObject({
      kind: 'unwind',
      list: { kind: 'binary' },
      variable: variable('x'),
    });
  });

  it('WITH and RETURN', () => {
    expect(
      first('WITH DISTINCT *, a AS b ORDER BY a DESC, b ASCENDING, c SKIP 1 LIMIT $n WHERE b'),
    ).toMatchObject({
      kind: 'with',
      distinct: true,
      star: true,
      items: [{ expression: variable('a'), alias: 'b', name: 'b' }],
      orderBy: [{ descending: true }, { descending: false }, { descending: false }],
      skip: integer(1n),
      limit: { kind: 'parameter' },
      where: variable('b'),
    });
    expect(clausesOf('RETURN *')).toMatchObject([
      { kind: 'return', star: true, items: [], orderBy: [], skip: undefined },
    ]);
    expect(clausesOf('RETURN 1 AS order ORDER BY order OFFSET 2')).toMatchObject([
      { items: [{ alias: 'order' }], orderBy: [{ expression: variable('order') }], skip: integer(2n) },
    ]);
  });

  it.each([
    ['cOuNt( * )', ['cOuNt( * )']],
    ['aVg(    n.aGe     ) , ( 1 )+2', ['aVg(    n.aGe     )', '( 1 )+2']],
    ['(a)', ['(a)']],
    [
      "{foo: a.name='Andres', kids: collect(child.name)}",
      ["{foo: a.name='Andres', kids: collect(child.name)}"],
    ],
    ['`a b` , n . `x y` // c', ['`a b`', 'n . `x y`']],
    ['n:A', ['n:A']],
  ])('names the columns of RETURN %s', (items, names) => {
    const [clause] = clausesOf(`RETURN ${items}\n`);
    expect(clause?.kind === 'return' && clause.items.map(({ name }) => name)).toEqual(names);
  });

  it('CALL of a procedure', () => {
    expect(first('CALL a.b.c(1, $x) YIELD d, e AS f WHERE d')).toMatchObject({
      kind: 'call-procedure',
      name: 'a.b.c',
      optional: false,
      arguments: [integer(1n), { kind: 'parameter' }],
      yields: [
        { field: 'd', variable: variable('d') },
        { field: 'e', variable: variable('f') },
      ],
      where: variable('d'),
    });
    expect(clausesOf('CALL p')).toMatchObject([{ name: 'p', arguments: undefined, yields: undefined }]);
    expect(clausesOf('CALL p() YIELD *')).toMatchObject([{ arguments: [], yields: '*' }]);
    expect(clausesOf('CALL p() YIELD -')).toMatchObject([{ yields: [] }]);
    expect(first('OPTIONAL CALL p()')).toMatchObject({ optional: true });
  });

  it('CALL of a subquery', () => {
    expect(first('CALL { RETURN 2 AS a UNION RETURN 3 AS a }')).toMatchObject({
      kind: 'call-subquery',
      optional: false,
      imports: undefined,
      query: { parts: [{}, {}], unions: ['UNION'] },
    });
    expect(first('CALL (a, b) { CREATE () }')).toMatchObject({ imports: [variable('a'), variable('b')] });
    expect(first('OPTIONAL CALL (*) { RETURN 2 AS a }')).toMatchObject({ imports: '*', optional: true });
    expect(first('CALL () { RETURN 2 AS a }')).toMatchObject({ imports: [] });
  });
});

describe('writing clauses', () => {
  it('CREATE', () => {
    expect(clausesOf('CREATE p = (a)-[:T]->(b), (c)')).toMatchObject([
      { kind: 'create', patterns: [{ variable: variable('p') }, { nodes: [{}] }] },
    ]);
    expect(clausesOf('CREATE index = ()')).toMatchObject([{ kind: 'create' }]);
  });

  it('MERGE', () => {
    expect(
      clausesOf('MERGE (a) ON CREATE SET a.x = 1, a.y = 2 ON MATCH SET a:B ON CREATE SET a = {}'),
    ).toMatchObject([
      {
        kind: 'merge',
        pattern: { nodes: [{}] },
        onCreate: [{}, {}, { kind: 'replace' }],
        onMatch: [{ kind: 'labels' }],
      },
    ]);
  });

  it('SET', () => {
    const [clause] = clausesOf(
      'SET n.a.b = 1, (n).c = 2, n[$k] = 3, n = {}, n += $m, n:A:B, n :C, head(xs).d = 4',
    );
    expect(clause).toMatchObject({
      kind: 'set',
      items: [
        { kind: 'property', target: { key: 'b', object: { key: 'a' } }, value: integer(1n) },
        { kind: 'property', target: { key: 'c', object: variable('n') } },
        { kind: 'dynamic-property', target: { index: { kind: 'parameter' } } },
        { kind: 'replace', variable: variable('n') },
        { kind: 'merge', variable: variable('n') },
        { kind: 'labels', variable: variable('n'), labels: ['A', 'B'], span: { start: 54, end: 59 } },
        { kind: 'labels', labels: ['C'] },
        { kind: 'property', target: { key: 'd', object: { kind: 'call' } } },
      ],
    });
  });

  it('REMOVE', () => {
    expect(clausesOf('REMOVE n.a, n[k], n:A:B')).toMatchObject([
      {
        kind: 'remove',
        items: [
          { kind: 'property', target: { key: 'a' } },
          { kind: 'dynamic-property', target: { index: variable('k') } },
          { kind: 'labels', labels: ['A', 'B'] },
        ],
      },
    ]);
  });

  it('DELETE', () => {
    expect(clausesOf('DELETE a, b.c DETACH DELETE d NODETACH DELETE e')).toMatchObject([
      { kind: 'delete', detach: false, expressions: [variable('a'), { kind: 'property' }] },
      { kind: 'delete', detach: true },
      { kind: 'delete', detach: false },
    ]);
    expect(clausesOf('DELETE n:Person')).toMatchObject([{ expressions: [{ kind: 'label-test' }] }]);
  });

  it('FOREACH', () => {
    expect(clausesOf('FOREACH (x IN [1] | CREATE (:A {k: x}) FOREACH (y IN x | SET y.a = 1))')).toMatchObject(
      [
        {
          kind: 'foreach',
          variable: variable('x'),
          clauses: [{ kind: 'create' }, { kind: 'foreach', clauses: [{ kind: 'set' }] }],
        },
      ],
    );
  });
});

describe('a wrong clause', () => {
  it.each([
    ['LOAD CSV FROM "x" AS r RETURN r', 'UnexpectedSyntax', /LOAD CSV is not supported/],
    ['USE g RETURN 1', 'UnexpectedSyntax', /USE is not supported/],
    [
      'CALL { RETURN 1 AS a } IN TRANSACTIONS RETURN a',
      'UnexpectedSyntax',
      /IN TRANSACTIONS is not supported/,
    ],
    ['CREATE UNIQUE (a)-[:R]->(b)', 'UnexpectedSyntax', /CREATE UNIQUE is not supported/],
    ['MATCH (n) USING INDEX n:A(b) RETURN n', 'UnexpectedSyntax', /USING is not supported/],
    ['START n = node(1) RETURN n', 'UnexpectedSyntax', /START is not supported/],
    ['UNWIND [1] RETURN 1', 'UnexpectedSyntax', /Unexpected 'RETURN' .* expected an operator or AS/],
    ['MERGE (a) ON SET a.x = 1', 'UnexpectedSyntax', /expected CREATE or MATCH/],
    ['SET 1 = 2', 'UnexpectedSyntax', /Only variables and properties/],
    ['SET n', 'UnexpectedSyntax', /expected '\.', ':', '\+=' or '='/],
    ['SET n:$(l)', 'UnexpectedSyntax', /computed is not supported/],
    ['SET n.a += 1', 'UnexpectedSyntax', /expected '\.' or '='/],
    ['REMOVE n', 'UnexpectedSyntax', /a property, or ':'/],
    ['FOREACH (x IN [1] | MATCH (a))', 'InvalidClauseComposition', /MATCH cannot stand in FOREACH/],
    ['FOREACH (x IN [1] | )', 'UnexpectedSyntax', /expected a clause that writes/],
    ['MATCH (n) RETURN n LIMIT 5 SKIP 2', 'UnexpectedSyntax', /Unexpected 'SKIP'/],
    ['OPTIONAL CREATE ()', 'UnexpectedSyntax', /expected MATCH or CALL/],
    ['CALL 1', 'UnexpectedSyntax', /the name of a procedure/],
  ])('%s', (text, reason, message) => {
    expect(() => parse(text)).toThrow(
      expect.objectContaining({ reason, message: expect.stringMatching(message) }),
    );
  });
});
