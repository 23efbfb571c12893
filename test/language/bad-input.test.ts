/**
 * Queries that are too much: too deep, too long, too many rows, without an end. Each is refused by name in good time, the
 * graph is as before, and the next query is answered.
 */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { FacetError } from '../../src/base/index.ts';
import type { Value } from '../../src/cypher/index.ts';
import { runQuery } from '../../src/models/graph/index.ts';
import { openTestStore, type TestStore } from '../support/test-store.ts';

let store: TestStore;
beforeAll(async () => {
  store = await openTestStore();
  // Every node leads to every other one: the number of ways grows as a factorial.
  await run('UNWIND range(1, 12) AS i CREATE (:P {i: i})');
  await run('MATCH (a:P), (b:P) WHERE a.i <> b.i CREATE (a)-[:T]->(b)');
});
afterAll(() => store.close());
afterEach(async () => {
  const { rows } = await run('MATCH (n) RETURN count(n) AS n, COUNT { ()-->() } AS r');
  expect(rows).toEqual([[12n, 132n]]);
});

interface Options {
  readonly parameters?: Readonly<Record<string, Value>>;
  readonly timeoutMs?: number;
}

const run = (text: string, { parameters = {}, timeoutMs }: Options = {}) =>
  runQuery(store.database, text, {
    parameters: new Map(Object.entries(parameters)),
    procedures: new Map(),
    timeoutMs,
  });

async function refusal(text: string, options?: Options): Promise<FacetError> {
  try {
    await run(text, options);
  } catch (error) {
    if (error instanceof FacetError) return error;
    throw error;
  }
  throw new Error('the query was answered');
}

const DEPTH = 10_000;
const nested = (open: string, inner: string, close: string): string =>
  `RETURN ${open.repeat(DEPTH)}${inner}${close.repeat(DEPTH)} AS x`;

describe('nesting of ten thousand levels', () => {
  it.each([
    ['brackets', nested('(', '1', ')')],
    ['lists', nested('[', '', ']')],
    ['maps', nested('{a: ', '1', '}')],
    ['NOT', nested('NOT ', 'true', '')],
    ['signs', nested('- ', '1', '')],
    ['calls', nested('abs(', '1', ')')],
    ['CASE', nested('CASE WHEN true THEN ', '1', ' END')],
    ['comprehensions', nested('[x IN [1] | ', '1', ']')],
    ['indexes', `RETURN [1]${'[0]'.repeat(DEPTH)} AS x`],
    ['properties', `WITH {a: 1} AS m RETURN m${'.a'.repeat(DEPTH)} AS x`],
    ['subqueries', nested('COUNT { RETURN ', '1 AS x', ' }')],
    ['CALL', `${'CALL { '.repeat(DEPTH)}RETURN 1 AS x${' }'.repeat(DEPTH)} RETURN x`],
    ['FOREACH', `${'FOREACH (x IN [1] | '.repeat(DEPTH)}CREATE ()${')'.repeat(DEPTH)}`],
    ['labels', `MATCH (n:${'('.repeat(DEPTH)}A${')'.repeat(DEPTH)}) RETURN n`],
  ])('of %s is refused', async (_, text) => {
    const { code, message, position } = await refusal(text);
    expect([code, message, position]).toEqual([
      'INVALID_CYPHER',
      expect.stringMatching(/nest|deep/i),
      expect.any(Number),
    ]);
  });

  it('is none in a chain of AND', async () => {
    const text = Array.from({ length: DEPTH }, () => 'true').join(' AND ');
    expect((await run(`RETURN ${text} AS x`)).rows).toEqual([[true]]);
  });
});

describe('a query of a megabyte', () => {
  const MEGABYTE = 1_048_576;

  it('that is a string is answered', async () => {
    const text = `RETURN size('${'x'.repeat(MEGABYTE)}') AS n`;
    expect((await run(text)).rows).toEqual([[BigInt(MEGABYTE)]]);
  });

  it('that is a list is answered', async () => {
    const text = `RETURN size([${'1, '.repeat(MEGABYTE / 3)}1]) AS n`;
    expect((await run(text)).rows).toEqual([[BigInt(Math.floor(MEGABYTE / 3) + 1)]]);
  });

  it('with a mistake at its end is refused there', async () => {
    const text = `RETURN [${'1, '.repeat(MEGABYTE / 3)}1] AS`;
    const { code, position } = await refusal(text);
    expect([code, position]).toEqual(['INVALID_CYPHER', text.length + 1]);
  });
});

describe('a query without an end', () => {
  const timeoutMs = 400;

  it.each([
    ['ways of any length', 'MATCH p = (:P)-[*]->() RETURN count(p) AS n'],
    [
      'a cartesian product',
      'MATCH (a), (b), (c), (d), (e), (f), (g), (h) WHERE a.i + h.i = -1 RETURN count(*) AS n',
    ],
    [
      'rows out of rows',
      'UNWIND range(1, 1000000) AS a UNWIND range(1, 1000000) AS b RETURN sum(a * b) AS n',
    ],
    [
      'a loop in an expression',
      'RETURN reduce(s = 0, x IN range(1, 1000000) | s + size([y IN range(1, 1000) WHERE y > x])) AS n',
    ],
    [
      'a subquery for each row',
      'UNWIND range(1, 1000000) AS a CALL (a) { MATCH (n) RETURN count(n) AS c } RETURN sum(c) AS n',
    ],
    [
      'writes without an end',
      'UNWIND range(1, 1000000) AS a UNWIND range(1, 1000000) AS b CREATE (:Q {a: a, b: b})',
    ],
  ])('ends in time: %s', async (_, text) => {
    const { code } = await refusal(text, { timeoutMs });
    expect(['QUERY_TIMEOUT', 'LIMIT_EXCEEDED', 'RESULT_TOO_LARGE']).toContain(code);
  });

  it.each([
    ['a list', 'RETURN range(1, 9223372036854775807) AS x'],
    ['a string', "RETURN reduce(s = 'x', i IN range(1, 60) | s + s) AS x"],
    [
      'a collection',
      'UNWIND range(1, 2000) AS a UNWIND range(1, 2000) AS b WITH collect(a) AS l RETURN size(l) AS x',
    ],
    ['a list of lists', 'RETURN reduce(l = [1, 2], i IN range(1, 60) | l + l) AS x'],
  ])('has a limit to the size of %s', async (_, text) => {
    expect((await refusal(text, { timeoutMs: 20_000 })).code).toBe('LIMIT_EXCEEDED');
  });
});

describe('parameters', () => {
  it.each([
    ['a map for a property', 'CREATE (:A {x: $p})', new Map([['a', 1n]]), 'CYPHER_TYPE_ERROR'],
    ['text for a number', 'RETURN 1 - $p AS x', 'a', 'CYPHER_TYPE_ERROR'],
    ['a number for properties', 'CREATE (n:A $p)', 1n, 'CYPHER_TYPE_ERROR'],
    ['text for SKIP', 'RETURN 1 AS x SKIP $p', 'a', 'INVALID_CYPHER'],
    ['a fraction for LIMIT', 'RETURN 1 AS x LIMIT $p', 1.5, 'INVALID_CYPHER'],
    ['a list of lists for a property', 'CREATE (:A {x: $p})', [[1n]], 'CYPHER_TYPE_ERROR'],
    ['a number for a map', 'MATCH (n) SET n += $p', 1n, 'CYPHER_TYPE_ERROR'],
  ])('%s is refused', async (_, text, p: Value, code) => {
    expect((await refusal(text, { parameters: { p } })).code).toBe(code);
  });
});
