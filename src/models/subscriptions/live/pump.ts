/**
 * Takes changes of one table from a cursor and hands them to its followers: at once to those without a filter, to the
 * others by the line of their condition (see line.ts). Lines that are half full hold it back, for a moment: who follows
 * with a quick filter is not dropped because many changes come at once, and nobody waits long for a slow one.
 *
 * All who follow a table from now on share a pump. Who begins earlier has one of its own, which reads no faster than its
 * client; when that has come to where the shared one is, it joins that.
 */
import { asFacetError, type FacetError, LIMITS } from '../../../base/index.ts';
import type { Change, ChangeCursor, ChangeItem, Lsn } from '../../../engine/index.ts';
import type { Verdicts } from '../filters/index.ts';
import type { RowChange, SubscribedTable } from '../row-change.ts';
import type { RowChanges } from '../row-changes.ts';
import { type Batch, Batches } from './batch.ts';
import type { Follower } from './follower.ts';
import { Line } from './line.ts';
import { Patience } from './patience.ts';

export interface PumpOptions {
  readonly tableOid: number;
  readonly cursor: ChangeCursor;
  readonly rows: RowChanges;
  readonly verdicts: Verdicts;
  /** Holds back while this is true: the client of the only follower has enough to read. For its filter it waits, too. */
  readonly paused?: () => boolean;
  /** Called whenever everything that was taken has been handed on. */
  readonly settled?: () => void;
  /** Called once, when it will hand on no more. */
  readonly stopped: () => void;
}

export class Pump {
  readonly #options: PumpOptions;
  readonly #followers = new Set<Follower>();
  /** Those without a condition. */
  readonly #plain = new Set<Follower>();
  /** The others, by condition. */
  readonly #lines = new Map<string, Line>();
  readonly #patience = new Patience();
  readonly #batches = new Batches();
  #holding: NodeJS.Timeout | undefined = undefined;
  #started = false;
  #running = false;
  #again = false;
  #stopped = false;
  #takenLsn: Lsn;
  /** Of the item behind the last one that was taken. */
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

  /** Everything before it has been handed on, or waits in lines: who joins now gets what is behind it. */
  get place(): { readonly lsn: Lsn; readonly sequence: number } {
    return { lsn: this.#lsn, sequence: this.#sequence };
  }

  /** Everything before it has been handed on to that follower. */
  placeOf({ wanted }: Follower): { readonly lsn: Lsn; readonly sequence: number } {
    const line = wanted.condition === undefined ? undefined : this.#lines.get(wanted.condition);
    return line?.place ?? this.place;
  }

  /** Idle, and nothing waits in lines. */
  get settled(): boolean {
    return !this.#running && this.#linesEmpty;
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
    if (condition === undefined) this.#plain.add(follower);
    else {
      this.#options.verdicts.add(condition);
      this.#lineOf(condition).followers.add(follower);
    }
    if (this.#started) return;
    this.#started = true;
    this.#options.cursor.onReady(() => this.wake());
    this.wake();
  }

  leave(follower: Follower): void {
    if (!this.#followers.delete(follower)) return;
    this.#plain.delete(follower);
    const { condition } = follower.wanted;
    if (condition !== undefined) {
      this.#options.verdicts.remove(condition);
      const line = this.#lines.get(condition);
      line?.followers.delete(follower);
      if (line?.followers.size === 0) this.#lines.delete(condition);
    }
    if (this.#followers.size === 0) this.stop();
  }

  #lineOf(condition: string): Line {
    let line = this.#lines.get(condition);
    if (line === undefined) {
      const { verdicts } = this.#options;
      const [patience, batches] = [this.#patience, this.#batches];
      line = new Line(condition, { verdicts, patience, batches, moved: () => this.wake() });
      this.#lines.set(condition, line);
    }
    return line;
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
    this.#patience.end();
    clearTimeout(this.#holding);
    this.#options.cursor.close();
    this.#options.stopped();
  }

  async #run(): Promise<void> {
    const { cursor, paused, settled } = this.#options;
    for (;;) {
      if (this.#stopped || paused?.() === true || this.#mustHold()) return;
      const items = cursor.take(LIMITS.followBatchItemsMax);
      if (items.length === 0) break;
      const last = items.at(-1);
      if (last !== undefined) this.#takenLsn = lsnBehind(last);
      await this.#handOn(items);
      if (last !== undefined) this.#passed(last);
    }
    if (cursor.ended !== undefined) {
      // What came before is handed on first.
      if (!this.#linesEmpty) return;
      this.end(cursor.ended.reason);
      return;
    }
    if (cursor.position > this.#lsn) {
      this.#lsn = cursor.position;
      this.#sequence = 0;
    }
    if (this.#linesEmpty) settled?.();
  }

  #passed(item: ChangeItem): void {
    this.#lsn = lsnBehind(item);
    this.#sequence = item.kind === 'commit' ? 0 : item.sequence + 1;
  }

  async #handOn(items: readonly ChangeItem[]): Promise<void> {
    const batch = await this.#batchOf(items);
    if (batch.changes.length === 0) return;
    for (const follower of [...this.#plain]) for (const row of batch.rows) follower.offer(row);
    for (const line of [...this.#lines.values()]) line.add(batch);
  }

  async #batchOf(items: readonly ChangeItem[]): Promise<Batch> {
    const { tableOid, rows } = this.#options;
    const changes: Change[] = [];
    const shared: RowChange[] = [];
    let bytes = 0;
    for (const item of items) {
      if (item.kind === 'commit' || item.kind === 'truncate' || item.table.oid !== tableOid) continue;
      const table: SubscribedTable =
        rows.known(item.table) ?? (await this.#patience.until(() => rows.table(item.table)));
      changes.push(item);
      shared.push(rows.rowChange(item, table));
      bytes += item.bytes;
    }
    return { changes, rows: shared, bytes };
  }

  get #linesEmpty(): boolean {
    for (const line of this.#lines.values()) if (!line.empty) return false;
    return true;
  }

  /** A line that has moved wakes it, or the end of the patience with those that do not. */
  #mustHold(): boolean {
    clearTimeout(this.#holding);
    let patienceMs = 0;
    for (const line of this.#lines.values()) {
      if (!line.halfFull) continue;
      if (this.#options.paused !== undefined) return true;
      patienceMs = Math.max(patienceMs, line.patienceMs);
    }
    if (patienceMs <= 0) return false;
    this.#holding = setTimeout(() => this.wake(), patienceMs).unref();
    return true;
  }
}

const lsnBehind = ({ kind, transaction }: ChangeItem): Lsn =>
  kind === 'commit' ? transaction.endLsn : transaction.commitLsn;
