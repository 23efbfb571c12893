/**
 * From PostgreSQL's SQLSTATE to Facet's codes: the one place. The table follows the classes of PostgreSQL's
 * appendix A and the error table of the ThunderDB API reference. Messages are PostgreSQL's own.
 */
import { type ErrorCode, FacetError, LIMITS } from '../base/index.ts';
import type { ServerError } from './exchange.ts';

/** Who asked PostgreSQL to stop a statement. PostgreSQL answers 57014 to all of them. */
export type CancelReason = 'timeout' | 'abort' | 'deadline' | 'pause';

const BY_STATE: Readonly<Record<string, ErrorCode>> = {
  '42601': 'INVALID_SQL',
  '42000': 'INVALID_SQL',
  '42602': 'INVALID_SQL',
  '42622': 'INVALID_SQL',
  '42939': 'INVALID_SQL',
  '42P02': 'PARAMETER_COUNT_MISMATCH',
  '08P01': 'PARAMETER_COUNT_MISMATCH',
  '42P01': 'TABLE_NOT_FOUND',
  '42704': 'OBJECT_NOT_FOUND',
  '3F000': 'SCHEMA_NOT_FOUND',
  '3D000': 'DATABASE_NOT_FOUND',
  '26000': 'PREPARED_STATEMENT_NOT_FOUND',
  '34000': 'CURSOR_NOT_FOUND',
  '3B001': 'SAVEPOINT_NOT_FOUND',
  '42703': 'COLUMN_NOT_FOUND',
  '42702': 'AMBIGUOUS_COLUMN',
  '42P09': 'AMBIGUOUS_COLUMN',
  '42701': 'DUPLICATE_COLUMN',
  '42883': 'FUNCTION_NOT_FOUND',
  '42804': 'TYPE_MISMATCH',
  '42846': 'TYPE_MISMATCH',
  '42P18': 'TYPE_MISMATCH',
  '42725': 'TYPE_MISMATCH',
  '42803': 'SEMANTIC_ERROR',
  '42P20': 'SEMANTIC_ERROR',
  '42P10': 'SEMANTIC_ERROR',
  '42P16': 'SEMANTIC_ERROR',
  '42P17': 'SEMANTIC_ERROR',
  '42611': 'SEMANTIC_ERROR',
  '428C9': 'SEMANTIC_ERROR',
  '42P07': 'TABLE_ALREADY_EXISTS',
  '42P05': 'PREPARED_STATEMENT_EXISTS',
  '42710': 'OBJECT_ALREADY_EXISTS',
  '42P06': 'OBJECT_ALREADY_EXISTS',
  '42P04': 'OBJECT_ALREADY_EXISTS',
  '42723': 'OBJECT_ALREADY_EXISTS',
  '42P03': 'OBJECT_ALREADY_EXISTS',
  '42501': 'PERMISSION_DENIED',
  '28000': 'UNAUTHORIZED',
  '28P01': 'UNAUTHORIZED',
  '23505': 'UNIQUE_VIOLATION',
  '23503': 'FOREIGN_KEY_VIOLATION',
  '23001': 'FOREIGN_KEY_VIOLATION',
  '23P01': 'EXCLUSION_VIOLATION',
  '23502': 'NOT_NULL_VIOLATION',
  '23514': 'CHECK_VIOLATION',
  '44000': 'CHECK_VIOLATION',
  '22001': 'VALUE_TOO_LONG',
  '22003': 'NUMERIC_OUT_OF_RANGE',
  '22007': 'INVALID_DATETIME',
  '22008': 'INVALID_DATETIME',
  '22012': 'DIVISION_BY_ZERO',
  '21000': 'INVALID_VALUE',
  '40001': 'SERIALIZATION_FAILURE',
  '40P01': 'DEADLOCK_DETECTED',
  '40002': 'TRANSACTION_CONFLICT',
  '40003': 'TRANSACTION_CONFLICT',
  '40000': 'TRANSACTION_CONFLICT',
  '55P03': 'LOCK_TIMEOUT',
  '25006': 'READ_ONLY_TRANSACTION',
  '25P02': 'TRANSACTION_ABORTED',
  '25P01': 'NO_ACTIVE_TRANSACTION',
  '25P03': 'TRANSACTION_NOT_FOUND',
  '25P04': 'TRANSACTION_NOT_FOUND',
  '24000': 'INVALID_TRANSACTION_STATE',
  '2BP01': 'DEPENDENT_OBJECTS_EXIST',
  '55000': 'OBJECT_IN_USE',
  '55006': 'OBJECT_IN_USE',
  '55P02': 'OBJECT_IN_USE',
  '55P04': 'OBJECT_IN_USE',
  '57014': 'QUERY_CANCELLED',
  '57P01': 'UNAVAILABLE',
  '57P02': 'UNAVAILABLE',
  '57P03': 'UNAVAILABLE',
  '57P05': 'UNAVAILABLE',
  '53300': 'TOO_MANY_CONNECTIONS',
  '53400': 'LIMIT_EXCEEDED',
  P0001: 'USER_EXCEPTION',
  P0002: 'USER_EXCEPTION',
  P0003: 'USER_EXCEPTION',
  P0004: 'USER_EXCEPTION',
  XX001: 'DATA_CORRUPTED',
  XX002: 'DATA_CORRUPTED',
};

/** By the first two characters, for states that the table above does not name. */
const BY_CLASS: Readonly<Record<string, ErrorCode>> = {
  '08': 'UNAVAILABLE',
  '0A': 'FEATURE_NOT_SUPPORTED',
  '0L': 'PERMISSION_DENIED',
  '0P': 'PERMISSION_DENIED',
  '22': 'INVALID_VALUE',
  '23': 'CONSTRAINT_VIOLATION',
  '25': 'INVALID_TRANSACTION_STATE',
  '28': 'PERMISSION_DENIED',
  '2D': 'INVALID_TRANSACTION_STATE',
  '42': 'SEMANTIC_ERROR',
  '53': 'RESOURCE_EXHAUSTED',
  '54': 'LIMIT_EXCEEDED',
  '55': 'OBJECT_IN_USE',
  '57': 'UNAVAILABLE',
  '58': 'INTERNAL_ERROR',
  F0: 'INTERNAL_ERROR',
  XX: 'INTERNAL_ERROR',
  HV: 'FOREIGN_DATA_ERROR',
};

/** The code for a SQLSTATE. Any other state is one that a function of users may raise, with words for its callers. */
export function codeOfState(sqlState: string): ErrorCode {
  return BY_STATE[sqlState] ?? BY_CLASS[sqlState.slice(0, 2)] ?? 'USER_EXCEPTION';
}

/** An ErrorResponse as Facet's error. `cancelledBy` tells a timeout from a cancellation. */
export function fromServerError(error: ServerError, cancelledBy?: CancelReason): FacetError {
  const state = error.code ?? '';
  const position = error.position === undefined ? undefined : Number(error.position);
  const details = { detail: error.detail, hint: error.hint, sqlState: state, position };
  if (state === '57014' && cancelledBy !== undefined) return cancelled(cancelledBy);
  const code = refined(codeOfState(state), error);
  if (code === 'INTERNAL_ERROR')
    return new FacetError(code, 'Internal error', { sqlState: state, cause: error });
  if (state === '08P01') return new FacetError(code, withoutInternalName(error.message), details);
  if (state === '42601') return new FacetError(code, syntaxMessage(error.message, position), details);
  if (state === '25P03' || state === '25P04') {
    return new FacetError(code, 'The transaction is over', { ...details, detail: 'rolled back: timed out' });
  }
  if (state === '53400') return new FacetError(code, error.message, { ...details, hint: SPILLED });
  if (code === 'UNAVAILABLE')
    return new FacetError(code, error.message, { ...details, retryAfterSeconds: 1 });
  return new FacetError(code, error.message, details);
}

/** A bound in PostgreSQL's configuration, which the message names: in practice temp_file_limit. */
const SPILLED = 'Ask for less at once: filter earlier, bound the length of paths, or work in portions.';

/** What a statement rejects with that was stopped by us. */
export function cancelled(reason: CancelReason): FacetError {
  switch (reason) {
    case 'timeout':
      return new FacetError('QUERY_TIMEOUT', 'The statement ran longer than its timeout and was cancelled', {
        sqlState: '57014',
      });
    case 'deadline':
      return new FacetError('QUERY_TIMEOUT', "The transaction's time was up while the statement ran", {
        sqlState: '57014',
        detail: 'The transaction was rolled back.',
      });
    case 'pause':
      return new FacetError(
        'QUERY_TIMEOUT',
        `The reader of the stream paused for longer than the timeout, or than ${LIMITS.streamPauseMsMax} ms (streamPauseMsMax)`,
        { sqlState: '57014' },
      );
    case 'abort':
      return new FacetError('QUERY_CANCELLED', 'The statement was cancelled', { sqlState: '57014' });
  }
}

/** The connection broke: nobody knows how far PostgreSQL came with what was under way. */
export function connectionLost(cause?: unknown): FacetError {
  const said = cause instanceof Error || isServerError(cause) ? `: ${(cause as Error).message}` : '';
  return new FacetError('UNAVAILABLE', `The connection to PostgreSQL was lost${said}`, {
    retryAfterSeconds: 1,
    cause,
  });
}

/** A failed attempt to connect, by the server's own words or the network's. */
export function fromConnectError(
  error: unknown,
  address: { readonly host: string; readonly port: number },
): FacetError {
  if (error instanceof FacetError) return error;
  const place = address.host.startsWith('/')
    ? `${address.host}/.s.PGSQL.${address.port}`
    : `${address.host}:${address.port}`;
  if (isServerError(error) && /^[0-9A-Z]{5}$/.test(error.code ?? '')) {
    const known = fromServerError(error);
    return new FacetError(known.code, `PostgreSQL at ${place} refuses the connection: ${error.message}`, {
      ...known,
      cause: error,
    });
  }
  const message = error instanceof Error ? error.message : String(error);
  return new FacetError('UNAVAILABLE', `PostgreSQL at ${place} cannot be reached: ${message}`, {
    retryAfterSeconds: 1,
    hint: 'Check the host and port of the store, and that PostgreSQL runs there and has finished starting.',
    cause: error,
  });
}

/** True for errors that come from a prepared statement which no longer fits the schema, or no longer exists. */
export function isStalePlan(error: ServerError): boolean {
  return error.code === '26000' || (error.code === '0A000' && error.routine === 'RevalidateCachedQuery');
}

const isServerError = (value: unknown): value is ServerError =>
  typeof value === 'object' && value !== null && 'code' in value && typeof value.code === 'string';

/** Where one state stands for several codes, PostgreSQL's C function (never translated) or the text decides. */
function refined(code: ErrorCode, error: ServerError): ErrorCode {
  if (code === 'TABLE_ALREADY_EXISTS' && error.routine === 'index_create') return 'INDEX_ALREADY_EXISTS';
  if (code === 'OBJECT_NOT_FOUND') {
    if (error.message.startsWith('index "')) return 'INDEX_NOT_FOUND';
    if (error.message.startsWith('type "')) return 'INVALID_TYPE';
  }
  return code;
}

/** The names under which the engine prepares texts say nothing to their senders. */
const withoutInternalName = (message: string): string =>
  message.replace(/prepared statement "[^"]*"/, 'the statement');

/** `syntax error at or near "FORM"` as `Syntax error at position 15: unexpected token 'FORM'`. */
function syntaxMessage(message: string, position: number | undefined): string {
  if (position === undefined) return message;
  const near = /^(.*) at or near "([\s\S]*)"$/.exec(message);
  if (near !== null) {
    const [, what = '', token = ''] = near;
    return what === 'syntax error'
      ? `Syntax error at position ${position}: unexpected token '${token}'`
      : `Syntax error at position ${position}: ${what} near '${token}'`;
  }
  if (/ at end of input$/.test(message))
    return `Syntax error at position ${position}: unexpected end of input`;
  return `Syntax error at position ${position}: ${message}`;
}
