/** Aggregates, patterns, calls, and which clauses may stand where. */
import { describe, expect, it } from 'vitest';
import { all, analysed, verdict } from '../../../test/support/cypher-queries.ts';
import { CypherError } from '../cypher-error.ts';

describe('aggregates', () => {
  all('InvalidAggregation', [
    'MATCH (n) WHERE count(n) > 1 RETURN n',
    'MATCH (n) RETURN [x IN [1] | count(*)]',
    'MATCH (n) RETURN any(x IN [1] WHERE count(*) = x)',
    'MATCH (n) RETURN n.x ORDER BY max(n.y)',
    'MATCH (n) WITH n.x AS x ORDER BY count(*) RETURN x',
    'MATCH (n) WITH n.x AS x, count(*) AS c WHERE count(*) > 1 RETURN x',
    'MATCH (n) RETURN n.x AS x, count(*) AS c ORDER BY max(x)',
    'MATCH (n) SET n.x = count(*)',
    'UNWIND collect(1) AS x RETURN x',
    'CREATE ({x: count(*)})',
    'RETURN 1 LIMIT count(*)',
    'MATCH (n) CALL test.square(count(n)) YIELD value RETURN value',
  ]);
  all('NestedAggregation', ['RETURN count(count(*))', 'MATCH (n) RETURN sum(1 + max(n.x))']);
  all('NonConstantExpression', [
    'RETURN count(rand())',
    'RETURN collect([x IN [1] | rand()])',
    'RETURN max(randomUUID())',
    'MATCH (n) RETURN n SKIP n.x',
    'MATCH (n) RETURN n LIMIT n',
    'RETURN 1 LIMIT x',
  ]);
  all('AmbiguousAggregationExpression', [
    'MATCH (n) RETURN n.x + count(*)',
    'MATCH (n) RETURN n.x + n.y, n.x + n.y + count(*)',
    'MATCH (n) RETURN n.y, n.x + count(*)',
    'MATCH (n) RETURN [x IN collect(n) | x.y + n.y]',
    'MATCH (n) RETURN count(*) + size([(n)-->(m) | m])',
    'MATCH (n) RETURN count(*) + COUNT { (n)-->() }',
    'MATCH (n) WITH n.x + n.y, count(*) AS c ORDER BY n.x + n.y + count(*) RETURN c',
  ]);
  all('fine', [
    'MATCH (n) RETURN n.x, n.x + count(*)',
    'MATCH (n) RETURN n, n.x + count(*), {y: n.y, c: COUNT(*)}',
    'MATCH (n) RETURN n.x.y, n.x.y + count(*)',
    'MATCH (n) RETURN $p + 1 + count(*) + rand()',
    'MATCH (n) RETURN [x IN collect(n) | x.y]',
    'MATCH (n) RETURN n, count(*) + size([(n)-->(m) | m])',
    'MATCH (n) RETURN n, count(*) + COUNT { (n)-->(m) WHERE m.x = n.x }',
    'MATCH (n) RETURN n.x AS x, count(*) AS c ORDER BY n.x, x, c, count(*), x + Count(*)',
    'MATCH (n) RETURN n.x, 2 * count(*) AS c ORDER BY count(*)',
    'MATCH (n) RETURN n.x + n.y AS s, count(*) ORDER BY n.x + n.y',
    'MATCH (n) RETURN DISTINCT n.x ORDER BY n.x',
    'MATCH (n) RETURN DISTINCT n ORDER BY n.x',
    'MATCH (n) WITH n.x AS x, count(*) AS c WHERE n.x > 1 AND c > 1 RETURN x',
    'MATCH (n) WHERE EXISTS { MATCH (n)-->(m) WITH n.x + count(m) AS c WHERE c > 1 } RETURN n',
    'MATCH (n) RETURN collect(COUNT { MATCH (m) RETURN count(*) })',
    'MATCH (n) RETURN percentileCont(n.x, 0.5), stDevP(n.x), collect(DISTINCT n.x)',
  ]);
});

describe('patterns', () => {
  all('UnexpectedSyntax', [
    'MATCH (n) RETURN (n)-->()',
    'MATCH (n) WITH (n)-->() AS x RETURN x',
    'MATCH (n) RETURN size((n)-->())',
    'MATCH (n) SET n.x = (n)-->()',
    'MATCH (n) WHERE (n)-->() = true RETURN n',
    'MATCH p = shortestPath((a)-->()-->(b)) RETURN p',
    'CREATE (a:A|B)',
    "RETURN toUpper(DISTINCT 'a')",
  ]);
  all('InvalidParameterUse', [
    'MATCH (n $p) RETURN n',
    'MATCH ()-[r $p]->() RETURN r',
    'MERGE (n $p)',
    'MERGE ()-[r:T $p]->()',
  ]);
  all('NoSingleRelationshipType', [
    'CREATE ()-->()',
    'CREATE ()-[:A|B]->()',
    'MERGE ()-[r]->()',
    'MERGE ()-[:A|B]->()',
  ]);
  all('RequiresDirectedRelationship', ['CREATE ()-[:T]-()', 'CREATE ()<-[:T]->()']);
  all('CreatingVarLength', ['CREATE ()-[:T*2]->()', 'MERGE ()-[:T*]->()']);
  all('InvalidDelete', ['MATCH (n) DELETE n:A', 'MATCH ()-[r]->() DELETE r:T']);
  all('fine', [
    'MATCH (n) WHERE (n)-->() AND NOT (n)-[:T]-() OR exists((n)<--()) RETURN n',
    'MATCH (n) RETURN exists((n)-->()) AS e, CASE WHEN (n)-->() THEN 1 END AS c',
    'MATCH (n) RETURN [x IN [n] WHERE (x)-->() | x.y]',
    'CREATE (n $p)-[:T $q]->()',
    'MERGE (a)-[:T]-(b)',
    'CREATE (a:A:B)',
  ]);
});

describe('functions and procedures', () => {
  all('UnknownFunction', ['RETURN foo(1)', 'RETURN cuont(1)', 'RETURN a.b.c(1)']);
  all('InvalidNumberOfArguments', [
    'RETURN abs()',
    'RETURN abs(1, 2)',
    'RETURN coalesce()',
    'RETURN rand(1)',
    'RETURN count(1, 2)',
    'CALL test.square()',
    'CALL test.square(1, 2, 3)',
    'CALL db.labels(1)',
  ]);
  all('ProcedureError: ProcedureNotFound', ['CALL foo()', 'CALL db.label() YIELD label RETURN label']);
  all('InvalidArgumentPassingMode', [
    'CALL test.square YIELD value RETURN value',
    'MATCH (n) CALL test.nothing RETURN n',
  ]);
  it('says what may have been meant', () => {
    const hintOf = (text: string): string | undefined => {
      try {
        analysed(text);
      } catch (error) {
        if (error instanceof CypherError) return error.hint;
      }
      return undefined;
    };
    expect(hintOf('RETURN cuont(1)')).toBe('Did you mean count?');
    expect(hintOf('RETURN TOUPER(1)')).toBe('Did you mean toUpper?');
    expect(hintOf('MATCH (person) RETURN persn')).toBe('Did you mean person?');
    expect(hintOf('CALL db.lables()')).toBe('Did you mean db.labels?');
    expect(hintOf('RETURN quite_another()')).toBeUndefined();
  });
  it('refuses YIELD * in a query', () => {
    expect(verdict('CALL db.labels() YIELD * RETURN label')).toBe('UnexpectedSyntax');
    expect(verdict('CALL db.labels() YIELD *')).toBe('fine');
  });
  all('NegativeIntegerArgument', ['RETURN 1 SKIP -1', 'RETURN 1 LIMIT -1']);
});

describe('composition', () => {
  all('InvalidClauseComposition', [
    'MATCH (n)',
    'UNWIND [1] AS x',
    'WITH 1 AS x',
    'CREATE (n) MATCH (m) RETURN m',
    'MATCH (n) SET n.x = 1 UNWIND [1] AS x RETURN x',
    'FOREACH (x IN [1] | MATCH (n))',
    'MATCH (n) WHERE EXISTS { CREATE (:A) } RETURN n',
    'MATCH (n) WHERE COUNT { MATCH (n) SET n.x = 1 RETURN n } > 0 RETURN n',
    'MATCH (n) WHERE EXISTS { CALL test.write() } RETURN n',
    'RETURN COLLECT { RETURN 1 AS a, 2 AS b }',
    'RETURN 1 AS a UNION RETURN 2 AS a UNION ALL RETURN 3 AS a',
    'MATCH (n) CALL db.labels() YIELD label',
    'MATCH (n) CALL { RETURN 1 AS x }',
  ]);
  all('DifferentColumnsInUnion', [
    'RETURN 1 AS a UNION RETURN 1 AS b',
    'RETURN 1 AS a UNION ALL RETURN 1 AS a, 2 AS b',
    'RETURN 1 AS a UNION CREATE (n)',
  ]);
  all('fine', [
    'RETURN 1 AS a UNION RETURN 2 AS a UNION RETURN 3 AS a',
    'RETURN 1 AS a, 2 AS b UNION RETURN 1 AS b, 2 AS a',
    'CREATE (a) UNION CREATE (b)',
    'CALL db.labels',
    'CALL db.labels() YIELD label',
    'MATCH (n) CALL test.nothing()',
    'MATCH (n) CALL test.nothing() RETURN n',
    'FOREACH (x IN [1, 2] | CREATE (a {x: x}) SET a.y = x FOREACH (y IN [x] | MERGE (:B {y: y})))',
    'MERGE (a) ON CREATE SET a.x = 1 ON MATCH SET a.y = 2',
    'MATCH (n) DETACH DELETE n',
    'CREATE INDEX FOR (n:A) ON (n.x)',
  ]);
});
