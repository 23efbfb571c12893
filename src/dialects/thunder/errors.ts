/**
 * FacetError -> HTTP status, error envelope and headers of the ThunderDB API. The envelope and the status list are
 * those of the ThunderDB API reference (Error Responses); `sqlstate`, `position`, `hint` and `retryable` are
 * additions inside `error`.
 */
import { ERROR_CODES, type ErrorCode, type ErrorKind, type FacetError } from '../../base/index.ts';

/** Total, so that a new kind does not compile until it has a status here. */
const STATUS_OF_KIND: Readonly<Record<ErrorKind, number>> = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  exists: 409,
  state: 409,
  retry: 409,
  limit: 422,
  timeout: 504,
  cancelled: 409,
  unavailable: 503,
  unsupported: 422,
  internal: 500,
};

/**
 * Where the contract is finer than the kind: faults of plain HTTP, rates, and requests that are well formed but
 * do not make sense to the database ("valid JSON but semantic error", 422).
 */
const STATUS_OF_CODE: Readonly<Partial<Record<ErrorCode, number>>> = {
  METHOD_NOT_ALLOWED: 405,
  PAYLOAD_TOO_LARGE: 413,
  UNSUPPORTED_MEDIA_TYPE: 415,
  RATE_LIMITED: 429,
  TOO_MANY_ATTEMPTS: 429,
  TOO_MANY_TRANSACTIONS: 429,
  SEMANTIC_ERROR: 422,
  COLUMN_NOT_FOUND: 422,
  AMBIGUOUS_COLUMN: 422,
  DUPLICATE_COLUMN: 422,
  FUNCTION_NOT_FOUND: 422,
  TYPE_MISMATCH: 422,
  INVALID_TYPE: 422,
  INVALID_VALUE: 422,
  INVALID_DATETIME: 422,
  VALUE_TOO_LONG: 422,
  NUMERIC_OUT_OF_RANGE: 422,
  DIVISION_BY_ZERO: 422,
  INVALID_INDEX_TYPE: 422,
  INVALID_INDEX_OPTION: 422,
  NOT_NULL_VIOLATION: 422,
  CHECK_VIOLATION: 422,
};

/** RFC 9110 section 11.6.1: both ways to present credentials in an Authorization header. */
const CHALLENGES = ['Bearer realm="Facet"', 'Basic realm="Facet", charset="UTF-8"'];

export const statusOfCode = (code: ErrorCode): number =>
  STATUS_OF_CODE[code] ?? STATUS_OF_KIND[ERROR_CODES[code].kind];

/** JSON text of the envelope. What went wrong inside the server is not in it: the log has it under the request id. */
export function errorBody(error: FacetError, requestId: string): string {
  return `{"error":${errorObject(error, requestId)}}`;
}

/** JSON text of the object under `error`, as the last line of a stream carries it too. */
export function errorObject(error: FacetError, requestId: string): string {
  if (error.kind === 'internal') {
    const message = error.code === 'INTERNAL_ERROR' ? 'Internal error' : ERROR_CODES[error.code].advice;
    return JSON.stringify({
      code: error.code,
      message,
      detail: null,
      request_id: requestId,
      retryable: false,
    });
  }
  return JSON.stringify({
    code: error.code,
    message: error.message,
    detail: error.detail ?? error.hint ?? null,
    request_id: requestId,
    sqlstate: error.sqlState,
    position: error.position,
    hint: error.hint,
    retryable: error.retryable,
  });
}

/** Headers that go with the status: when to come back, and how to name oneself. */
export function errorHeaders(error: FacetError, status: number): Record<string, string | string[]> {
  if (status === 401) return { 'www-authenticate': CHALLENGES };
  if (status === 429 || status === 503) return { 'retry-after': String(error.retryAfterSeconds ?? 1) };
  return {};
}
