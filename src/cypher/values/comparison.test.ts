/** Comparability: the TCK's tables, and that it never contradicts equality or the total order. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyNumber, anyString, anyValue, mapOf } from '../../../test/support/cypher-values.ts';
import { DateTimeValue, DateValue, DurationValue, TimeValue } from '../temporal/temporal.ts';
import { compareStrings } from './code-points.ts';
import { compare } from './comparison.ts';
import { equals } from './equality.ts';
import { order } from './order.ts';
import { Node, Point, Relationship, type Value } from './value.ts';

const atLeast = (a: Value, b: Value): boolean | null => {
  const order = compare(a, b);
  return order === null ? null : order >= 0;
};

describe('compare', () => {
  it.each<[Value, Value, boolean | null]>([
    [[1n, 0n], [1n], true],
    [[1n, null], [1n], true],
    [[1n, 2n], [1n, null], null],
    [[1n, 'a'], [1n, null], null],
    [[1n, 2n], [3n, null], false],
    [[], [], true],
    [[1n], [[1n]], null],
  ])('lists, case %#', (a, b, expected) => {
    expect(atLeast(a, b)).toBe(expected);
  });

  it('puts NaN in no order to numbers and does not compare it to others', () => {
    for (const other of [1n, 1, Number.NaN, Number.POSITIVE_INFINITY]) {
      const result = compare(Number.NaN, other);
      expect(result).toBeNaN();
      expect(compare([other], [Number.NaN])).toBeNaN();
    }
    expect(compare(Number.NaN, 'a')).toBeNull();
    expect(compare(Number.NaN, null)).toBeNull();
  });

  it('compares integers and floats exactly', () => {
    expect(compare(2n ** 53n + 1n, 2 ** 53)).toBe(1);
    expect(compare(2n ** 63n - 1n, 2 ** 63)).toBe(-1);
    expect(compare(1n, 1)).toBe(0);
    expect(compare(0n, -0)).toBe(0);
    expect(compare(3n, 3.14)).toBe(-1);
    expect(compare(Number.NEGATIVE_INFINITY, -(2n ** 63n))).toBe(-1);
  });

  it('gives null for different types, maps, points, durations and null', () => {
    const node = new Node(1n, [], new Map());
    const values: Value[] = [
      node,
      new Relationship(1n, 'T', 1n, 1n, new Map()),
      '',
      1n,
      true,
      [],
      mapOf({}),
      new DateValue(0),
      new TimeValue(0, 0),
      new DurationValue(0n, 0n, 0n, 0),
      new Point(7203, [0, 0]),
      null,
    ];
    for (const [i, a] of values.entries()) {
      for (const [j, b] of values.entries()) if (i !== j) expect(compare(a, b)).toBeNull();
    }
    for (const value of [mapOf({ a: 1n }), new Point(7203, [1, 1]), new DurationValue(0n, 1n, 0n, 0), null]) {
      expect(compare(value, value)).toBeNull();
    }
  });

  it('compares instants first, then offsets', () => {
    const hour = 3_600_000_000_000;
    expect(compare(new TimeValue(10 * hour, 3_600), new TimeValue(9 * hour + 1, 0))).toBeLessThan(0);
    expect(compare(new TimeValue(10 * hour, 3_600), new TimeValue(9 * hour, 0))).toBeGreaterThan(0);
    const at = (day: number, hours: number, offsetHours: number): DateTimeValue =>
      new DateTimeValue(day, hours * hour, offsetHours * 3_600, undefined);
    expect(compare(at(1, 0, 2), at(0, 23, 0))).toBeLessThan(0);
    expect(compare(at(1, 1, 2), at(0, 23, 0))).toBeGreaterThan(0);
    expect(compare(at(0, 23, -2), at(1, 1, 0))).toBeLessThan(0);
    expect(compare(at(1, 2, 2), at(1, 2, 2))).toBe(0);
    // Instants whose nanoseconds, and even seconds, are beyond what a number holds.
    expect(
      compare(new DateTimeValue(3.65e11, 1, 0, undefined), new DateTimeValue(3.65e11, 2, 0, undefined)),
    ).toBe(-1);
  });

  it('is 0 where values are equal, and the negative the other way around', () => {
    void fc.assert(
      fc.property(anyValue, anyValue, (a, b) => {
        const result = compare(a, b);
        const reverse = compare(b, a);
        if (result === null) expect(reverse).toBeNull();
        else if (Number.isNaN(result)) expect(reverse).toBeNaN();
        else {
          expect(Math.sign(reverse ?? Number.NaN)).toBe(-Math.sign(result) + 0);
          expect(equals(a, b)).toBe(result === 0);
          expect(Math.sign(order(a, b))).toBe(Math.sign(result));
        }
      }),
      { numRuns: 3_000 },
    );
  });

  it('orders numbers as exact decimals', () => {
    void fc.assert(
      fc.property(anyNumber, anyNumber, anyNumber, (a, b, c) => {
        const [ab, bc] = [compare(a, b) ?? 0, compare(b, c) ?? 0];
        if (ab <= 0 && bc <= 0) expect(compare(a, c)).toBeLessThanOrEqual(0);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('compareStrings', () => {
  it('goes by code points where UTF-16 units would say otherwise', () => {
    expect(compareStrings('\u{1f600}', '\ufffd')).toBeGreaterThan(0);
    expect(compareStrings('\ufffd', '\u{1f600}')).toBeLessThan(0);
    expect(compareStrings('a\u{1f600}', 'a\u{1f601}')).toBeLessThan(0);
    expect(compareStrings('\ud83d\ude00', '\ud83d\ud83d\ude00')).toBeGreaterThan(0);
    expect(compareStrings('\ud83d', '\ue000')).toBeLessThan(0);
    expect(compareStrings('\ud83dx', '\ud83d\ude00')).toBeLessThan(0);
    expect(compareStrings('a', 'B')).toBeGreaterThan(0);
    expect(compareStrings('', 'a')).toBeLessThan(0);
    expect(compareStrings('ab', 'abc')).toBeLessThan(0);
  });

  it('agrees with a comparison of the code points one by one', () => {
    const reference = (a: string, b: string): number => {
      const [as, bs] = [[...a], [...b]].map((text) => text.map((point) => point.codePointAt(0) ?? 0));
      for (let i = 0; i < Math.min(as?.length ?? 0, bs?.length ?? 0); i++) {
        const difference = (as?.[i] ?? 0) - (bs?.[i] ?? 0);
        if (difference !== 0) return Math.sign(difference);
      }
      return Math.sign((as?.length ?? 0) - (bs?.length ?? 0));
    };
    void fc.assert(
      fc.property(anyString, anyString, (a, b) => {
        expect(Math.sign(compareStrings(a, b))).toBe(reference(a, b));
      }),
      { numRuns: 5_000 },
    );
  });
});
