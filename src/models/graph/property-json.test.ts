/** What is stored comes back as it was. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  DateTimeValue,
  DateValue,
  DurationValue,
  LocalDateTimeValue,
  LocalTimeValue,
  Point,
  TimeValue,
  type Value,
} from '../../cypher/index.ts';
import { decodeProperties, decodeValue, encodeProperties, encodeValue } from './property-json.ts';

const VALUES: readonly Value[] = [
  true,
  false,
  0n,
  -9223372036854775808n,
  9007199254740993n,
  1,
  0.1,
  -1.5e-7,
  5e-324,
  1e308,
  2 ** 63,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  '',
  'it\'s "quoted" \\ and {"@":"s"}',
  'emoji \u{1f600}, line\nbreak',
  'a\0b',
  '\ud800',
  [],
  [1n, 2n],
  [1.5, Number.NaN],
  ['a', 'b'],
  new DateValue(-365_000_000_000),
  new LocalTimeValue(86_399_999_999_999),
  new TimeValue(1, -64_800),
  new LocalDateTimeValue(19_000, 1),
  new DateTimeValue(19_000, 1, 3_600, 'Europe/Stockholm'),
  new DateTimeValue(19_000, 1, 3_600, undefined),
  new DurationValue(-1n, 2n, 9_223_372_036_854_775_807n, 999_999_999),
  new Point(4326, [12.5, -1]),
];

it.each(VALUES)('%s', (value) => {
  expect(decodeValue(encodeValue(value))).toEqual(value);
  expect(decodeProperties(encodeProperties(new Map([['key', value]])))).toEqual(new Map([['key', value]]));
});

it('any numbers, strings and keys', () => {
  const value = fc.oneof(
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.double().filter((number) => !Object.is(number, -0)),
    fc.string({ unit: 'binary' }),
    fc.boolean(),
  );
  const key = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('@', '@@', '@YQ==', 'a b', '"'));
  fc.assert(
    fc.property(fc.array(fc.tuple(key, value)), (entries) => {
      const map = new Map<string, Value>(entries);
      expect(decodeProperties(encodeProperties(map))).toEqual(map);
    }),
  );
});

it('keeps INTEGER and FLOAT apart', () => {
  expect(encodeValue(1n)).toBe('1');
  expect(encodeValue(1)).toBe('1.0');
  expect(encodeValue(-0)).toBe('0.0');
  expect(encodeValue(1e22)).toBe('10000000000000000000000.0');
});
