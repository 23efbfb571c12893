/** Arithmetic: 64 bits and their edges, mixed numbers, joining of strings and lists, what is refused. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyInteger, anyNumber, INT64_MAX, INT64_MIN, mapOf } from '../../../test/support/cypher-values.ts';
import { DateValue, DurationValue } from '../temporal/temporal.ts';
import {
  add,
  divide,
  INTEGER_MAX,
  INTEGER_MIN,
  modulo,
  multiply,
  negate,
  power,
  subtract,
} from './arithmetic.ts';
import { Node, type Value } from './value.ts';

const failure = (type: string, reason: string): unknown =>
  expect.objectContaining({ type, phase: 'runtime', reason });
const OVERFLOW = failure('ArithmeticError', 'IntegerOverflow');
const BY_ZERO = failure('ArithmeticError', 'DivideByZero');
const WRONG_TYPE = failure('TypeError', 'InvalidArgumentType');
const BINARY = { add, subtract, multiply, divide, modulo, power };

describe('numbers', () => {
  it.each<[keyof typeof BINARY, Value, Value, Value]>([
    ['add', 1n, 2n, 3n],
    ['add', 1n, 2, 3],
    ['add', 0.5, 2n, 2.5],
    ['subtract', 1n, 2n, -1n],
    ['subtract', 1n, 0.5, 0.5],
    ['multiply', 3n, -4n, -12n],
    ['multiply', 3n, 0.5, 1.5],
    ['divide', 7n, 2n, 3n],
    ['divide', -7n, 2n, -3n],
    ['divide', 7n, -2n, -3n],
    ['divide', 7n, 2, 3.5],
    ['divide', 1n, 0, Number.POSITIVE_INFINITY],
    ['divide', -1, 0n, Number.NEGATIVE_INFINITY],
    ['divide', 0, 0, Number.NaN],
    ['modulo', 7n, 3n, 1n],
    ['modulo', -7n, 3n, -1n],
    ['modulo', 7n, -3n, 1n],
    ['modulo', -7.5, 2n, -1.5],
    ['modulo', 1n, 0, Number.NaN],
    ['modulo', INT64_MIN, -1n, 0n],
    ['power', 2n, 3n, 8],
    ['power', -3n, 2n, 9],
    ['power', 4, 0.5, 2],
    ['power', 2n, -1n, 0.5],
    ['power', 0n, 0n, 1],
    ['add', INT64_MAX, 0n, INT64_MAX],
    ['subtract', INT64_MIN, 0n, INT64_MIN],
    ['add', INT64_MAX, 1, 2 ** 63],
  ])('%s, case %#', (operator, a, b, expected) => {
    expect(BINARY[operator](a, b)).toBe(expected);
  });

  it('never leaves 64 bits', () => {
    expect([INTEGER_MIN, INTEGER_MAX]).toEqual([INT64_MIN, INT64_MAX]);
    expect(() => add(INT64_MAX, 1n)).toThrow(OVERFLOW);
    expect(() => subtract(INT64_MIN, 1n)).toThrow(OVERFLOW);
    expect(() => multiply(INT64_MAX, 2n)).toThrow(OVERFLOW);
    expect(() => multiply(INT64_MIN, -1n)).toThrow(OVERFLOW);
    expect(() => divide(INT64_MIN, -1n)).toThrow(OVERFLOW);
    expect(() => negate(INT64_MIN)).toThrow(OVERFLOW);
    expect(() => add(INT64_MAX, 1n)).toThrow(/9223372036854775807 \+ 1/);
    void fc.assert(
      fc.property(anyInteger, anyInteger, (a, b) => {
        const sum = a + b;
        if (sum >= INT64_MIN && sum <= INT64_MAX) expect(add(a, b)).toBe(sum);
        else expect(() => add(a, b)).toThrow(OVERFLOW);
        const product = a * b;
        if (BigInt.asIntN(64, product) === product) expect(multiply(a, b)).toBe(product);
        else expect(() => multiply(a, b)).toThrow(OVERFLOW);
        if (b !== 0n && !(a === INT64_MIN && b === -1n)) {
          const [quotient, rest] = [divide(a, b), modulo(a, b)];
          expect(add(multiply(quotient, b), rest)).toBe(a);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('divides integers by zero with an error, floats without', () => {
    expect(() => divide(1n, 0n)).toThrow(BY_ZERO);
    expect(() => modulo(1n, 0n)).toThrow(BY_ZERO);
    expect(() => divide(new DurationValue(0n, 1n, 0n, 0), 0n)).toThrow(BY_ZERO);
    expect(divide(1, 0)).toBe(Number.POSITIVE_INFINITY);
  });

  it('keeps the type: INTEGER with INTEGER, FLOAT otherwise, FLOAT always for ^', () => {
    void fc.assert(
      fc.property(anyNumber, anyNumber, (a, b) => {
        const type = typeof a === 'bigint' && typeof b === 'bigint' ? 'bigint' : 'number';
        for (const operator of [add, subtract, multiply]) {
          let result: Value;
          try {
            result = operator(a, b);
          } catch (error) {
            expect(error).toEqual(OVERFLOW);
            continue;
          }
          expect(typeof result).toBe(type);
        }
        expect(typeof power(a, b)).toBe('number');
      }),
    );
  });

  it('takes the negative', () => {
    expect(negate(5n)).toBe(-5n);
    expect(negate(0)).toBe(-0);
    expect(negate(null)).toBeNull();
    expect(negate(new DurationValue(0n, 1n, 0n, 0))).toMatchObject({ days: -1n });
    expect(() => negate('a')).toThrow(WRONG_TYPE);
  });
});

describe('joining', () => {
  it.each<[Value, Value, Value]>([
    ['a', 'b', 'ab'],
    ['a', 1n, 'a1'],
    [1n, 'a', '1a'],
    ['a', 1, 'a1.0'],
    [true, 'a', 'truea'],
    ['on ', new DateValue(0), 'on 1970-01-01'],
    [
      [1n, 10n],
      [4n, 5n],
      [1n, 10n, 4n, 5n],
    ],
    [[false, true], false, [false, true, false]],
    [0n, [1n], [0n, 1n]],
    [[1n], [[2n]], [1n, [2n]]],
    ['a', [1n], ['a', 1n]],
    [[], [], []],
  ])('case %#', (a, b, expected) => {
    expect(add(a, b)).toEqual(expected);
  });

  it('leaves its operands as they are', () => {
    const list: Value[] = [1n];
    expect(add(list, list)).toEqual([1n, 1n]);
    expect(add(list, 2n)).toEqual([1n, 2n]);
    expect(list).toEqual([1n]);
  });
});

describe('every operator', () => {
  const operators = Object.entries(BINARY);

  it.each(operators)('%s passes null on', (_name, operator) => {
    for (const other of [null, 1n, 1, 'a', true, [1n], mapOf({}), new DateValue(0)]) {
      expect(operator(null, other)).toBeNull();
      expect(operator(other, null)).toBeNull();
    }
  });

  it.each(operators)('%s refuses what it has no meaning for', (_name, operator) => {
    const node = new Node(1n, [], new Map());
    const pairs: [Value, Value][] = [
      [true, 1n],
      [true, false],
      [mapOf({}), mapOf({})],
      [node, 1n],
      [node, node],
      ['a', node],
      ['a', mapOf({})],
    ];
    for (const [a, b] of pairs) expect(() => operator(a, b)).toThrow(WRONG_TYPE);
  });

  it.each(operators.filter(([name]) => name !== 'add'))('%s does not join', (_name, operator) => {
    for (const [a, b] of [
      ['a', 'b'],
      ['a', 1n],
      [[1n], [2n]],
    ] as [Value, Value][]) {
      expect(() => operator(a, b)).toThrow(WRONG_TYPE);
    }
  });

  it('hands temporal values on', () => {
    const oneDay = new DurationValue(0n, 1n, 0n, 0);
    expect(add(new DateValue(1), oneDay)).toMatchObject({ epochDay: 2 });
    expect(multiply(oneDay, 2n)).toMatchObject({ days: 2n });
    expect(multiply(2n, oneDay)).toMatchObject({ days: 2n });
    expect(divide(new DurationValue(0n, 4n, 0n, 0), 2n)).toMatchObject({ days: 2n });
    expect(() => add(new DateValue(1), 1n)).toThrow(WRONG_TYPE);
    expect(() => divide(2n, oneDay)).toThrow(WRONG_TYPE);
  });
});
