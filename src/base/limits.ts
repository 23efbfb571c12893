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
  /** One parameter of a path: two quoted names of 63 characters and the dot between them, all percent-encoded. */
  pathParameterCharactersMax: 1_024,
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
  /** A statement whose caller asks for no timeout. Interactive requests that take longer are mistakes. */
  queryTimeoutMsDefault: 30_000,
  /** The longest timeout that a request may ask for: reports and index builds fit, forgotten statements end. */
  queryTimeoutMsMax: 3_600_000,
  /** Rows and bytes of a result that is gathered in memory. Streams are not bound by them. */
  resultRowsMax: 1_000_000,
  /** Bytes of such a result: a row may be wide. */
  resultBytesMax: 64 * MIB,
  /** Rows that a stream fetches at a time: above 1,000 throughput is flat and memory is not. */
  streamRowsPerFetch: 1_000,
  /** A reader that takes nothing for so long is gone, or holds a connection and an old snapshot for nothing. */
  streamPauseMsMax: 60_000,
  /** Prepared statements by name that one principal may hold; the least recently used one goes first. */
  preparedPerPrincipalMax: 1_000,
  /** Principals whose prepared statements are kept; the least recently used one goes first. */
  preparedPrincipalsMax: 1_000,
  /** Name of a prepared statement: long enough for `module.function.variant`, short enough for a log line. */
  preparedNameCharactersMax: 128,

  // Cypher
  /** One Cypher text. Longer ones are data in disguise, which belongs into parameters. */
  cypherTextBytesMax: MIB,
  /**
   * Levels of a Cypher expression or subquery, in the text and in its tree: parser, analysis and evaluation recurse by
   * them. A level costs up to 1 KB of stack, so that this is half of the 984 KB that Node gives a thread.
   */
  cypherDepthMax: 500,
  /** Lists and maps inside each other in one value. Comparing and printing walk them by recursion: 200 KB of stack. */
  cypherValueDepthMax: 1_000,

  // Cypher: indexes and constraints
  /** Properties of one: each takes up to 300 bytes of an index row, which must stay below some 2,700. */
  graphIndexPropertiesMax: 8,

  // Cypher: procedures
  /** Nodes of the part of the graph that a procedure of `algo` computes on: one row of its result for each. */
  graphProjectionNodesMax: 1_000_000,
  /** Relationships of such a part: its arrays take some 40 bytes for each, 200 MB in all. */
  graphProjectionRelationshipsMax: 5_000_000,

  // Cypher: shortest paths
  /** Nodes that the search for one shortest path may visit: some 100 bytes each. */
  graphSearchNodesMax: 2_000_000,
  /**
   * Relationships that a search for one shortest path may look at one by one, and those of all paths that it finds: the
   * former cost 500 bytes and more. A search that needs identities only looks at none.
   */
  graphSearchRelationshipsMax: 1_000_000,

  // Cypher: time zones
  /** Named zones that are kept: all that there are (some 600), whatever their spelling. */
  cypherZonesMax: 1_000,
  /** Years of zones whose changes of offset are kept, of all zones together: some 200 bytes each. */
  cypherZoneYearsMax: 50_000,

  // Connections to PostgreSQL
  /** Pool for transactions, cursors and statements that may be slow. */
  poolConnectionsDefault: 16,
  /** Waiting for a pooled connection before TOO_MANY_CONNECTIONS. */
  poolWaitMsMax: 10_000,
  /** Callers that may wait for a pooled connection at once; more than that do not get one in time anyway. */
  poolWaitersMax: 2_000,
  /** An idle pooled connection is closed after this time: a backend holds some 5 MB. */
  poolIdleMsMax: 300_000,
  /** Opening one connection, TLS and authentication included. */
  connectMsMax: 10_000,
  /** Pipelined connections for short statements. One reaches twice the rate of four (one core does the work). */
  laneConnections: 1,
  /** Statements in flight on a lane before callers are refused. */
  laneQueueMax: 10_000,
  /** A lane is one serial session: nothing on it may take longer, lest it hold up the others. */
  laneStatementMsMax: 500,
  /** Named statements kept per PostgreSQL session. */
  statementCacheMax: 500,
  /** Names of types that users created, kept per namespace: more than any sane schema has. */
  typeNamesCachedMax: 10_000,
  /** A table that was never analyzed is counted up to this size (some 30 ms); beyond it the planner estimates. */
  rowCountScanBytesMax: 8 * MIB,
  /** Looking at a table that someone else locks gives up after this and is answered with LOCK_TIMEOUT. */
  catalogLockMsMax: 5_000,
  /** What health and readiness wait for PostgreSQL: below the timeouts of common probes (3 s and more). */
  probeMsMax: 2_000,
  /** Namespaces open at once: each has its own lane and pool in PostgreSQL. */
  namespacesOpenMax: 64,
  /** A namespace that nobody used for so long is closed when another one needs its place. */
  namespaceIdleMs: 30_000,

  // Transactions
  /** From begin to rollback by itself, when the caller does not say: a forgotten one soon gives its locks back. */
  transactionTimeoutMsDefault: 60_000,
  /** The longest life a caller may ask for: an open transaction keeps VACUUM from cleaning up. */
  transactionTimeoutMsMax: 3_600_000,
  /** Each open transaction pins a connection, so the caps stay below the pool. */
  transactionsOpenMax: 64,
  /** Half of them, so that one principal cannot take all. */
  transactionsPerPrincipalMax: 32,
  /** Statements queued on one transaction: they run one after the other. */
  transactionQueueMax: 100,
  /** A commit that takes longer waits for somebody, or has constraints to look at that should not have been deferred. */
  commitMsMax: 10_000,
  /** How long, and how many, ended transactions are remembered to explain a late request. */
  transactionTombstoneMs: 600_000,
  /** Ended transactions that are remembered; the oldest one goes first. */
  transactionTombstonesMax: 10_000,

  // Cypher plans
  /** Compiled queries that are kept, by their text: applications send some hundred. */
  cypherPlansMax: 1_000,
  /** Estimated from texts and names; what is compiled to SQL for it comes on top, about as much again. */
  cypherPlansBytesMax: 64 * MIB,
  /** Longer texts are seldom sent twice. */
  cypherPlanCharactersMax: 16 * 1024,
  /** Rows, groups or different values that one clause of a query may hold in memory: some 500 MB of small ones. */
  cypherRowsHeldMax: 2_000_000,

  // Pagination
  /** Entries of a list when the caller does not say: a screenful or two. */
  pageRowsDefault: 100,
  /** Entries of a list that one request may ask for. */
  pageRowsMax: 1_000,

  // Admission
  /** Token buckets kept; beyond it the longest idle one is dropped. */
  rateBucketsMax: 100_000,
  /** A bucket that nobody used for so long is full again, and full is the same as not there. */
  rateBucketIdleMs: 600_000,
  /** Bodies up to this size are not counted: 10,000 connections with one each are 160 MB. */
  bodyBytesSmall: 16 * 1024,
  /** Request bodies in memory at once, of all connections together: some 50 of the largest size. */
  bodiesBytesMax: 512 * MIB,
  /** Failed authentications from one address before it must wait. */
  authFailuresMax: 10,
  /** The time over which failures are counted, and the time to wait then. */
  authFailureWindowMs: 60_000,
  /** Addresses with failures that are remembered; the oldest one goes first. */
  authFailureAddressesMax: 10_000,
  /** Passwords found right that are remembered (as keyed hashes), so that scrypt is not paid per request. */
  authSuccessesMax: 1_000,
  /** Password checks under way at once: each takes some 0.2 s of a core and 32 MiB. */
  authChecksMax: 2,
  /** Password checks that may wait for their turn before more are refused. */
  authChecksWaitingMax: 100,
  /** Operations under way in the whole server before new ones are refused. */
  operationsInFlightMax: 5_000,

  // Metrics
  /** Values of one label. They come from tables of ours; this is the fence should one ever not. */
  metricLabelValuesMax: 1_000,

  // Starting and stopping
  /** PostgreSQL starts in 0.1 s; crash recovery after a long write load takes some seconds. */
  embeddedStartMsMax: 60_000,
  /** A fast shutdown writes a checkpoint: a second or so. Then it is told to quit at once. */
  embeddedStopMsMax: 20_000,
  /** A PostgreSQL process that was told to quit at once gets this long before it is killed. */
  embeddedQuitMsMax: 5_000,
  /** PostgreSQL's log file, before it becomes the one previous file that is kept. */
  embeddedLogBytesMax: 8 * MIB,
  /** Requests that are under way get this long to finish once a stop is asked for. */
  drainMsMax: 10_000,
  /** After the drain, cancelled requests get this long to answer before their sockets are closed. */
  cancelMsMax: 1_000,
  /** Waiting for another server that migrates the same namespace. */
  migrationLockMsMax: 60_000,

  // Command line tools
  /** Waiting for a TCP or TLS connection to the server before it counts as not there. */
  clientConnectMsMax: 10_000,
  /** Rows that the demo sends in one statement: some 200 KB of JSON, far below `bodyBytesMax`. */
  demoRowsPerBatch: 2_000,
  /** Batches of the demo under way: while PostgreSQL inserts one, the next is read and sent. */
  demoBatchesInFlight: 3,

  // Values that Cypher builds
  /** Items of a list that a function or an aggregate builds: some 60 MB of integers. */
  cypherListItemsMax: 2_000_000,
  /** UTF-16 units of a string that an operator or a function builds: at most 32 MB. */
  cypherStringCharactersMax: 16 * MIB,
  /** Instructions of a compiled regular expression; the widest ones that people write have some hundreds. */
  cypherRegexInstructionsMax: 2_000,
  /**
   * Bytes of one value, counting what is in it several times as often: two million integers, 32 bytes each. Comparing
   * and printing walk all of it, in about a second.
   */
  cypherValueBytesMax: 64 * MIB,
  /** What one query may hold in memory: two million rows of some columns. Never more than a quarter of the heap. */
  cypherMemoryBytesMax: 512 * MIB,
  /** The part of the heap that all queries may hold together: the other half is for requests, answers and plans. */
  cypherMemoryOfHeapMax: 0.5,
  /**
   * Milliseconds of computing one row by one clause, during which nobody else is served. Of the processor, so that a
   * busy machine makes nothing fail.
   */
  cypherExpressionMsMax: 1_000,
  /** Milliseconds that a query computes before others get their turn: not felt by a person, and 50 turns a second. */
  cypherSliceMs: 20,
  /** Clauses of one query, those of its subqueries included: each is a stage that rows travel through. */
  cypherClausesMax: 1_000,
  /**
   * Names that the clauses of one query pass on, added up over WITH, RETURN, CALL and the subqueries: each of
   * them costs some 400 bytes and a microsecond in the plan, and a value in every row.
   */
  cypherNamesMax: 200_000,
  /**
   * Nodes and relationships of one MATCH, of which each is a table to PostgreSQL. Relationships are kept apart pair by
   * pair, which is a megabyte of SQL for half as many.
   */
  cypherPatternPartsMax: 500,
  /** Steps of matching one string against a regular expression: about a second. */
  cypherRegexStepsMax: 10_000_000,
} as const;
