/** The whole truth tables of Kleene's logic. */
import { describe, expect, it } from 'vitest';
import { and, not, or, type Truth, xor } from './logic.ts';

const ALL: readonly Truth[] = [true, false, null];
const table = (operator: (a: Truth, b: Truth) => Truth): Truth[] =>
  ALL.flatMap((a) => ALL.map((b) => operator(a, b)));

describe('logic', () => {
  it('has the tables of AND, OR, XOR and NOT', () => {
    expect(table(and)).toEqual([true, false, null, false, false, false, null, false, null]);
    expect(table(or)).toEqual([true, true, true, true, false, null, true, null, null]);
    expect(table(xor)).toEqual([false, true, null, true, false, null, null, null, null]);
    expect(ALL.map(not)).toEqual([false, true, null]);
  });

  it('obeys De Morgan', () => {
    for (const a of ALL) for (const b of ALL) expect(not(and(a, b))).toBe(or(not(a), not(b)));
  });
});
