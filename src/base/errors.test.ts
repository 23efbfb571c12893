/** The error table: every code has a kind and advice, kinds are closed, and an error carries what it was given. */
import { describe, expect, it } from 'vitest';
import {
  asFacetError,
  ERROR_CODES,
  ERROR_KINDS,
  type ErrorCode,
  type ErrorKind,
  FacetError,
  RETIRED_CODES,
} from './errors.ts';

const entries = Object.entries(ERROR_CODES) as [ErrorCode, { kind: ErrorKind; advice: string }][];

describe('the table of codes', () => {
  it('has no two kinds or codes of one name', () => {
    expect(new Set(ERROR_KINDS).size).toBe(ERROR_KINDS.length);
    expect(entries.length).toBeGreaterThan(60);
  });

  it.each(entries)('%s reads well', (code, entry) => {
    expect(code).toMatch(/^[A-Z]+(?:_[A-Z]+)*$/);
    expect(ERROR_KINDS).toContain(entry.kind);
    expect(entry.advice).toMatch(/^[A-Z].*\.$/);
    expect(entry.advice.length).toBeLessThan(130);
  });

  it('uses every kind', () => {
    const used = new Set(entries.map(([, entry]) => entry.kind));
    expect(ERROR_KINDS.filter((kind) => !used.has(kind))).toEqual([]);
  });

  it('does not bring back a retired code', () => {
    expect(RETIRED_CODES.filter((code) => code in ERROR_CODES)).toEqual([]);
  });

  it('gives no two codes the same advice', () => {
    expect(new Set(entries.map(([, entry]) => entry.advice)).size).toBe(entries.length);
  });
});

describe('FacetError', () => {
  it('carries its details and the kind of its code', () => {
    const cause = new Error('socket');
    const error = new FacetError('UNIQUE_VIOLATION', 'taken', {
      detail: 'Key (id)=(1)',
      hint: 'another id',
      sqlState: '23505',
      position: 7,
      retryAfterSeconds: 2,
      cause,
    });
    expect(error).toMatchObject({
      name: 'FacetError',
      message: 'taken',
      code: 'UNIQUE_VIOLATION',
      kind: 'exists',
      detail: 'Key (id)=(1)',
      hint: 'another id',
      sqlState: '23505',
      position: 7,
      retryAfterSeconds: 2,
      cause,
    });
    expect(error).toBeInstanceOf(Error);
    expect('cause' in new FacetError('NOT_FOUND', 'no route')).toBe(false);
  });

  it('calls retryable what may succeed when it is sent again, and nothing else', () => {
    const retryable = entries
      .filter(([code]) => new FacetError(code, 'x').retryable)
      .map(([, entry]) => entry.kind);
    expect(new Set(retryable)).toEqual(new Set(['retry', 'unavailable']));
  });
});

describe('asFacetError', () => {
  it('returns a FacetError as it is', () => {
    const error = new FacetError('NOT_FOUND', 'no route');
    expect(asFacetError(error)).toBe(error);
  });

  it.each([
    [new TypeError('secret detail')],
    ['a string'],
    [undefined],
    [null],
    [{ code: 'NOT_FOUND' }],
  ])('hides the foreign %o behind INTERNAL_ERROR and keeps it as the cause', (thrown) => {
    const error = asFacetError(thrown);
    expect(error.code).toBe('INTERNAL_ERROR');
    expect(error.message).toBe('Internal error');
    expect(error.detail).toBeUndefined();
    if (thrown !== undefined) expect(error.cause).toBe(thrown);
  });
});
