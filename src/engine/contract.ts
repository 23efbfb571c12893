/**
 * What the engine offers to the models: namespaces, statements, streams, transactions. Values cross this border as
 * PostgreSQL's own text form, so that no digit is lost and no model pays for parsing it does not need.
 */
import type { ErrorCode, FacetError, Observe } from '../base/index.ts';
import type { BesideName } from './beside-data.ts';
import type { Cell } from './cell.ts';
import type { ChangeFeed } from './change-contract.ts';
import type { RestorePoints } from './restore-point-contract.ts';

/** One whole SQL statement of Facet itself. The name is the metric label and the slow-log key: `sql.tables.list`. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

/**
 * A parameter in text form, or null. Its type is left to PostgreSQL's inference, like a quoted literal.
 * Arrays are the text of a PostgreSQL array; `arrayLiteral` makes one.
 */
export type Parameter = string | null;

/** As `Parameter`, or bytes that go as they are, in PostgreSQL's binary form: a `bytea`, or what `byteaArray` makes. */
export type OwnParameter = Parameter | Uint8Array;

export type { Cell } from './cell.ts';

export interface Column {
  readonly name: string;
  readonly typeOid: number;
  /** PostgreSQL's type modifier; -1 when there is none. */
  readonly typeModifier: number;
}

export interface ResultSet {
  /** First word of the command tag: SELECT, INSERT, CREATE … */
  readonly command: string;
  /** Empty for statements that return no rows. */
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Cell[])[];
  /** Rows returned or changed, as the command tag counts them; 0 when the tag has no count. */
  readonly affected: number;
}

export interface RunOptions {
  /** Abort cancels the statement in PostgreSQL and rejects with QUERY_CANCELLED. */
  readonly signal?: AbortSignal | undefined;
  /** Over it the statement is cancelled in PostgreSQL and rejects with QUERY_TIMEOUT. Default: LIMITS.queryTimeoutMsDefault. */
  readonly timeoutMs?: number | undefined;
  /** Run in this transaction instead of by itself. */
  readonly transaction?: Transaction | undefined;
  /**
   * A statement of Facet itself that only reads: without a transaction it takes the lane of reads, so that it does not
   * wait for commits of others.
   */
  readonly reads?: boolean | undefined;
  /**
   * In a transaction: the next statement is sent without waiting for the outcome of this one, which saves a round trip.
   * When this one fails, the next one does too. Whoever sets it looks at the outcome before the transaction ends.
   */
  readonly ahead?: boolean | undefined;
}

export interface OwnRunOptions extends RunOptions {
  /**
   * Reject with LOCK_TIMEOUT when a lock is not granted in LIMITS.laneLockMsMax, instead of waiting for it on a session
   * of the pool: for batches, of which one item may have to wait but not the others. Without a transaction only.
   */
  readonly giveUpOnLocks?: boolean | undefined;
  /** As UserRunOptions has them. Without a transaction only. */
  readonly rowsMax?: number | undefined;
  readonly bytesMax?: number | undefined;
}

export interface CursorRunOptions extends RunOptions {
  readonly transaction: Transaction;
}

export interface UserRunOptions extends RunOptions {
  /** The session may only read: writes fail with READ_ONLY_TRANSACTION whatever the text says. */
  readonly readOnly?: boolean | undefined;
  /** Default LIMITS.resultRowsMax and LIMITS.resultBytesMax; exceeding one rejects with RESULT_TOO_LARGE. */
  readonly rowsMax?: number | undefined;
  readonly bytesMax?: number | undefined;
  /** The text is a model's own, put around a client's: its verb is not held against it. */
  readonly composed?: boolean | undefined;
  /**
   * Names without a schema mean what is built into PostgreSQL, whatever users have made. With `readOnly` and without a
   * transaction only.
   */
  readonly builtInsOnly?: boolean | undefined;
}

/** Rows as they arrive. Iterating pulls: PostgreSQL waits while the consumer does. Leaving early cancels. */
export interface RowStream extends AsyncIterable<readonly (readonly Cell[])[]> {
  /** Known once the statement has been parsed; rejects with the statement's error. */
  readonly columns: Promise<readonly Column[]>;
  /** The command tag of the statement and the rows it counts; undefined until all rows were taken. */
  readonly completed: { readonly command: string; readonly affected: number } | undefined;
}

export type IsolationLevel = 'read_committed' | 'repeatable_read' | 'serializable';

export interface TransactionOptions {
  readonly owner: string;
  readonly isolationLevel: IsolationLevel;
  readonly readOnly: boolean;
  /** From begin; then it is rolled back by itself. */
  readonly timeoutMs: number;
  /** Ends the wait for a connection. */
  readonly signal?: AbortSignal | undefined;
}

/** An open interactive transaction. Statements on it queue and run one after the other. */
export interface Transaction {
  /** `txn_` and 12 hexadecimal digits. */
  readonly id: string;
  readonly owner: string;
  readonly isolationLevel: IsolationLevel;
  readonly readOnly: boolean;
  readonly startedAtMs: number;
  /** Rows changed by its INSERT, UPDATE, DELETE, MERGE and COPY statements so far. */
  readonly rowsAffected: number;
  /**
   * Calls `listener` once, right after this transaction has committed; never when it, or the savepoint around the work
   * that asked, is rolled back, nor when it is not known whether the commit took effect. For wakes of waiters in this
   * process: it must not throw, wait or write.
   */
  afterCommit(listener: () => void): void;
  /**
   * Adds `item` to what `participant` does when this transaction commits. It is dropped when the transaction, or the
   * savepoint around the work that asked, is rolled back. @throws what statements of an ended transaction reject with
   */
  enlist<Item>(participant: Participant<Item>, item: Item): void;
}

/**
 * Work that belongs to the commit of a transaction. One object for all transactions (items are gathered by it): a
 * constant of a model, or one per database.
 */
export interface Participant<Item> {
  readonly name: string;
  /**
   * Called once, when the transaction is about to commit, with all of its items in their order; what it sends on
   * `transaction` are the transaction's last statements. Rejecting rolls the transaction back, and the commit rejects
   * with it. Nothing can be enlisted from here. Constraints that were deferred have been looked at before.
   */
  finish(transaction: Transaction, items: readonly Item[]): Promise<void>;
  /**
   * `finish` sends all of its statements before it first waits for one (see RunOptions.ahead), and does nothing with the
   * answers but reject when PostgreSQL does: COMMIT then leaves with them, in one round trip.
   */
  readonly ahead?: boolean;
  /**
   * The commit does not wait for the disk while it holds the locks of the transaction: one flush serves all that commit
   * meanwhile, and only then is the commit acknowledged. So others may see what was written a moment before it is
   * durable; what they write in turn becomes durable no earlier.
   */
  readonly sharesFlush?: boolean;
}

export interface InTransactionOptions extends RunOptions {
  readonly readOnly?: boolean;
  readonly rollback?: boolean;
  /** Of a transaction of its own; a given one has its level already. Default: read_committed. */
  readonly isolationLevel?: IsolationLevel;
  /**
   * What PostgreSQL raises only at the commit, in the words of the model that caused it; what is not its own it returns
   * as it is. With a given transaction it is asked when that one commits, so it must be the same function each time.
   */
  readonly commitError?: (error: FacetError) => FacetError;
  /** It lasts as long as somebody reads a stream: it takes its session from those for streams. */
  readonly streams?: boolean;
  /**
   * Called after the commit of a transaction of its own with a position in PostgreSQL's log, at or behind the commit:
   * who has replayed up to it sees all that this transaction wrote or has seen. Not called with a given transaction.
   */
  readonly position?: (lsn: string) => void;
}

export interface CommitOptions {
  /** Tell the position of the commit (see InTransactionOptions.position). */
  readonly position?: boolean | undefined;
}

export interface Committed {
  readonly committedAtMs: number;
  readonly rowsAffected: number;
  /** When it was asked for. */
  readonly position?: string | undefined;
}

export interface StatementDescription {
  readonly parameterTypeOids: readonly number[];
  /** Empty for statements that return no rows. */
  readonly columns: readonly Column[];
}

/** One namespace: one PostgreSQL database. */
export interface Database {
  readonly namespace: string;
  /**
   * How often the namespace was rolled back to a restore point since this process began: what is remembered by its name,
   * and not by this object, is of another history when this differs.
   */
  readonly history: number;
  /** Grows with each schema change that this process knows of: what was derived from an older schema is out of date. */
  readonly schemaVersion: number;

  /**
   * A statement of Facet itself. Without a transaction it goes over the pipelined lane, so it must be short; when it meets
   * a lock it is done once more in the pool, and waits there.
   */
  run(
    statement: Statement,
    parameters?: readonly OwnParameter[],
    options?: OwnRunOptions,
  ): Promise<ResultSet>;

  /** SQL text of a client, one statement. The engine picks the lane or the pool (see routing.ts) and cleans the session. */
  runUser(sql: string, parameters?: readonly Parameter[], options?: UserRunOptions): Promise<ResultSet>;

  /** As runUser, but rows flow through a cursor in steps of LIMITS.streamRowsPerFetch. */
  streamUser(sql: string, parameters?: readonly Parameter[], options?: UserRunOptions): RowStream;

  /**
   * As `run` in a transaction, but rows are fetched in steps as they are taken, and other statements of the transaction
   * run between two steps. The rows are those that the statement finds when the first ones are taken, whatever the
   * transaction writes later. Whoever stops taking closes it, and the transaction goes on. `timeoutMs` bounds each step,
   * and is looked up at each.
   */
  cursor(
    statement: Statement,
    parameters: readonly OwnParameter[],
    options: CursorRunOptions,
  ): AsyncIterable<readonly (readonly Cell[])[]>;

  /** Parses without running. */
  describe(sql: string, options?: RunOptions): Promise<StatementDescription>;

  /**
   * Runs `work` in a short transaction on a pooled connection: committed when it resolves, rolled back when it
   * rejects. With `options.transaction` it joins that one, behind a savepoint.
   */
  inTransaction<T>(
    work: (transaction: Transaction) => Promise<T>,
    options?: InTransactionOptions,
  ): Promise<T>;

  begin(options: TransactionOptions): Promise<Transaction>;

  /**
   * Follows notifications of PostgreSQL on `channel` (a constant name of a model, such as `facet_queue`), of every
   * process. One session of its own serves all channels of the namespace; it is opened by the first listener. Listening
   * alone does not keep the namespace open (see `hold`). A payload has at most LIMITS.notificationBytesMax bytes.
   */
  listen(channel: string, listener: ChannelListener): Subscription;

  /**
   * State that a model keeps for this database (batchers, waiters, caches): made by `create` at the first call with
   * this key, and stopped before the connections are closed. `key` is a module constant: `Symbol('queue.waiters')`.
   */
  state<T extends ModelState>(key: symbol, create: (database: Database) => T): T;

  /**
   * A folder of this namespace beside its data, made if need be (see beside-data.ts). Files may be missing, damaged or out
   * of date at each start. Undefined where there is none: in memory, and on somebody else's server. @throws STORE_UNUSABLE, and what the file system says
   */
  folder(name: BesideName): Promise<string | undefined>;

  /** For what nobody who asked can be told. */
  readonly observe: Observe;

  /** Committed changes of this namespace, in the order of their commits. */
  readonly changes: ChangeFeed;

  /** Keeps the namespace open while somebody waits or follows: an idle one may be closed when its place is needed. */
  hold(): Subscription;

  /**
   * The open transaction of that id and owner.
   * @throws TRANSACTION_NOT_FOUND (unknown, someone else's, or ended by its deadline: the detail says so),
   *   TRANSACTION_NOT_ACTIVE (committed or rolled back before).
   */
  transaction(id: string, owner: string): Transaction;

  /** @throws TRANSACTION_ABORTED when PostgreSQL answered COMMIT by rolling back; serialization and deferred-constraint errors. */
  commit(transaction: Transaction, options?: CommitOptions): Promise<Committed>;
  rollback(transaction: Transaction): Promise<{ readonly rolledBackAtMs: number }>;

  readonly counts: {
    readonly transactionsOpen: number;
    readonly poolInUse: number;
    readonly poolIdle: number;
    readonly poolWaiting: number;
    readonly laneInFlight: number;
    /** Holds (see `hold`) that have not been closed. */
    readonly held: number;
  };
}

/** Something that goes on until it is closed. */
export interface Subscription {
  /** Idempotent; nothing is called afterwards. */
  close(): void;
}

export interface ChannelListener {
  /**
   * One notification, in commit order. `own` is true when an open session of this process sent it: who wakes its own
   * waiters by `afterCommit` can skip those. It may be false for the last words of a session that has just ended. The
   * payload is not to be trusted: whoever may run SQL can send one.
   */
  notified(payload: string, own: boolean): void;
  /**
   * Notifications may have been missed (the session was lost and is there again), or listening has just begun: look
   * for yourself what there is. May come more often than needed, and after notifications that were not missed.
   */
  gap(): void;
}

export interface ModelState {
  /** Ends its waits and timers; called once. */
  stop(): void | Promise<void>;
}

export interface StoreFacts {
  readonly uri: string;
  /** True when this process runs its own PostgreSQL. */
  readonly embedded: boolean;
  readonly dataDirectory?: string | undefined;
  readonly serverVersion: string;
  /** PostgreSQL was a hot standby when the store was opened: it is only read. */
  readonly standby?: boolean | undefined;
  readonly postmasterPid?: number | undefined;
}

/** A running, migrated PostgreSQL behind one URI. */
export interface Store {
  readonly facts: StoreFacts;
  readonly defaultNamespace: string;
  /**
   * The namespace's database, opened and migrated on first use, and created unless `create` is false.
   * @throws NAMESPACE_INVALID, DATABASE_NOT_FOUND, LIMIT_EXCEEDED
   */
  namespace(name: string, options?: { readonly create: boolean }): Promise<Database>;
  /** The same at once, when it is open in this process: a promise for each call is felt on the hot path. */
  openNamespace(name: string): Database | undefined;
  /** Namespaces that are open in this process. */
  readonly opened: readonly Database[];
  /** Names of namespaces, open or not, whose changes PostgreSQL keeps for somebody. */
  followed(): Promise<readonly string[]>;
  /**
   * Has PostgreSQL write what it holds in memory to its data files. Nothing depends on it: commits are durable before.
   * False when the role that we connect as may not ask for it.
   */
  checkpoint(): Promise<boolean>;
  readonly restorePoints: RestorePoints;
  /** Rolls back open transactions, closes connections, stops an embedded PostgreSQL. Idempotent. */
  stop(): Promise<void>;
  /** Resolves with a reason if PostgreSQL goes away for good (an embedded one is restarted first). */
  readonly lost: Promise<string>;
}

/** Codes the engine itself may reject with, for the declarations of operations that run SQL. */
export const ENGINE_ERRORS: readonly ErrorCode[] = [
  'QUERY_TIMEOUT',
  'QUERY_CANCELLED',
  'UNAVAILABLE',
  'TOO_MANY_CONNECTIONS',
  'RESULT_TOO_LARGE',
];
