/** Texts of properties: the forms that the released servers give. */
import { describe, expect, it } from 'vitest';
import { DateValue, Point, type Value } from '../../../../cypher/index.ts';
import { numberText, propertyText, propertyTexts } from './property-text.ts';

describe('numbers', () => {
  it.each([
    [30, '30'],
    [-0, '-0'],
    [0.1, '0.1'],
    [-1.5, '-1.5'],
    [1e21, '1000000000000000000000'],
    [1.25e22, '12500000000000000000000'],
    [-1e-7, '-0.0000001'],
    [1.5e-10, '0.00000000015'],
    [Number.NaN, 'NaN'],
    [Number.POSITIVE_INFINITY, 'inf'],
    [Number.NEGATIVE_INFINITY, '-inf'],
  ])('%s', (value, expected) => {
    expect(numberText(value)).toBe(expected);
  });

  it('keep their value, whatever it is', () => {
    for (const value of [Number.MAX_VALUE, Number.MIN_VALUE, 1.5e300, 2.2250738585072014e-308]) {
      expect(Number(numberText(value))).toBe(value);
      expect(numberText(value)).not.toMatch(/e/);
    }
  });
});

it.each<[string, Value, string]>([
  ['a text', "it's", "it's"],
  ['an integer', 9_223_372_036_854_775_807n, '9223372036854775807'],
  ['a boolean', false, 'false'],
  ['nothing', null, 'null'],
  ['a list', ['a', 1n, 2], '[a, 1, 2]'],
  ['an empty list', [], '[]'],
  [
    'a map',
    new Map<string, Value>([
      ['k', 'v'],
      ['n', 1n],
    ]),
    '{k: v, n: 1}',
  ],
  ['a place on earth', new Point(4326, [12.5, 41.9]), 'POINT(41.9, 12.5)'],
  ['a point in a plane', new Point(7203, [1, 2]), 'POINT(1, 2)'],
  ['a day', new DateValue(0), '1970-01-01'],
])('%s', (_, value, expected) => {
  expect(propertyText(value)).toBe(expected);
});

it('keeps keys that objects have a meaning for', () => {
  const texts = propertyTexts(new Map<string, Value>([['__proto__', 1n]]));
  expect(Object.entries(texts)).toEqual([['__proto__', '1']]);
});
