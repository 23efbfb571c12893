/**
 * The change feed of a namespace: every committed change of the watched tables, transaction by transaction, in the
 * order of their commits. One reader follows PostgreSQL for the whole process and fills a bounded log in memory; each
 * consumer has a cursor of its own on it, and one that is further behind reads by itself until it has caught up.
 *
 * Two sources have this one interface: logical decoding, and triggers where PostgreSQL offers no logical decoding.
 */
import type { FacetError } from '../base/index.ts';
import type { Cell } from './cell.ts';

/** A position in the write-ahead log as a number; PostgreSQL writes it `16/B374D848`: see changes/lsn.ts. */
export type Lsn = bigint;

export interface ChangedColumn {
  readonly name: string;
  readonly typeOid: number;
  /** PostgreSQL's type modifier; -1 when there is none. */
  readonly typeModifier: number;
  /** Part of the primary key. */
  readonly key: boolean;
}

/** A table as it was when a row of it changed. The same object for as long as nothing about the table changes. */
export interface ChangedTable {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly ChangedColumn[];
}

/** The transaction of a change. The same object for all changes of one transaction. */
export interface ChangeTransaction {
  readonly xid: number;
  /**
   * Of its commit record. Grows from transaction to transaction, so it orders changes, and a cursor that is opened from it
   * begins with this very transaction.
   */
  readonly commitLsn: Lsn;
  /** Right behind its commit record: a cursor that is opened from it begins with the next transaction. */
  readonly endLsn: Lsn;
  readonly committedAtMs: number;
}

export type ChangeKind = 'insert' | 'update' | 'delete' | 'truncate';

/** One row that changed, or a table that was emptied. */
export interface Change {
  readonly kind: ChangeKind;
  readonly table: ChangedTable;
  readonly transaction: ChangeTransaction;
  /** 0, 1, 2 … among the changes of its transaction: with `commitLsn` it names a change, the same at each delivery. */
  readonly sequence: number;
  /** Of the change itself: changes of transactions that ran side by side are interleaved by it. */
  readonly lsn: Lsn;
  /** In the order of `table.columns`; of inserts and updates. Whole: values that were not sent are those of the old row. */
  readonly newRow: readonly Cell[] | undefined;
  /** The row before, of updates and deletes; whole, as watched tables have the replica identity for it. */
  readonly oldRow: readonly Cell[] | undefined;
  /** Roughly, in memory. */
  readonly bytes: number;
}

/** The end of a transaction, after its changes. */
export interface ChangeCommit {
  readonly kind: 'commit';
  readonly transaction: ChangeTransaction;
  /** How many changes of watched tables it had. */
  readonly changes: number;
  readonly bytes: number;
}

export type ChangeItem = Change | ChangeCommit;

export interface CursorOptions {
  /**
   * Transactions that committed at or after it are delivered; absent: those that commit from now on.
   * Within a transaction delivery begins with its first change, whatever was delivered of it before.
   */
  readonly from?: Lsn | undefined;
  /**
   * What to do when the consumer takes more slowly than changes come: `wait` for it and read again from PostgreSQL what
   * the log no longer has, or `drop` it with SUBSCRIBER_TOO_SLOW and the LSN to resume from in the detail. A cursor that
   * catches up after `from` is not dropped for it.
   */
  readonly whenSlow: 'wait' | 'drop';
  /** Ends it. */
  readonly signal?: AbortSignal | undefined;
}

/** One consumer's place in the feed. It holds the namespace open. */
export interface ChangeCursor {
  /** As `Feed.onReady` of the models: called once when there is something to take, or the cursor has ended. */
  onReady(listener: () => void): void;
  /**
   * Called once, when `position` may have moved since: also by what is not watched. For who has taken what there is, and
   * waits until the feed has come to what `now()` said. A later call replaces the listener.
   */
  onMoved(listener: () => void): void;
  /**
   * Asks PostgreSQL how far it has read, for who waits for `position`. It says so by itself when it has nothing to read, and
   * on a server where somebody always writes, if only to other databases, that may take seconds.
   */
  hasten(options?: {
    /** What has been written to the log goes to the disk first: see ChangePositions.seen. Costs a commit. */
    readonly flush?: boolean;
  }): void;
  /** Up to `countMax` items in order; none when there are none now. All cursors get the same objects. */
  take(countMax: number): readonly ChangeItem[];
  /** Everything that committed before it was taken: it also moves while nothing changes that is watched. */
  readonly position: Lsn;
  /**
   * Why there will be no more; undefined while there may be. LSN_NOT_AVAILABLE: PostgreSQL no longer has the changes, and
   * the consumer must begin from the table itself. SUBSCRIBER_TOO_SLOW. UNAVAILABLE when the store stops.
   */
  readonly ended: { readonly reason: FacetError; readonly resumeLsn: Lsn } | undefined;
  close(): void;
}

export interface WatchOptions {
  readonly signal?: AbortSignal | undefined;
}

/** A table that is to be watched, by its name. */
export interface TableName {
  readonly schema: string;
  readonly name: string;
}

/** Where a durable consumer stands: kept in the database, and the write-ahead log is kept for it. */
export interface ChangeConsumer {
  readonly name: string;
  /** Where to go on: `from` of its next cursor. */
  readonly position: Lsn;
  /** Changes of the transaction at `position` that were delivered already: those with a lower `sequence`. */
  readonly sequence: number;
  /** False when PostgreSQL has removed what it has not had: it must begin from the table itself, see `reset`. */
  readonly available: boolean;
}

/** Positions as SQL expressions of type pg_lsn, for statements that compare what they see with what a cursor has had. */
export interface ChangePositions {
  /** Behind everything that has committed durably: cursors come there by themselves. */
  readonly durable: string;
  /** Behind everything that the statement can see, however it committed; cursors may take a while to come there. */
  readonly seen: string;
  /** As `seen`, for who waits for a cursor to come there: it does as soon as the log is on the disk. */
  readonly awaited: string;
  /** Behind everything that has committed, and before what statements that come later do not see yet. */
  readonly settled: string;
}

export interface ChangeFeed {
  /** How changes get here; `triggers` where the server offers no logical decoding to us. */
  readonly source: 'logical' | 'triggers';
  readonly positions: ChangePositions;
  /**
   * Sees to it that changes of the table are in the feed, with whole old rows, from its return on. Idempotent and cheap
   * once it has been done. Waits for transactions that write to the table, no longer than LIMITS.changeWatchLockMsMax.
   * @throws TABLE_NOT_FOUND, FEATURE_NOT_SUPPORTED (views, temporary, unlogged and foreign tables), LOCK_TIMEOUT,
   *   PERMISSION_DENIED (a table of another owner on somebody else's server), CHANGES_UNAVAILABLE
   */
  watch(table: TableName, options?: WatchOptions): Promise<void>;
  /** As `watch`, for all tables of users that there are and will be. */
  watchAll(options?: WatchOptions): Promise<void>;
  /** @throws LSN_NOT_AVAILABLE at once when `from` is out of reach, LIMIT_EXCEEDED, CHANGES_UNAVAILABLE */
  open(options: CursorOptions): Promise<ChangeCursor>;
  /** Where the write-ahead log ends for readers now: what has committed durably lies before it. */
  now(signal?: AbortSignal): Promise<Lsn>;
  /**
   * The durable consumer of that name, made at the present position if it is not there.
   * @throws LIMIT_EXCEEDED (LIMITS.changeConsumersMax), CHANGES_UNAVAILABLE
   */
  consumer(name: string): Promise<ChangeConsumer>;
  /** All of them that begin with `prefix`. */
  consumers(prefix?: string): Promise<readonly ChangeConsumer[]>;
  /**
   * The consumer has applied everything before `position`, and of the transaction there the first `sequence` changes.
   * Durable when it resolves. Never moves back. False when there is no such consumer.
   */
  advance(name: string, position: Lsn, sequence?: number): Promise<boolean>;
  /** Puts the consumer at the present position, whatever it has missed. */
  reset(name: string): Promise<ChangeConsumer>;
  /** The log is no longer kept for it. False when it was not there. */
  forget(name: string): Promise<boolean>;
  /** For metrics and `doctor`; cheap, from memory. */
  readonly facts: ChangeFeedFacts;
}

export interface ChangeFeedFacts {
  /** The reader is connected and following. */
  readonly following: boolean;
  readonly cursors: number;
  /** Of them, those that read by themselves because they are behind. */
  readonly catchingUp: number;
  /** Bytes of write-ahead log between what was read and its end, at the last look. */
  readonly lagBytes: number;
  /** Bytes of write-ahead log kept for consumers, at the last look. */
  readonly retainedBytes: number;
  /** Changes read since the process began. */
  readonly changes: number;
  /** Items in memory. */
  readonly logItems: number;
  readonly logBytes: number;
}
