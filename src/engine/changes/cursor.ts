/**
 * One consumer's place in the feed. While what it needs next is in the log it has a number there and nothing else; behind
 * the log it reads by itself (catch-up.ts) and joins the log where both stand at the same change.
 */
import { FacetError } from '../../base/index.ts';
import type { ChangeCursor, ChangeItem, Lsn } from '../change-contract.ts';
import { CatchUp, type CatchUpParts } from './catch-up.ts';
import type { ChangeLog } from './change-log.ts';
import { type Frontier, frontierAfter, isBefore, isDelivered } from './frontier.ts';
import { lsnText } from './lsn.ts';
import type { StartFilter } from './start-filter.ts';

export interface CursorHost {
  readonly log: ChangeLog;
  readonly source: CatchUpParts['source'];
  readonly places: CatchUpParts['places'];
  readonly turnMsMax: number;
  /** See ChangeCursor. */
  readonly hasten: ChangeCursor['hasten'];
  /** It is gone, or has ended. Called once. */
  readonly left: (cursor: FeedCursor) => void;
}

const NOTHING: readonly ChangeItem[] = [];

export class FeedCursor implements ChangeCursor {
  /** Called once, when it is gone or has ended. */
  onLeft: (() => void) | undefined = undefined;
  readonly #host: CursorHost;
  readonly #drops: boolean;
  /** Everything before it was taken, or was not wanted. */
  #frontier: Frontier;
  /** Number of the next item in the log; undefined while it reads by itself. */
  #next: number | undefined = undefined;
  /** Items of the log may lie before the frontier. */
  #overlaps = true;
  #catchUp: CatchUp | undefined = undefined;
  #filter: StartFilter | undefined;
  /** It has stood at the end of the log: from then on it is its own fault when it falls behind. */
  #hasCaughtUp = false;
  #listener: (() => void) | undefined = undefined;
  #told = false;
  #moved: (() => void) | undefined = undefined;
  #open = true;
  #ended: ChangeCursor['ended'] = undefined;

  constructor(host: CursorHost, from: Frontier, drops: boolean, filter: StartFilter | undefined) {
    this.#host = host;
    this.#drops = drops;
    this.#frontier = from;
    this.#filter = filter;
    this.#place();
  }

  get catchingUp(): boolean {
    return this.#catchUp !== undefined;
  }

  get ended(): ChangeCursor['ended'] {
    return this.#ended;
  }

  get position(): Lsn {
    const { lsn } = this.#settle();
    const filter = this.#filter;
    return filter !== undefined && lsn < filter.lsn ? filter.lsn : lsn;
  }

  /** The write-ahead log must be kept from here on for it; undefined when it has ended, or would be dropped anyway. */
  get keeps(): Lsn | undefined {
    return this.#open && !(this.#drops && this.#hasCaughtUp) ? this.#settle().lsn : undefined;
  }

  onReady(listener: () => void): void {
    this.#listener = listener;
    this.#told = false;
    this.#tell();
  }

  onMoved(listener: () => void): void {
    this.#moved = listener;
  }

  hasten(options?: { readonly flush?: boolean }): void {
    if (this.#open) this.#host.hasten(options);
  }

  take(countMax: number): readonly ChangeItem[] {
    if (!this.#open || countMax <= 0) return NOTHING;
    const taken = this.#catchUp === undefined ? this.#takeFromLog(countMax) : this.#takeBehind(countMax);
    if (!this.#hasNews()) this.#told = false;
    return taken;
  }

  close(): void {
    this.#listener = undefined;
    this.#moved = undefined;
    this.#shut();
  }

  end(reason: FacetError): void {
    if (!this.#open) return;
    this.#ended = { reason, resumeLsn: this.position };
    this.#shut();
    this.#told = false;
    this.#tell();
    this.#tellMoved();
  }

  /** The log has grown, or its oldest items went. */
  logMoved(): void {
    if (!this.#open || this.#next === undefined) return;
    if (this.#next < this.#host.log.first && this.#drops && this.#hasCaughtUp) {
      this.#drop();
      return;
    }
    if (!this.#told) this.#tell();
    this.#tellMoved();
  }

  /** The log begins anew behind a gap. */
  logRestarted(): void {
    if (!this.#open || this.#next === undefined) return;
    this.#overlaps = true;
    this.#place();
  }

  /** Into the log if it has what comes next, behind it otherwise. */
  #place(): void {
    const { log, source, places, turnMsMax } = this.#host;
    if (log.covers(this.#frontier)) {
      this.#catchUp?.close();
      this.#catchUp = undefined;
      this.#next = log.find(this.#frontier);
      this.#overlaps = isBefore(log.end, this.#frontier) || this.#filter !== undefined;
      return;
    }
    this.#next = undefined;
    this.#catchUp ??= new CatchUp(this.#frontier, {
      source,
      places,
      turnMsMax,
      moved: () => this.#behindMoved(),
      failed: (reason) => this.end(reason),
    });
  }

  #takeFromLog(countMax: number): readonly ChangeItem[] {
    const { log } = this.#host;
    if (this.#next === undefined || this.#next < log.first) {
      this.#fallBehind();
      return NOTHING;
    }
    const items: ChangeItem[] = [];
    let next = this.#next;
    for (; next < log.next && items.length < countMax; next++) {
      const item = log.at(next);
      if (!this.#overlaps || this.#isWanted(item)) items.push(item);
    }
    this.#goTo(next);
    return items;
  }

  #takeBehind(countMax: number): readonly ChangeItem[] {
    const behind = this.#catchUp;
    if (behind === undefined) return NOTHING;
    const items = behind.take(countMax);
    const last = items.at(-1);
    if (last !== undefined) this.#frontier = frontierAfter(last);
    if (behind.waiting === 0) this.#join();
    const filter = this.#filter;
    return filter === undefined ? items : items.filter(({ transaction }) => filter.lets(transaction));
  }

  /** Nothing waits that was read: the cursor stands where its reader does. */
  #join(): void {
    const behind = this.#catchUp;
    if (behind === undefined) return;
    if (isBefore(this.#frontier, behind.frontier)) this.#frontier = behind.frontier;
    if (this.#host.log.covers(this.#frontier)) this.#place();
  }

  #behindMoved(): void {
    if (this.#catchUp?.waiting === 0) this.#join();
    if (!this.#told) this.#tell();
    this.#tellMoved();
  }

  #goTo(next: number): void {
    const { log } = this.#host;
    if (next > log.first && this.#next !== next) {
      const after = frontierAfter(log.at(next - 1));
      if (isBefore(this.#frontier, after)) this.#frontier = after;
    }
    this.#next = next;
    this.#settle();
    if (next === log.next) this.#hasCaughtUp = true;
  }

  /** At the end of the log the frontier moves with it, without anything to take. */
  #settle(): Frontier {
    const { log } = this.#host;
    if (this.#next !== undefined && this.#next === log.next && isBefore(this.#frontier, log.end)) {
      this.#frontier = log.end;
      this.#hasCaughtUp = true;
    }
    return this.#frontier;
  }

  #isWanted(item: ChangeItem): boolean {
    if (isDelivered(item, this.#frontier)) return false;
    const filter = this.#filter;
    if (filter === undefined) {
      // Items come in order: all that follow lie behind the frontier, too.
      this.#overlaps = false;
      return true;
    }
    if (item.transaction.commitLsn < filter.lsn) return filter.lets(item.transaction);
    this.#filter = undefined;
    this.#overlaps = false;
    return true;
  }

  /** Items that are not wanted are passed over, so that nobody is woken for them. */
  #hasNews(): boolean {
    if (this.#ended !== undefined) return true;
    if (this.#catchUp !== undefined) return this.#catchUp.waiting > 0;
    const { log } = this.#host;
    if (this.#next === undefined || this.#next < log.first) return true;
    if (this.#overlaps) {
      let next = this.#next;
      while (next < log.next && this.#overlaps && !this.#isWanted(log.at(next))) next++;
      this.#goTo(next);
    }
    return this.#next < log.next;
  }

  #fallBehind(): void {
    if (this.#drops && this.#hasCaughtUp) this.#drop();
    else this.#place();
  }

  #drop(): void {
    const resume = lsnText(this.position);
    this.end(
      new FacetError('SUBSCRIBER_TOO_SLOW', 'Changes came in faster than they were taken', {
        detail: `Resume from ${resume}`,
      }),
    );
  }

  #shut(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#catchUp?.close();
    this.#catchUp = undefined;
    this.#next = undefined;
    this.#host.left(this);
    this.onLeft?.();
  }

  #tell(): void {
    if (this.#listener === undefined || !this.#hasNews()) return;
    this.#told = true;
    this.#listener();
  }

  #tellMoved(): void {
    const listener = this.#moved;
    if (listener === undefined) return;
    this.#moved = undefined;
    listener();
  }
}
