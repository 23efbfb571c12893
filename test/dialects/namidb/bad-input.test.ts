/**
 * Bad input to a running server: each is answered with status, code, type and message, nothing of it is written, and
 * the next request is served. What the language itself refuses is in test/language; here is what comes by the wire.
 */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, startTestServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
  await cypher('CREATE CONSTRAINT one_id FOR (u:User) REQUIRE u.id IS UNIQUE');
  await cypher('CREATE CONSTRAINT named FOR (u:User) REQUIRE u.name IS NOT NULL');
  // Every node leads to every other one: the number of ways grows as a factorial.
  await cypher('UNWIND range(1, 12) AS i CREATE (:User {id: i, name: "u", day: date("2020-01-01")})');
  await cypher('MATCH (a:User), (b:User) WHERE a.id <> b.id CREATE (a)-[:T]->(b)');
});
afterAll(() => server.stop());
afterEach(async () => {
  const { status, json } = await cypher(
    'MATCH (n) RETURN count(n) AS n, sum(size(keys(n))) AS keys, COUNT { ()-->() } AS r',
  );
  expect([status, json.rows]).toEqual([200, [{ n: 12, keys: 36, r: 132 }]]);
});

const cypher = (query: string, timeoutMs?: number): Promise<Answer> =>
  server.post('/v0/cypher', { query, params: {}, ...(timeoutMs === undefined ? {} : { timeoutMs }) });

/** `params` is JSON text, so that any number can be written. */
const withParams = (query: string, params: string): Promise<Answer> =>
  server.post('/v0/cypher', `{"query":${JSON.stringify(query)},"params":${params}}`);

const DEPTH = 10_000;
const nested = (open: string, inner: string, close: string): string =>
  `CREATE (:Q {x: ${open.repeat(DEPTH)}${inner}${close.repeat(DEPTH)}})`;

describe('a query', () => {
  it.each([
    ['brackets', nested('(', '1', ')')],
    ['lists', nested('[', '1', ']')],
    ['NOT', nested('NOT ', 'true', '')],
    ['calls', nested('abs(', '1', ')')],
    ['subqueries', nested('COUNT { RETURN ', '1 AS x', ' }')],
    ['CALL', `${'CALL { '.repeat(DEPTH)}CREATE (:Q)${' }'.repeat(DEPTH)}`],
    [
      'patterns',
      `CREATE ${'(:Q)-[:T]->'.repeat(DEPTH)}(:Q) RETURN ${'('.repeat(DEPTH)}1${')'.repeat(DEPTH)}`,
    ],
  ])('of ten thousand levels of %s', async (_, query) => {
    const { status, json } = await cypher(query);
    expect([status, json.code, json.type]).toEqual([400, 'INVALID_CYPHER', 'SyntaxError']);
    expect(json.error).toMatch(/^parse error: .*(?:nest|deep).* at \[\d+\.\.\d+\)$/i);
  });

  it('of more than a megabyte', async () => {
    const { status, json } = await cypher(`CREATE (:Q {x: '${'x'.repeat(1_100_000)}'})`);
    expect([status, json.code]).toEqual([413, 'PAYLOAD_TOO_LARGE']);
    expect(json.error).toContain('(cypherTextBytesMax)');
  });

  it('of a megabyte with a mistake at its end', async () => {
    const { status, json } = await cypher(`CREATE (:Q {x: '${'x'.repeat(1_000_000)}'}) RETURN`);
    expect([status, json.code, json.line]).toEqual([400, 'INVALID_CYPHER', 1]);
    expect(json.column).toBeGreaterThan(1_000_000);
  });

  it.each([
    // [query, code, type, detail, line, column, message]
    [
      'CREATE (:Q) RETURN\n  frobnicate(1)',
      'INVALID_CYPHER',
      'SyntaxError',
      'UnknownFunction',
      2,
      3,
      'frobnicate',
    ],
    ['CREATE (:Q) RETURN left("a")', 'INVALID_CYPHER', 'SyntaxError', 'InvalidNumberOfArguments', 1, 20, '2'],
    ['CALL db.labels(1)', 'INVALID_CYPHER', 'SyntaxError', 'InvalidNumberOfArguments', 1, 1, 'db.labels'],
    ['CALL db.gone()', 'PROCEDURE_ERROR', 'ProcedureError', 'ProcedureNotFound', 1, 1, 'db.gone'],
    ['CREATE (:Q) RETURN $gone', 'PARAMETER_MISSING', 'ParameterMissing', 'MissingParameter', 1, 20, 'gone'],
    [
      'CREATE (:Q)\nRETURN 9223372036854775807 + size(keys({}))+ 1',
      'CYPHER_ARITHMETIC_ERROR',
      'ArithmeticError',
      'IntegerOverflow',
      2,
      8,
      '64-bit',
    ],
    ['RETURN 9223372036854775808', 'INVALID_CYPHER', 'SyntaxError', 'IntegerOverflow', 1, 8, ''],
    [
      'UNWIND [1, 0] AS x CREATE (:Q {y: 1 / x})',
      'CYPHER_ARITHMETIC_ERROR',
      'ArithmeticError',
      'DivideByZero',
      1,
      35,
      'zero',
    ],
    [
      'CREATE (:Q) WITH 1 % 0 AS x RETURN x',
      'CYPHER_ARITHMETIC_ERROR',
      'ArithmeticError',
      'DivideByZero',
      1,
      18,
      'zero',
    ],
    [
      'CREATE (:Q) WITH ["a"] AS l RETURN l.x',
      'CYPHER_TYPE_ERROR',
      'TypeError',
      'InvalidArgumentType',
      1,
      36,
      'x',
    ],
    [
      'MATCH (u:User) SET u.x = {a: 1}',
      'CYPHER_TYPE_ERROR',
      'TypeError',
      'InvalidPropertyType',
      1,
      20,
      'Map',
    ],
    [
      'CREATE (:Q) RETURN date("x")',
      'CYPHER_ARGUMENT_ERROR',
      'ArgumentError',
      'InvalidArgumentValue',
      1,
      20,
      "'x'",
    ],
    [
      'CREATE (:Q) WITH 1 AS x CALL algo.wcc({direction: "up"}) YIELD node RETURN node',
      'CYPHER_ARGUMENT_ERROR',
      'ArgumentError',
      'InvalidArgumentType',
      1,
      25,
      'direction',
    ],
    [
      'CREATE (:`a\0b`)',
      'CYPHER_ARGUMENT_ERROR',
      'ArgumentError',
      'InvalidArgumentValue',
      undefined,
      undefined,
      'NUL',
    ],
    [
      'CREATE (:Q)-[:`a\0b`]->(:Q)',
      'CYPHER_ARGUMENT_ERROR',
      'ArgumentError',
      'InvalidArgumentValue',
      undefined,
      undefined,
      'NUL',
    ],
    [
      'CREATE INDEX FOR (n:`a\0b`) ON (n.x)',
      'INVALID_CYPHER',
      'SyntaxError',
      'InvalidName',
      undefined,
      undefined,
      'NUL',
    ],
  ])('%j', async (query, code, type, detail, line, column, message) => {
    const { status, json } = await cypher(query);
    expect([status, json.code, json.type, json.detail, json.line, json.column]).toEqual([
      400,
      code,
      type,
      detail,
      line,
      column,
    ]);
    expect(`${json.error} ${json.hint}`).toContain(message);
  });

  it.each([
    [
      'MATCH (u:User {id: 1}) DELETE u',
      'DeleteConnectedNode',
      /^write execution failed: .*still has relationships/,
    ],
    ['CREATE (:Q), (:User {id: 1, name: "x"})', 'UniquenessViolation', /^write execution failed: .*'one_id'/],
    ['MATCH (u:User) SET u.id = 1', 'UniquenessViolation', /'one_id'/],
    ['CREATE (:Q), (:User {id: 99})', 'PropertyMissing', /'named'/],
    ['MATCH (u:User) REMOVE u.name', 'PropertyMissing', /'named'/],
  ])('against a constraint: %s', async (query, detail, message) => {
    const { status, json } = await cypher(query);
    expect([status, json.code, json.detail]).toEqual([409, 'GRAPH_CONSTRAINT_VIOLATION', detail]);
    expect(json.error).toMatch(message);
  });

  it.each([
    ['a list', 'CREATE (:Q) RETURN range(1, 9223372036854775807) AS x', 'cypherListItemsMax'],
    [
      'a string',
      "CREATE (:Q) RETURN reduce(s = 'x', i IN range(1, 60) | s + s) AS x",
      'cypherStringCharactersMax',
    ],
    [
      'rows',
      'UNWIND range(1, 2000) AS a UNWIND range(1, 2000) AS b WITH a, b ORDER BY a RETURN a',
      'cypherRowsHeldMax',
    ],
    ['a product', 'MATCH (a), (b), (c), (d), (e), (f) RETURN a.id, f.id', 'resultRowsMax'],
    ['a result', 'UNWIND range(1, 2000) AS a UNWIND range(1, 2000) AS b RETURN a', 'resultRowsMax'],
  ])('has a budget for %s, by name', async (_, query, limit) => {
    const { status, json } = await cypher(query);
    expect([status, ['LIMIT_EXCEEDED', 'RESULT_TOO_LARGE'].includes(json.code)]).toEqual([413, true]);
    expect(json.error).toContain(limit);
  });

  it.each([
    ['ways of any length', 'MATCH p = (:User)-[*]->() RETURN count(p) AS n'],
    [
      'a subquery for each row',
      'UNWIND range(1, 1000000) AS a CALL (a) { MATCH (n) RETURN count(n) AS c } RETURN sum(c)',
    ],
    [
      'subqueries that walk in circles',
      'MATCH (a) WHERE EXISTS { MATCH (a)-[*]->(b) WHERE EXISTS { MATCH (b)-[*]->(a) WHERE b.id < 0 } } RETURN a',
    ],
    ['a product', 'MATCH (a), (b), (c), (d), (e), (f), (g), (h) WHERE a.id + h.id = -1 CREATE (:Q)'],
  ])('without an end ends in time: %s', async (_, query) => {
    const { status, json } = await cypher(query, 300);
    expect([
      [504, 'QUERY_TIMEOUT'],
      [413, 'LIMIT_EXCEEDED'],
    ]).toContainEqual([status, json.code]);
    expect(json.error).toEqual(expect.any(String));
  });
});

describe('parameters of an impossible type', () => {
  const DATE = '{"@":"d","v":"2020-01-01"}';

  it.each([
    ['a map that looks like a stored date', 'CREATE (:Q {x: $p})', DATE, 'CYPHER_TYPE_ERROR', 'Map'],
    ['a list of such maps', 'CREATE (:Q {x: $p})', `[${DATE}]`, 'CYPHER_TYPE_ERROR', 'Map'],
    [
      'a map as a duration',
      'CREATE (:Q {x: duration($p)})',
      '{"@":"du","v":"P1D"}',
      'CYPHER_ARGUMENT_ERROR',
      '@',
    ],
    ['a date of text', 'CREATE (:Q {x: date($p)})', '{"year":"x"}', 'CYPHER_TYPE_ERROR', 'year'],
    ['a component of text', 'CREATE (:Q {x: $p.year})', '"2020-01-01"', 'CYPHER_TYPE_ERROR', 'year'],
    [
      'a year beyond all',
      'CREATE (:Q {x: date({year: $p})})',
      '9223372036854775807',
      'CYPHER_ARGUMENT_ERROR',
      'year',
    ],
    [
      'an id beyond 64 bits',
      'MATCH (n) WHERE id(n) = $p DETACH DELETE n',
      '9223372036854775808',
      'INVALID_VALUE',
      '64-bit',
    ],
    ['an integer below 64 bits', 'CREATE (:Q {x: $p})', '-9223372036854775809', 'INVALID_VALUE', '64-bit'],
    ['an integer of many digits', 'CREATE (:Q {x: $p})', '9'.repeat(10_000), 'INVALID_VALUE', '64-bit'],
    ['one deep inside', 'CREATE (:Q {x: $p})', '{"a":[[99999999999999999999]]}', 'INVALID_VALUE', '64-bit'],
    ['a number beyond all doubles', 'CREATE (:Q {x: $p})', '1e400', 'INVALID_VALUE', '1e400'],
    ['NaN', 'CREATE (:Q {x: $p})', 'NaN', 'INVALID_JSON', 'position'],
    ['Infinity', 'CREATE (:Q {x: $p})', '-Infinity', 'INVALID_JSON', 'position'],
    ['lists in lists', 'CREATE (:Q {x: $p})', '[[1]]', 'CYPHER_TYPE_ERROR', 'List'],
    ['null in a list', 'CREATE (:Q {x: $p})', '[1, null]', 'CYPHER_TYPE_ERROR', 'null'],
    [
      'too many levels',
      'CREATE (:Q {x: $p})',
      `${'['.repeat(200)}${']'.repeat(200)}`,
      'INVALID_JSON',
      'jsonDepthMax',
    ],
    ['far too many levels', 'CREATE (:Q {x: $p})', '{"a":'.repeat(100_000), 'INVALID_JSON', 'jsonDepthMax'],
    ['half of a surrogate pair', 'CREATE (:Q {x: $p})', '"\\ud800"', 'INVALID_JSON', 'surrogate'],
    ['text for a map', 'CREATE (:Q $p)', '"a"', 'CYPHER_TYPE_ERROR', 'map'],
    ['a negative SKIP', 'CREATE (:Q) RETURN 1 AS a SKIP $p', '-1', 'INVALID_CYPHER', 'SKIP'],
    ['a LIMIT with a fraction', 'CREATE (:Q) RETURN 1 AS a LIMIT $p', '1.5', 'INVALID_CYPHER', 'LIMIT'],
    ['text for a list', 'MATCH (n) WHERE n.id IN $p DETACH DELETE n', '"1"', 'CYPHER_TYPE_ERROR', 'IN'],
    [
      'no node at all',
      'CALL algo.shortestPath({source: $p})',
      '"99999999999999999999"',
      'CYPHER_ARGUMENT_ERROR',
      'source',
    ],
  ])('%s', async (_, query, value, code, message) => {
    const { status, json } = await withParams(query, `{"p":${value}${value.startsWith('{"a":{') ? '' : '}'}`);
    expect([status, json.code]).toEqual([400, code]);
    expect(json.error).toContain(message);
  });

  it.each([
    ['=', 'MATCH (n) WHERE n.day = $p RETURN n', DATE],
    ['a pattern', 'MATCH (n {day: $p}) RETURN n', DATE],
    ['IN', 'MATCH (n) WHERE n.day IN [$p] RETURN n', DATE],
    ['<', 'MATCH (n) WHERE n.day >= $p RETURN n', DATE],
    ['text', 'MATCH (n) WHERE n.day = $p RETURN n', '"2020-01-01"'],
    ['an id of text', 'MATCH (n) WHERE id(n) = $p RETURN n', '"1"'],
    ['an id that is too great', 'MATCH (n) WHERE id(n) IN $p RETURN n', '[1e300, "x", 9223372036854775807]'],
    ['an element id beyond 64 bits', 'MATCH (n) WHERE elementId(n) = $p RETURN n', '"99999999999999999999"'],
    ['a NUL', 'MATCH (n:User) WHERE n.name STARTS WITH $p RETURN n', '"\\u0000"'],
    ['a label with a NUL', 'CALL algo.wcc({labels: $p})', '"A\\u0000"'],
    [
      'a type with a NUL',
      'MATCH (n) CALL algo.degree({labels: $p, edge_types: $p}) YIELD node RETURN n',
      '["A\\u0000"]',
    ],
  ])('equals nothing that is stored: %s', async (_, query, value) => {
    const { status, json } = await withParams(query, `{"p":${value}}`);
    expect([status, json.rows]).toEqual([200, []]);
  });

  it('a string with a NUL is a string', async () => {
    const { json } = await withParams(
      'CREATE (q:Q {x: $p}) WITH q, q.x AS x DELETE q RETURN x, size(x) AS n',
      '{"p":"a\\u0000b"}',
    );
    expect(json.rows).toEqual([{ x: 'a\0b', n: 3 }]);
  });

  it('names that objects have anyway are none', async () => {
    const { status, json } = await withParams('RETURN $constructor', '{"__proto__":1}');
    expect([status, json.code]).toEqual([400, 'PARAMETER_MISSING']);
  });
});
