/** Floats as text, both ways of writing them. The cases by hand are in text.test.ts. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyFloat } from '../../../test/support/cypher-values.ts';
import { floatLiteral, floatText } from './float-text.ts';

describe('floatText', () => {
  it('writes every double so that it reads back the same', () => {
    void fc.assert(
      fc.property(anyFloat, (value) => {
        expect(Number(floatText(value))).toBe(value);
        if (Number.isFinite(value)) expect(floatText(value)).toMatch(/^-?\d+\.\d+(?:E-?\d+)?$/);
      }),
    );
  });

  it('writes literals that read back the same, and never look like an INTEGER', () => {
    void fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(Number(floatLiteral(value))).toBe(value + 0);
        expect(floatLiteral(value)).toMatch(/[.e]/);
      }),
    );
    expect([Number.NaN, Number.POSITIVE_INFINITY, -0].map(floatLiteral)).toEqual(['NaN', 'Inf', '0.0']);
  });
});
