/**
 * Errors in the words of the Neumann reference (its tables of server errors). A query that fails is INVALID_ARGUMENT with
 * what went wrong, also when a table is missing: NOT_FOUND is for artifacts, points and collections that a call names.
 */
import { ERROR_CODES, type ErrorCode, type ErrorKind, type FacetError } from '../../base/index.ts';
import type { Credentials, Session } from '../../dispatch/index.ts';
import { type ErrorWords, GRPC, type GrpcStatus, shortened, USUAL_WORDS } from '../grpc/index.ts';
import { ErrorCode as Code } from './gen/neumann/v1/results_pb.ts';

const DOMAIN = 'neumann';

/**
 * Of a query that fails. Total, so that a new kind does not compile until it has a status here; undefined: as of any other
 * call, for it says nothing about the query.
 */
const STATUS_OF_KIND: Readonly<Record<ErrorKind, GrpcStatus | undefined>> = {
  invalid: GRPC.INVALID_ARGUMENT,
  not_found: GRPC.INVALID_ARGUMENT,
  exists: GRPC.INVALID_ARGUMENT,
  state: GRPC.INVALID_ARGUMENT,
  unsupported: GRPC.INVALID_ARGUMENT,
  unauthenticated: undefined,
  forbidden: undefined,
  retry: undefined,
  limit: undefined,
  timeout: undefined,
  cancelled: undefined,
  unavailable: undefined,
  internal: undefined,
};
/** No such procedure. */
const OF_THE_PATH: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['NOT_FOUND', 'METHOD_NOT_ALLOWED']);

export const statusOfQuery = (code: ErrorCode): GrpcStatus =>
  (OF_THE_PATH.has(code) ? undefined : STATUS_OF_KIND[ERROR_CODES[code].kind]) ?? statusOfOthers(code);

/** A failing operation on blobs is INTERNAL, also when stored bytes are not what they were. */
function statusOfOthers(code: ErrorCode): GrpcStatus {
  if (code === 'DATA_CORRUPTED' || code === 'ARTIFACT_DAMAGED') return GRPC.INTERNAL;
  // Also what only says that a caller may read and not write.
  return ERROR_CODES[code].kind === 'forbidden' ? GRPC.PERMISSION_DENIED : USUAL_WORDS.statusOf(code);
}

/** Without a key somebody may be known by the certificate of the connection; one that nobody knows is no wrong key. */
const KEYLESS: ReadonlySet<string> = new Set<Credentials['scheme']>(['none', 'mtls']);

/** What to do about it stands behind what is wrong: clients of Neumann show nothing else. */
export function messageOf(error: FacetError, session: Session | undefined): string {
  if (error.code === 'UNAUTHORIZED') {
    return session !== undefined && KEYLESS.has(session.credentials.scheme)
      ? 'API key required'
      : 'invalid API key';
  }
  const message = USUAL_WORDS.messageOf(error, session);
  if (error.hint === undefined || error.kind === 'internal') return message;
  return shortened(`${message}${/[.?!…]$/.test(message) ? '' : '.'} ${error.hint}`);
}

const OF_QUERIES: ErrorWords = { domain: DOMAIN, statusOf: statusOfQuery, messageOf };
const OF_OTHERS: ErrorWords = { domain: DOMAIN, statusOf: statusOfOthers, messageOf };

/** @param path `/neumann.v1.QueryService/Execute` */
export const wordsOf = (path: string): ErrorWords =>
  path.startsWith('/neumann.v1.QueryService/') ? OF_QUERIES : OF_OTHERS;

const CODES: ReadonlyMap<GrpcStatus, Code> = new Map([
  [GRPC.INVALID_ARGUMENT, Code.INVALID_ARGUMENT],
  [GRPC.NOT_FOUND, Code.NOT_FOUND],
  [GRPC.PERMISSION_DENIED, Code.PERMISSION_DENIED],
  [GRPC.ALREADY_EXISTS, Code.ALREADY_EXISTS],
  [GRPC.UNAUTHENTICATED, Code.UNAUTHENTICATED],
  [GRPC.UNAVAILABLE, Code.UNAVAILABLE],
]);

/** A query of a batch that failed. */
export const errorInfo = (
  error: FacetError,
  session: Session,
): { code: Code; message: string; details: string } => ({
  code: CODES.get(statusOfQuery(error.code)) ?? Code.INTERNAL,
  message: messageOf(error, session),
  details: error.code,
});
