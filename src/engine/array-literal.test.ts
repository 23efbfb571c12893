/** Values and names inside SQL text: array literals, quoted identifiers, string literals. */
import { describe, expect, it } from 'vitest';
import { arrayLiteral } from './array-literal.ts';
import { quoteIdentifier, quoteLiteral } from './identifiers.ts';

describe('arrayLiteral', () => {
  it.each([
    [[], '{}'],
    [['a', null, 'NULL', ''], '{"a",NULL,"NULL",""}'],
    [['a"b', 'c\\d', '{,}', ' x '], '{"a\\"b","c\\\\d","{,}"," x "}'],
    [
      [
        ['1', '2'],
        ['3', null],
      ],
      '{{"1","2"},{"3",NULL}}',
    ],
  ])('%j', (values, literal) => {
    expect(arrayLiteral(values)).toBe(literal);
  });
});

describe('names and literals in SQL text', () => {
  it('are quoted', () => {
    expect(quoteIdentifier('a"b')).toBe('"a""b"');
    expect(quoteLiteral(`it's`)).toBe(`'it''s'`);
    expect(quoteLiteral(`a\\'b`)).toBe(` E'a\\\\''b'`);
  });

  it('are refused when PostgreSQL could not hold them', () => {
    expect(() => quoteIdentifier('')).toThrow(expect.objectContaining({ code: 'INVALID_PARAMETER' }));
    expect(() => quoteIdentifier('a\0')).toThrow(expect.objectContaining({ code: 'INVALID_PARAMETER' }));
  });
});
