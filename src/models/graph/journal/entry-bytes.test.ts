/** Fields that are written directly are, byte for byte, those of the message. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyValue } from '../../../../test/support/cypher-values.ts';
import type { Value } from '../../../cypher/index.ts';
import { encodeJournalEntry } from '../../../strana/index.ts';
import { fieldsOf } from './entry-bytes.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

const expected = (query: string, parameters: ReadonlyMap<string, Value>): string =>
  hex(encodeJournalEntry({ sequence: 0, query, parameters, timestampMs: 0 }));

const isParameter = (value: Value): boolean => {
  try {
    expected('', new Map([['v', value]]));
    return true;
  } catch {
    return false;
  }
};

describe('fields of an entry', () => {
  it('are those of the message, whatever the parameters are', () => {
    const parameter = anyValue.filter(isParameter);
    const text = fc.oneof(fc.string(), fc.string({ unit: 'binary', minLength: 60, maxLength: 80 }));
    fc.assert(
      fc.property(text, fc.array(fc.tuple(text, parameter), { maxLength: 4 }), (query, entries) => {
        const parameters = new Map(entries);
        expect(hex(fieldsOf(query, parameters))).toBe(expected(query, parameters));
      }),
      { numRuns: 2_000, seed: 11 },
    );
  });

  it.each([
    0n,
    1n,
    127n,
    128n,
    2n ** 31n,
    2n ** 53n - 1n,
    2n ** 53n,
    2n ** 63n - 1n,
    -1n,
    -(2n ** 63n),
  ])('have the integer %s', (value) => {
    expect(hex(fieldsOf('', new Map([['v', value]])))).toBe(expected('', new Map([['v', value]])));
  });

  it.each([0, 1, 127, 128, 300, 16_383, 16_384, 2_100_000])('have texts of %i characters', (length) => {
    for (const unit of ['x', 'ž', '\u{1f600}']) {
      const parameters = new Map<string, Value>([['v', ['a', unit.repeat(length)]]]);
      expect(hex(fieldsOf(unit.repeat(length), parameters))).toBe(expected(unit.repeat(length), parameters));
    }
  });

  it('are refused where the message is: deep nesting', () => {
    let value: Value = null;
    for (let depth = 0; depth < 1_002; depth++) value = [value];
    expect(() => fieldsOf('', new Map([['v', value]]))).toThrow('cypherValueDepthMax');
  });
});
