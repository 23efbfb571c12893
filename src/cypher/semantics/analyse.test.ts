/** What the run is told of a query that makes sense. */
import { describe, expect, it } from 'vitest';
import { analysed } from '../../../test/support/cypher-queries.ts';

describe('what the run gets', () => {
  it('knows the columns', () => {
    expect(analysed('MATCH (b)-[r]->(a) RETURN *, a.x, 1 AS one').columns).toEqual([
      'a',
      'b',
      'r',
      'a.x',
      'one',
    ]);
    expect(analysed('CREATE (n)').columns).toEqual([]);
    expect(analysed('CALL test.square(1)').columns).toEqual(['value', 'note']);
    expect(analysed('CALL db.labels() YIELD label AS l').columns).toEqual(['l']);
    expect(analysed('RETURN 1 AS a, 2 AS b UNION RETURN 1 AS b, 2 AS a').columns).toEqual(['a', 'b']);
  });

  it('knows whether a query writes', () => {
    expect(analysed('MATCH (n) RETURN n').writes).toBe(false);
    expect(analysed('CALL db.labels()').writes).toBe(false);
    expect(analysed('CALL test.write()').writes).toBe(true);
    expect(analysed('MATCH (n) CALL { WITH n SET n.x = 1 } RETURN n').writes).toBe(true);
    expect(analysed('FOREACH (x IN [1] | CREATE (:A))').writes).toBe(true);
    expect(analysed('RETURN 1 AS a UNION MERGE (a) RETURN a').writes).toBe(true);
  });

  it('knows what items aggregate and what they are grouped by', () => {
    const { projections } = analysed(
      'MATCH (n) RETURN n.x AS x, n.x + count(*) AS c, 3 AS d ORDER BY n.x + 1',
    );
    const [info] = projections.values();
    expect(info?.aggregating).toBe(true);
    expect(info?.items.map(({ aggregates }) => aggregates.length)).toEqual([0, 1, 0]);
    expect([...(info?.itemOf.values() ?? [])]).toEqual([0, 0]);
    expect(info?.sorting.names).toEqual(['x', 'c', 'd']);
  });

  it('knows the kinds of variables at each clause', () => {
    const { clauses } = analysed(
      'MATCH p = (a)-[r]->()-[s*]->() WITH *, a.x AS x MATCH (b) CREATE (c) RETURN c',
    );
    const [match, , , create] = [...clauses.values()];
    const kinds = (names: string): (string | undefined)[] =>
      [...names].map((name) => create?.before.kindOf(name));
    expect(match?.before.names).toEqual([]);
    expect(match?.after.names).toEqual(['a', 'r', 's', 'p']);
    expect(kinds('arspxbc')).toEqual([
      'node',
      'relationship',
      'relationship-list',
      'path',
      'value',
      'node',
      undefined,
    ]);
    expect(create?.after.kindOf('c')).toBe('node');
  });

  it('knows what patterns bind', () => {
    const { patterns } = analysed('MATCH (a) MATCH q = (a)-[r]->(b) WHERE (b)-->() RETURN [(b)-->(c) | c]');
    expect([...patterns.values()].map(({ binds }) => [...binds])).toEqual([
      ['a'],
      ['r', 'b', 'q'],
      [],
      ['c'],
    ]);
  });

  it('knows what is taken of a procedure', () => {
    const [info] = analysed('WITH 1 AS x CALL test.square(x) YIELD note AS n, value RETURN n').calls.values();
    expect(info?.yields).toEqual([
      { output: 1, variable: 'n' },
      { output: 0, variable: 'value' },
    ]);
    expect([...analysed('CALL test.square').calls.values()][0]?.parameters).toEqual(['base', 'times']);
  });

  it('does not copy scopes for each clause of a long query', () => {
    const text = Array.from({ length: 1_000 }, (_, at) => `CREATE (n${at})`).join(' ');
    const { clauses } = analysed(text);
    const last = [...clauses.values()].at(-1);
    expect(last?.after.names.length).toBe(1_000);
    expect(last?.before.typeOf('n999')).toBeUndefined();
  });
});
