/** Conditions: what binds how, every operator, and where each wrong one is told. */
import { describe, expect, it } from 'vitest';
import { read, refuses } from '../../../test/support/nql.ts';
import { readStatement } from '../read-statement.ts';

/** In prefix notation, as short as it gets. */
function shape(text: string): string {
  const statement = readStatement(`FIND NODE WHERE ${text}`);
  if (statement.kind !== 'find' || statement.condition === undefined) return expect.fail();
  const print = (part: NonNullable<typeof statement.condition>): string => {
    if (part.kind === 'and' || part.kind === 'or') return `(${part.kind} ${part.parts.map(print).join(' ')})`;
    if (part.kind === 'not') return `(not ${print(part.part)})`;
    return 'field' in part ? part.field.name : '';
  };
  return print(statement.condition);
}

const of = (text: string): unknown => (read(`FIND NODE WHERE ${text}`) as { condition: unknown }).condition;

describe('conditions', () => {
  it.each([
    ['a=1 AND b=1 AND c=1', '(and a b c)'],
    ['a=1 OR b=1 AND c=1 OR d=1', '(or a (and b c) d)'],
    ['(a=1 OR b=1) AND c=1', '(and (or a b) c)'],
    ['NOT a=1 AND b=1', '(and (not a) b)'],
    ['NOT (a=1 AND NOT b=1)', '(not (and a (not b)))'],
    ['NOT NOT a=1', '(not (not a))'],
    ['((a=1))', 'a'],
    ['not=1 AND in=1 and And=2', '(and not in And)'],
  ])('%s', (text, expected) => {
    expect(shape(text)).toBe(expected);
  });

  const field = { name: 'a' };
  it.each([
    ['a = 1', { kind: 'comparison', field, comparator: '=', value: 1n }],
    ['a == -1', { kind: 'comparison', field, comparator: '=', value: -1n }],
    ['a != +1.5', { kind: 'comparison', field, comparator: '<>', value: 1.5 }],
    ['a <> TRUE', { kind: 'comparison', field, comparator: '<>', value: true }],
    ["a < 'it''s'", { kind: 'comparison', field, comparator: '<', value: "it's" }],
    ['a <= engineer', { kind: 'comparison', field, comparator: '<=', value: 'engineer' }],
    ['a>.5', { kind: 'comparison', field, comparator: '>', value: 0.5 }],
    ['a >= [1, [x], NULL]', { kind: 'comparison', field, comparator: '>=', value: [1n, ['x'], null] }],
    ['a = null', { kind: 'null', field, isNegated: false }],
    ['a <> NULL', { kind: 'null', field, isNegated: true }],
    ['a IS NOT NULL', { kind: 'null', field, isNegated: true }],
    ['a IN (1, NULL, x)', { kind: 'in', field, values: [1n, null, 'x'] }],
    ['a IN [1]', { kind: 'in', field, values: [1n] }],
    ['a IN ()', { kind: 'in', field, values: [] }],
    ['a NOT IN (1)', { kind: 'not', part: { kind: 'in', field, values: [1n] } }],
    ["a LIKE 'x_%'", { kind: 'like', field, pattern: 'x_%' }],
    ["a NOT LIKE 'x'", { kind: 'not', part: { kind: 'like', field, pattern: 'x' } }],
    ['a BETWEEN 1 AND 2', { kind: 'between', field, low: 1n, high: 2n }],
    ['a NOT BETWEEN -1 AND 2', { kind: 'not', part: { kind: 'between', field, low: -1n, high: 2n } }],
    ["a CONTAINS 'x'", { kind: 'contains', field, text: 'x' }],
    ["a STARTS WITH 'x'", { kind: 'starts-with', field, text: 'x' }],
    ["a ENDS WITH 'x'", { kind: 'ends-with', field, text: 'x' }],
    ['n.a = 1', { kind: 'comparison', field: { name: 'a', qualifier: 'n' }, comparator: '=', value: 1n }],
  ])('%s is', (text, expected) => {
    expect(of(text)).toEqual(expected);
  });

  it('tell NULL from its opposite, and know what is in backticks', () => {
    const condition = (text: string): unknown => {
      const statement = readStatement(`FIND NODE WHERE ${text}`);
      return statement.kind === 'find' ? statement.condition : undefined;
    };
    for (const text of ['a IS NOT NULL', 'a != NULL'])
      expect(condition(text)).toMatchObject({ isNegated: true });
    for (const text of ['a IS NULL', 'a = NULL']) expect(condition(text)).toMatchObject({ isNegated: false });
    expect(condition('`a b` = 1')).toMatchObject({
      field: { name: 'a b', isQuoted: true, span: { start: 16, end: 21 } },
      span: { start: 16, end: 25 },
    });
  });

  it.each([
    ['', 'Unexpected end of the statement at line 1, column 17: expected the name of a property'],
    ['a', 'expected a comparison, IN, LIKE, BETWEEN, IS NULL, CONTAINS, STARTS WITH or ENDS WITH'],
    ['a =', 'Unexpected end of the statement at line 1, column 20: expected a value'],
    ['a = {b: 1}', 'A value is a text, a number, TRUE, FALSE, NULL or a list.'],
    ['a = -x', "Unexpected 'x' at line 1, column 22: expected a number"],
    ['a = NaN', 'NaN is no value, at line 1, column 21 >NaN<'],
    ['a = -Infinity', 'Infinity is no value, at line 1, column 22 >Infinity<'],
    ['a = 1e999', '1e999 is too large for a number, at line 1, column 21 >1e999<'],
    ['a = 12abc', "'12abc' is neither a number nor a name, at line 1, column 21 >12abc<"],
    ["a = '\\x'", "'\\x' is no escape sequence, at line 1, column 21"],
    ['a < NULL', 'Nothing is < NULL, at line 1, column 21 >NULL< (Write IS NULL or IS NOT NULL.)'],
    ['a BETWEEN 1 AND NULL', 'A bound of BETWEEN is not NULL, at line 1, column 33 >NULL<'],
    ['a BETWEEN 1', 'expected AND'],
    ['a IN 1', "Unexpected '1' at line 1, column 22: expected a list: '('"],
    ['a IN (1', "Unexpected end of the statement at line 1, column 24: expected ',' or ')'"],
    ['a IN (1]', "Unexpected ']' at line 1, column 24: expected ',' or ')'"],
    ['a LIKE x', 'expected a pattern in quotes'],
    ['a CONTAINS 1', 'expected a text in quotes'],
    ['a STARTS x', "Unexpected 'STARTS'"],
    ['a IS 1', 'expected NULL'],
    ['a NOT 1', 'expected IN, LIKE or BETWEEN'],
    ['a LKIE 1', '(Did you mean LIKE?)'],
    ['(a = 1', "Unexpected end of the statement at line 1, column 23: expected AND, OR or ')'"],
    ['a = 1)', "Unexpected ')' at line 1, column 22: expected SIMILAR TO"],
    ['a = 1 AND', 'expected the name of a property'],
    ["'a' = 1", 'Quotes make a text. A name stands bare or in backticks.'],
    ['1 = a', "Unexpected '1' at line 1, column 17: expected the name of a property"],
    ['a.b.c = 1', "Unexpected '.' at line 1, column 20"],
    ['a = b = c', "Unexpected '=' at line 1, column 23"],
    ['`` = 1', 'The name in backticks is empty, at line 1, column 17'],
    ['`a = 1', 'The name in backticks is not closed, at line 1, column 17'],
    ['a = ’x’', "The character '’' means nothing here, at line 1, column 21"],
  ])('%s is refused', (text, message) => {
    expect(refuses(`FIND NODE WHERE ${text}`)).toContain(message);
  });
});
