/** FacetError -> HTTP status and message: the part on which all dialects agree, and how one of them differs. */
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

/** Where HTTP is finer than the kind: faults of plain HTTP, and rates. */
const STATUS_OF_CODE: Readonly<Partial<Record<ErrorCode, number>>> = {
  METHOD_NOT_ALLOWED: 405,
  UPGRADE_REQUIRED: 426,
  PAYLOAD_TOO_LARGE: 413,
  UNSUPPORTED_MEDIA_TYPE: 415,
  RATE_LIMITED: 429,
  TOO_MANY_ATTEMPTS: 429,
  TOO_MANY_TRANSACTIONS: 429,
  QUOTA_EXCEEDED: 429,
};

/** The statuses of a dialect. @param ofCode counts before `ofKind`, and both before what all have in common */
export function codeStatuses(
  ofCode: Readonly<Partial<Record<ErrorCode, number>>> = {},
  ofKind: Readonly<Partial<Record<ErrorKind, number>>> = {},
): (code: ErrorCode) => number {
  const codes = { ...STATUS_OF_CODE, ...ofCode };
  const kinds = { ...STATUS_OF_KIND, ...ofKind };
  return (code) => codes[code] ?? kinds[ERROR_CODES[code].kind];
}

/** The message for clients. What went wrong inside the server is not in it: the log has it under the request id. */
export function publicMessage({ kind, code, message }: FacetError): string {
  if (kind !== 'internal') return message;
  return code === 'INTERNAL_ERROR' ? 'Internal error' : ERROR_CODES[code].advice;
}
