/**
 * Facet's errors -> what Neo4j's drivers decide by: a status code, and from Bolt 5.7 on a status of GQL. Drivers run a
 * managed transaction again for `TransientError` (but not for one that was terminated), so what may be tried again has
 * such a code and nothing else has.
 */
import type { ErrorCode, ErrorKind, FacetError } from '../../base/index.ts';
import { publicMessage } from '../http/index.ts';
import type { Failure } from './codec.ts';
import { gqlOf } from './gql-statuses.ts';

/** Where a kind has codes of its own, below. Total, so that a new kind does not compile until it has a code here. */
const CODE_OF_KIND: Readonly<Record<ErrorKind, string>> = {
  invalid: 'Neo.ClientError.Statement.ArgumentError',
  unauthenticated: 'Neo.ClientError.Security.Unauthorized',
  forbidden: 'Neo.ClientError.Security.Forbidden',
  not_found: 'Neo.ClientError.Statement.EntityNotFound',
  exists: 'Neo.ClientError.Schema.ConstraintValidationFailed',
  state: 'Neo.ClientError.Statement.ExecutionFailed',
  retry: 'Neo.TransientError.Transaction.Outdated',
  limit: 'Neo.ClientError.Statement.ExecutionFailed',
  timeout: 'Neo.ClientError.Transaction.TransactionTimedOut',
  cancelled: 'Neo.ClientError.Transaction.Terminated',
  unavailable: 'Neo.TransientError.General.DatabaseUnavailable',
  unsupported: 'Neo.ClientError.Statement.UnsupportedOperationError',
  internal: 'Neo.DatabaseError.General.UnknownError',
};

const CODE_OF_CODE: Readonly<Partial<Record<ErrorCode, string>>> = {
  INVALID_MESSAGE: 'Neo.ClientError.Request.Invalid',
  INVALID_JSON: 'Neo.ClientError.Request.InvalidFormat',
  MISSING_PARAMETER: 'Neo.ClientError.Request.Invalid',
  INVALID_CYPHER: 'Neo.ClientError.Statement.SyntaxError',
  CYPHER_SEMANTIC_ERROR: 'Neo.ClientError.Statement.SemanticError',
  CYPHER_TYPE_ERROR: 'Neo.ClientError.Statement.TypeError',
  CYPHER_ARGUMENT_ERROR: 'Neo.ClientError.Statement.ArgumentError',
  CYPHER_ARITHMETIC_ERROR: 'Neo.ClientError.Statement.ArithmeticError',
  ENTITY_NOT_FOUND: 'Neo.ClientError.Statement.EntityNotFound',
  PARAMETER_MISSING: 'Neo.ClientError.Statement.ParameterMissing',
  PROCEDURE_ERROR: 'Neo.ClientError.Procedure.ProcedureNotFound',
  PROPERTY_NOT_FOUND: 'Neo.ClientError.Statement.PropertyNotFound',
  GRAPH_CONSTRAINT_VIOLATION: 'Neo.ClientError.Schema.ConstraintValidationFailed',
  INDEX_NOT_FOUND: 'Neo.ClientError.Schema.IndexNotFound',
  INDEX_ALREADY_EXISTS: 'Neo.ClientError.Schema.IndexAlreadyExists',
  OBJECT_NOT_FOUND: 'Neo.ClientError.Schema.ConstraintNotFound',
  OBJECT_ALREADY_EXISTS: 'Neo.ClientError.Schema.ConstraintAlreadyExists',
  DEPENDENT_OBJECTS_EXIST: 'Neo.ClientError.Schema.ForbiddenOnConstraintIndex',
  DATABASE_NOT_FOUND: 'Neo.ClientError.Database.DatabaseNotFound',
  NAMESPACE_INVALID: 'Neo.ClientError.Database.DatabaseNotFound',
  DIVISION_BY_ZERO: 'Neo.ClientError.Statement.ArithmeticError',
  NUMERIC_OUT_OF_RANGE: 'Neo.ClientError.Statement.ArithmeticError',
  TOO_MANY_ATTEMPTS: 'Neo.ClientError.Security.AuthenticationRateLimit',
  HUB_UNAVAILABLE: 'Neo.TransientError.Security.AuthProviderFailed',
  RATE_LIMITED: 'Neo.TransientError.Request.ResourceExhaustion',
  QUOTA_EXCEEDED: 'Neo.ClientError.Security.Forbidden',
  DEADLOCK_DETECTED: 'Neo.TransientError.Transaction.DeadlockDetected',
  LOCK_TIMEOUT: 'Neo.TransientError.Transaction.LockAcquisitionTimeout',
  TOO_MANY_TRANSACTIONS: 'Neo.TransientError.Transaction.MaximumTransactionLimitReached',
  TOO_MANY_CONNECTIONS: 'Neo.TransientError.Request.NoThreadsAvailable',
  RESOURCE_EXHAUSTED: 'Neo.TransientError.Request.ResourceExhaustion',
  READ_ONLY_TRANSACTION: 'Neo.ClientError.Statement.AccessMode',
  TRANSACTION_ABORTED: 'Neo.ClientError.Transaction.TransactionMarkedAsFailed',
  TRANSACTION_NOT_FOUND: 'Neo.ClientError.Transaction.TransactionNotFound',
  TRANSACTION_NOT_ACTIVE: 'Neo.ClientError.Transaction.TransactionNotFound',
  RESULT_TOO_LARGE: 'Neo.ClientError.Statement.ExecutionFailed',
  WRITER_FENCED: 'Neo.ClientError.Cluster.NotALeader',
  POSITION_NOT_REACHED: 'Neo.TransientError.Transaction.BookmarkTimeout',
  INVALID_CURSOR: 'Neo.ClientError.Transaction.InvalidBookmark',
  NOT_LEADER: 'Neo.ClientError.Cluster.NotALeader',
  DATA_CORRUPTED: 'Neo.DatabaseError.General.StorageDamageDetected',
};

/** What else decides about the code: the same error means different things in different places. */
export interface FailureContext {
  /** The text that was run: a fault in it is told with its line and column. */
  readonly query?: string | undefined;
  /** The client named the timeout. */
  readonly ownTimeout?: boolean | undefined;
  /** The client may write and asked for a session that does: what refuses it is that this server only reads. */
  readonly mayWrite?: boolean | undefined;
  /** The request was a COMMIT. */
  readonly commits?: boolean | undefined;
  /** For errors whose cause is told to the log only. */
  readonly requestId?: string | undefined;
}

export function failureOf(error: FacetError, context: FailureContext = {}): Failure {
  const code = codeOf(error, context);
  return { code, message: messageOf(error, context), ...gqlOf(code) };
}

/** A failure of Bolt itself: no operation has been asked for. */
export const failure = (code: string, message: string): Failure => ({ code, message, ...gqlOf(code) });

function codeOf(error: FacetError, context: FailureContext): string {
  const { code, kind } = error;
  if (kind === 'timeout' && context.ownTimeout === true && code === 'QUERY_TIMEOUT') {
    return 'Neo.ClientError.Transaction.TransactionTimedOutClientConfiguration';
  }
  if (code === 'READ_ONLY_TRANSACTION' && context.mayWrite === true)
    return 'Neo.ClientError.Cluster.NotALeader';
  if (code === 'TRANSACTION_NOT_FOUND') return endedCode(error.detail ?? '', context);
  // Whether it was committed is not known, and running it once more could do it twice.
  if (code === 'UNAVAILABLE' && context.commits === true && error.retryAfterSeconds === undefined) {
    return 'Neo.DatabaseError.Transaction.TransactionCommitFailed';
  }
  return CODE_OF_CODE[code] ?? CODE_OF_KIND[kind];
}

/** How a transaction ended that its client did not end. */
function endedCode(detail: string, { ownTimeout }: FailureContext): string {
  if (detail.includes('timed out')) {
    return ownTimeout === true
      ? 'Neo.ClientError.Transaction.TransactionTimedOutClientConfiguration'
      : 'Neo.ClientError.Transaction.TransactionTimedOut';
  }
  // All that was done is undone, so that it may be done again.
  if (detail.startsWith('rolled back')) return 'Neo.TransientError.General.DatabaseUnavailable';
  return 'Neo.ClientError.Transaction.TransactionNotFound';
}

function messageOf(error: FacetError, { query, requestId }: FailureContext): string {
  const message = publicMessage(error);
  if (error.kind === 'internal')
    return requestId === undefined ? message : `${message} (${requestId} in the log)`;
  const parts = [`${message}${placeOf(error.position, query)}`, error.detail, error.hint];
  return parts.filter((part) => part !== undefined && part !== '').join('\n');
}

/** As Neo4j writes it, which tools read: `(line 1, column 9 (offset: 8))`. */
function placeOf(position: number | undefined, query: string | undefined): string {
  if (position === undefined || query === undefined) return '';
  const before = query.slice(0, position - 1).split('\n');
  return ` (line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1} (offset: ${position - 1}))`;
}
