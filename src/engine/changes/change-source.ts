/** Where the items of a feed come from, what keeps them, and what a table needs: for logical decoding and for triggers. */
import type { Lsn, TableName } from '../change-contract.ts';
import type { Frontier } from './frontier.ts';
import type { ReaderSink, Reading } from './logical-reader.ts';

export interface ReadRequest {
  readonly from: Frontier;
  /** For the one reader that follows: it may take what only one can have. */
  readonly wantsSlot: boolean;
  readonly sink: ReaderSink;
}

export interface ChangeSource {
  readonly kind: 'logical' | 'triggers';
  /**
   * The first position that can be read from, and the end. Sees to it that changes are kept from now on.
   * @throws CHANGES_UNAVAILABLE naming what is missing
   */
  range(): Promise<{ readonly first: Lsn; readonly now: Lsn }>;
  /** Items from there on, until it is closed. @throws LSN_NOT_AVAILABLE, UNAVAILABLE */
  read(request: ReadRequest): Promise<Reading>;
}

/** What is kept, by a slot or by what stands for it. */
export interface RetentionState {
  /** Transactions that committed before it can no longer be had. */
  readonly confirmed: Lsn;
  /** Where the kept write-ahead log begins. */
  readonly restart: Lsn;
  /** Somebody streams from it now. */
  readonly active: boolean;
  /** PostgreSQL has removed what it kept. */
  readonly lost: boolean;
}

export interface RetentionLook {
  /** How far the write-ahead log is durable. */
  readonly now: Lsn;
  /** Undefined when nothing is kept. */
  readonly slot: RetentionState | undefined;
}

/** What keeps changes until all have had them. */
export interface Retention {
  /** Cheap. */
  look(signal?: AbortSignal): Promise<RetentionLook>;
  /** Sees to it that changes are kept from now on. @throws CHANGES_UNAVAILABLE naming what is missing */
  ensure(): Promise<RetentionState>;
  /** What lies before `to` may be removed. */
  advance(to: Lsn): Promise<void>;
  /** Nobody needs anything. False when it was not there, or somebody still reads. */
  drop(): Promise<boolean>;
}

/** What puts tables into the feed. */
export interface TableWatcher {
  /** @throws as `ChangeFeed.watch` */
  watch(table: TableName): Promise<void>;
  /** @throws as `ChangeFeed.watchAll` */
  watchAll(): Promise<void>;
  /** Puts right what is not as it should be. Never rejects. */
  repair(): Promise<void>;
}
