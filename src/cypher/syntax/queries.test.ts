/** UNION, subqueries, and the order of clauses. */
import { describe, expect, it } from 'vitest';
import { parse } from './parse.ts';

describe('a query', () => {
  it('of several parts', () => {
    const { body } = parse('RETURN 1 AS a UNION RETURN 2 AS a UNION DISTINCT RETURN 3 AS a');
    expect(body).toMatchObject({ kind: 'query', parts: [{}, {}, {}], unions: ['UNION', 'UNION'] });
    expect(parse('RETURN 1 AS a UNION ALL RETURN 2 AS a').body).toMatchObject({ unions: ['UNION ALL'] });
  });

  it.each([
    'MATCH (a) CREATE (b)',
    'CREATE (a) MATCH (b) RETURN b',
    'MATCH (a) CALL p(a)',
    'MATCH (a) CALL (a) { SET a.x = 1 }',
    'CALL p() YIELD a RETURN a',
    'WITH 1 AS x RETURN x',
    'RETURN EXISTS { MATCH (a) }',
    'RETURN COUNT { MATCH (a) WITH a LIMIT 1 }',
    'RETURN EXISTS { (a)-->(b), (c) WHERE a.x }',
    'RETURN COUNT { p = (a)-->() }',
    'RETURN EXISTS { shortestPath((a)-[*]->(b)) }',
    'RETURN EXISTS { MATCH (a) RETURN a UNION MATCH (b) RETURN b }',
    'RETURN EXISTS { CALL { MATCH (a) RETURN a } RETURN a }',
  ])('%s', (text) => {
    expect(parse(text).body.kind).toBe('query');
  });

  it.each([
    ['MATCH (n)', /cannot end with MATCH/],
    ['UNWIND [1] AS x', /cannot end with UNWIND/],
    ['WITH 1 AS x', /cannot end with WITH/],
    ['MATCH (n) UNION MATCH (m) RETURN m', /cannot end with MATCH/],
    ['CALL { MATCH (n) } RETURN 1', /cannot end with MATCH/],
    ['RETURN 1 RETURN 2', /RETURN ends a query/],
    ['RETURN 1 MATCH (n) RETURN n', /RETURN ends a query/],
    ['RETURN 1 AS a UNION RETURN 2 AS a UNION ALL RETURN 3 AS a', /cannot be mixed/],
    ['RETURN EXISTS { MATCH (n) SET n.x = 1 }', /SET cannot stand in EXISTS/],
    ['RETURN COUNT { CALL { CREATE (a) } RETURN 1 }', /CREATE cannot stand in COUNT/],
    ['RETURN COLLECT { MATCH (a) }', /COLLECT \{ } ends with RETURN/],
  ])('not %s', (text, message) => {
    expect(() => parse(text)).toThrow(
      expect.objectContaining({
        reason: 'InvalidClauseComposition',
        message: expect.stringMatching(message),
      }),
    );
  });

  it.each([
    'CALL p() YIELD * RETURN a',
    'MATCH (a) CALL p() YIELD *',
    'CALL { CALL p() YIELD * } RETURN 1',
  ])('not with YIELD * inside: %s', (text) => {
    expect(() => parse(text)).toThrow(
      expect.objectContaining({ reason: 'UnexpectedSyntax', message: expect.stringMatching(/YIELD \*/) }),
    );
  });

  it('may write behind a subquery that only reads', () => {
    expect(parse('MATCH (a) WHERE EXISTS { (a)-->() } SET a.x = 1').body.kind).toBe('query');
  });
});
