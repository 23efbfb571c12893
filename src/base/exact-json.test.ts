/** JSON whose numbers keep their digits: cases by hand. Random ones are in test/fuzz. */
import { describe, expect, it } from 'vitest';
import { FacetError } from './errors.ts';
import { ExactNumber, parseExactJson, stringifyExactJson } from './exact-json.ts';
import { LIMITS } from './limits.ts';

const codeOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    if (error instanceof FacetError) return `${error.code} ${error.message}`;
    throw error;
  }
  return 'no error';
};

describe('parseExactJson', () => {
  it.each([
    '9223372036854775807',
    '-9223372036854775808',
    '12345678901234567890.12',
    '1.10',
    '1E400',
    '-0',
    '0.30',
  ])('keeps the digits of %s', (literal) => {
    expect(parseExactJson(literal)).toEqual(new ExactNumber(literal));
    expect(stringifyExactJson(parseExactJson(`[${literal}, {"a": ${literal}}]`))).toBe(
      `[${literal},{"a":${literal}}]`,
    );
  });

  it.each([
    '0',
    '-1',
    '1.5',
    '9007199254740991',
    '0.1',
    '1e+21',
    '5e-324',
  ])('leaves %s a number', (literal) => {
    expect(parseExactJson(literal)).toBe(Number(literal));
  });

  it('leaves digits in strings and keys alone', () => {
    const text = '{"9223372036854775807":"a \\" 9223372036854775807 \\\\","b":9223372036854775807}';
    expect(parseExactJson(text)).toEqual({
      '9223372036854775807': 'a " 9223372036854775807 \\',
      b: new ExactNumber('9223372036854775807'),
    });
  });

  it('keeps a member called __proto__ as a member', () => {
    const value = parseExactJson('{"__proto__": 9223372036854775807}');
    expect(Object.keys(value as object)).toEqual(['__proto__']);
    expect(({} as Record<string, unknown>).text).toBeUndefined();
  });

  it.each([
    '',
    ' ',
    '{',
    '[1,]',
    '01',
    '1.',
    '-',
    '+1',
    '[9223372036854775807',
    'nul',
    '"a',
    "{'a':1}",
    '1 2',
    'NaN',
  ])('refuses %j as INVALID_JSON', (text) => {
    expect(codeOf(() => parseExactJson(text))).toMatch(/^INVALID_JSON The body is not valid JSON: /);
  });

  it('says where it stopped', () => {
    expect(codeOf(() => parseExactJson('{"a": nope}'))).toMatch(/at position 8$/);
    expect(codeOf(() => parseExactJson('[9223372036854775807, 1.10, }'))).toMatch(/at position 29$/);
    expect(codeOf(() => parseExactJson('{"a": 1'))).toMatch(/it ends too early$/);
    expect(codeOf(() => parseExactJson(''))).toMatch(/it is empty$/);
  });

  it('refuses a number where a key belongs', () => {
    expect(codeOf(() => parseExactJson('{"a": 1, 1.10: 2}'))).toMatch(/at position 10$/);
    expect(codeOf(() => parseExactJson('{12345678901234567890: 2}'))).toMatch(/at position 2$/);
  });

  it('bounds the nesting', () => {
    const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
    expect(codeOf(() => parseExactJson(nested(LIMITS.jsonDepthMax)))).toBe('no error');
    expect(codeOf(() => parseExactJson(nested(LIMITS.jsonDepthMax + 1)))).toContain('jsonDepthMax');
    expect(codeOf(() => parseExactJson('['.repeat(1_000_000)))).toContain('INVALID_JSON');
  });
});

describe('stringifyExactJson', () => {
  it('writes what JSON.stringify writes when no number is exact', () => {
    const value = { a: [1, 'x', null, true, { b: [] }], 'key "q"': '\u2028' };
    expect(stringifyExactJson(value)).toBe(JSON.stringify(value));
  });
});
