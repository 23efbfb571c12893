/** Operators by their text: what each gives, and what it refuses. */
import { describe, expect, it } from 'vitest';
import { outcome } from '../../../../test/support/cypher-expressions.ts';

const table = (rows: readonly (readonly [text: string, expected: string])[]): void => {
  it.each(rows)('%s is %s', (text, expected) => {
    expect(outcome(text)).toBe(expected);
  });
};

describe('logic', () => {
  const VALUES = ['true', 'false', 'null'] as const;
  const rows = (operator: string, results: string): [string, string][] =>
    results
      .split(' ')
      .map((expected, i) => [
        `${VALUES[Math.floor(i / VALUES.length)]} ${operator} ${VALUES[i % VALUES.length]}`,
        expected,
      ]);
  table(rows('AND', 'true false null false false false null false null'));
  table(rows('OR', 'true true true true false null true null null'));
  table(rows('XOR', 'false true null true false null null null null'));
  table([
    ['NOT true', 'false'],
    ['NOT null', 'null'],
    ['NOT $i', 'ParameterMissing: MissingParameter'],
    ['NOT 1', 'TypeError: InvalidArgumentType'],
    ['1 AND false', 'TypeError: InvalidArgumentType'],
    ["true OR 'a'", 'true'],
    ["false OR 'a'", 'TypeError: InvalidArgumentType'],
    ['false AND 1 / 0 = 1', 'false'],
  ]);
});

describe('comparisons', () => {
  table([
    ['1 = 1.0', 'true'],
    ['1 <> 1', 'false'],
    ['null = null', 'null'],
    ['[1, null] = [1, 2]', 'null'],
    ['1 < 2', 'true'],
    ['2 <= 2', 'true'],
    ["1 < 'a'", 'null'],
    ["'b' > 'a'", 'true'],
    ['0.0 / 0.0 >= 1', 'false'],
    ['1 < 2 < 3', 'true'],
    ['1 < 3 < 2', 'false'],
    ['1 < null < 2', 'null'],
    ['3 < 2 < null', 'false'],
    ['1 < 2 = 2 <> 3', 'true'],
    ['1 IS NULL', 'false'],
    ['null IS NULL', 'true'],
    ['null IS NOT NULL', 'false'],
    ["'a' IN ['b', 'a']", 'true'],
    ["'c' IN ['b', 'a']", 'false'],
    ["1 IN ['b', 'a']", 'false'],
    ["null IN ['b', 'a']", 'null'],
    ["'c' IN ['b', null]", 'null'],
    ['1 IN [2, 1.0]', 'true'],
    ['null IN []', 'false'],
    ['1 IN null', 'null'],
  ]);
});

describe('arithmetic and strings', () => {
  table([
    ['1 + 2 * 3', '7'],
    ['7 / 2', '3'],
    ['7 % 4', '3'],
    ['7 / 2.0', '3.5'],
    ['2 ^ 3', '8.0'],
    ['-3 ^ 2', '9.0'],
    ['+(1.5)', '1.5'],
    ["+'a'", 'TypeError: InvalidArgumentType'],
    ['-(-3)', '3'],
    ['1 / 0', 'ArithmeticError: DivideByZero'],
    ['9223372036854775807 + 1', 'ArithmeticError: IntegerOverflow'],
    ["'a' + 'b'", "'ab'"],
    ["'a' + 1", "'a1'"],
    ['[1] + 2', '[1, 2]'],
    ['[1] + [2]', '[1, 2]'],
    ["'a' || 'b'", "'ab'"],
    ['[1] || [2]', '[1, 2]'],
    ["'a' || null", 'null'],
    ["'a' || 1", 'TypeError: InvalidArgumentType'],
    ["'abc' STARTS WITH 'ab'", 'true'],
    ["'abc' ENDS WITH 'bc'", 'true'],
    ["'abc' CONTAINS 'x'", 'false'],
    ["'abc' CONTAINS null", 'null'],
    ['1 STARTS WITH 1', 'null'],
    ["'abc' =~ 'a.c'", 'true'],
    ["'abcd' =~ 'a.c'", 'false'],
    ["null =~ 'a'", 'null'],
    ["'a' =~ '('", 'ArgumentError: InvalidArgumentValue'],
  ]);

  it('bounds what a loop builds', () => {
    expect(outcome("size(reduce(s = 'x', i IN range(1, 40) | s + s))")).toBe('LIMIT_EXCEEDED');
    expect(outcome('size(reduce(s = [1], i IN range(1, 40) | s + s))')).toBe('LIMIT_EXCEEDED');
  });
});

describe('parts of values', () => {
  table([
    ['{a: 1}.a', '1'],
    ['{a: 1}.b', 'null'],
    ["{a: {b: [1, 2]}}['a'].b[-1]", '2'],
    ['[1, 2, 3][1..]', '[2, 3]'],
    ['[1, 2, 3][..-1]', '[1, 2]'],
    ['[1, 2, 3][0..2]', '[1, 2]'],
    ['[1, 2, 3][null..2]', 'null'],
    ['[1, 2, 3][5]', 'null'],
    ["[1, 2, 3]['a']", 'TypeError: ListElementAccessByNonInteger'],
    ['{a: 1}[0]', 'TypeError: MapElementAccessByNonString'],
    ["date('2015-07-21').year", '2015'],
  ]);
});
