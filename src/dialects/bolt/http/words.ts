/** How both APIs say no: `errors` with Neo4j's codes, and the statuses that go with them. */
import { asFacetError, type FacetError } from '../../../base/index.ts';
import { codeStatuses, type HttpRequest } from '../../http/index.ts';
import type { Failure } from '../codec.ts';
import { failureOf } from '../errors.ts';

/** Faults of clients are 400, as Neo4j has them, unless HTTP has a word of its own. */
export const statusOfCode = codeStatuses(
  {
    DATABASE_NOT_FOUND: 404,
    NAMESPACE_INVALID: 404,
    TRANSACTION_NOT_FOUND: 404,
    TRANSACTION_NOT_ACTIVE: 404,
    NOT_FOUND: 404,
  },
  {
    not_found: 400,
    exists: 400,
    state: 400,
    retry: 400,
    limit: 400,
    timeout: 400,
    cancelled: 400,
    unsupported: 400,
  },
);

/** What is about requests and not about queries, which `failureOf` is for. */
const OWN_CODES: Readonly<Partial<Record<FacetError['code'], string>>> = {
  NOT_FOUND: 'Neo.ClientError.Request.Invalid',
  METHOD_NOT_ALLOWED: 'Neo.ClientError.Request.Invalid',
  PAYLOAD_TOO_LARGE: 'Neo.ClientError.Request.Invalid',
  UNSUPPORTED_MEDIA_TYPE: 'Neo.ClientError.Request.InvalidFormat',
  INVALID_TRANSACTION_STATE: 'Neo.ClientError.Transaction.TransactionAccessedConcurrently',
};

/** What commits have failed with: where an answer is made of it, nobody knows that it was one. */
const OF_COMMITS = new WeakSet<FacetError>();

/** @returns what `thrown` is, marked: with some errors it matters that a commit has failed with them */
export function ofCommit(thrown: unknown): FacetError {
  const error = asFacetError(thrown);
  OF_COMMITS.add(error);
  return error;
}

export function failureFor(
  error: FacetError,
  requestId: string,
  query?: string,
  commits: boolean = OF_COMMITS.has(error),
): Failure {
  const failure = failureOf(error, { requestId, query, commits });
  const code = OWN_CODES[error.code];
  return code === undefined ? failure : { ...failure, code };
}

export const errorsJson = (failures: readonly Failure[]): string =>
  JSON.stringify(failures.map(({ code, message }) => ({ code, message })));

/** The whole body. Answers of the transactional endpoint always have `results`. */
export function errorBody(error: FacetError, request: HttpRequest): string {
  const errors = errorsJson([failureFor(error, request.id, statementOf(request))]);
  return TRANSACTIONAL.test(request.url) ? `{"results":[],"errors":${errors}}` : `{"errors":${errors}}`;
}

const TRANSACTIONAL = /^\/db\/[^/]+\/tx(?:[/?]|$)/;

/** The text of a query, if the request got as far as a body with one. */
function statementOf({ body }: HttpRequest): string | undefined {
  const statement =
    body !== null && typeof body === 'object' && 'statement' in body ? body.statement : undefined;
  return typeof statement === 'string' ? statement : undefined;
}
