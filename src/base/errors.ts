/**
 * Every error Facet answers with: one class, a closed set of kinds, a table of stable codes.
 *
 * A kind says what a caller can do about it, a code says what happened. Dialects turn kinds (and, where their
 * contract is finer, codes) into their own words; none of those words appear here. Codes are never reused:
 * a retired one moves to `RETIRED_CODES`. The page docs/reference/errors.md is generated from this table.
 */

export const ERROR_KINDS = [
  'invalid',
  'unauthenticated',
  'forbidden',
  'not_found',
  'exists',
  'state',
  'retry',
  'limit',
  'timeout',
  'cancelled',
  'unavailable',
  'unsupported',
  'internal',
] as const;

export type ErrorKind = (typeof ERROR_KINDS)[number];

interface CodeEntry {
  readonly kind: ErrorKind;
  /** One sentence for the reference page: when it happens and what to do. */
  readonly advice: string;
}

const code = (kind: ErrorKind, advice: string): CodeEntry => ({ kind, advice });

export const ERROR_CODES = {
  // The request itself
  INVALID_JSON: code('invalid', 'The body is not valid JSON. The message gives the place.'),
  INVALID_PARAMETER: code(
    'invalid',
    'A field has a wrong type or value, or is not known. Compare with the reference.',
  ),
  MISSING_PARAMETER: code('invalid', 'A required field is missing.'),
  INVALID_CURSOR: code(
    'invalid',
    'The pagination cursor is not one that this server gave out. Start from the first page.',
  ),
  INVALID_ENVELOPE: code(
    'invalid',
    'The request is JSON, but not a command or a batch of commands. The message names the member.',
  ),
  UNKNOWN_COMMAND: code('invalid', 'No command of that name. The reference lists the names.'),
  NOT_FOUND: code('not_found', 'No such route. See /openapi.json for the routes.'),
  UPGRADE_REQUIRED: code('invalid', 'The path is a WebSocket: open it as one.'),
  METHOD_NOT_ALLOWED: code('invalid', 'The route exists, but not with this method.'),
  UNSUPPORTED_MEDIA_TYPE: code('invalid', 'Send application/json.'),
  PAYLOAD_TOO_LARGE: code('limit', 'The request is larger than the limit that the message names.'),

  // Cypher
  INVALID_CYPHER: code('invalid', 'The Cypher text is wrong. The message says where and what was expected.'),
  CYPHER_SEMANTIC_ERROR: code('invalid', 'The query is well formed, but what it asks for cannot be done.'),
  CYPHER_TYPE_ERROR: code('invalid', 'A value has a type that does not fit its place.'),
  CYPHER_ARGUMENT_ERROR: code('invalid', 'An argument has a value that the function does not take.'),
  CYPHER_ARITHMETIC_ERROR: code('invalid', 'A number does not fit its type, or was divided by zero.'),
  ENTITY_NOT_FOUND: code(
    'not_found',
    'No node or relationship of that id or key, or it was used after it had been deleted.',
  ),
  PARAMETER_MISSING: code('invalid', 'The query uses a parameter that was not given.'),
  PROCEDURE_ERROR: code('invalid', 'There is no such procedure, or it takes other arguments.'),
  PROPERTY_NOT_FOUND: code('not_found', 'A property was asked for that is not there.'),
  GRAPH_CONSTRAINT_VIOLATION: code(
    'exists',
    'The graph would violate a constraint, or lose a node that relationships still have.',
  ),

  // Snapshots, and files outside of the store
  SNAPSHOT_NOT_FOUND: code('not_found', 'No snapshot of that name or sequence is kept for this namespace.'),
  GRAPH_NOT_EMPTY: code(
    'state',
    'What is restored goes into a namespace that has no graph yet. Name a new one, or delete what is there.',
  ),
  FILE_DAMAGED: code(
    'invalid',
    'The file is not what was written: it was changed, cut off, or is of another kind. The message gives the place.',
  ),
  FILE_KEY_MISSING: code(
    'invalid',
    'The file is encrypted, and its key was not given. Name the file that has the key.',
  ),

  // The Neumann query language
  INVALID_STATEMENT: code(
    'invalid',
    'The statement of the Neumann query language is wrong. The message says where and what was expected.',
  ),

  // Who and whether
  UNAUTHORIZED: code('unauthenticated', 'Credentials are missing, wrong or expired.'),
  FORBIDDEN: code('forbidden', 'The role of these credentials does not allow the operation.'),
  PERMISSION_DENIED: code('forbidden', 'PostgreSQL refuses the statement to the role that runs it.'),
  RATE_LIMITED: code('limit', 'Too many requests. Wait for the seconds in Retry-After.'),
  QUOTA_EXCEEDED: code(
    'limit',
    'The plan of these credentials is used up. The message names the quota, what is used and when it starts anew.',
  ),
  HUB_UNAVAILABLE: code(
    'unavailable',
    'The hub that knows the access keys and plans did not answer as it should. Try again.',
  ),
  TOO_MANY_ATTEMPTS: code(
    'limit',
    'Too many failed authentications from this address. Wait, then check the credentials.',
  ),

  // SQL text
  INVALID_SQL: code('invalid', 'The SQL text does not parse. The position counts characters from 1.'),
  PARAMETER_COUNT_MISMATCH: code(
    'invalid',
    'The number of parameters differs from the number of placeholders.',
  ),
  TRANSACTION_CONTROL_NOT_ALLOWED: code(
    'unsupported',
    'Begin, commit and roll back by the transaction operations, not in SQL.',
  ),
  FEATURE_NOT_SUPPORTED: code('unsupported', 'The feature is not offered here. The message says what is.'),
  SEMANTIC_ERROR: code('invalid', 'The statement parses but does not make sense to PostgreSQL.'),

  // Things that are not there, or already there
  TABLE_NOT_FOUND: code('not_found', 'No table or view of that name in the search path.'),
  COLUMN_NOT_FOUND: code('invalid', 'The table has no such column.'),
  AMBIGUOUS_COLUMN: code('invalid', 'More than one table has that column. Qualify it.'),
  DUPLICATE_COLUMN: code('invalid', 'A column is named twice.'),
  FUNCTION_NOT_FOUND: code('invalid', 'No function or operator takes these argument types.'),
  INDEX_NOT_FOUND: code('not_found', 'No index of that name.'),
  OBJECT_NOT_FOUND: code('not_found', 'No object of that name.'),
  SCHEMA_NOT_FOUND: code('not_found', 'No schema of that name.'),
  DATABASE_NOT_FOUND: code('not_found', 'No database of that name.'),
  CURSOR_NOT_FOUND: code('not_found', 'No such SQL cursor in this transaction.'),
  SAVEPOINT_NOT_FOUND: code('not_found', 'No such savepoint in this transaction.'),
  PREPARED_STATEMENT_NOT_FOUND: code(
    'not_found',
    'No prepared statement of that name for this principal. Create it again after a restart.',
  ),
  PREPARED_STATEMENT_EXISTS: code('exists', 'A prepared statement of that name exists. Deallocate it first.'),
  TABLE_ALREADY_EXISTS: code('exists', 'A table or other relation of that name exists.'),
  INDEX_ALREADY_EXISTS: code('exists', 'An index or other relation of that name exists.'),
  OBJECT_ALREADY_EXISTS: code('exists', 'An object of that name exists.'),
  DEPENDENT_OBJECTS_EXIST: code('state', 'Other objects depend on it. Drop them first, or ask to cascade.'),
  OBJECT_IN_USE: code('state', 'The object is in use or not in the state the statement needs.'),

  // Values
  TYPE_MISMATCH: code('invalid', 'An expression has another type than its place needs.'),
  INVALID_TYPE: code('invalid', 'No such type name. The reference lists the type names.'),
  INVALID_VALUE: code('invalid', 'The value does not fit its type.'),
  INVALID_DATETIME: code('invalid', 'The date or time does not parse or does not exist.'),
  VALUE_TOO_LONG: code('invalid', 'The text is longer than the column allows.'),
  NUMERIC_OUT_OF_RANGE: code('invalid', 'The number is outside the range of its type.'),
  DIVISION_BY_ZERO: code('invalid', 'The statement divides by zero.'),
  INVALID_INDEX_TYPE: code('invalid', 'No such index type, or not one that this server offers.'),
  INVALID_INDEX_OPTION: code(
    'invalid',
    'The index type has no such option, or the value is out of its range.',
  ),

  // Keys, queues, streams
  WRONG_TYPE: code(
    'state',
    'The key holds a value of another kind. Use the commands of that kind, or delete it.',
  ),
  NOT_AN_INTEGER: code('invalid', 'The value, or the amount, is not an integer of 64 bits.'),
  INTEGER_OVERFLOW: code('invalid', 'The result would not fit into 64 bits. The value was left as it is.'),
  KEY_NOT_FOUND: code('not_found', 'No key of that name, or it has expired.'),
  KEY_EXISTS: code('exists', 'The key exists, and the command does not replace it.'),
  VALUE_TOO_LARGE: code('limit', 'The value is larger than the bound that the message names.'),
  QUEUE_NOT_FOUND: code('not_found', 'No queue of that name. Create it, or publish with automatic creation.'),
  MESSAGE_NOT_FOUND: code(
    'not_found',
    'The message is not leased to this consumer: it was answered before, its lease has ended, or it never was.',
  ),
  QUEUE_FULL: code('limit', 'The queue holds as many messages as it may. Consume some, or publish later.'),

  // Blobs
  ARTIFACT_NOT_FOUND: code('not_found', 'No artifact of that id, or it was deleted while it was read.'),
  ARTIFACT_DAMAGED: code(
    'internal',
    'Stored bytes of the artifact were changed or lost. Storing the same bytes again mends it.',
  ),
  UPLOAD_TIMEOUT: code('timeout', 'The upload brought no bytes for too long. Start it again.'),

  // Rooms, topics, subscriptions
  ROOM_NOT_FOUND: code(
    'not_found',
    'No room of that name, or it was deleted. Create it, or publish an event that may make it.',
  ),
  ROOM_EXISTS: code('exists', 'A room of that name exists.'),
  OFFSET_OUT_OF_RANGE: code(
    'invalid',
    'Events from this offset on were removed by retention. The message names the earliest that is left.',
  ),
  SUBSCRIBER_TOO_SLOW: code(
    'limit',
    'The subscriber did not take what came in for it and was dropped. Subscribe again, from the offset in the detail.',
  ),
  TOPIC_NOT_FOUND: code('not_found', 'No topic of that name.'),
  TOPIC_EXISTS: code('exists', 'A topic of that name exists.'),
  CONSUMER_GROUP_NOT_FOUND: code('not_found', 'No consumer group of that name.'),
  CONSUMER_GROUP_EXISTS: code('exists', 'A consumer group of that name exists.'),
  MEMBER_NOT_FOUND: code(
    'not_found',
    'The consumer group has no such member, or its session timed out. Join again.',
  ),

  // Changes and their subscriptions
  CHANGES_UNAVAILABLE: code(
    'unavailable',
    'Changes cannot be followed on this PostgreSQL now. The message says what is missing.',
  ),
  LSN_NOT_AVAILABLE: code(
    'state',
    'The changes from this position on are no longer kept. Read the table again, then follow from now on.',
  ),
  SLOT_IN_USE: code('state', 'Another connection follows this slot or subscription. It has one at a time.'),
  SUBSCRIPTION_NOT_FOUND: code('not_found', 'No subscription of that id.'),
  SUBSCRIPTION_ALREADY_EXISTS: code('exists', 'A subscription of that name exists.'),
  INVALID_EVENT: code('invalid', 'Events are insert, update and delete.'),
  INVALID_FILTER: code(
    'invalid',
    'The filter is no condition on the columns of the table that can be evaluated row by row. The message says why.',
  ),
  INVALID_ENDPOINT: code(
    'invalid',
    'The endpoint is no URL that this server may deliver to. The message says why.',
  ),
  INVALID_MESSAGE: code(
    'invalid',
    'A message of a WebSocket or of Bolt cannot be read, or has no known type.',
  ),
  DUPLICATE_ID: code('exists', 'The id is in use on this connection by something that has not ended.'),

  // Vectors
  NOT_A_VECTOR_COLUMN: code('invalid', 'The column does not hold vectors.'),
  VECTOR_DIMENSION_MISMATCH: code('invalid', 'The vector has another number of dimensions than the column.'),
  INVALID_VECTOR: code(
    'invalid',
    'A component is no finite number, or the vector has no direction where the metric needs one.',
  ),

  COLLECTION_NOT_FOUND: code('not_found', 'No collection of embeddings of that name.'),
  COLLECTION_EXISTS: code('exists', 'A collection of embeddings of that name exists.'),
  EMBEDDING_NOT_FOUND: code('not_found', 'The collection has no embedding of that key.'),

  // Restore points
  RESTORE_POINT_NOT_FOUND: code('not_found', 'No restore point of that id or name in this namespace.'),
  RESTORE_POINT_EXISTS: code('exists', 'A restore point of that name exists.'),
  RESTORE_POINT_BUSY: code(
    'state',
    'Other processes are connected to the database of the namespace. Stop them, then try again.',
  ),
  RESTORE_POINT_UNSUPPORTED: code(
    'unsupported',
    'This store cannot have restore points. The message says what is missing.',
  ),

  // Journal of a graph
  JOURNAL_DAMAGED: code(
    'state',
    'An entry of the journal is missing, or is not what was written. The message says which; restore from a copy before it.',
  ),
  JOURNAL_MISMATCH: code(
    'state',
    'These entries do not continue the journal of this graph. The message says where both stand.',
  ),
  JOURNAL_NOT_KEPT: code('state', 'The entry is not in the journal: it was removed, or has yet to come.'),

  // Vault
  VAULT_NOT_CONFIGURED: code(
    'state',
    'The server has no key for encrypted values. The hint says how to give it one.',
  ),
  VAULT_ACCESS_DENIED: code(
    'forbidden',
    'The secret is not of this identity and was not granted to it, or there is none.',
  ),
  VAULT_KEY_MISSING: code(
    'state',
    'The value was encrypted with a key that the server does not have. Add it to the file of keys.',
  ),
  SECRET_NOT_FOUND: code('not_found', 'No secret of that name.'),
  SECRET_TAMPERED: code(
    'state',
    'The stored row of the secret was changed by something else than the vault, and is refused.',
  ),

  // GraphQL
  GRAPHQL_PARSE_FAILED: code('invalid', 'The GraphQL document does not parse. The locations say where.'),
  GRAPHQL_VALIDATION_FAILED: code('invalid', 'The GraphQL document does not fit the schema.'),

  // Constraints
  UNIQUE_VIOLATION: code('exists', 'Another row has the same value in a unique column.'),
  FOREIGN_KEY_VIOLATION: code('state', 'The row refers to a missing row, or is referred to.'),
  EXCLUSION_VIOLATION: code('state', 'The row conflicts with another by an exclusion constraint.'),
  NOT_NULL_VIOLATION: code('invalid', 'A column that must have a value has none.'),
  CHECK_VIOLATION: code('invalid', 'The row does not satisfy a check constraint.'),
  CONSTRAINT_VIOLATION: code('state', 'The statement violates an integrity constraint.'),
  USER_EXCEPTION: code('invalid', 'A function of the database raised this error.'),

  // Transactions
  TRANSACTION_NOT_FOUND: code(
    'not_found',
    'No open transaction of that id for this principal. The detail says if it ended.',
  ),
  TRANSACTION_NOT_ACTIVE: code('state', 'The transaction was committed or rolled back before.'),
  TRANSACTION_ABORTED: code('state', 'An earlier statement failed. Roll back, or roll back to a savepoint.'),
  NO_ACTIVE_TRANSACTION: code('state', 'The statement works in a transaction only. Begin one first.'),
  INVALID_TRANSACTION_STATE: code('state', 'The statement does not fit the state of the transaction.'),
  TRANSACTION_CONFLICT: code('retry', 'The transaction lost to another. Run it again from the beginning.'),
  SERIALIZATION_FAILURE: code(
    'retry',
    'Concurrent transactions could not be ordered. Run it again from the beginning.',
  ),
  DEADLOCK_DETECTED: code(
    'retry',
    'Two transactions waited for each other. Run it again from the beginning.',
  ),
  LOCK_TIMEOUT: code('retry', 'A lock was not granted in time. Try again.'),
  READ_ONLY_TRANSACTION: code('forbidden', 'The transaction or the principal may only read.'),
  TOO_MANY_TRANSACTIONS: code(
    'limit',
    'The cap on open transactions is reached. Finish some, or raise the cap that the message names.',
  ),

  // Limits, time, availability
  RESULT_TOO_LARGE: code(
    'limit',
    'The result exceeds the row or byte limit that the message names. Stream it, or ask for less.',
  ),
  LIMIT_EXCEEDED: code('limit', 'A bound that the message names is exceeded.'),
  RESOURCE_EXHAUSTED: code('unavailable', 'PostgreSQL is out of memory, disk or another resource.'),
  TOO_MANY_CONNECTIONS: code('unavailable', 'No database connection became free in time. Try again.'),
  QUERY_TIMEOUT: code('timeout', 'The statement ran longer than its timeout and was cancelled.'),
  QUERY_CANCELLED: code('cancelled', 'The statement was cancelled.'),
  UNAVAILABLE: code(
    'unavailable',
    'The server or its PostgreSQL is starting, stopping or recovering. Try again.',
  ),
  WRITER_FENCED: code(
    'unavailable',
    'Another process has claimed the graph, so this one only reads it. Write there, or restart this one.',
  ),
  NOT_A_REPLICA: code(
    'state',
    'The server is the primary: there is nothing to promote, or to fetch from another server again.',
  ),
  NOT_LEADER: code('unavailable', 'This server is a replica. Ask the primary.'),
  POSITION_NOT_REACHED: code(
    'timeout',
    'This replica has not yet what was committed at the position that was asked for. Try again, or ask the primary.',
  ),
  NAMESPACE_INVALID: code(
    'invalid',
    'A namespace name is a lower-case letter followed by up to 47 letters, digits or underscores.',
  ),

  // Starting up
  STORE_UNSUPPORTED: code('unsupported', 'The store URI has a scheme that this version does not offer.'),
  STORE_INVALID: code('invalid', 'The store URI does not parse or has unknown parts.'),
  STORE_LOCKED: code('state', 'Another server owns the data directory. The message names its process.'),
  STORE_UNUSABLE: code(
    'unavailable',
    'The data directory or the PostgreSQL binaries cannot be used. The message says which and why.',
  ),
  SCHEMA_FROM_FUTURE: code(
    'state',
    'The store was migrated by a newer Facet. Run that version or a later one.',
  ),
  MIGRATION_CHANGED: code(
    'state',
    'A migration that was applied differs from the one shipped. Restore the shipped file.',
  ),
  CONFIG_INVALID: code('invalid', 'An option is unknown, out of range or contradicts another.'),
  LISTEN_FAILED: code(
    'unavailable',
    'The address cannot be listened on. The message says why; choose another one or free it.',
  ),

  // Ours
  FOREIGN_DATA_ERROR: code('internal', 'A foreign data wrapper failed.'),
  DATA_CORRUPTED: code(
    'internal',
    'PostgreSQL found corrupted data. Stop writing and restore from a backup.',
  ),
  INTERNAL_ERROR: code('internal', 'A fault of the server. The log has the cause under the request id.'),
} as const satisfies Record<string, CodeEntry>;

export type ErrorCode = keyof typeof ERROR_CODES;

/** Codes of earlier releases that must not come back with another meaning. */
export const RETIRED_CODES: readonly string[] = [];

export interface ErrorDetails {
  readonly detail?: string | undefined;
  readonly hint?: string | undefined;
  /** The five characters PostgreSQL sent, when it did. */
  readonly sqlState?: string | undefined;
  /** 1-based character offset in the statement text. */
  readonly position?: number | undefined;
  /** Seconds after which trying again makes sense. */
  readonly retryAfterSeconds?: number | undefined;
  /** Which of several statements that came together it was, from 0. */
  readonly statementIndex?: number | undefined;
  /** Goes to the log, never to a client. */
  readonly cause?: unknown;
}

/** An expected failure. Everything else that is thrown is a bug and is answered as `INTERNAL_ERROR`. */
export class FacetError extends Error {
  override readonly name = 'FacetError';
  readonly code: ErrorCode;
  readonly detail: string | undefined;
  readonly hint: string | undefined;
  readonly sqlState: string | undefined;
  readonly position: number | undefined;
  readonly retryAfterSeconds: number | undefined;
  readonly statementIndex: number | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.detail = details.detail;
    this.hint = details.hint;
    this.sqlState = details.sqlState;
    this.position = details.position;
    this.retryAfterSeconds = details.retryAfterSeconds;
    this.statementIndex = details.statementIndex;
  }

  get kind(): ErrorKind {
    return ERROR_CODES[this.code].kind;
  }

  /** True when the same request may succeed if it is sent again, after `retryAfterSeconds` where that is given. */
  get retryable(): boolean {
    return this.kind === 'retry' || this.kind === 'unavailable' || this.retryAfterSeconds !== undefined;
  }
}

/** Any thrown value as a FacetError; a foreign one becomes `INTERNAL_ERROR` and keeps its cause for the log. */
export function asFacetError(thrown: unknown): FacetError {
  if (thrown instanceof FacetError) return thrown;
  return new FacetError('INTERNAL_ERROR', 'Internal error', { cause: thrown });
}
