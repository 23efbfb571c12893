/** Statuses of all codes, and what an envelope tells and does not tell. */
import { describe, expect, it } from 'vitest';
import { asFacetError, ERROR_CODES, type ErrorCode, FacetError } from '../../base/index.ts';
import { errorBody, statusOfCode } from './errors.ts';

const LISTED = [400, 401, 403, 404, 409, 422, 429, 500, 503];

describe('statuses', () => {
  it('are those of the reference, and five of plain HTTP and time', () => {
    for (const code of Object.keys(ERROR_CODES) as ErrorCode[]) {
      expect([...LISTED, 405, 413, 415, 426, 504], code).toContain(statusOfCode(code));
    }
  });

  it.each([
    ['INVALID_SQL', 400],
    ['PARAMETER_COUNT_MISMATCH', 400],
    ['USER_EXCEPTION', 400],
    ['UNAUTHORIZED', 401],
    ['READ_ONLY_TRANSACTION', 403],
    ['PERMISSION_DENIED', 403],
    ['TABLE_NOT_FOUND', 404],
    ['TRANSACTION_NOT_FOUND', 404],
    ['METHOD_NOT_ALLOWED', 405],
    ['UNIQUE_VIOLATION', 409],
    ['FOREIGN_KEY_VIOLATION', 409],
    ['SERIALIZATION_FAILURE', 409],
    ['TRANSACTION_ABORTED', 409],
    ['DEPENDENT_OBJECTS_EXIST', 409],
    ['QUERY_CANCELLED', 409],
    ['PAYLOAD_TOO_LARGE', 413],
    ['UNSUPPORTED_MEDIA_TYPE', 415],
    ['COLUMN_NOT_FOUND', 422],
    ['NOT_NULL_VIOLATION', 422],
    ['CHECK_VIOLATION', 422],
    ['DIVISION_BY_ZERO', 422],
    ['RESULT_TOO_LARGE', 422],
    ['TRANSACTION_CONTROL_NOT_ALLOWED', 422],
    ['INVALID_INDEX_TYPE', 422],
    ['RATE_LIMITED', 429],
    ['TOO_MANY_TRANSACTIONS', 429],
    ['INTERNAL_ERROR', 500],
    ['UNAVAILABLE', 503],
    ['NOT_LEADER', 503],
    ['QUERY_TIMEOUT', 504],
  ] as const)('%s is %i', (code, status) => {
    expect(statusOfCode(code)).toBe(status);
  });
});

describe('the envelope', () => {
  const parsed = (error: FacetError): unknown => JSON.parse(errorBody(error, 'req_1'));

  it('always has the four members of the reference', () => {
    expect(parsed(new FacetError('NOT_FOUND', 'no'))).toEqual({
      error: { code: 'NOT_FOUND', message: 'no', detail: null, request_id: 'req_1', retryable: false },
    });
  });

  it('adds what PostgreSQL said; a hint stands in for a missing detail', () => {
    const error = new FacetError('INVALID_SQL', 'no', { hint: 'try', sqlState: '42601', position: 3 });
    expect(parsed(error)).toEqual({
      error: {
        code: 'INVALID_SQL',
        message: 'no',
        detail: 'try',
        request_id: 'req_1',
        sqlstate: '42601',
        position: 3,
        hint: 'try',
        retryable: false,
      },
    });
    expect(parsed(new FacetError('DEADLOCK_DETECTED', 'no', { detail: 'd', hint: 'h' }))).toMatchObject({
      error: { detail: 'd', hint: 'h', retryable: true },
    });
  });

  it('keeps faults of the server to the log', () => {
    const fault = asFacetError(new Error('password=hunter2'));
    expect(errorBody(fault, 'req_1')).not.toContain('hunter2');
    expect(parsed(fault)).toMatchObject({ error: { code: 'INTERNAL_ERROR', message: 'Internal error' } });
    const corrupted = new FacetError('DATA_CORRUPTED', 'block 7 of /secret', { detail: 'secret' });
    expect(errorBody(corrupted, 'req_1')).not.toContain('secret');
  });
});
