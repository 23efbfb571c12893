/**
 * Every bound of Facet, with its unit in the name and its reason beside it. Options of server/config.ts may move
 * those that operators have a reason to move; the values here are then the defaults.
 */

const KIB = 1024;
const MIB = 1024 * KIB;

export const LIMITS = {
  // HTTP
  /** One request body. A bulk insert of some 50,000 short rows fits; a mistake of 100 MB does not. */
  bodyBytesMax: 10 * MIB,
  /** All header lines of one request. Node's own default, stated because clients ask. */
  headerBytesMax: 16 * KIB,
  /** Sockets on the HTTP listener. Beyond it new ones are refused instead of starving those that work. */
  httpConnectionsMax: 10_000,
  /** Time for a client to send a whole request: ends slow-header and slow-body attacks. */
  requestReceiveMsMax: 60_000,
  /** An idle keep-alive socket; above the 60 s of common load balancers, so that they close first. */
  keepAliveMs: 72_000,
  /** Nesting of a JSON body. Real documents stay below 30; recursion in validators is safe at this depth. */
  jsonDepthMax: 128,

  // SQL
  /** One SQL text. PostgreSQL parses a megabyte in some 20 ms; longer texts are data in disguise. */
  sqlTextBytesMax: MIB,
  /** Parameters of one statement: the protocol counts them in 16 bits. */
  sqlParametersMax: 65_535,
  queryTimeoutMsDefault: 30_000,
  queryTimeoutMsMax: 3_600_000,
  /** Rows and bytes of a result that is gathered in memory. Streams are not bound by them. */
  resultRowsMax: 1_000_000,
  resultBytesMax: 64 * MIB,
  /** Rows that a stream fetches at a time: above 1,000 throughput is flat and memory is not. */
  streamRowsPerFetch: 1_000,
  /** Prepared statements by name that one principal may hold; the least recently used one goes first. */
  preparedPerPrincipalMax: 1_000,
  preparedPrincipalsMax: 1_000,

  // Connections to PostgreSQL
  /** Pool for transactions, cursors and statements that may be slow. */
  poolConnectionsDefault: 16,
  /** Waiting for a pooled connection before TOO_MANY_CONNECTIONS. */
  poolWaitMsMax: 10_000,
  poolWaitersMax: 2_000,
  /** Pipelined connections for short statements. One reaches twice the rate of four (one core does the work). */
  laneConnections: 1,
  /** Statements in flight on a lane before callers are refused. */
  laneQueueMax: 10_000,
  /** A lane is one serial session: nothing on it may take longer, lest it hold up the others. */
  laneStatementMsMax: 500,
  /** Named statements kept per PostgreSQL session. */
  statementCacheMax: 500,
  namespacesOpenMax: 64,

  // Transactions
  transactionTimeoutMsDefault: 60_000,
  transactionTimeoutMsMax: 3_600_000,
  /** Each open transaction pins a connection, so the caps stay below the pool. */
  transactionsOpenMax: 64,
  transactionsPerPrincipalMax: 32,
  /** Statements queued on one transaction: they run one after the other. */
  transactionQueueMax: 100,
  /** How long, and how many, ended transactions are remembered to explain a late request. */
  transactionTombstoneMs: 600_000,
  transactionTombstonesMax: 10_000,

  // Pagination
  pageRowsDefault: 100,
  pageRowsMax: 1_000,

  // Admission
  /** Token buckets kept; beyond it the longest idle one is dropped. */
  rateBucketsMax: 100_000,
  rateBucketIdleMs: 600_000,
  /** Failed authentications from one address before it must wait. */
  authFailuresMax: 10,
  authFailureWindowMs: 60_000,
  /** Operations under way in the whole server before new ones are refused. */
  operationsInFlightMax: 5_000,

  // Starting and stopping
  embeddedStartMsMax: 60_000,
  embeddedStopMsMax: 20_000,
  /** Requests that are under way get this long to finish once a stop is asked for. */
  drainMsMax: 10_000,
  migrationLockMsMax: 60_000,
} as const;
