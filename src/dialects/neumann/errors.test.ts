/** The reference's table of server errors, row by row, and what Facet adds to it. */
import { describe, expect, it } from 'vitest';
import { type ErrorCode, FacetError } from '../../base/index.ts';
import type { Credentials, Session } from '../../dispatch/index.ts';
import { errorInfo, wordsOf } from './errors.ts';

const QUERY = wordsOf('/neumann.v1.QueryService/Execute');
const BLOB = wordsOf('/neumann.v1.BlobService/Upload');

const sessionBy = (credentials: Credentials): Session => ({
  ...{ dialect: 'neumann', requestId: 'r', credentials, address: '' },
  signal: new AbortController().signal,
});
const NOBODY = sessionBy({ scheme: 'none' });

describe('status', () => {
  it.each<[string, typeof QUERY, ErrorCode, number]>([
    ['Config', QUERY, 'CONFIG_INVALID', 3],
    ['Transport', QUERY, 'UNAVAILABLE', 14],
    ['Query: text', QUERY, 'INVALID_STATEMENT', 3],
    ['Query: SQL', QUERY, 'INVALID_SQL', 3],
    ['Query: missing table', QUERY, 'TABLE_NOT_FOUND', 3],
    ['Query: constraint', QUERY, 'UNIQUE_VIOLATION', 3],
    ['Query: state', QUERY, 'TRANSACTION_ABORTED', 3],
    ['Query: numbers', QUERY, 'NUMERIC_OUT_OF_RANGE', 3],
    ['Query: not offered', QUERY, 'FEATURE_NOT_SUPPORTED', 3],
    ['Auth', QUERY, 'UNAUTHORIZED', 16],
    ['Auth, of blobs', BLOB, 'UNAUTHORIZED', 16],
    ['Blob', BLOB, 'DATA_CORRUPTED', 13],
    ['Blob, of its bytes', BLOB, 'ARTIFACT_DAMAGED', 13],
    ['Internal', QUERY, 'INTERNAL_ERROR', 13],
    ['InvalidArgument', BLOB, 'INVALID_PARAMETER', 3],
    ['NotFound', BLOB, 'ARTIFACT_NOT_FOUND', 5],
    ['NotFound, of collections', BLOB, 'COLLECTION_NOT_FOUND', 5],
    ['PermissionDenied', QUERY, 'FORBIDDEN', 7],
    ['PermissionDenied: reads only', QUERY, 'READ_ONLY_TRANSACTION', 7],
    ['rate limit', QUERY, 'RATE_LIMITED', 8],
    ['upload', BLOB, 'PAYLOAD_TOO_LARGE', 8],
    ['answer', QUERY, 'RESULT_TOO_LARGE', 8],
    ['deadline', QUERY, 'QUERY_TIMEOUT', 4],
    ['run again', QUERY, 'SERIALIZATION_FAILURE', 10],
    ['no such procedure', QUERY, 'NOT_FOUND', 12],
    ['a stream that cannot be taken', BLOB, 'FEATURE_NOT_SUPPORTED', 12],
  ])('%s', (_row, words, code, status) => {
    expect(words.statusOf(code)).toBe(status);
  });
});

describe('message', () => {
  it('has the hint behind it', () => {
    const hint = 'Did you mean NODE?';
    expect(QUERY.messageOf(new FacetError('INVALID_STATEMENT', 'Unexpected x', { hint }), NOBODY)).toBe(
      'Unexpected x. Did you mean NODE?',
    );
    expect(QUERY.messageOf(new FacetError('INVALID_STATEMENT', 'Unexpected x'), NOBODY)).toBe('Unexpected x');
  });

  it('tells nothing of what went wrong inside', () => {
    const error = new FacetError('INTERNAL_ERROR', '/secret/path', { hint: 'secret' });
    expect(QUERY.messageOf(error, NOBODY)).toBe('Internal error');
  });

  it('tells a missing key from a wrong one', () => {
    const error = new FacetError('UNAUTHORIZED', 'x', { hint: 'y' });
    expect(QUERY.messageOf(error, NOBODY)).toBe('API key required');
    expect(QUERY.messageOf(error, sessionBy({ scheme: 'api-key', secret: 'k' }))).toBe('invalid API key');
    expect(QUERY.messageOf(error, sessionBy({ scheme: 'bearer', secret: 'k' }))).toBe('invalid API key');
    expect(QUERY.messageOf(error, sessionBy({ scheme: 'mtls', subject: 'x' }))).toBe('API key required');
  });

  it('is short enough for a trailer', () => {
    const error = new FacetError('INVALID_STATEMENT', 'x'.repeat(5_000), { hint: 'y'.repeat(5_000) });
    expect(QUERY.messageOf(error, NOBODY).length).toBeLessThan(600);
  });
});

it.each<[ErrorCode, number]>([
  ['INVALID_STATEMENT', 7],
  ['TABLE_NOT_FOUND', 7],
  ['FORBIDDEN', 3],
  ['UNAUTHORIZED', 8],
  ['UNAVAILABLE', 6],
  ['INTERNAL_ERROR', 5],
  ['QUERY_TIMEOUT', 5],
])('an item of a batch that failed with %s has the code %i', (code, number) => {
  expect(errorInfo(new FacetError(code, 'text'), NOBODY)).toMatchObject({ code: number, details: code });
});
