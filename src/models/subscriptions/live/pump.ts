/**
 * Takes changes of one table from a cursor, has them filtered, and hands them to its followers. What comes while filters
 * are evaluated goes together into the next evaluation, so batches are as large as PostgreSQL is slow, and alone a change
 * waits for nobody.
 *
 * All who follow a table from now on share a pump. Who begins earlier has one of its own, which reads no faster than its
 * client; when that has come to where the shared one is, it joins that.
 */
import { asFacetError, FacetError, LIMITS } from '../../../base/index.ts';
import type { Change, ChangeCursor, ChangeItem, Lsn } from '../../../engine/index.ts';
import type { Matches, Verdicts } from '../filters/index.ts';
import type { RowChange, SubscribedTable } from '../row-change.ts';
import type { RowChanges } from '../row-changes.ts';
import type { Follower } from './follower.ts';

export interface PumpOptions {
  readonly tableOid: number;
  readonly cursor: ChangeCursor;
  readonly rows: RowChanges;
  readonly verdicts: Verdicts;
  /** Holds back while this is true: the client of the only follower has enough to read. */
  readonly paused?: () => boolean;
  /** Called whenever everything that was taken has been handed on. */
  readonly settled?: () => void;
  /** Called once, when it will hand on no more. */
  readonly stopped: () => void;
}

/** Why there is nothing to do about a failure but to wait. */
const WAITS = new Set(['UNAVAILABLE', 'TOO_MANY_CONNECTIONS', 'QUERY_CANCELLED', 'RESOURCE_EXHAUSTED']);

export class Pump {
  readonly #options: PumpOptions;
  readonly #followers = new Set<Follower>();
  #started = false;
  #running = false;
  #again = false;
  #stopped = false;
  /** Ends the wait for PostgreSQL. */
  #endWait: (() => void) | undefined = undefined;
  #takenLsn: Lsn;
  /** Of the item behind the last one that was handed on. */
  #lsn: Lsn;
  #sequence = 0;

  constructor(options: PumpOptions, fromLsn: Lsn) {
    this.#options = options;
    this.#lsn = fromLsn;
    this.#takenLsn = fromLsn;
  }

  get followers(): number {
    return this.#followers.size;
  }

  /** Everything before it has been handed on. */
  get place(): { readonly lsn: Lsn; readonly sequence: number } {
    return { lsn: this.#lsn, sequence: this.#sequence };
  }

  /** What was taken so far, handed on or not, is of transactions that committed before. */
  get takenLsn(): Lsn {
    return this.#takenLsn;
  }

  /** Nothing is under way: who joins now gets everything behind `place`. */
  get idle(): boolean {
    return !this.#running;
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  /** With the first one it begins to take. */
  join(follower: Follower): void {
    this.#followers.add(follower);
    const { condition } = follower.wanted;
    if (condition !== undefined) this.#options.verdicts.add(condition);
    if (this.#started) return;
    this.#started = true;
    this.#options.cursor.onReady(() => this.wake());
    this.wake();
  }

  leave(follower: Follower): void {
    if (!this.#followers.delete(follower)) return;
    const { condition } = follower.wanted;
    if (condition !== undefined) this.#options.verdicts.remove(condition);
    if (this.#followers.size === 0) this.stop();
  }

  /** There may be something to take, or room for it. */
  wake(): void {
    if (this.#stopped) return;
    if (this.#running) {
      this.#again = true;
      return;
    }
    this.#running = true;
    this.#run().then(
      () => {
        this.#running = false;
        if (this.#again) {
          this.#again = false;
          this.wake();
        }
      },
      (thrown: unknown) => {
        this.#running = false;
        this.end(asFacetError(thrown));
      },
    );
  }

  /** Ends all followers. */
  end(reason: FacetError): void {
    for (const follower of [...this.#followers]) follower.end(reason);
    this.stop();
  }

  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#endWait?.();
    this.#options.cursor.close();
    this.#options.stopped();
  }

  async #run(): Promise<void> {
    const { cursor, paused, settled } = this.#options;
    for (;;) {
      if (this.#stopped || paused?.() === true) return;
      const items = cursor.take(LIMITS.followBatchItemsMax);
      if (items.length === 0) break;
      const last = items.at(-1);
      if (last !== undefined) this.#takenLsn = lsnBehind(last);
      await this.#handOn(items);
      if (last !== undefined) this.#passed(last);
    }
    if (cursor.ended !== undefined) {
      this.end(cursor.ended.reason);
      return;
    }
    if (cursor.position > this.#lsn) {
      this.#lsn = cursor.position;
      this.#sequence = 0;
    }
    settled?.();
  }

  #passed(item: ChangeItem): void {
    this.#lsn = lsnBehind(item);
    this.#sequence = item.kind === 'commit' ? 0 : item.sequence + 1;
  }

  async #handOn(items: readonly ChangeItem[]): Promise<void> {
    const { tableOid, rows } = this.#options;
    const changes: Change[] = [];
    const shared: RowChange[] = [];
    for (const item of items) {
      if (item.kind === 'commit' || item.kind === 'truncate' || item.table.oid !== tableOid) continue;
      const table: SubscribedTable =
        rows.known(item.table) ?? (await this.#patiently(() => rows.table(item.table)));
      changes.push(item);
      shared.push(rows.rowChange(item, table));
    }
    if (changes.length === 0) return;
    const verdicts = await this.#verdictsOn(changes);
    for (const follower of [...this.#followers]) {
      const { condition } = follower.wanted;
      const verdict = condition === undefined ? undefined : verdicts.get(condition);
      if (verdict instanceof FacetError) {
        follower.end(verdict);
        continue;
      }
      // One that came with its filter while others were evaluated begins behind these changes.
      if (condition !== undefined && verdict === undefined) continue;
      for (const [at, change] of shared.entries()) {
        if (verdict === undefined || verdict[at] === 1) follower.offer(change);
      }
    }
  }

  async #verdictsOn(changes: readonly Change[]): Promise<Map<string, Matches>> {
    const conditions = new Set<string>();
    for (const { wanted } of this.#followers) {
      if (wanted.condition !== undefined) conditions.add(wanted.condition);
    }
    if (conditions.size === 0) return new Map();
    return await this.#patiently(() => this.#options.verdicts.of(conditions, changes));
  }

  /** PostgreSQL may be away for a moment; the changes are here and wait for it. */
  async #patiently<T>(work: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await work();
      } catch (thrown) {
        const error = asFacetError(thrown);
        if (this.#stopped || !WAITS.has(error.code)) throw error;
        await this.#pause();
      }
    }
  }

  async #pause(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#endWait = resolve;
      timer = setTimeout(resolve, LIMITS.followRetryMs);
    });
    clearTimeout(timer);
  }
}

const lsnBehind = ({ kind, transaction }: ChangeItem): Lsn =>
  kind === 'commit' ? transaction.endLsn : transaction.commitLsn;
