/**
 * One item on its way through a batcher. It is *blocked* while something else of its key must end first; *queued*; *sent*
 * with a batch; *alone* when its batch was refused and it is run once more by itself; *done* when its caller has been
 * answered. Items that are blocked or queued, or wait to be run alone, count against the batcher's `waitingMax`.
 */
import { type FacetError, monotonicMs } from '../base/index.ts';
import type { Turn } from './key-order.ts';

export type EntryState = 'blocked' | 'queued' | 'sent' | 'alone' | 'done';

const NONE: readonly Turn[] = [];

/** The batcher of an entry. */
export interface EntryHome<Item, Result> {
  /** It may be sent with the next batch. */
  enqueue(entry: Entry<Item, Result>): void;
  /** Its key is locked: it has to wait alone. */
  enqueueLocked(entry: Entry<Item, Result>): void;
  /** It is blocked behind one that waits for a lock; `locked`: of its own key. */
  heldUp(entry: Entry<Item, Result>, locked: boolean): void;
}

export class Entry<Item, Result> implements Turn {
  readonly home: EntryHome<Item, Result>;
  readonly item: Item;
  readonly key: string;
  readonly bytes: number;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: FacetError) => void;
  readonly siblings = NONE;
  readonly submittedMs = monotonicMs();
  state: EntryState = 'blocked';
  next: Turn | undefined = undefined;
  place: Turn['place'] = 'away';
  /** While queued behind an item of the same batcher and key: that one. */
  behind: Entry<Item, Result> | undefined = undefined;

  constructor(
    home: EntryHome<Item, Result>,
    item: Item,
    key: string,
    bytes: number,
    resolve: (result: Result) => void,
    reject: (error: FacetError) => void,
  ) {
    this.home = home;
    this.item = item;
    this.key = key;
    this.bytes = bytes;
    this.resolve = resolve;
    this.reject = reject;
  }

  begin(locked: boolean): void {
    this.behind = undefined;
    if (this.state !== 'blocked') return;
    if (locked) this.home.enqueueLocked(this);
    else this.home.enqueue(this);
  }

  heldUp(locked: boolean): void {
    if (this.state === 'blocked') this.home.heldUp(this, locked);
  }
}
