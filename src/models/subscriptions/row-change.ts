/** A change as subscribers get it: one row of one table, with the names and types of its columns. Plain data. */
import type { Cell, Lsn } from '../../engine/index.ts';
import type { Sized } from '../feed.ts';

export type RowOperation = 'insert' | 'update' | 'delete';

export interface SubscribedColumn {
  readonly name: string;
  /** ThunderDB's name without modifiers, as in results: `Int64`, `Decimal`, `Array<Text>`, `Vector`. */
  readonly type: string;
  /** Part of the primary key. */
  readonly key: boolean;
}

/** The same object for all changes of a table, as long as the table stays as it is. */
export interface SubscribedTable {
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly SubscribedColumn[];
}

/** All subscribers of a change get the same object, so encoded forms can be kept by its identity. */
export interface RowChange extends Sized {
  readonly operation: RowOperation;
  readonly table: SubscribedTable;
  /** Cells in the order of the columns; of inserts and updates. Whole. */
  readonly newRow: readonly Cell[] | undefined;
  /** Of updates and deletes. Whole. */
  readonly oldRow: readonly Cell[] | undefined;
  /** Of updates: places of the columns whose values differ. */
  readonly changedColumns: readonly number[];
  readonly xid: number;
  /** Orders changes; with `sequence` it names one. See the change feed of the engine. */
  readonly commitLsn: Lsn;
  readonly sequence: number;
  readonly committedAtMs: number;
  /** How much room it takes in a feed. */
  readonly bytes: number;
}

/** What a replication stream consists of, when its client asked for boundaries: begin, changes, commit. */
export type ReplicationEntry =
  | (Sized & {
      readonly kind: 'begin' | 'commit';
      readonly xid: number;
      /** Of a begin: of its first change. Of a commit: its end, which is what a client acknowledges. */
      readonly lsn: Lsn;
      readonly committedAtMs: number;
    })
  | (Sized & { readonly kind: 'change'; readonly lsn: Lsn; readonly change: RowChange })
  | (Sized & {
      readonly kind: 'truncate';
      readonly lsn: Lsn;
      readonly table: SubscribedTable;
      readonly xid: number;
    })
  /** Nothing to deliver, but the log has moved on: the client may acknowledge it. */
  | (Sized & { readonly kind: 'keepalive'; readonly lsn: Lsn; readonly atMs: number });
