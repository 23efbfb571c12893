/** IN agrees with itself item by item, however often a list is asked and whatever is in it. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contextOf } from '../../../../test/support/cypher-expressions.ts';
import { anyValue } from '../../../../test/support/cypher-values.ts';
import { isIn } from '../../values/equality.ts';
import type { Value } from '../../values/value.ts';
import { constant } from './evaluate.ts';
import { membership } from './membership.ts';

const context = contextOf();
const SPAN = { start: 0, end: 0 };

describe('membership', () => {
  it('is what a search would find, for constants and for lists of rows', () => {
    const plain = fc.oneof(fc.constantFrom<Value>('a', 'b', '', true, 1n, 2n, 1, null), anyValue);
    const lists = fc.array(fc.constantFrom<Value>('a', 'b', true, false, 1n, 2n), { maxLength: 20 });
    void fc.assert(
      fc.property(fc.oneof(lists, fc.array(plain, { maxLength: 12 })), fc.array(plain), (list, values) => {
        const ofRow = membership(
          (row) => row[0] ?? null,
          (row) => row[1] ?? null,
          SPAN,
        );
        const ofConstant = membership((row) => row[0] ?? null, constant(list), SPAN);
        for (const value of values) {
          const expected = isIn(value, list);
          expect([ofRow([value, list], context), ofConstant([value], context)]).toEqual([expected, expected]);
        }
      }),
    );
  });

  it('asks a long list by a set from the third time on', () => {
    const list = Array.from({ length: 100 }, (_, i) => BigInt(i));
    let looked = 0;
    const watched = new Proxy(list, {
      get: (target, key, receiver) => {
        if (key === '99') looked += 1;
        return Reflect.get(target, key, receiver);
      },
    });
    const evaluate = membership(
      () => -1n,
      () => watched,
      SPAN,
    );
    for (let i = 0; i < 50; i += 1) expect(evaluate([], context)).toBe(false);
    expect(looked).toBeLessThan(6);
  });
});
