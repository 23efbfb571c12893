/**
 * FacetError -> HTTP status, error envelope and headers of the ThunderDB API. The envelope and the status list are
 * those of the ThunderDB API reference (Error Responses); `sqlstate`, `position`, `hint` and `retryable` are
 * additions inside `error`.
 */
import type { FacetError } from '../../base/index.ts';
import { codeStatuses, publicMessage } from '../http/index.ts';

/**
 * Where the contract is finer than the kind: requests that are well formed but do not make sense to the database
 * ("valid JSON but semantic error", 422).
 */
export const statusOfCode = codeStatuses({
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
  INVALID_EVENT: 422,
  INVALID_FILTER: 422,
  NOT_A_VECTOR_COLUMN: 422,
  VECTOR_DIMENSION_MISMATCH: 422,
  INVALID_VECTOR: 422,
  INVALID_ENDPOINT: 422,
});

/** RFC 9110 section 11.6.1: both ways to present credentials in an Authorization header. */
export const CHALLENGES = ['Bearer realm="Facet"', 'Basic realm="Facet", charset="UTF-8"'];

/** JSON text of the envelope. What went wrong inside the server is not in it: the log has it under the request id. */
export function errorBody(error: FacetError, requestId: string): string {
  return JSON.stringify({ error: errorObject(error, requestId) });
}

/** The value of `error` in the envelope: what the frames of sockets have, too. */
export const errorText = (error: FacetError, requestId: string): string =>
  JSON.stringify(errorObject(error, requestId));

function errorObject(error: FacetError, requestId: string): Record<string, unknown> {
  const { code } = error;
  const message = publicMessage(error);
  if (error.kind === 'internal') {
    return { code, message, detail: null, request_id: requestId, retryable: false };
  }
  return {
    code,
    message,
    detail: error.detail ?? error.hint ?? null,
    request_id: requestId,
    sqlstate: error.sqlState,
    position: error.position,
    hint: error.hint,
    retryable: error.retryable,
  };
}
