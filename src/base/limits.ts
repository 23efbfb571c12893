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

  // The Neumann query language
  /** One statement. Longer ones are data in disguise; artifacts of any size have a way of their own. */
  nqlTextBytesMax: MIB,
  /** Conditions and lists inside each other. The parser recurses by them, and people write fewer than ten. */
  nqlDepthMax: 100,
  /** Items of one list: of a batch, of IN (…), of a value. What is more comes as several statements. */
  nqlListItemsMax: 10_000,
  /** Nodes and edges that LIST answers when no LIMIT is given: more than anybody reads. */
  nqlListLimitDefault: 1_000,
  /** Results of a search by similarity, checkpoints and semantic answers, when no number is given. */
  nqlTopDefault: 10,
  /** What FIND answers when no LIMIT is given. */
  nqlFindLimitDefault: 100,
  /** Edges of a path of PATH VARIABLE at most, unless MAX_DEPTH says: how many paths there are grows with every one. */
  nqlPathDepthDefault: 10,
  /** Components of one vector: what a column may have. */
  nqlVectorComponentsMax: 16_000,
  /** Indexes of entity keys, one for each label, that are made by themselves: each is a little work for every new node. */
  nqlEntityIndexesMax: 100,
  /** Labels of entities whose index a process remembers to be there: what an application has are a few. */
  nqlEntityLabelsKnownMax: 10_000,
  /** For so long it does; then the next ENTITY statement looks again, which takes a millisecond. */
  nqlEntityIndexKnownMs: 60_000,
  /** Nodes or rows that FIND measures one by one: so few that no index of vectors is quicker, some 30 ms. */
  nqlFindFewMax: 1_000,
  /** Nodes or rows that FIND, or SIMILAR … CONNECTED TO, may have to measure when the nearest vectors are not theirs: some 3 s. */
  nqlFindCandidatesMax: 100_000,
  /** For how long BLOB GC begins further steps unless it is told FULL: nobody waits long, and it can be told again. */
  nqlCollectMsMax: 1_000,
  /** Queries of one batch over gRPC: the bound of released servers. */
  neumannBatchMax: 100,
  /** Items of a page when a caller does not say: what released servers give. */
  neumannPageDefault: 100,
  /** Items of a page that a caller may ask for: a page is one message. */
  neumannPageMax: 10_000,
  /** A cursor is good for so long when a caller does not say: as of released servers. */
  neumannCursorSecondsDefault: 300,
  /** A cursor is good for no longer than this, whatever a caller asks for: as of released servers. */
  neumannCursorSecondsMax: 1_800,
  /** Cursors that were closed before their time are remembered; beyond it the one that was closed first is forgotten. */
  neumannCursorsClosedMax: 10_000,
  /** Queries that fail one after the other before the service says that it is not well: the reference's threshold. */
  neumannFailuresMax: 5,
  /** Statements that are kept as they were read: what an application sends again and again. */
  nqlStatementsCachedMax: 1_000,
  /** Length of such a statement, in UTF-16 units. Longer ones carry data and do not come again; all take 4 MB. */
  nqlStatementCachedCharactersMax: 2_048,

  // Cypher: indexes and constraints
  /** Properties of one: each takes up to 300 bytes of an index row, which must stay below some 2,700. */
  graphIndexPropertiesMax: 8,

  // Cypher: declared tables
  /** Names of labels, and of types, whose numbers a process remembers: some 100 bytes each. */
  graphNamesKnownMax: 100_000,
  /** Columns of one declared table: each is a constraint that every write of a node looks at. */
  graphColumnsMax: 500,
  /** A comment on a declared table: a page of text. */
  graphCommentBytesMax: 8 * KIB,
  /** One file for COPY. What is read of it is held until it is committed, some four times as much. */
  graphCopyBytesMax: 64 * MIB,
  /** Rows of one COPY: as many as a result may have. */
  graphCopyRowsMax: 1_000_000,
  /** Batches of COPY that are one entry of the journal: what they did is packed then, and no longer held row by row. */
  graphCopyBatchesPerEntry: 20,
  /** Keys of nodes that COPY remembers between batches of relationships: some 150 bytes each. */
  graphCopyKeysKnownMax: 200_000,
  /** Rows that COPY inserts by one statement: above it there is nothing to win, and errors come late. */
  graphCopyRowsPerBatch: 1_000,
  /** One line of a file for COPY, with the line breaks within its quotes: a quote that is not closed is told early. */
  graphCopyLineBytesMax: 4 * MIB,
  /** Files that one COPY names. */
  graphCopyFilesMax: 100,

  // Cypher: snapshots
  /** Rows of one batch of a dump: a statement of some milliseconds. */
  snapshotBatchRows: 2_000,
  /** Bytes of properties in one batch, as they take in their table; with one more row, however large that is. */
  snapshotBatchBytes: MIB,
  /** A disk that takes a snapshot may pause for so long without anybody being gone. */
  snapshotDiskMsMax: 600_000,
  /** One part of a dump: what is larger no process would hold. */
  snapshotFrameBytesMax: 512 * MIB,
  /** Snapshots of one namespace that a listing looks at. */
  snapshotsMax: 10_000,
  /** Time to load a dump, which is one transaction. */
  snapshotLoadMsMax: 24 * 3_600_000,

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

  // Journal of a graph
  /** What a query did is put into several entries when it is more: who reads a journal holds one at a time. */
  journalEntryBytes: 4 * MIB,
  /** An entry with all parameters of its query. Bodies of requests are smaller; beyond it a file is damaged. */
  journalEntryBytesMax: 64 * MIB,
  /** Entries that one statement appends: PostgreSQL holds them in memory twice. */
  journalCallBytesMax: 32 * MIB,
  /** Entries that are read at a time: above it reading is no faster. */
  journalPageEntries: 1_000,
  /** Bytes of those, unless one entry has more: a page is in memory twice. */
  journalPageBytes: 4 * MIB,
  /** Entries whose effects are done again in one transaction: a commit for each would be most of the work. */
  journalReplayEntries: 2_000,
  /** Bytes of those: they are in memory until then. A transaction that is larger is done as it is read. */
  journalReplayBytes: 16 * MIB,
  /** Entries that are removed in one transaction. */
  journalPruneEntries: 10_000,

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
  /** A statement on a lane waits so long for a lock: enough for another batch to commit, not for a user's transaction. */
  laneLockMsMax: 200,
  /** Named statements kept per PostgreSQL session. */
  statementCacheMax: 500,
  /** Names of types that users created, kept per namespace: more than any sane schema has. */
  typeNamesCachedMax: 10_000,
  /** A table that was never analyzed is counted up to this size (some 30 ms); beyond it the planner estimates. */
  rowCountScanBytesMax: 8 * MIB,
  /** Tables that are described at once, with all their columns: some 20 MB of facts. */
  describedTablesMax: 10_000,
  /** Looking at a table that someone else locks gives up after this and is answered with LOCK_TIMEOUT. */
  catalogLockMsMax: 5_000,
  /** What health and readiness wait for PostgreSQL: below the timeouts of common probes (3 s and more). */
  probeMsMax: 2_000,
  /** Namespaces open at once: each has its own lane and pool in PostgreSQL. */
  namespacesOpenMax: 64,
  /** A namespace that nobody used for so long is closed when another one needs its place. */
  namespaceIdleMs: 30_000,

  // Waiting and following
  /** One payload of NOTIFY: PostgreSQL takes less than 8,000 bytes. Larger things are stored, and their id is sent. */
  notificationBytesMax: 7_999,
  /** Between two looks whether the session that listens still answers: so late a lost one is noticed at worst. */
  listenHeartbeatMs: 15_000,
  /** An answer to that look that takes longer counts as none. */
  listenAnswerMsMax: 5_000,
  /** The longest pause between attempts to listen again; the first attempt is made at once. */
  listenRetryMsMax: 5_000,
  /** A session that nobody listens on is kept for so long, for those who come back. */
  listenLingerMs: 30_000,
  /** A model's state must have ended its waits by then when a namespace is closed; the connections go then anyway. */
  stateStopMsMax: 5_000,

  // Transactions
  /** Statements of a transaction that is sent in one request: it holds one connection while they run one by one. */
  transactionStatementsMax: 1_000,
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

  // Keys and values
  /** One key in UTF-8. Real ones are below 200 bytes; this is what the API promises. */
  kvKeyBytesMax: 65_536,
  /** The JSON text of one value: below `bodyBytesMax`, so that the answer names the value and not the request. */
  kvValueBytesMax: 8 * MIB,
  /** Keys or pairs of one command: some 10 MB of small ones, and a second of PostgreSQL's time. */
  kvItemsMax: 100_000,
  /** Characters of a pattern of keys: real ones have some tens, and time grows with the product of both lengths. */
  kvPatternCharactersMax: 1_024,
  /** Steps of matching between two looks at what else there is to do: some milliseconds. */
  kvPatternStepsAtOnce: 500_000,
  /** Steps of matching one key: some 50 ms, which only patterns that were made for it take. */
  kvPatternStepsPerKeyMax: 2_000_000,
  /** The longest time to live, 100 years: what is to last longer has none. */
  kvTtlMsMax: 3_155_760_000_000,
  /** Keys of one page of a scan, when the caller does not say. */
  kvScanKeysDefault: 100,
  /** Keys of one page of a scan that a caller may ask for. */
  kvScanKeysMax: 10_000,
  /** Single operations that go into one statement: some 10 ms of PostgreSQL's time, and one commit for all of them. */
  kvBatchItemsMax: 1_024,
  /** Bytes of keys and values of such a statement: some 10 ms of PostgreSQL's time. */
  kvBatchBytesMax: MIB,
  /** Single operations of one kind that wait for their batch before new ones are refused: some seconds of PostgreSQL's time. */
  kvBatchWaitingMax: 100_000,
  /** Bytes of keys and values of one command; more than a request can hold comes from a model that calls this one. */
  kvCommandBytesMax: 64 * MIB,
  /** A command waits so long for a key that a transaction holds; then it is answered with LOCK_TIMEOUT. */
  kvLockMsMax: 10_000,
  /** Keys of one command up to this number take the pipelined connection; more would hold up others on it. */
  kvLaneItemsMax: 1_000,
  /** Bytes of keys and values of a command that takes the pipelined connection. */
  kvLaneBytesMax: MIB,
  /** Elements that one reading of a collection returns or weighs: as many as one command may write. */
  kvElementsMax: 100_000,
  /** Bits of a bitmap: 8 MiB, which every change of a bit writes anew. */
  kvBitmapBitsMax: 64 * MIB,
  /** Expired keys, or elements of collections that are gone, that one step of the sweep removes: some 10 ms. */
  kvSweepRowsMax: 1_000,
  /** Between two steps of the sweep, so that others get their turn. */
  kvSweepPauseMs: 20,
  /** Keys that expire within this time of each other are removed together. */
  kvSweepGatherMs: 250,
  /** After a write the sweep looks at the keyspace within this time, even if nothing is known to be due. */
  kvSweepIdleMs: 60_000,
  /** The sweep looks again after this time when PostgreSQL could not answer. */
  kvSweepRetryMs: 5_000,
  /** Keys and beginnings of keys that one follower names. */
  kvWatchPatternsMax: 1_000,
  /** Different ones of a process. Beyond it the process asks to be told of every key, and looks for itself. */
  kvWatchProcessPatternsMax: 5_000,
  /** A value up to this size, as JSON text in UTF-8, is told with its change; kv/0006-watch says so, too. */
  kvWatchValueBytesMax: 65_536,
  /** A process that has not said so for this long follows no keys any more. */
  kvWatchLeaseMs: 60_000,
  /** A follower waits so long for the session that listens. */
  kvWatchListenMsMax: 5_000,

  // Streams
  /** The name of a room, a topic, a group or a subscriber in UTF-8: an index row holds it with room to spare. */
  streamNameBytesMax: 512,
  /** The JSON text of one event: below `bodyBytesMax`, so that the answer names the event and not the request. */
  streamEventBytesMax: 8 * MIB,
  /** The name of an event's type in UTF-8. */
  streamEventTypeBytesMax: 512,
  /** Metadata of one event or message, as JSON text. */
  streamMetadataBytesMax: 64 * KIB,
  /** Events that go into one statement: above 500 the rate is flat and the wait is not. */
  streamBatchItemsMax: 512,
  /** Bytes of such a statement: some 20 ms of PostgreSQL's time. */
  streamBatchBytesMax: MIB,
  /** Events that wait for their statement before new ones are refused. */
  streamBatchWaitingMax: 20_000,
  /** An event waits so long for a room that a transaction holds; then it is answered with LOCK_TIMEOUT. */
  streamLockMsMax: 10_000,
  /** Events of one page of history, when the caller does not say. */
  streamPageEventsDefault: 100,
  /** Events of one page of history that a caller may ask for. */
  streamPageEventsMax: 10_000,
  /** Bytes of one page of history; it ends earlier then, with at least one event. */
  streamPageBytesMax: 8 * MIB,
  /** Events that a room keeps when nothing else was asked for. */
  streamRetentionEventsDefault: 100_000,
  /** So long a room keeps an event when nothing else was asked for: a day. */
  streamRetentionMsDefault: 86_400_000,
  /** Bytes of events that a room keeps when nothing else was asked for. */
  streamRetentionBytesDefault: 1024 * MIB,
  /** Events that one step of retention removes: some 15 ms. */
  streamRetentionRowsMax: 5_000,
  /** Retention waits so long for a room: enough for any batch to commit. */
  streamRetentionLockMsMax: 1_000,
  /** Between two steps of retention, so that others get their turn. */
  streamRetentionPauseMs: 20,
  /** So long after a write retention looks at the rooms: what comes meanwhile is removed together. */
  streamRetentionGatherMs: 1_000,
  /** Retention looks again after this time when PostgreSQL could not answer. */
  streamRetentionRetryMs: 5_000,
  /** What this process committed, but was not told of, is looked for in the table after this time. */
  streamLookAgainMs: 500,
  /** Events that are read at once for all live subscribers of a room. */
  streamLookEventsMax: 1_000,
  /** Segments of a topic, when the caller does not say: recorded only. */
  topicSegmentBytesDefault: 100 * MIB,
  /** The shortest session timeout: a heartbeat takes its time. */
  groupSessionMsMin: 1_000,
  /** Topics, or consumer groups, of one list. */
  topicListMax: 10_000,
  /** Partitions of one topic: each is a room of its own. */
  topicPartitionsMax: 1_024,
  /** Members of one consumer group: a rebalance rewrites all of them. */
  groupMembersMax: 1_000,
  /** The session timeout of a consumer group, when the caller does not say. */
  groupSessionMsDefault: 30_000,
  /** The longest session timeout: an hour. */
  groupSessionMsMax: 3_600_000,

  // Live subscribers
  /** Events that wait for one subscriber. One that falls behind further is dropped, and told from where to resume. */
  feedItemsMax: 10_000,
  /** Bytes of such events: 1,000 slow subscribers of large events are bounded by the server's memory before. */
  feedBytesMax: 16 * MIB,
  /** Places of items that were taken which a feed may keep before it moves the rest. */
  feedTakenItemsMax: 1_000,
  /** Subscribers of one process and namespace, of streams and of topics each. */
  subscribersMax: 100_000,

  // Topics of pub/sub
  /** A topic or pattern in UTF-8. */
  pubsubTopicBytesMax: 1_024,
  /** Levels of a topic: matching walks them. */
  pubsubLevelsMax: 64,
  /** Patterns of one subscriber. */
  pubsubPatternsMax: 1_000,
  /** Beyond so many different sets of patterns a process asks others for everything. */
  pubsubGroupsMax: 5_000,
  /** Also beyond so many bytes of them: they are written anew with every change, and read by all who publish. */
  pubsubAnnouncedBytesMax: MIB,
  /** A subscriber waits so long for the session that listens; then it has what this process publishes, at least. */
  pubsubListenMsMax: 5_000,
  /** Between two steps of cleaning stored messages, so that others get their turn. */
  pubsubSpoolPauseMs: 50,
  /** Topics whose subscribers are remembered, and topics that are counted: the oldest go first. */
  pubsubTopicsMax: 10_000,
  /** Messages that go into one statement. */
  pubsubBatchItemsMax: 2_048,
  /** Bytes of messages of one statement. */
  pubsubBatchBytesMax: 4 * MIB,
  /** Messages that wait for their statement before new ones are refused. */
  pubsubBatchWaitingMax: 20_000,
  /** A process that has not said so for this long has no subscribers any more: it died, or hears nothing. */
  pubsubLeaseMs: 30_000,
  /** A message too large for a notification is stored so long for other processes to fetch. */
  pubsubSpoolMs: 30_000,
  /** Stored messages that one step of cleaning removes. */
  pubsubSpoolRowsMax: 500,

  // Blobs
  /** Bytes of a chunk: small enough that equal parts are found and a chunk is read in 1 ms, large enough for few round trips. */
  blobChunkBytes: 256 * KIB,
  /** One artifact: its list of chunks has 262,144 rows then, which are removed in steps. */
  blobBytesMax: 64 * 1024 * MIB,
  /** An artifact that is given or read as one value: it is in memory as a whole. */
  blobValueBytesMax: 16 * MIB,
  /** Bytes of chunks that one statement of an upload stores: some 5 ms of PostgreSQL's time. */
  blobWriteBytes: MIB,
  /** Statements of one upload under way: while one is at work the next is on its way. */
  blobWritesMax: 2,
  /** Bytes of chunks that one step of a download reads; one step is read ahead. */
  blobReadBytes: MIB,
  /** Artifacts of at most so many bytes are stored and read on the pipelined connection, others would hold up those on it. */
  blobLaneBytesMax: 64 * KIB,
  /** Statements with chunks that a process has under way in one namespace: more would not be faster, and take the pool from others. */
  blobStatementsMax: 8,
  /** Uploads that a process runs in one namespace: each holds up to some 4 MB. */
  blobUploadsMax: 128,
  /** An upload whose lease was not renewed for so long is over: its process died. */
  blobUploadLeaseMs: 30_000,
  /** The leases of all running uploads of a process are renewed so often. */
  blobUploadRenewMs: 8_000,
  /** An upload that brings no byte for so long ends: its client is gone, or holds memory for nothing. */
  blobUploadPauseMsMax: 60_000,
  /** An upload waits so long for a chunk that a transaction is about to store; then it is answered with LOCK_TIMEOUT. */
  blobLockMsMax: 10_000,
  /** The name of a file in UTF-8: an index row holds it. */
  blobFilenameBytesMax: 1_024,
  /** A media type with its parameters. */
  blobContentTypeBytesMax: 255,
  /** Who made an artifact, in UTF-8. */
  blobCreatorBytesMax: 512,
  /** Tags of one artifact: its row is written anew with each change. */
  blobTagsMax: 100,
  /** One tag in UTF-8. */
  blobTagBytesMax: 255,
  /** Entities that one artifact is linked to. */
  blobLinksMax: 1_000,
  /** The key of an entity in UTF-8: an index row holds it. */
  blobLinkBytesMax: 1_024,
  /** Custom entries of one artifact. */
  blobCustomEntriesMax: 100,
  /** The key of a custom entry in UTF-8. */
  blobCustomKeyBytesMax: 255,
  /** The value of a custom entry in UTF-8. */
  blobCustomValueBytesMax: 8 * KIB,
  /** References, and chunks with them, that one step of collecting removes: 16 MiB, some 20 ms. */
  blobCollectRowsMax: 64,
  /** Between two steps of collecting in the background, so that others get their turn. */
  blobCollectPauseMs: 20,
  /** What was deleted is collected so long after it: downloads under way may go on until then. */
  blobCollectGatherMs: 30_000,
  /** The collector looks again after this time at what somebody held, or when PostgreSQL could not answer. */
  blobCollectRetryMs: 5_000,
  /** Rows that one step of a repair looks at. */
  blobRepairRowsMax: 1_000,

  // Queues
  /** Queues of a namespace: more than any application names by hand. */
  queuesMax: 10_000,
  /** The name of a queue in UTF-8: it is a key of an index, and the payload of a notification. */
  queueNameBytesMax: 1_024,
  /** One message as JSON text or bytes; larger things belong elsewhere, and a reference to them here. */
  queueMessageBytesMax: 8 * MIB,
  /** The headers of one message as JSON text: as much as HTTP servers take of theirs. */
  queueHeadersBytesMax: 16 * 1024,
  /** The name of a consumer in UTF-8. */
  queueConsumerBytesMax: 1_024,
  /** Messages that may wait in one queue, when its creator says so. */
  queueDepthMax: 10_000_000,
  /** Messages of one command: what is read or published at once. */
  queueItemsMax: 10_000,
  /** Bytes of the messages of one command; requests are smaller, unless another model calls. */
  queueCommandBytesMax: 64 * MIB,
  /** Messages that one consume may take: all fit into one claim. */
  queueTakeMax: 500,
  /** Single messages that are published or answered in one statement. */
  queueBatchItemsMax: 512,
  /** Bytes of such a statement: some 10 ms of PostgreSQL's time. */
  queueBatchBytesMax: MIB,
  /** Messages that wait to be published or answered before more are refused. */
  queueBatchWaitingMax: 20_000,
  /** Messages that one statement hands out, to all who wait. */
  queueClaimItemsMax: 512,
  /** For so long claims begin behind the last one instead of at the beginning of the queue. */
  queueFloorsMs: 50,
  /** Queues of which a process remembers where they begin while nobody waits there. */
  queueLinesMax: 1_000,
  /** Consumers who wait at one queue in one process before more are refused. */
  queueWaitersMax: 10_000,
  /** The longest wait for a message: proxies and clients give up before. */
  queueWaitMsMax: 3_600_000,
  /** The longest lease: a day. Work that takes longer is better split. */
  queueLeaseMsMax: 86_400_000,
  /** Messages that a queue may let one consumer hold: beyond it there is no point in a limit. */
  queuePrefetchMax: 1_000_000,
  /** Failures that a message may be allowed. */
  queueRetriesMax: 1_000_000,
  /** The longest time to live of a message, a year. */
  queueTtlMsMax: 31_536_000_000,
  /** Dead messages that are kept per queue; beyond it the oldest goes. */
  queueDeadMax: 10_000,
  /** Leases that have ended and messages that have expired which one step of the sweep moves: some 20 ms. */
  queueSweepRowsMax: 500,
  /** Between two steps of the sweep, so that others get their turn. */
  queueSweepPauseMs: 10,
  /** The sweep looks again after this time when what is due is held by somebody, or PostgreSQL could not answer. */
  queueSweepRetryMs: 250,
  /** Counters of transactions are folded within this time. */
  queueFoldMs: 10_000,
  /** Consumers look again after this time when there are messages that somebody holds at the moment; it doubles. */
  queueHeldLookMsMin: 20,
  /** Where that doubling ends: a transaction that has consumed may stay open for long. */
  queueHeldLookMsMax: 2_000,
  /** Notifications are followed for so long after the last consumer has stopped waiting. */
  queueListenLingerMs: 30_000,
  /** A command on a whole queue waits so long for a lock that a transaction holds; then it fails with LOCK_TIMEOUT. */
  queueLockMsMax: 10_000,

  // WebSockets
  /** One message of a client: a batch of some thousand commands. Larger things go over HTTP. */
  socketMessageBytesMax: MIB,
  /** Bytes that wait for a client before nothing more is written to it: ten full pieces of a loopback connection. */
  socketBufferedBytesMax: 256 * KIB,
  /** Messages of one connection that wait for the one before them; then its client is not read from. */
  socketMessagesWaitingMax: 64,
  /** Rooms that one connection may follow, and patterns that it may subscribe to. */
  socketSubscriptionsMax: 1_000,
  /** Events that are taken from one room at a time, so that others get their turn. */
  socketEventsAtOnce: 256,
  /** Statements that one connection may have under way: half of the sessions for streams, so that others get some. */
  socketQueriesMax: 4,
  /** The name that a client gives to a query or a subscription, in characters: every frame of it has it. */
  socketIdCharactersMax: 128,
  /** Messages of a queue that one socket has pushed and its client has not settled. */
  socketLeasesMax: 100,
  /** What a socket of a queue that has closed still held is given back within this time; else its leases end by themselves. */
  queueReleaseMsMax: 15_000,
  /** Sockets of queues: each waits for messages all the time, and counts as an operation under way. */
  queueSocketsMax: 1_000,
  /** A client that says who it is by its first message does so within this time of the upgrade. */
  socketAuthMsMax: 10_000,
  /** What it may send until it has. */
  socketAuthBytesMax: 16 * KIB,
  /** Connections that have not said yet who they are, of each dialect; they hold no more than a buffer each. */
  socketStrangersMax: 512,
  /** Of them, those of one address, so that one client does not keep the others out. */
  socketStrangersOfAddressMax: 64,
  /** Between two pings of a client, which must have answered the one before: below the 60 s of common proxies. */
  socketPingMs: 45_000,

  // graphd
  /** WebSockets of graphd's clients: an idle one holds some 20 KB. */
  graphdSessionsMax: 10_000,
  /** A connection whose client has sent nothing for so long is closed; pools of clients open another one. */
  graphdSessionIdleMs: 3_600_000,
  /** A transaction of a client that sends nothing meanwhile is rolled back after this time. */
  graphdTransactionIdleMs: 60_000,
  /** Results of one connection that are fetched in parts: each may hold a session of PostgreSQL. */
  graphdStreamsMax: 16,
  /** Such a result that nobody fetches from for so long is closed, as graphd does. */
  graphdStreamIdleMs: 30_000,
  /** Rows of one part; more come in several parts. Also what is kept of a result whose transaction ends. */
  graphdFetchRowsMax: 100_000,
  /** Bytes in memory from which on a part is not filled up with further rows: many may be fetched at once. */
  graphdPartBytesMax: 8 * MIB,
  /** Bytes of what is kept, of each result. */
  graphdKeptBytesMax: 8 * MIB,
  /** Statements of one batch or pipeline, which holds a session while they run one by one. */
  graphdBatchStatementsMax: 10_000,
  /** Bytes of messages that wait for the one before them; then the client is not read from. */
  graphdBytesWaitingMax: MIB,

  // gRPC
  /** Streams of one connection under way; one more is refused. Clients share a connection and rarely have more. */
  grpcStreamsMax: 1_000,
  /** Calls under way on the gRPC listener, endless ones included: each costs some 20 KB. */
  grpcCallsMax: 20_000,
  /** Connections of gRPC clients. A client needs one for all that it does. */
  grpcConnectionsMax: 5_000,
  /** Megabytes that HTTP/2 keeps for one connection: headers, and messages that wait. Beyond it new streams are refused. */
  grpcSessionMbMax: 32,
  /** One message to a client: a gathered result has `resultBytesMax` bytes of cells, and names and lengths beside them. */
  grpcMessageBytesMax: 128 * MIB,
  /** Between two pings of a client whose connection is silent: below the timeouts of common load balancers. */
  grpcPingMs: 45_000,
  /** A client that does not answer a ping in this time is gone. */
  grpcPingAnswerMsMax: 20_000,
  /** Between two looks whether PostgreSQL answers, while clients watch the health of the server. */
  grpcHealthLookMs: 1_000,
  /** Clients that watch the health of the server: balancers do, one connection each. */
  grpcHealthWatchersMax: 1_000,
  /** Calls of health and reflection under way: they are open to strangers, and a client has one or two. */
  grpcPublicCallsMax: 10_000,
  /** One message of such a call, unpacked: names of services and of types. */
  grpcPublicBytesMax: 16 * KIB,
  /** Events that are taken from a feed at a time, so that others get their turn. */
  grpcEventsAtOnce: 256,
  /** Bytes of a client's stream that are read before they are needed, so that it does not wait for each message. */
  grpcStreamAheadBytes: 256 * KIB,

  // Bolt
  /** Sockets on the Bolt listener. A driver keeps up to 100 of them in its pool. */
  boltConnectionsMax: 5_000,
  /** From the connection to the version that both sides speak: two packets of a client that is there. */
  boltHandshakeMsMax: 10_000,
  /** From the connection to a client that has said who it is; drivers do it at once, people type nothing in between. */
  boltLogonMsMax: 30_000,
  /** A message of a client that has not said who it is: HELLO and LOGON with a long token fit. */
  boltLogonBytesMax: 64 * KIB,
  /** One record. Its client holds it in memory as a whole, and so does the server until it is sent. */
  boltRecordBytesMax: 64 * MIB,
  /** Requests of one connection that wait for the one before them; then its client is not read from. */
  boltRequestsWaitingMax: 1_000,
  /** Bytes of such requests. */
  boltRequestBytesWaitingMax: MIB,
  /** Bytes that wait for a client before no more rows are taken for it. */
  boltBufferedBytesMax: 256 * KIB,
  /** Replies that are put together before they are sent: a packet of the loopback interface. */
  boltReplyBytes: 64 * KIB,
  /** Results that one transaction may have open: each holds a cursor, or rows. */
  boltResultsMax: 100,
  /** A client that waits gets a sign of life so often, so that it may take a silent server for a dead one. */
  boltNoopMs: 30_000,
  /** An idle connection is asked by TCP whether its client is still there: a dead one is found within some minutes. */
  boltKeepAliveMs: 60_000,
  /** A transaction whose client names no timeout. Programs of Neo4j expect none; forgotten ones must end. */
  boltTransactionMsDefault: 600_000,
  /** Waiting for one of the open transactions to end before TOO_MANY_TRANSACTIONS: drivers open 100 at once. */
  boltTransactionWaitMsMax: 5_000,
  /** Transactions that may wait so. */
  boltTransactionsWaitingMax: 1_000,
  /** Between two looks whether a transaction ended elsewhere, while some wait. */
  boltTransactionLookMs: 50,
  /** Credentials of a connection are looked at again after so long, so that those that expired are noticed. */
  boltLogonAgainMs: 60_000,
  /** Between two looks whether a namespace named `neo4j` exists, when the last one found none. */
  boltDatabaseLookMs: 10_000,
  /** Of the metadata that a client attaches to a transaction the log shows so much: names of programs and of users. */
  boltMetadataCharactersMax: 1_000,
  /** A transaction of Neo4j's HTTP APIs that nobody asks for ends after so long, as Neo4j's own do. */
  neo4jHttpTransactionIdleMs: 30_000,
  /** Statements of one request of the transactional endpoint. */
  neo4jHttpStatementsMax: 1_000,
  /** Servers in one of the options for routing. */
  boltRoutesMax: 100,
  /** What drivers may remember a routing table for; 5 minutes, as Neo4j says. */
  boltRoutingSeconds: 300,
  /** Bookmarks of one request: a client that joins hundreds of sessions has that many. */
  boltBookmarksMax: 1_000,

  // Cluster
  /** Between two looks at roles and replicas while somebody watches the cluster. */
  clusterLookMs: 1_000,
  /** Clients that watch the cluster at once. */
  clusterWatchersMax: 1_000,
  /** On a replica, which hears no notifications: between two looks for what those would have told. */
  standbyLookMs: 1_000,
  /** Between two looks at how far a replica has replayed, while somebody waits for it: one cheap read for all who do. */
  positionLookMs: 5,
  /** How long a read waits for a replica to have what was committed before, unless it says otherwise. */
  positionWaitMsDefault: 10_000,
  /** Who would wait for longer has a replica that does not follow: asking again does not hold a request for so long. */
  positionWaitMsMax: 300_000,

  // Commands
  /** Commands of one batch: more than a plan allows, and some 10 MB of small ones. */
  synapBatchCommandsMax: 100_000,
  /** Commands of a batch that are under way at once: enough for a statement to be full, not for others to wait. */
  synapBatchUnderWayMax: 1_024,
  /** Commands that wait for EXEC, and keys that are watched, of one client. */
  synapMultiCommandsMax: 10_000,
  /** What waits for EXEC and what is watched, of all clients together. */
  synapMultiBytesMax: 64 * MIB,
  /** The same of one principal: a quarter, so that nobody takes it all. */
  synapMultiBytesPerPrincipalMax: 16 * MIB,
  /** Clients with an open MULTI or a WATCH. */
  synapMultiClientsMax: 10_000,
  /** The same of one principal: a quarter. */
  synapMultiClientsPerPrincipalMax: 2_500,
  /** A client with an open MULTI or a WATCH is ended when it was silent for so long. */
  synapMultiIdleMsMax: 300_000,
  /** Clients of which only that is remembered; beyond it the ones that ended first are forgotten: some 20 MB. */
  synapMultiEndedMax: 50_000,
  /** The same of one principal. */
  synapMultiEndedPerPrincipalMax: 10_000,
  /** `client_id` of a transaction: as long as an id of a request may be. */
  synapClientIdCharactersMax: 256,

  // GraphQL
  /** One document: as long as one SQL text, which may stand in it. */
  graphqlDocumentCharactersMax: MIB,
  /** Tokens of one document: a transaction of some 1,500 statements. Parsing them takes some 10 ms. */
  graphqlTokensMax: 20_000,
  /** Brackets inside brackets: as deep as JSON bodies. The parser recurses by them. */
  graphqlNestingMax: 128,
  /** Operations and fragments of one document: a page of an explorer. */
  graphqlDefinitionsMax: 50,
  /** Fields that an operation selects with its fragments in their places: the schema asked for itself has some 100. */
  graphqlFieldsMax: 500,
  /** Fields at the top of one operation: each is an operation of the server, for one request's token of the rate limit. */
  graphqlRootFieldsMax: 20,
  /** Fields under another name in one operation. */
  graphqlAliasesMax: 50,
  /** Directives in the selections of one operation. */
  graphqlDirectivesMax: 50,
  /** Fields below fields: data have 3 levels, the schema asked for itself has 15. */
  graphqlDepthMax: 20,
  /** Faults of a document that are told before looking for more ends. */
  graphqlErrorsMax: 20,
  /** Documents that are kept, by the characters of all: parsed they take some 80 bytes for each. */
  graphqlDocumentsCachedCharactersMax: 512 * KIB,
  /** Longer documents are seldom sent twice. */
  graphqlDocumentCachedCharactersMax: 16 * KIB,
  /** A client greets within this time of the upgrade: what servers of this protocol give by default. */
  graphqlInitMsMax: 3_000,
  /** Queries, mutations and subscriptions under way on one WebSocket. */
  graphqlSocketOperationsMax: 100,

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
  /** Operations of callers with plans are added to the durable counts so often: so many seconds a crash can lose. */
  usageFlushMs: 5_000,
  /** Older counts of operations are read again before a caller is admitted: it had paused, or they cannot be added. */
  usageAgeMsMax: 60_000,
  /** Between two reports of connections that stay open. Three of them missed, and a process counts as gone. */
  usageHeartbeatMs: 30_000,
  /** Connections of a process that has not reported for so long count no more. */
  usageProcessGoneMs: 90_000,
  /** A measured size of a namespace is good for so long: with the measuring no burst stays unnoticed for a minute. */
  usageStorageMs: 50_000,
  /** Callers with plans whose counts are kept in memory; one that is idle is read again when it comes back. */
  usageAccountsMax: 100_000,
  /** Answers of a hub about an access key are kept for so long, also that it knows none. */
  hubCacheMs: 60_000,
  /** While the hub fails, what it said last is believed for so long. */
  hubStaleMsMax: 900_000,
  /** After a failure the hub is left alone for so long, so that not every request waits for its timeout. */
  hubRetryMs: 2_000,
  /** Access keys whose answers are kept; the least recently used one goes first. */
  hubKeysMax: 10_000,
  /** Questions to the hub under way at once before more are refused. */
  hubRequestsMax: 64,
  /** Of those for callers of one address: whoever tries keys at random keeps nobody else out. */
  hubRequestsPerAddressMax: 16,
  /** One answer of the hub: it describes one caller. */
  hubAnswerBytesMax: 64 * KIB,
  /** A hub that takes longer counts as failing. */
  hubTimeoutMsDefault: 5_000,
  /** Bodies up to this size are not counted: 10,000 connections with one each are 160 MB. */
  bodyBytesSmall: 16 * 1024,
  /** Request bodies in memory at once, of all connections of a listener together: some 50 of the largest size. */
  bodiesBytesMax: 512 * MIB,
  /** Answers up to this size are not counted: the buffers of a socket take most of it, whether the client reads or not. */
  answerBytesSmall: 64 * KIB,
  /**
   * The same for answers that wait behind another one of their connection: what a socket takes at once has the lines of
   * more than a thousand requests, whose answers wait until those before them are read.
   */
  answerBytesQueuedSmall: KIB,
  /** Results that PostgreSQL sends are not counted up to this size: there are as few at once as connections to it. */
  resultBytesSmall: 256 * KIB,
  /**
   * The part of the heap that larger answers may hold together, from their first row until the client has read them.
   * Queries may have half of the heap, and text is there twice for a moment when it is sent.
   */
  answersOfHeapMax: 0.25,
  /**
   * A client that takes nothing of a large answer from one look to the next is disconnected: it holds memory that
   * others need. The first look cannot tell, so that it has up to twice as long.
   */
  answerPauseMsMax: 30_000,
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
  /** Lines that `facet shell` remembers: years of them for most, and a file of some 100 KB. */
  shellHistoryLinesMax: 2_000,
  /** Names of each kind that `facet shell` completes: what is read within its patience, more than anybody lists. */
  shellNamesMax: 2_000,
  /** Rows that the demo sends in one statement: some 200 KB of JSON, far below `bodyBytesMax`. */
  demoRowsPerBatch: 2_000,
  /** Batches of the demo under way: while PostgreSQL inserts one, the next is read and sent. */
  demoBatchesInFlight: 3,
  /** Commands that the demo sends in one request: some 100 KB of JSON. */
  demoCommandsPerBatch: 500,
  /** Work items of the demo: enough for a rate, drained within seconds. */
  demoWorkItems: 2_000,
  /** Workers of the demo that drain the queue, each with one request under way. */
  demoWorkers: 8,
  /** Events of the demo that a subscriber follows while they are published. */
  demoEvents: 10_000,
  /** How long the demo waits for the next message or event before it says that nothing comes. */
  demoPatienceMs: 30_000,

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

  // Changes and subscriptions
  /** Bytes of changes that the log of a namespace keeps in memory, for consumers that are a little behind. */
  changeLogBytesMax: 16 * MIB,
  /** Bytes of write-ahead log that are kept for those who come back with a position, beyond what anybody needs. */
  changeHistoryBytes: 64 * MIB,
  /** Without cursors and durable consumers for so long, nothing is kept of the write-ahead log any more. */
  changeIdleMs: 600_000,
  /** Consumers that read by themselves at once, each with a process of PostgreSQL that decodes; others wait. */
  changeReadersMax: 4,
  /** Durable consumers of a namespace. Each is a row, and what the slowest has not had is kept. */
  changeConsumersMax: 1_000,
  /** Open cursors of a namespace. */
  changeCursorsMax: 10_000,
  /** Tables that are followed. Every reader, and PostgreSQL for it, remembers some kilobytes of each that it has seen. */
  changeTablesMax: 10_000,
  /** Milliseconds to wait for transactions that write to a table which is to be watched. */
  changeWatchLockMsMax: 5_000,
  /** The longest single wait for that lock: all who come after it wait behind. Then they get their turn. */
  changeWatchTurnMsMax: 1_000,
  /** Between two looks whether the schema has changed, and with it a table that is followed. */
  followedTableLookMs: 1_000,
  /** Between two looks for tables that other processes have dropped. */
  followedTableIdleMs: 30_000,
  /** Changes that a follower takes from the feed at once. */
  followBatchItemsMax: 1_000,
  /** Between two tries to evaluate filters while PostgreSQL is away. */
  followRetryMs: 500,
  /** One filter. Conditions that people write have some hundred bytes. */
  filterBytesMax: 4 * KIB,
  /** For PostgreSQL to judge a filter: it takes 5 ms, unless constants in it are made to take longer. */
  filterCheckMsMax: 2_000,
  /** Filters that were found good, remembered in each namespace. */
  filtersKnownMax: 10_000,
  /** Evaluating the filters of a table over one batch of changes; what takes longer is tried in smaller parts. */
  filterMsMax: 1_000,
  /** Changes whose filters are evaluated by one statement: some 10 ms with a hundred filters. */
  filterBatchRowsMax: 1_000,
  /** Bytes of their values in such a statement. */
  filterBatchBytesMax: MIB,
  /** Characters of the filters in such a statement: it stays one that PostgreSQL keeps prepared. */
  filterBatchCharactersMax: 12 * KIB,
  /**
   * Filters that are evaluated together take some 10 ms. When they have taken longer than this, each is evaluated by
   * itself; those that are slow remain so, and the others do not wait for them.
   */
  filterSlowMs: 100,
  /** So often the quick ones of them are put together again: a server that is busy makes all of them slow. */
  filterReunionsMax: 3,
  /** Those who follow a table wait so long for the filters of others that have a lot to evaluate, not longer. */
  filterPatienceMs: 250,
  /** So often in a row a filter may take longer than `filterMsMax`; then its subscriptions end. */
  filterTimeoutsMax: 5,
  /** Statements that look for the rows of one batch for which a filter raises: some dozens of rows are found by them. */
  filterSearchStatementsMax: 500,
  /** Milliseconds for the same. Where either is not enough the subscriptions of the filter end. */
  filterSearchMsMax: 2_000,
  /** Between two reports to PostgreSQL, each of which asks for an answer. */
  changeStatusMs: 10_000,
  /** A stream that is silent for so long is dead: PostgreSQL is asked to speak after half of it. */
  changeSilenceMsMax: 30_000,
  /** Between two looks at what is kept of the write-ahead log, and whether all is watched that should be. */
  changeLookMs: 5_000,
  /** The reader goes on for so long without cursors, for those who come back. */
  changeLingerMs: 30_000,
  /** Making a slot waits for all transactions that write at that moment, on the whole server. */
  changeSlotMsMax: 30_000,
  /** A cursor that reads by itself may keep others waiting for so long, then it is their turn. */
  changeTurnMsMax: 10_000,
  /**
   * Bytes of one change, its old and its new row together: twice a result. It is in memory several times at once. Whoever
   * stands before a larger one is told that it cannot be had.
   */
  changeRowBytesMax: 128 * MIB,
  /** Bytes that a cursor which reads by itself holds before PostgreSQL has to wait. */
  changeCatchUpBytesMax: 2 * MIB,
  /** Of the outbox of triggers: rows that are read at once. */
  changePageRowsMax: 2_000,
  /** Bytes of such rows; a wider row comes alone. */
  changePageBytesMax: MIB,
  /** Bytes on disk of an outbox beyond which the oldest changes go, whoever needs them. Triggers stop noting at twice that. */
  changeOutboxBytesMax: 2 * 1_024 * MIB,
  /** Rows that one statement removes from it: some 20 ms. */
  changeOutboxStepRows: 5_000,
  /** Such statements of one look: 200,000 changes a second at least are let go of. */
  changeOutboxStepsMax: 200,
  /** Name of a durable consumer, in characters. */
  changeConsumerCharactersMax: 256,
  /** Subscriptions of a namespace: below `changeConsumersMax`, since each is one of those. */
  subscriptionsMax: 500,
  /** So long a process may deliver a subscription without saying that it is still there; then another takes over. */
  subscriptionLeaseMs: 20_000,
  /** Between two renewals of that: some may fail. */
  subscriptionRenewMs: 5_000,
  /** Between two looks for subscriptions whose process is gone, where this one delivers none. */
  subscriptionLookMs: 30_000,
  /** Changes that were given to an attached client and not acknowledged; beyond it nothing more is given. */
  subscriptionUnacknowledgedMax: 10_000,
  /** A consumer that nothing concerns is moved on when so much of the log is kept for it. */
  consumerIdleLagBytes: MIB,
  /** Between two signs that the log has moved on, to one who replicates. */
  replicationKeepaliveMs: 10_000,
  /** Between two looks for namespaces that have been opened and may have webhooks. */
  namespaceLookMs: 1_000,
  /** Deliveries that are under way at once, of all webhooks. */
  webhookRequestsMax: 64,
  /** Bytes of changes in one delivery; a single change may be larger. */
  webhookBatchBytesMax: 8 * MIB,
  /** For the name of an endpoint to be resolved when a subscription is created; what does not is found out later. */
  webhookResolveMsMax: 2_000,
  /** Tries of one delivery before a subscription fails: with the usual backoff weeks go by before that many. */
  webhookRetriesMax: 100,
  /** Longest pause before the first retry; also the longest between any two. */
  webhookBackoffMsMax: 3_600_000,
  /** The pause before the first retry, when a subscription does not say. */
  webhookBackoffMsDefault: 1_000,
  /** So long an event waits for others of its batch, when a subscription does not say. */
  webhookBatchTimeoutMsDefault: 1_000,
  /** Events of one delivery. */
  webhookBatchEventsMax: 10_000,
  /** Longest wait of an event for others of its batch. */
  webhookBatchTimeoutMsMax: 3_600_000,
  /** One endpoint. Longer URLs are cut off by servers and proxies. */
  webhookUrlCharactersMax: 2_048,
  /** Longest answer of a webhook's receiver that is awaited, from connecting to its last byte. */
  webhookAnswerMsMax: 10_000,
  /** Bytes of a receiver's answer that are read; the rest is not waited for. */
  webhookAnswerBytesMax: 64 * 1_024,

  // Restore points
  /** Of one namespace: each takes as many bytes as the namespace had. */
  restorePointsMax: 16,
  /** What a copy leaves free on the disk: PostgreSQL's log has room to go on, which stops everything when it is full. */
  restorePointSpareBytes: 256 * MIB,
  /** Bytes of a restore point's name. */
  restorePointNameBytesMax: 128,
  /** What is under way in a namespace gets so long to end before the namespace is paused; then it is broken off. */
  restorePointDrainMs: 5_000,
  /** Calls wait so long for a namespace that is paused; then they are refused, to be tried again. */
  restorePointWaitMsMax: 15_000,
  /** Longest wait for another process that works at restore points of the same server. */
  restorePointTurnMsMax: 60_000,

  // Vault
  /** One secret; the bound of Neumann's vault. */
  vaultValueBytesMax: 65_531,
  /** The name of a secret: it is a key of an index. */
  vaultNameBytesMax: 512,
  /** The name of an identity that a secret is granted to. */
  vaultIdentityBytesMax: 256,
  /** Identities that one secret is granted to: all of them are in its row. */
  vaultGrantsMax: 100,
  /** Names in one listing. */
  vaultListMax: 1_000,
  /** Entries of the audit in one answer. */
  vaultAuditPageMax: 1_000,
  /** Entries of the audit that are kept, of some 300 bytes each; older ones are removed. */
  vaultAuditRowsMax: 100_000,
  /** So long an entry of the audit is kept: 400 days, so that a year can be looked at when it is over. */
  vaultAuditMsMax: 400 * 86_400_000,
  /** Secrets encrypted anew in one transaction. */
  vaultResealMax: 500,

  // Vectors
  /** Results of one search. Each is a row that is read by its key, and they travel in one answer. */
  vectorTopKMax: 10_000,
  /** Bytes that the vector indexes of a process take in memory together; one that does not fit is refused. */
  vectorMemoryBytesMax: 1_024 * MIB,
  /** What a search remembers of its table; changes of the schema by other processes show after it. */
  vectorTargetMs: 5_000,
  /** Longest wait of a search for the change feed to bring what has committed before; then it looks into the table. */
  vectorFreshMsMax: 250,
  /** An index that nobody has searched for so long is let go of, and read again when it is wanted. */
  vectorIdleMs: 3_600_000,
  /** Rows that pass a filter which are measured one by one; a filter that lets more through goes by the index. */
  vectorExactRowsMax: 5_000,
  /** Between two looks whether an index has changed so much that it is to be saved. */
  vectorSaveLookMs: 500,
  /** An index is saved, however little has changed, when so much of the write-ahead log is kept for it: of 2 GiB. */
  vectorSaveLagBytes: 256 * MIB,
  /** At the end of the server an index is saved if that takes no longer: less than `stateStopMsMax`. */
  vectorSaveStopMsMax: 2_000,
  /** Longest pause before a graph that was lost is built again, or one that was not saved is saved. */
  vectorRetryMsMax: 300_000,
  /** Different lengths of vectors in one namespace: each is a type that stays. */
  vectorTypesMax: 1_000,
  /** Columns of type VECTOR(n) have at most so many dimensions, as in pgvector. */
  vectorDimensionsMax: 16_000,

  // Collections of embeddings
  /** Name of a collection. Longer ones than 63 bytes have a table that is named by a part of them and a hash. */
  collectionNameBytesMax: 255,
  /** Collections of a namespace: each is a table, and PostgreSQL's catalogs grow with them. */
  collectionsMax: 10_000,
  /** Names in one listing. */
  collectionsPageMax: 1_000,
  /** Key of an embedding: an entry of PostgreSQL's index holds up to some 2,700 bytes. */
  embeddingKeyBytesMax: 1_024,
  /** Metadata of one embedding, as JSON. What is larger is data of its own, for a table or a blob. */
  embeddingMetadataBytesMax: 64 * KIB,
  /** Embeddings that one call stores, and keys that one call names. */
  embeddingsMax: 10_000,
  /** Numbers of all vectors of one call, stored or given back: 8 MiB, and up to 40 MiB as text. */
  embeddingNumbersMax: 2 * MIB,
  /** Embeddings of one page of a listing. */
  embeddingPageMax: 10_000,
  /** Parts of a condition on metadata: what people and programs write has fewer than ten. */
  embeddingFilterNodesMax: 1_000,
  /** Conditions inside each other. */
  embeddingFilterDepthMax: 32,
  /** Numbers that a search without an index may have to measure (see collections/auto-index.ts) before one is made. */
  embeddingIndexNumbers: 150_000,
  /** Between two looks whether a collection has become large enough for an index. */
  embeddingIndexLookMs: 2_000,
} as const;
