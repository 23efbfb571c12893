/** Headers that go with a status, and which faults of Fastify are the client's. */
import { describe, expect, it } from 'vitest';
import { FacetError } from '../../base/index.ts';
import { asRequestError, errorHeaders } from './refuse.ts';

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

  it.each([
    ['FST_ERR_CTP_BODY_TOO_LARGE', 'PAYLOAD_TOO_LARGE'],
    ['FST_ERR_CTP_INVALID_MEDIA_TYPE', 'UNSUPPORTED_MEDIA_TYPE'],
    ['FST_ERR_CTP_INVALID_CONTENT_LENGTH', 'INVALID_JSON'],
    ['ECONNRESET', 'QUERY_CANCELLED'],
    ['FST_ERR_OF_OURS', 'FST_ERR_OF_OURS'],
  ])('for %s of Fastify is %s', (code, expected) => {
    expect(asRequestError({ code }, 1)).toMatchObject({ code: expected });
  });
});
