/** Headers that go with a status. */
import { describe, expect, it } from 'vitest';
import { FacetError } from '../../base/index.ts';
import { errorHeaders } from './refuse.ts';

describe('a refusal', () => {
  it('comes with the headers of its status', () => {
    const headers = (error: FacetError, status: number) => errorHeaders(error, status, ['Bearer', 'Basic']);
    expect(headers(new FacetError('UNAUTHORIZED', 'x'), 401)).toEqual({
      'www-authenticate': ['Bearer', 'Basic'],
    });
    expect(headers(new FacetError('RATE_LIMITED', 'x', { retryAfterSeconds: 7 }), 429)).toEqual({
      'retry-after': '7',
    });
    expect(headers(new FacetError('UNAVAILABLE', 'x'), 503)).toEqual({ 'retry-after': '1' });
    expect(headers(new FacetError('INVALID_SQL', 'x'), 400)).toEqual({});
  });
});
