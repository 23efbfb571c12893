/** Whole statements, errors and where they point, and texts that are deep or large. */
import { describe, expect, it } from 'vitest';
import { CypherError } from '../cypher-error.ts';
import { parse } from './parse.ts';

function errorOf(text: string): CypherError {
  try {
    parse(text);
  } catch (error) {
    if (error instanceof CypherError) return error;
    throw error;
  }
  throw new Error(`parses: ${text.slice(0, 80)}`);
}

describe('a statement', () => {
  it.each([
    ['RETURN 1', 'RUN'],
    ['explain RETURN 1;', 'EXPLAIN'],
    ['PROFILE\nRETURN 1 ; // done', 'PROFILE'],
  ])('%j', (text, mode) => {
    expect(parse(text)).toMatchObject({ mode, text, body: { kind: 'query' } });
  });
});

describe('an error', () => {
  it.each([
    ['RETURN foo(1,)', "Unexpected ')' at line 1, column 14: expected an expression", ')'],
    ['MATCH (n)\nRETURN n.\n', 'Unexpected end of the query at line 3, column 1: expected a key', ''],
    ['RETURN [1,\n  2 3]', "Unexpected '3' at line 2, column 5: expected ',' or ']'", '3'],
    ["RETURN 1 + 'a\nb", 'The string is not closed, at line 1, column 12', "'a\nb"],
    ['RETURN 42 — 41', "The character '—' means nothing in Cypher, at line 1, column 11", '—'],
    ['RETURN 9h', "'9h' is no number, at line 1, column 8", '9h'],
    ['RETURN {1B2c3e67: 1}', "Unexpected '1B2c3e67' at line 1, column 9: expected a key or '}'", '1B2c3e67'],
    [
      'RETURN 1 + 9223372036854775808',
      '9223372036854775808 does not fit into an INTEGER of 64 bits, at line 1, column 12',
      '9223372036854775808',
    ],
    ['RETURN (1', "Unexpected end of the query at line 1, column 10: expected an operator or ')'", ''],
    ['', 'Unexpected end of the query at line 1, column 1: expected a query', ''],
    ['EXPLAIN', 'Unexpected end of the query at line 1, column 8: expected a query', ''],
    ['RETURN any(x IN [1])', "Unexpected ')' at line 1, column 20: expected an operator or WHERE", ')'],
  ])('in %j', (text, message, pointedAt) => {
    const { span, ...error } = errorOf(text);
    expect(errorOf(text).message).toBe(message);
    expect(error).toMatchObject({
      type: 'SyntaxError',
      phase: 'compile time',
      position: (span?.start ?? -1) + 1,
    });
    expect(text.slice(span?.start, span?.end)).toBe(pointedAt);
  });

  it.each([
    ['RETURN {param}', /\$param/],
    ['RETURN {0}', /\$0/],
    ['RETURN 1 != 2', /<>/],
    ['RETURN 1 == 2', /written =/],
    ['RETURN a NOT IN b', /NOT x IN/],
    ['MATCH (n) RETRUN n', /Did you mean RETURN\?/],
    ['MATCH (n) RETURN n GROUP BY n', /no GROUP BY/],
    ['MATCH (n) WHERE RETURN n', /backticks/],
    ['RETURN 1; RETURN 2', /one statement/],
    ['RETURN filter(x IN [1] WHERE x)', /\[x IN list WHERE/],
    ['RETURN extract(x IN [1] | x)', /\[x IN list \|/],
    ['CYPHER 5 RETURN 1', /Leave it out/],
    ["RETURN '\\q'", /backslash/],
  ])('in %j has a hint', (text, hint) => {
    expect(errorOf(text).hint).toMatch(hint);
  });

  it.each([
    ['RETURN 0x', 'InvalidNumberLiteral'],
    ['RETURN 1.34E999', 'FloatingPointOverflow'],
    ['RETURN -9223372036854775809', 'IntegerOverflow'],
    ['RETURN -(9223372036854775808)', 'IntegerOverflow'],
    ["RETURN '\\uH'", 'InvalidUnicodeLiteral'],
    ['RETURN 9223372#54775808', 'UnexpectedSyntax'],
    ['RETURN {k1#k: 1}', 'UnexpectedSyntax'],
    ['RETURN {{}}', 'UnexpectedSyntax'],
    ['RETURN n.x IS :: INTEGER', 'UnexpectedSyntax'],
    ['RETURN n IS NFC NORMALIZED', 'UnexpectedSyntax'],
  ])('in %j has the detail %s', (text, reason) => {
    expect(errorOf(text).reason).toBe(reason);
  });

  it.each([
    'RETURN a, ORDER BY a',
    'RETURN a, LIMIT 5',
    'WITH a, WHERE a.x RETURN a',
    'WITH a, MATCH (b) RETURN b',
    'WITH a, OPTIONAL MATCH (b) RETURN b',
    'RETURN 1, UNION RETURN 2',
    'MATCH (n) WHERE RETURN n',
    'RETURN a + ORDER BY a',
  ])('in %j is told of the keyword after the missing operand', (text) => {
    expect(errorOf(text).message).toMatch(/^Unexpected '[A-Z]+' .* expected an expression$/);
  });

  it('is the first one in the text', () => {
    expect(errorOf("RETURN ) + 9h + 'x").message).toMatch(/Unexpected '\)'/);
  });
});

const DEEP = 10_000;
const nested = (open: string, middle: string, close: string) => (depth: number) =>
  open.repeat(depth) + middle + close.repeat(depth);

describe('a deep text', () => {
  it.each<[string, string, (depth: number) => string, string]>([
    ['parentheses', 'RETURN ', nested('(', '1', ')'), ''],
    ['parentheses that are not closed', 'RETURN ', nested('(', '', ''), ''],
    ['parentheses before a minus', 'RETURN ', nested('(', 'a', ')-(a)'), ''],
    ['parentheses before a bracket', 'RETURN ', nested('(', 'a', ')-[a]'), ''],
    ['sums', 'RETURN ', nested('(1 + ', '1', ')'), ''],
    ['lists', 'RETURN ', nested('[', '1', ']'), ''],
    ['maps', 'RETURN ', nested('{a: ', '1', '}'), ''],
    ['negations', 'RETURN ', nested('NOT ', 'true', ''), ''],
    ['signs', 'RETURN ', nested('- ', 'x', ''), ''],
    ['calls', 'RETURN ', nested('f(', '1', ')'), ''],
    ['cases', 'RETURN ', nested('CASE WHEN ', '1', ' THEN 1 END'), ''],
    ['comprehensions', 'RETURN ', nested('[x IN ', 'y', ']'), ''],
    ['lists that begin like comprehensions', 'RETURN ', nested('[x IN ', 'y', ' + 1, 1]'), ''],
    ['pattern comprehensions', 'RETURN ', nested('[(a)-->(b WHERE ', 'true', ') | 1]'), ''],
    ['patterns', 'MATCH (a) WHERE ', nested('(a WHERE ', 'true', ')-->()'), ' RETURN 1'],
    ['parentheses of paths', 'MATCH ', nested('(', '(a)', ')'), ' RETURN 1'],
    ['subqueries', 'RETURN ', nested('EXISTS { MATCH (a) WHERE ', 'true', '}'), ''],
    ['calls of subqueries', '', nested('CALL { ', 'RETURN 1 AS a', '}'), ' RETURN 1'],
    ['loops', '', nested('FOREACH (x IN y | ', 'CREATE ()', ')'), ''],
    ['labels', 'MATCH (a:', nested('(', 'A', ')'), ') RETURN 1'],
    ['negated labels', 'MATCH (a:', nested('!', 'A', ''), ') RETURN 1'],
    ['sums without parentheses', 'RETURN 1', nested(' + 1', '', ''), ''],
    ['properties', 'RETURN a', nested('.a', '', ''), ''],
    ['indexes', 'RETURN a', nested('[0]', '', ''), ''],
    ['tests', 'RETURN a', nested(' IS NULL', '', ''), ''],
    ['memberships', 'RETURN a', nested(' IN a', '', ''), ''],
  ])('of %s is refused, and a shallow one is not', (_, before, middle, after) => {
    expect(errorOf(before + middle(DEEP) + after)).toMatchObject({
      reason: 'UnexpectedSyntax',
      message: expect.stringMatching(/nested deeper than 500 levels, at line 1/),
    });
    if (middle(1) !== '(') expect(() => parse(before + middle(40) + after)).not.toThrow();
  });
});

const MEGABYTE = 1_048_576;
const filled = (piece: string): string => piece.repeat(Math.ceil(MEGABYTE / piece.length));

/** Each takes about a second; anything that is not linear would run into the timeout. */
describe('a text of a megabyte', () => {
  it.each([
    ['items', `RETURN [${filled('1, ')} 1]`],
    ['conditions', `MATCH (n) WHERE ${filled('n.id = 12345 OR ')} true RETURN n`],
    ['comparisons', `RETURN 1 ${filled('< 1 ')}`],
    ['escapes', `RETURN '${filled('a\\n')}'`],
    ['comments', `RETURN 1 ${filled('/* a */ ')}`],
    ['relationships', `MATCH (a)${filled('-[:A]->()')} RETURN 1`],
    ['patterns in a list', `RETURN [${filled('(a)-[x]-(b), ')} 1]`],
    ['labels', `MATCH (a${filled(':A')}) RETURN 1`],
    ['bars', `RETURN [x IN xs WHERE x:A${filled('|B')}|x]`],
  ])('of %s parses', (_, text) => {
    expect(parse(text).text).toBe(text);
  });

  it.each([
    ['clauses', filled('CREATE (a:Label {name: "x", n: 12})-[:T]->(b) ')],
    ['parts', `RETURN 1 AS a ${filled('UNION RETURN 1 AS a ')}`],
  ])('of %s is too much', (_, text) => {
    expect(() => parse(text)).toThrow(/cypherClausesMax/);
  });

  it.each([
    ['brackets', filled('( [ { ')],
    ['open parentheses', `RETURN ${filled('(')}`],
    ['digits', `RETURN ${filled('1')}`],
    ['backticks', `RETURN ${filled('`')}\``],
    ['quotes', filled("'")],
  ])('of %s is refused', (_, text) => {
    expect(errorOf(text).type).toBe('SyntaxError');
  });
});
