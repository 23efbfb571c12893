/** Equivalence and grouping keys, which must draw the same line between values. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyNumber, anyString, anyTemporal, anyValue, mapOf } from '../../../test/support/cypher-values.ts';
import { equivalent, groupingKey } from './equivalence.ts';
import { Node, Path, Relationship, type Value } from './value.ts';

describe('groupingKey', () => {
  it.each<[string, Value, Value]>([
    ['1 and 1.0', 1n, 1],
    ['0.0 and -0.0', 0, -0],
    ['0 and -0.0', 0n, -0],
    ['NaN and NaN', Number.NaN, Number.NaN],
    ['null and null', null, null],
    ['2^53 as INTEGER and FLOAT', 2n ** 53n, 2 ** 53],
    ['2^62 as INTEGER and FLOAT', 2n ** 62n, 2 ** 62],
    ['lists with null and NaN', [null, Number.NaN, 1n], [null, Number.NaN, 1]],
    ['maps in another order', mapOf({ a: 1n, b: null }), mapOf({ b: null, a: 1 })],
    ['a node in two states', new Node(1n, ['A'], new Map()), new Node(1n, [], mapOf({ k: 1n }))],
  ])('is one for %s', (_name, a, b) => {
    expect(groupingKey(a)).toBe(groupingKey(b));
    expect(equivalent(a, b)).toBe(true);
  });

  it.each<[string, Value, Value]>([
    ['1 and "1"', 1n, '1'],
    ['true and "true"', true, 'true'],
    ['null and "null"', null, 'null'],
    ['2^53 + 1 and 2.0^53', 2n ** 53n + 1n, 2 ** 53],
    ['texts that look like keys', ['a', 'b'], ['a"1:b']],
    ['a text that looks like two', ['a', 'b'], ['a"b']],
    ['nested and flat lists', [[1n], 2n], [[1n, 2n]]],
    ['a missing key and null', mapOf({}), mapOf({ a: null })],
    ['node and relationship', new Node(1n, [], new Map()), new Relationship(1n, 'T', 0n, 0n, new Map())],
    ['node and path of it', new Node(1n, [], new Map()), new Path([new Node(1n, [], new Map())], [])],
    ['1.0 and "#1;"', 1, '#1;'],
  ])('differs for %s', (_name, a, b) => {
    expect(groupingKey(a)).not.toBe(groupingKey(b));
    expect(equivalent(a, b)).toBe(false);
  });

  it('is equal if and only if the values are equivalent', () => {
    for (const values of [anyValue, anyNumber, anyString, anyTemporal]) {
      void fc.assert(
        fc.property(values, values, (a, b) => {
          expect(groupingKey(a) === groupingKey(b)).toBe(equivalent(a, b));
        }),
        { numRuns: 3_000 },
      );
    }
  });

  it('may be joined: equal sequences of keys mean equivalent values in each place', () => {
    const row = fc.array(anyValue, { minLength: 2, maxLength: 2 });
    void fc.assert(
      fc.property(row, row, (a, b) => {
        const joined = (values: readonly Value[]): string => values.map(groupingKey).join('');
        expect(joined(a) === joined(b)).toBe(a.every((value, i) => equivalent(value, b[i] ?? null)));
      }),
      { numRuns: 3_000 },
    );
  });
});
