/** Patterns of MATCH, CREATE and MERGE. */
import { describe, expect, it } from 'vitest';
import type { PathPattern } from './ast.ts';
import { parse } from './parse.ts';

function patternsOf(text: string): readonly PathPattern[] {
  const { body } = parse(`MATCH ${text} RETURN 1`);
  const clause = body.kind === 'query' ? body.parts[0]?.clauses[0] : undefined;
  if (clause?.kind !== 'match') throw new Error('a MATCH');
  return clause.patterns;
}

const pathOf = (text: string): PathPattern => {
  const [path] = patternsOf(text);
  if (path === undefined) throw new Error('a path');
  return path;
};

const label = (name: string): object => ({ kind: 'label', name });

describe('a node', () => {
  it('may be empty', () => {
    expect(pathOf('()').nodes).toEqual([
      {
        variable: undefined,
        labels: undefined,
        properties: undefined,
        where: undefined,
        span: { start: 6, end: 8 },
      },
    ]);
  });

  it('has a variable, labels, properties and a condition', () => {
    expect(pathOf('(n:A {k: 1} WHERE n.x > 2)').nodes[0]).toMatchObject({
      variable: { name: 'n', span: { start: 7, end: 8 } },
      labels: label('A'),
      properties: { kind: 'map', entries: [{ key: 'k' }] },
      where: { kind: 'comparison' },
    });
    expect(pathOf('(n $p)').nodes[0]).toMatchObject({ properties: { kind: 'parameter', name: 'p' } });
  });

  it.each([
    ['(:A:B)', { kind: 'and', operands: [label('A'), label('B')] }],
    ['(:A&B|C)', { kind: 'or', operands: [{ kind: 'and', operands: [label('A'), label('B')] }, label('C')] }],
    ['(:!(A|B))', { kind: 'not', operand: { kind: 'or', operands: [label('A'), label('B')] } }],
    ['(:%)', { kind: 'wildcard' }],
    ['(n IS A|B)', { kind: 'or', operands: [label('A'), label('B')] }],
    ['(:`a b`:Match)', { kind: 'and', operands: [label('a b'), label('Match')] }],
  ])('%s has its labels', (text, labels) => {
    expect(pathOf(text).nodes[0]?.labels).toEqual(labels);
  });

  it('may be called by a keyword', () => {
    expect(
      patternsOf('(match), (where), (end:End), (order {limit: 1})').map(
        ({ nodes }) => nodes[0]?.variable?.name,
      ),
    ).toEqual(['match', 'where', 'end', 'order']);
    expect(pathOf('(WHERE true)').nodes[0]).toMatchObject({
      variable: undefined,
      where: { kind: 'literal' },
    });
  });
});

describe('a relationship', () => {
  it.each([
    ['-->', 'right'],
    ['<--', 'left'],
    ['--', 'both'],
    ['<-->', 'both'],
    ['-[]->', 'right'],
    ['<-[]-', 'left'],
    ['-[]-', 'both'],
    ['<-[]->', 'both'],
    ['< - [ ] -', 'left'],
  ])('%s points %s', (arrow, direction) => {
    expect(pathOf(`(a)${arrow}(b)`).relationships).toMatchObject([{ direction }]);
  });

  it.each([
    ['[*]', { min: undefined, max: undefined }],
    ['[*2]', { min: 2, max: 2 }],
    ['[*1..3]', { min: 1, max: 3 }],
    ['[*1..]', { min: 1, max: undefined }],
    ['[*..3]', { min: undefined, max: 3 }],
    ['[*..]', { min: undefined, max: undefined }],
    ['[*0..0]', { min: 0, max: 0 }],
    ['[r:A|B*2..1 {k: 1}]', { min: 2, max: 1 }],
    ['[r]', undefined],
  ])('%s has its length', (detail, length) => {
    expect(pathOf(`(a)-${detail}->(b)`).relationships[0]?.length).toEqual(length);
  });

  it('has a variable, types, properties and a condition', () => {
    expect(pathOf('()-[r:A|:B {k: $v} WHERE r.x]->()').relationships[0]).toMatchObject({
      variable: { name: 'r' },
      types: { kind: 'or', operands: [label('A'), label('B')] },
      properties: { kind: 'map' },
      where: { kind: 'property' },
      length: undefined,
      span: { start: 8, end: 37 },
    });
  });
});

describe('a path', () => {
  it('may have a name, parentheses and a chain', () => {
    const path = pathOf('p = ((a)-->(b)<--(c))');
    expect(path).toMatchObject({ variable: { name: 'p' }, shortest: undefined });
    expect(path.nodes.map(({ variable }) => variable?.name)).toEqual(['a', 'b', 'c']);
    expect(path.relationships.map(({ direction }) => direction)).toEqual(['right', 'left']);
  });

  it('may be the shortest', () => {
    expect(patternsOf('p = shortestPath((a)-[*]->(b)), ALLSHORTESTPATHS(((a)-->(b)))')).toMatchObject([
      { variable: { name: 'p' }, shortest: 'shortestPath', nodes: [{}, {}] },
      { variable: undefined, shortest: 'allShortestPaths', nodes: [{}, {}] },
    ]);
  });

  it('may be long', () => {
    expect(pathOf(`()${'-[:A]->()'.repeat(50_000)}`).nodes).toHaveLength(50_001);
  });
});

describe('a wrong pattern', () => {
  it.each([
    ['(a)-[:T..]->(b)', 'InvalidRelationshipPattern', /begins with an asterisk/],
    ['(a)-[:T*-2]->(b)', 'InvalidRelationshipPattern', /negative/],
    ['(a)-[*1..-2]->(b)', 'InvalidRelationshipPattern', /negative/],
    ['(a)-[*1.5]->(b)', 'InvalidRelationshipPattern', /INTEGER/],
    ['(a)-[*$n]->(b)', 'InvalidRelationshipPattern', /no parameter/],
    ['a', 'UnexpectedSyntax', /expected a node/],
    ['(a)-->b', 'UnexpectedSyntax', /expected a node/],
    ['(a)->(b)', 'UnexpectedSyntax', /Unexpected '>' .* expected '\[' or '-'/],
    ['(a)-[r>(b)', 'UnexpectedSyntax', /Unexpected '>' .* expected '\]'/],
    ['(a b)', 'UnexpectedSyntax', /Unexpected 'b' .* expected '\)'/],
    ['(a:)', 'UnexpectedSyntax', /expected a label/],
    ['(a:$l)', 'UnexpectedSyntax', /A label that is computed is not supported/],
    ['(a:$(l))', 'UnexpectedSyntax', /A label that is computed is not supported/],
    ['((a)-->(b)){2}', 'UnexpectedSyntax', /quantified part of a path is not supported/],
    ['(a)-->+(b)', 'UnexpectedSyntax', /quantifier behind a relationship is not supported/],
    ['p = ANY SHORTEST (a)-->(b)', 'UnexpectedSyntax', /path selector ANY is not supported/],
    ['shortestPath((a)-[*]->(b)', 'UnexpectedSyntax', /expected a relationship or '\)'/],
  ])('%s', (text, reason, message) => {
    expect(() => parse(`MATCH ${text} RETURN 1`)).toThrow(
      expect.objectContaining({ reason, message: expect.stringMatching(message) }),
    );
  });
});
