/**
 * Followers of one pump that have the same condition, and the changes that wait for PostgreSQL's verdict on it. What comes
 * while some are evaluated goes together into the next evaluation, so batches are as large as PostgreSQL is slow, and
 * alone a change waits for nobody. Each condition has its own line: none waits for that of another.
 */
import { asFacetError, FacetError, LIMITS, monotonicMs } from '../../../base/index.ts';
import type { Lsn } from '../../../engine/index.ts';
import type { Verdicts } from '../filters/index.ts';
import type { Batch, Batches } from './batch.ts';
import { type Follower, tooSlow } from './follower.ts';
import type { Patience } from './patience.ts';

export interface LineParts {
  readonly verdicts: Verdicts;
  readonly patience: Patience;
  readonly batches: Batches;
  /** Called whenever some have been handed on. */
  readonly moved: () => void;
}

export class Line {
  readonly condition: string;
  readonly followers = new Set<Follower>();
  readonly #parts: LineParts;
  #waiting: Batch[] = [];
  #count = 0;
  #bytes = 0;
  #running = false;
  #sinceMs = 0;

  constructor(condition: string, parts: LineParts) {
    this.condition = condition;
    this.#parts = parts;
  }

  /** Everything that came was handed on. */
  get empty(): boolean {
    return this.#count === 0;
  }

  /** What was not handed on yet begins there. */
  get place(): { readonly lsn: Lsn; readonly sequence: number } | undefined {
    const row = this.#waiting[0]?.rows[0];
    return row === undefined ? undefined : { lsn: row.commitLsn, sequence: row.sequence };
  }

  get halfFull(): boolean {
    return this.#count * 2 >= LIMITS.feedItemsMax || this.#bytes * 2 >= LIMITS.feedBytesMax;
  }

  /** How long the others still wait for it when it is half full, milliseconds. */
  get patienceMs(): number {
    return this.#sinceMs + LIMITS.filterPatienceMs - monotonicMs();
  }

  /** With more than a client may leave waiting its followers are too slow. */
  add(batch: Batch): void {
    const full =
      this.#count + batch.rows.length > LIMITS.feedItemsMax ||
      this.#bytes + batch.bytes > LIMITS.feedBytesMax;
    if (full && this.#count > 0) {
      this.#tooSlow();
      return;
    }
    this.#waiting.push(batch);
    this.#count += batch.rows.length;
    this.#bytes += batch.bytes;
    this.#start();
  }

  #start(): void {
    if (this.#running) return;
    this.#running = true;
    this.#run()
      .catch((thrown: unknown) => this.#end(asFacetError(thrown)))
      .finally(() => {
        this.#running = false;
        if (this.followers.size > 0 && this.#count > 0) this.#start();
        this.#parts.moved();
      });
  }

  async #run(): Promise<void> {
    const { verdicts, patience, batches, moved } = this.#parts;
    while (this.followers.size > 0 && this.#count > 0) {
      const next = this.#next();
      const batch = batches.joined(next);
      if (batch === undefined) return;
      this.#sinceMs = monotonicMs();
      const matches = await patience.until(() => verdicts.of(this.condition, batch.changes));
      if (matches instanceof FacetError) {
        this.#end(matches);
        return;
      }
      for (let at = matches.indexOf(1); at !== -1; at = matches.indexOf(1, at + 1)) {
        const row = batch.rows[at];
        if (row !== undefined) for (const follower of [...this.followers]) follower.offer(row);
      }
      this.#waiting = this.#waiting.slice(next.length);
      this.#count -= batch.rows.length;
      this.#bytes -= batch.bytes;
      moved();
    }
  }

  /** As many as one statement takes, one at least. They stay until they were handed on. */
  #next(): readonly Batch[] {
    let count = 0;
    const end = this.#waiting.findIndex(({ changes }) => {
      count += changes.length;
      return count > LIMITS.filterBatchRowsMax;
    });
    return this.#waiting.slice(0, end === -1 ? undefined : Math.max(1, end));
  }

  #tooSlow(): void {
    const { lsn } = this.place ?? {};
    for (const follower of [...this.followers]) {
      follower.end(tooSlow(follower.feed.oldest?.commitLsn ?? lsn ?? 0n));
    }
    this.#clear();
  }

  #end(reason: FacetError): void {
    for (const follower of [...this.followers]) follower.end(reason);
    this.#clear();
  }

  #clear(): void {
    this.#waiting = [];
    this.#count = 0;
    this.#bytes = 0;
  }
}
