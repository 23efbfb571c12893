/** Equality: the TCK's tables, exact numbers, and that it is symmetric and fits equivalence. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyNumber, anyValue, mapOf } from '../../../test/support/cypher-values.ts';
import { DateTimeValue, DurationValue, LocalTimeValue, TimeValue } from '../temporal/temporal.ts';
import { equals, isIn } from './equality.ts';
import { equivalent } from './equivalence.ts';
import { Node, Path, Point, Relationship, type Value } from './value.ts';

const map = mapOf;
const node = (id: bigint): Node => new Node(id, [], new Map());
const relationship = (id: bigint): Relationship => new Relationship(id, 'T', 1n, 2n, new Map());

describe('equals', () => {
  it.each<[Value, Value, boolean | null]>([
    [1n, 1, true],
    [1, 1n, true],
    ['1', 1n, false],
    ['1.0', 1, false],
    [true, 1n, false],
    [null, null, null],
    [null, 1n, null],
    [2n ** 53n + 1n, 2 ** 53, false],
    [2n ** 53n, 2 ** 53, true],
    [4611686018427387905n, 4611686018427387900n, false],
    [2n ** 63n - 1n, 2 ** 63, false],
    [-(2n ** 63n), -(2 ** 63), true],
    [0, -0, true],
    [0n, -0, true],
    ['\u{1f600}', '\u{1f600}', true],
  ])('%s = %s is %s', (a, b, expected) => {
    expect(equals(a, b)).toBe(expected);
    expect(equals(b, a)).toBe(expected);
  });

  it.each<Value>([1n, 1, Number.NaN, 'a'])('NaN is not equal to %s', (other) => {
    expect(equals(Number.NaN, other)).toBe(false);
    expect(equals([Number.NaN], [other])).toBe(false);
  });

  it.each<[Value, Value, boolean | null]>([
    [[1n, 2n], 'foo', false],
    [[1n], [1n, null], false],
    [[1n, 2n], [null, 'foo'], false],
    [[1n, 2n], [null, 2n], null],
    [[[1n]], [[1n], [null]], false],
    [[null], [1n], null],
    [[], [], true],
    [[[]], [[]], true],
  ])('lists, case %#', (a, b, expected) => {
    expect(equals(a, b)).toBe(expected);
    expect(equals(b, a)).toBe(expected);
  });

  it.each<[Value, Value, boolean | null]>([
    [map({}), map({}), true],
    [map({ k: 1n }), map({ k: 1 }), true],
    [map({ k: 'a', l: 2n }), map({ l: 2n, k: 'a' }), true],
    [map({}), map({ k: null }), false],
    [map({ k: null }), map({}), false],
    [map({ k: 1n }), map({ k: 1n, l: null }), false],
    [map({ k: null, l: 1n }), map({ l: 1n }), false],
    [map({ k: null }), map({ k: null }), null],
    [map({ k: 1n }), map({ k: null }), null],
    [map({ k: 1n, l: null }), map({ k: null, l: 1n }), null],
    [map({ k: 1n, l: null }), map({ k: 2n, l: null }), false],
    [map({ k: null, l: 1n }), map({ k: 1n, m: 1n }), false],
    [map({}), [], false],
  ])('maps, case %#', (a, b, expected) => {
    expect(equals(a, b)).toBe(expected);
    expect(equals(b, a)).toBe(expected);
  });

  it('takes entities by class and id, whatever they hold', () => {
    expect(equals(node(1n), new Node(1n, ['A'], map({ k: null })))).toBe(true);
    expect(equals(node(1n), node(2n))).toBe(false);
    expect(equals(node(1n), relationship(1n))).toBe(false);
    expect(equals(relationship(1n), relationship(1n))).toBe(true);
    expect(equals(node(1n), map({}))).toBe(false);
  });

  it('takes paths by their entities in order', () => {
    const path = (nodes: bigint[], steps: bigint[]): Path =>
      new Path(nodes.map(node), steps.map(relationship));
    expect(equals(path([1n, 2n], [5n]), path([1n, 2n], [5n]))).toBe(true);
    expect(equals(path([1n, 2n], [5n]), path([2n, 1n], [5n]))).toBe(false);
    expect(equals(path([1n, 2n], [5n]), path([1n, 2n], [6n]))).toBe(false);
    expect(equals(path([1n], []), path([1n, 1n], [5n]))).toBe(false);
    expect(equals(path([1n], []), node(1n))).toBe(false);
  });

  it('tells the same instant at another offset apart, and durations of the same length', () => {
    const hour = 3_600_000_000_000;
    expect(equals(new TimeValue(2 * hour, 3_600), new TimeValue(hour, 0))).toBe(false);
    expect(equals(new TimeValue(hour, 0), new LocalTimeValue(hour))).toBe(false);
    const zoned = (zone: string | undefined): DateTimeValue => new DateTimeValue(0, hour, 3_600, zone);
    expect(equals(zoned('Europe/Stockholm'), zoned('Europe/Stockholm'))).toBe(true);
    expect(equals(zoned('Europe/Stockholm'), zoned(undefined))).toBe(false);
    expect(equals(new DurationValue(0n, 1n, 0n, 0), new DurationValue(0n, 0n, 86_400n, 0))).toBe(false);
    expect(equals(new DurationValue(1n, 2n, 3n, 4), new DurationValue(1n, 2n, 3n, 4))).toBe(true);
  });

  it('takes points by coordinate system and coordinates', () => {
    expect(equals(new Point(7203, [1, 2]), new Point(7203, [1, 2]))).toBe(true);
    expect(equals(new Point(7203, [1, 2]), new Point(4326, [1, 2]))).toBe(false);
    expect(equals(new Point(7203, [1, 2]), new Point(7203, [1, 3]))).toBe(false);
    expect(equals(new Point(7203, [Number.NaN, 2]), new Point(7203, [Number.NaN, 2]))).toBe(false);
  });

  it('is symmetric, and true only for equivalent values', () => {
    void fc.assert(
      fc.property(anyValue, anyValue, (a, b) => {
        const equal = equals(a, b);
        expect(equals(b, a)).toBe(equal);
        if (equal === true) expect(equivalent(a, b)).toBe(true);
        if (equivalent(a, b)) expect([true, null, false]).toContain(equal);
      }),
      { numRuns: 2_000 },
    );
  });

  it('agrees with exact arithmetic on numbers', () => {
    const exact = (x: bigint | number): bigint | string =>
      typeof x === 'bigint' ? x : Number.isInteger(x) ? BigInt(x) : String(x);
    void fc.assert(
      fc.property(anyNumber, anyNumber, (a, b) => {
        const expected = !Number.isNaN(a) && !Number.isNaN(b) && exact(a) === exact(b);
        expect(equals(a, b)).toBe(expected);
      }),
      { numRuns: 2_000 },
    );
  });

  it('refuses values nested beyond all reason, without exhausting the stack', () => {
    const nest = (levels: number): Value => {
      let value: Value = [];
      for (let i = 0; i < levels; i++) value = [value];
      return value;
    };
    expect(equals(nest(900), nest(900))).toBe(true);
    expect(() => equals(nest(100_000), nest(100_000))).toThrow(/nested deeper than 1000/);
  });
});

describe('isIn', () => {
  it.each<[Value, Value, boolean | null]>([
    [3n, [1n, 2n, 3n], true],
    [[1n, 2n], [1n, [1n, '2']], false],
    [[1n], [1n, 2n], false],
    [[1n], [1n, 2n, [1n]], true],
    [[null], [[null]], null],
    [[null], [null], null],
    [[1n], [[1n, null]], false],
    [4n, [1n, null, 3n], null],
    [[1n, 2n], [[null, 2n]], null],
    [
      [1n, 2n],
      [
        [null, 2n],
        [1n, 2n],
      ],
      true,
    ],
    [
      [1n, 2n],
      [
        [null, 2n],
        [1n, 3n],
      ],
      null,
    ],
    [[], [[]], true],
    [[], [], false],
    [[], [1n, 2n, null], null],
    [null, [], false],
    [null, [1n], null],
    [1n, null, null],
    [Number.NaN, [Number.NaN], false],
    [1, [1n], true],
  ])('case %#', (value, list, expected) => {
    expect(isIn(value, list)).toBe(expected);
  });

  it('refuses what is no list', () => {
    expect(() => isIn(1n, 'foo')).toThrow("IN needs a list on its right side, not String 'foo'");
  });
});
