/**
 * Errors of statements that this model composes for CREATE and DROP. PostgreSQL speaks of positions in a text that the
 * client never saw, and of relations where the client asked for a table or an index.
 */
import { type ErrorCode, FacetError } from '../../base/index.ts';

/** The same error without its position, and with another code where `codes` has one for it. */
export function ofDefinition(error: unknown, codes: Partial<Record<ErrorCode, ErrorCode>> = {}): unknown {
  if (!(error instanceof FacetError)) return error;
  const code = codes[error.code] ?? error.code;
  if (code === error.code && error.position === undefined) return error;
  return new FacetError(code, error.message.replace(/ at position \d+/, ''), {
    detail: error.detail,
    hint: error.hint,
    sqlState: error.sqlState,
    retryAfterSeconds: error.retryAfterSeconds,
    cause: error.cause,
  });
}
