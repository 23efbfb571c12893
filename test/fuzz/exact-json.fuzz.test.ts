/** Exact JSON on random input: the same as JSON.parse where no number is exact, every digit kept, no crash. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ExactNumber,
  FacetError,
  type Json,
  parseExactJson,
  stringifyExactJson,
} from '../../src/base/index.ts';
import { jsonFaultAt } from '../../src/base/json-fault.ts';
import { configureFuzz } from './seed.ts';

configureFuzz();

/** JSON values whose numbers a double prints back letter for letter. `-0` prints as `0`. */
const plain = fc.jsonValue({ maxDepth: 6 });

/** Number literals of any length, as RFC 8259 allows them. */
const literal = fc
  .tuple(
    fc.constantFrom('', '-'),
    fc.oneof(fc.constant('0'), fc.bigInt({ min: 1n, max: 10n ** 60n }).map(String)),
    fc.oneof(
      fc.constant(''),
      fc.bigInt({ min: 0n, max: 10n ** 30n }).map((digits) => `.${digits}`),
    ),
    fc.oneof(
      fc.constant(''),
      fc
        .tuple(fc.constantFrom('e', 'E'), fc.constantFrom('', '+', '-'), fc.nat(999))
        .map((parts) => parts.join('')),
    ),
  )
  .map((parts) => parts.join(''));

/** Every number of a value as the text it was written with, in order. */
function numbersIn(value: Json): string[] {
  if (typeof value === 'number') return [String(value)];
  if (value instanceof ExactNumber) return [value.text];
  if (value !== null && typeof value === 'object') return Object.values(value).flatMap(numbersIn);
  return [];
}

const accepts = (parse: () => unknown): boolean => {
  try {
    parse();
    return true;
  } catch {
    return false;
  }
};

describe('parseExactJson', () => {
  it('agrees with JSON.parse on exact values, in compact and spaced text', () => {
    fc.assert(
      fc.property(plain, fc.constantFrom(undefined, 1, '\t\n'), (value, space) => {
        const text = JSON.stringify(value, undefined, space);
        expect(parseExactJson(text)).toStrictEqual(JSON.parse(text));
        expect(stringifyExactJson(parseExactJson(text))).toBe(JSON.stringify(JSON.parse(text)));
      }),
    );
  });

  it('keeps every digit of every number, wherever it stands', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.string(), literal)), (members) => {
        const text = `[${members.map(([key, digits]) => `{${JSON.stringify(key)}: [${digits} ]}`).join(',')}]`;
        expect(numbersIn(parseExactJson(text))).toEqual(members.map(([, digits]) => digits));
        expect(JSON.parse(stringifyExactJson(parseExactJson(text)))).toStrictEqual(JSON.parse(text));
      }),
    );
  });

  it('accepts exactly the texts that JSON.parse accepts, and refuses the others by name', () => {
    const pieces = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"',
      '\\',
      '-',
      '0',
      '1.50',
      'e',
      '.',
      ' ',
      'true',
      'null',
      '"a"',
      '90071992547409931',
    );
    const mixed = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(pieces).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(mixed, (text) => {
        if (accepts(() => JSON.parse(text))) {
          expect(JSON.parse(stringifyExactJson(parseExactJson(text)))).toStrictEqual(JSON.parse(text));
          expect(jsonFaultAt(text)).toBeUndefined();
          return;
        }
        expect(jsonFaultAt(text)).toBeDefined();
        let refusal: unknown;

        try {
          parseExactJson(text);
        } catch (error) {
          refusal = error;
        }
        expect(refusal).toBeInstanceOf(FacetError);
        expect((refusal as FacetError).code).toBe('INVALID_JSON');
      }),
    );
  });

  it('refuses a document in which one character was changed exactly when JSON.parse does, and says where', () => {
    fc.assert(
      fc.property(plain, fc.nat(), fc.constantFrom(...'{}[],:"\\-01.5eE tn'), (value, where, char) => {
        const whole = JSON.stringify({ a: [12.5, value], b: value });
        const at = where % whole.length;
        const text = whole.slice(0, at) + char + whole.slice(at + 1);
        const valid = accepts(() => JSON.parse(text));
        expect(accepts(() => parseExactJson(text))).toBe(valid);
        const fault = jsonFaultAt(text);
        expect(fault === undefined).toBe(valid);
      }),
    );
  });

  it('takes no string of a client for a number', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const value = parseExactJson(JSON.stringify([`number:${text}`, text, 1]).replace(/1]$/, '1.10]'));
        expect(value).toStrictEqual([`number:${text}`, text, new ExactNumber('1.10')]);
      }),
    );
  });
});
