/**
 * FacetError -> HTTP status, error body and headers of the NamiDB HTTP API. A body is `{"error": text}` as there;
 * `code`, and for faults of a query `type` and `detail`, are additions. Faults of the client in a query that runs are
 * 400 and not 500.
 */
import { ERROR_CODES, type ErrorCode, type ErrorKind, type FacetError } from '../../base/index.ts';
import { CypherError, prepare } from '../../cypher/index.ts';

/** Total, so that a new kind does not compile until it has a status here. */
const STATUS_OF_KIND: Readonly<Record<ErrorKind, number>> = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  exists: 409,
  state: 409,
  retry: 409,
  limit: 413,
  timeout: 504,
  cancelled: 409,
  unavailable: 503,
  unsupported: 400,
  internal: 500,
};

/** Faults of plain HTTP, JSON of a wrong shape, rates, and what a query did not find. */
const STATUS_OF_CODE: Readonly<Partial<Record<ErrorCode, number>>> = {
  METHOD_NOT_ALLOWED: 405,
  UNSUPPORTED_MEDIA_TYPE: 415,
  MISSING_PARAMETER: 422,
  INVALID_PARAMETER: 422,
  RATE_LIMITED: 429,
  TOO_MANY_ATTEMPTS: 429,
  TOO_MANY_TRANSACTIONS: 429,
  ENTITY_NOT_FOUND: 400,
  PROPERTY_NOT_FOUND: 400,
};

export const statusOfCode = (code: ErrorCode): number =>
  STATUS_OF_CODE[code] ?? STATUS_OF_KIND[ERROR_CODES[code].kind];

/** JSON text of the body. @param query the text that was to be run, where the request had one */
export function errorBody(error: FacetError, query?: string): string {
  const cypher = error instanceof CypherError ? { type: error.type, detail: error.reason } : {};
  return JSON.stringify({ error: errorText(error, query), code: error.code, hint: error.hint, ...cypher });
}

export function errorHeaders(error: FacetError, status: number): Record<string, string> {
  if (status === 401) return { 'www-authenticate': 'Bearer realm="namidb"' };
  if (status === 429 || status === 503) return { 'retry-after': String(error.retryAfterSeconds ?? 1) };
  return {};
}

/** Faults in the order of the letters of a query; all other faults of its text are found by looking at its meaning. */
const FAULTS_OF_LETTERS = new Set([
  'UnexpectedSyntax',
  'InvalidNumberLiteral',
  'InvalidUnicodeCharacter',
  'InvalidUnicodeLiteral',
]);

/** Details of openCypher that the NamiDB HTTP API has a word of its own for. */
const KIND_OF_DETAIL: ReadonlyMap<string, string> = new Map([
  ['UndefinedVariable', 'BindingNotFound'],
  ['VariableAlreadyBound', 'DoubleBinding'],
  ['VariableTypeConflict', 'DoubleBinding'],
  ['DifferentColumnsInUnion', 'InvalidUnion'],
]);

function errorText(error: FacetError, query: string | undefined): string {
  // What went wrong inside the server is not for clients: the log has it under the request id.
  if (error.kind === 'internal') {
    return error.code === 'INTERNAL_ERROR' ? 'Internal error' : ERROR_CODES[error.code].advice;
  }
  if (error.code === 'UNAUTHORIZED') return 'missing or invalid bearer token';
  if (error.code === 'WRITER_FENCED') return `write execution failed: storage: ${error.message}`;
  if (!(error instanceof CypherError)) return error.message;
  const message = `${error.message}${placeOf(error, query)}`;
  if (error.phase === 'runtime') return `${wordOf(query)} execution failed: EvalError: ${message}`;
  if (FAULTS_OF_LETTERS.has(error.reason)) return `parse error: ${message}`;
  return `plan error: ${KIND_OF_DETAIL.get(error.reason) ?? error.reason}: ${message}`;
}

/** ` at [s..e)`, in bytes of UTF-8. */
function placeOf({ span }: CypherError, query: string | undefined): string {
  if (span === undefined || query === undefined) return '';
  const bytes = (to: number): number => Buffer.byteLength(query.slice(0, to));
  return ` at [${bytes(span.start)}..${bytes(span.end)})`;
}

/** `write` for a query that can write. It ran, so it compiles; what calls procedures counts as a read. */
function wordOf(query: string | undefined): string {
  try {
    const prepared = query === undefined ? undefined : prepare(query, new Map());
    return prepared?.kind === 'query' && prepared.writes ? 'write' : 'read';
  } catch {
    return 'read';
  }
}
