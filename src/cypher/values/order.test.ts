/** Orderability: the TCK's sequences, and that it is a total preorder. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyTemporal, anyValue, mapOf } from '../../../test/support/cypher-values.ts';
import {
  DateTimeValue,
  DateValue,
  DurationValue,
  LocalDateTimeValue,
  LocalTimeValue,
  TimeValue,
} from '../temporal/temporal.ts';
import { order } from './order.ts';
import { Node, Path, Point, Relationship, type Value } from './value.ts';

/** Each of these is in its place, from every starting order. */
function expectOrder(sorted: readonly Value[]): void {
  for (const [i, a] of sorted.entries()) {
    for (const [j, b] of sorted.entries())
      expect(Math.sign(order(a, b)), `${i} and ${j}`).toBe(Math.sign(i - j));
  }
}

describe('order', () => {
  it('puts the types in the order of openCypher, null last', () => {
    const node = new Node(1n, ['N'], new Map());
    expectOrder([
      mapOf({ a: 'map' }),
      node,
      new Relationship(0n, 'REL', 1n, 1n, new Map()),
      ['list'],
      new Path([node], []),
      new Point(7203, [0, 0]),
      new DateTimeValue(0, 0, 0, undefined),
      new LocalDateTimeValue(0, 0),
      new DateValue(0),
      new TimeValue(0, 0),
      new LocalTimeValue(0),
      new DurationValue(0n, 0n, 0n, 0),
      'text',
      false,
      1.5,
      Number.NaN,
      null,
    ]);
  });

  it('puts lists, booleans, strings and numbers in order', () => {
    expectOrder([[], ['a'], ['a', 1n], [1n], [1n, 'a'], [1n, null], [null, 1n], [null, 2n]]);
    expectOrder([false, true]);
    expectOrder(['', ' ', '.*', 'B', 'a', 'one', '\ufffd', '\u{1f600}']);
    expectOrder([
      Number.NEGATIVE_INFINITY,
      -1n,
      0,
      2 ** 53,
      2n ** 53n + 1n,
      Number.POSITIVE_INFINITY,
      Number.NaN,
    ]);
    expectOrder([[1n], [2n], [2n, 1n]]);
  });

  it('puts maps in order by size, keys and values', () => {
    expectOrder([
      mapOf({}),
      mapOf({ a: 1n }),
      mapOf({ a: 2n }),
      mapOf({ b: 0n }),
      mapOf({ b: 1n, a: 1n }),
      mapOf({ a: 1n, b: 2n }),
    ]);
  });

  it('puts times in order by instant, durations by average length', () => {
    const hour = 3_600_000_000_000;
    expectOrder([
      new TimeValue(12.5 * hour, 5 * 3_600),
      new TimeValue(12 * hour, 3_600),
      new TimeValue(12 * hour, 0),
      new TimeValue(10 * hour, -8 * 3_600),
    ]);
    expectOrder([
      new DurationValue(0n, 0n, 9n, 999_999_995),
      new DurationValue(0n, 0n, 9n, 999_999_999),
      new DurationValue(0n, 30n, 0n, 0),
      new DurationValue(0n, 0n, 2_629_746n, 0),
      new DurationValue(1n, 0n, 0n, 0),
      new DurationValue(0n, 31n, 0n, 0),
    ]);
    const minute = hour / 60;
    expectOrder([
      new DateTimeValue(0, 12 * hour + 31 * minute, 17 * 60, undefined),
      new DateTimeValue(0, 12 * hour + 30 * minute, 15 * 60, undefined),
      new DateTimeValue(0, 12 * hour + 30 * minute, 15 * 60, 'Europe/London'),
      new DateTimeValue(0, 12 * hour + 30 * minute, 15 * 60, 'Europe/Paris'),
    ]);
  });

  it('is a total preorder', () => {
    for (const values of [anyValue, anyTemporal]) {
      void fc.assert(
        fc.property(values, values, values, (a, b, c) => {
          expect(order(a, a)).toBe(0);
          const [ab, bc, ac] = [order(a, b), order(b, c), order(a, c)];
          for (const result of [ab, bc, ac]) expect(result).not.toBeNaN();
          expect(Math.sign(order(b, a)) + Math.sign(ab)).toBe(0);
          if (ab <= 0 && bc <= 0) expect(ac).toBeLessThanOrEqual(0);
          if (ab === 0) expect(Math.sign(ac)).toBe(Math.sign(bc));
        }),
        { numRuns: 3_000 },
      );
    }
  });
});
