/** Reading members of payloads and envelopes: both spellings, exact numbers, and names of places in messages. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FacetError, parseExactJson } from '../../base/index.ts';
import { readEnvelope } from './envelope.ts';
import { Fields } from './fields.ts';

const fields = (text: string): Fields => Fields.of(parseExactJson(text));

describe('Fields', () => {
  test('takes the first spelling that is there, and null for absent', () => {
    const read = fields('{"a":null,"b":"x"}');
    expect(read.string('a', 'b')).toBe('x');
    expect(read.optionalString('a')).toBeUndefined();
    expect(() => read.string('a', 'c')).toThrow("'a' (or 'c') is required");
  });

  test('integers are exact or refused', () => {
    expect(fields('{"n":9007199254740991}').integer('n')).toBe(9_007_199_254_740_991);
    expect(() => fields('{"n":9007199254740993}').integer('n')).toThrow('must be an integer');
    expect(() => fields('{"n":1.5}').integer('n')).toThrow('must be an integer');
    expect(() => fields('{"n":"1"}').integer('n')).toThrow('must be an integer');
    expect(fields('{"n":9223372036854775807}').optionalDigits('n')).toBe('9223372036854775807');
  });

  test('text counts as a number where it comes from a path', () => {
    const read = Fields.ofTexts({ n: '12', b: 'true', m: '5' }, new Set(['n', 'b']));
    expect(read.integer('n')).toBe(12);
    expect(read.flag('b')).toBe(true);
    expect(() => read.integer('m')).toThrow('must be an integer');
  });

  test('seconds become milliseconds', () => {
    expect(fields('{"ttl":60}').optionalSecondsAsMs(['ttl'], 'positive')).toBe(60_000);
    expect(() => fields('{"ttl":0}').optionalSecondsAsMs(['ttl'], 'positive')).toThrow('at least 1');
    expect(fields('{"ttl":0}').optionalSecondsAsMs(['ttl'], 'zero')).toBe(0);
  });

  test('names the place of an item', () => {
    const [, second] = fields('{"pairs":[{"key":"a"},{}]}').objects('pairs');
    expect(() => second?.string('key')).toThrow("'pairs[1].key' is required");
  });
});

test('an envelope is read or refused, whatever it is', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      try {
        const asked = readEnvelope(parseExactJson(text), 'own');
        expect(typeof asked.requestId).toBe('string');
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(FacetError);
      }
    }),
  );
});
