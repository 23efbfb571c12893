/**
 * FacetError -> status, code and body in Synap's words. Codes that the protocol has no word for keep ours. Only the
 * statuses of its table are used: what takes too long is 503 there.
 */
import type { ErrorCode, FacetError } from '../../base/index.ts';
import { codeStatuses, publicMessage } from '../http/index.ts';
import { failureText } from './envelope.ts';

export const statusOfCode = codeStatuses(
  {
    MISSING_PARAMETER: 422,
    INVALID_PARAMETER: 422,
    NOT_AN_INTEGER: 422,
    INTEGER_OVERFLOW: 422,
    INVALID_CURSOR: 422,
    OFFSET_OUT_OF_RANGE: 422,
    VALUE_TOO_LARGE: 413,
    QUEUE_FULL: 507,
    RESOURCE_EXHAUSTED: 507,
    HUB_UNAVAILABLE: 500,
    LOCK_TIMEOUT: 503,
  },
  { timeout: 503, cancelled: 503 },
);

const WORDS: Readonly<Partial<Record<ErrorCode, string>>> = {
  INVALID_JSON: 'INVALID_REQUEST',
  INVALID_ENVELOPE: 'INVALID_REQUEST',
  UNSUPPORTED_MEDIA_TYPE: 'INVALID_REQUEST',
  UNKNOWN_COMMAND: 'INVALID_COMMAND',
  MISSING_PARAMETER: 'INVALID_PAYLOAD',
  INVALID_PARAMETER: 'INVALID_PAYLOAD',
  INVALID_CURSOR: 'INVALID_PAYLOAD',
  NOT_AN_INTEGER: 'INVALID_PAYLOAD',
  INTEGER_OVERFLOW: 'INVALID_PAYLOAD',
  OFFSET_OUT_OF_RANGE: 'INVALID_PAYLOAD',
  VALUE_TOO_LARGE: 'PAYLOAD_TOO_LARGE',
  HUB_UNAVAILABLE: 'HUB_API_ERROR',
  RATE_LIMITED: 'RATE_LIMIT_EXCEEDED',
  TOO_MANY_ATTEMPTS: 'RATE_LIMIT_EXCEEDED',
  PERMISSION_DENIED: 'FORBIDDEN',
  RESOURCE_EXHAUSTED: 'MEMORY_LIMIT_EXCEEDED',
  UNAVAILABLE: 'SERVICE_UNAVAILABLE',
  TOO_MANY_CONNECTIONS: 'SERVICE_UNAVAILABLE',
  QUERY_TIMEOUT: 'SERVICE_UNAVAILABLE',
  QUERY_CANCELLED: 'SERVICE_UNAVAILABLE',
  LOCK_TIMEOUT: 'SERVICE_UNAVAILABLE',
};

/** Which member of a published generation counts where one field cannot serve both. */
export type SynapWire = 'documented' | 'released';

export function messageOf(error: FacetError): string {
  if (error.code === 'RATE_LIMITED') {
    const seconds = error.retryAfterSeconds ?? 1;
    return `Rate limit exceeded. Try again in ${seconds} ${seconds === 1 ? 'second' : 'seconds'}.`;
  }
  return publicMessage(error);
}

export const wordOf = (code: ErrorCode): string => WORDS[code] ?? code;

/** JSON text of the member `error`. */
export function errorText(error: FacetError): string {
  const { code, detail, hint } = error;
  const details = {
    ...(wordOf(code) === code ? {} : { reason: code }),
    ...(detail === undefined || error.kind === 'internal' ? {} : { detail }),
    ...(hint === undefined ? {} : { suggestion: hint }),
    ...(error.retryAfterSeconds === undefined ? {} : { retry_after: error.retryAfterSeconds }),
  };
  return JSON.stringify({ code: wordOf(code), message: messageOf(error), details });
}

/** The envelope of a refusal. */
export const refusalText = (error: FacetError, requestId: string): string =>
  failureText(requestId, errorText(error));
