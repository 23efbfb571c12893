/** Bodies: what is decoded, and what is refused before any schema sees it. */
import { describe, expect, it } from 'vitest';
import { ExactNumber, FacetError } from '../../base/index.ts';
import { checkEncoding, decodeBody } from './json-body.ts';

const decode = (text: string): unknown => decodeBody(Buffer.from(text));

function refusal(work: () => unknown): [string, string] {
  try {
    work();
  } catch (error) {
    if (error instanceof FacetError) return [error.code, error.message];
    throw error;
  }
  throw new Error('was not refused');
}

describe('a body', () => {
  it('is JSON with exact numbers, or nothing', () => {
    expect(decode('')).toBeUndefined();
    expect(decode('{"a":[1,9007199254740993]}')).toEqual({ a: [1, new ExactNumber('9007199254740993')] });
    expect(decode('"\\ud83d\\ude00 \\\\ud83d"')).toBe('😀 \\ud83d');
  });

  it('must be JSON', () => {
    expect(refusal(() => decode('{"a":'))[0]).toBe('INVALID_JSON');
    expect(refusal(() => decode(' '))).toEqual(['INVALID_JSON', 'The body is not valid JSON: it is empty']);
    expect(refusal(() => decode('[1,]'))[0]).toBe('INVALID_JSON');
  });

  it('must be UTF-8', () => {
    const bytes = Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xc3, 0x28]), Buffer.from('"}')]);
    expect(refusal(() => decodeBody(bytes))).toEqual(['INVALID_JSON', 'The body is not valid UTF-8']);
    const overlong = Buffer.from([0x22, 0xc0, 0xaf, 0x22]);
    expect(refusal(() => decodeBody(overlong))[0]).toBe('INVALID_JSON');
  });

  it('must not escape half of a surrogate pair, and the message says where', () => {
    expect(refusal(() => decode('{"params":["ok","x\\ud83d"]}'))).toEqual([
      'INVALID_JSON',
      "'params.1' has half of a surrogate pair, which is not a character",
    ]);
    expect(refusal(() => decode('{"\\uDC00":1}'))[1]).toContain('The name of a member');
    expect(refusal(() => decode('"\\ude00\\ud83d"'))[1]).toContain('The body');
  });

  it('must say UTF-8 if it names a charset, and not be compressed', () => {
    for (const fine of [
      'application/json',
      'application/json; charset=UTF-8',
      'application/json;charset="utf8"',
    ]) {
      expect(() => checkEncoding({ 'content-type': fine, 'content-encoding': 'identity' })).not.toThrow();
    }
    expect(() => checkEncoding({})).not.toThrow();
    expect(refusal(() => checkEncoding({ 'content-type': 'application/json; charset=latin1' }))).toEqual([
      'UNSUPPORTED_MEDIA_TYPE',
      'JSON is UTF-8, not latin1',
    ]);
    expect(refusal(() => checkEncoding({ 'content-encoding': 'gzip' }))).toEqual([
      'UNSUPPORTED_MEDIA_TYPE',
      'Bodies are sent as they are, not as gzip',
    ]);
  });
});
