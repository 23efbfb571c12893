/** Codes by which drivers decide whether to try again. */
import { describe, expect, test } from 'vitest';
import { ERROR_CODES, type ErrorCode, FacetError } from '../../base/index.ts';
import { failureOf } from './errors.ts';

const CODES = Object.keys(ERROR_CODES) as ErrorCode[];
const codeOf = (code: ErrorCode, ...context: readonly Parameters<typeof failureOf>[1][]): string =>
  failureOf(new FacetError(code, 'words'), context[0]).code;

/** Kinds of which the same request may succeed later. */
const AGAIN = new Set(['retry', 'unavailable']);
/** Of other kinds. */
const AGAIN_TOO = new Set(['RATE_LIMITED', 'TOO_MANY_TRANSACTIONS', 'POSITION_NOT_REACHED']);
/** Another server is to be asked, which drivers find by themselves. */
const ELSEWHERE = new Set(['WRITER_FENCED', 'NOT_LEADER']);

describe('codes', () => {
  test.each(CODES)('%s', (code) => {
    const neo4j = codeOf(code);
    expect(neo4j).toMatch(
      /^Neo\.(ClientError|TransientError|DatabaseError)\.[A-Z][A-Za-z]+\.[A-Z][A-Za-z]+$/,
    );
    const { kind } = ERROR_CODES[code];
    const isAgain = (AGAIN.has(kind) && !ELSEWHERE.has(code)) || AGAIN_TOO.has(code);
    expect(neo4j.startsWith('Neo.TransientError.'), neo4j).toBe(isAgain);
    expect(neo4j.startsWith('Neo.DatabaseError.'), neo4j).toBe(kind === 'internal');
    if (ELSEWHERE.has(code)) expect(neo4j).toBe('Neo.ClientError.Cluster.NotALeader');
  });

  test('every failure has a status of GQL', () => {
    for (const code of CODES) {
      const { gqlStatus, description } = failureOf(new FacetError(code, 'words'));
      expect(gqlStatus).toMatch(/^[0-9A-Z]{5}$/);
      expect(description).toMatch(/^error: /);
    }
  });
});

describe('what else decides', () => {
  test('a commit of which nobody knows what became of it is not tried again', () => {
    expect(codeOf('UNAVAILABLE', { commits: true })).toBe(
      'Neo.DatabaseError.Transaction.TransactionCommitFailed',
    );
    const stopping = new FacetError('UNAVAILABLE', 'The server is stopping', { retryAfterSeconds: 1 });
    expect(failureOf(stopping, { commits: true }).code).toBe(
      'Neo.TransientError.General.DatabaseUnavailable',
    );
  });

  test('a timeout is the own one of the client or that of the server', () => {
    expect(codeOf('QUERY_TIMEOUT', { ownTimeout: true })).toMatch(/TimedOutClientConfiguration$/);
    expect(codeOf('QUERY_TIMEOUT')).toMatch(/TransactionTimedOut$/);
  });

  test.each([
    ['rolled back: timed out', 'Neo.ClientError.Transaction.TransactionTimedOut'],
    ['rolled back: connection lost', 'Neo.TransientError.General.DatabaseUnavailable'],
    ['rolled back: paused for a restore point', 'Neo.TransientError.General.DatabaseUnavailable'],
    ['whether it was committed is not known', 'Neo.ClientError.Transaction.TransactionNotFound'],
  ])('a transaction that is gone: %s', (detail, code) => {
    expect(failureOf(new FacetError('TRANSACTION_NOT_FOUND', 'gone', { detail })).code).toBe(code);
  });

  test('a server that only reads sends writers elsewhere, and tells readers that they may not', () => {
    expect(codeOf('READ_ONLY_TRANSACTION', { mayWrite: true })).toBe('Neo.ClientError.Cluster.NotALeader');
    expect(codeOf('READ_ONLY_TRANSACTION')).toBe('Neo.ClientError.Statement.AccessMode');
  });
});

describe('messages', () => {
  test('say where the fault is, as Neo4j writes it', () => {
    const error = new FacetError('INVALID_CYPHER', 'Wrong', { position: 12, hint: 'Do it so.' });
    const { message } = failureOf(error, { query: 'RETURN 1\nAS 1' });
    expect(message).toBe('Wrong (line 2, column 3 (offset: 11))\nDo it so.');
  });

  test('keep what went wrong inside the server for the log', () => {
    const error = new FacetError('INTERNAL_ERROR', 'secret', { cause: new Error('secret') });
    expect(failureOf(error, { requestId: 'bolt-1.2' }).message).toBe('Internal error (bolt-1.2 in the log)');
  });
});
