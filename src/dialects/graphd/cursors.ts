/** Results that are fetched in parts: the open ones of one connection, each with the time it may lie idle. */
import { AnswerHold, FacetError, LIMITS } from '../../base/index.ts';
import { Node, Relationship, type Value, weightOf } from '../../cypher/index.ts';
import type { Opened, Row } from './statements.ts';

export interface Part {
  readonly rows: readonly Row[];
  /** Something is left to fetch. */
  readonly hasMore: boolean;
}

const NO_ROWS: readonly Row[] = [];

export class Cursor {
  readonly columns: readonly string[];
  readonly fetchSize: number;
  /** Opened in a transaction that has not ended. */
  bound: boolean;
  readonly #source: AsyncIterator<readonly Row[]>;
  /** Taken from the source, and not given out from `#at` on. */
  #batch: readonly Row[] = NO_ROWS;
  #at = 0;
  #kept: (readonly Row[])[] = [];
  /** What is kept counts in the memory of all answers. */
  readonly #hold = new AnswerHold();
  #ended = false;
  #failure: { readonly thrown: unknown } | undefined = undefined;

  /** @param fetchSize of rows; more than LIMITS.graphdFetchRowsMax come in several parts */
  constructor({ columns, batches }: Opened, fetchSize: bigint, bound: boolean) {
    this.columns = columns;
    this.fetchSize = Number(
      fetchSize > BigInt(LIMITS.graphdFetchRowsMax) ? LIMITS.graphdFetchRowsMax : fetchSize,
    );
    this.bound = bound;
    this.#source = batches[Symbol.asyncIterator]();
  }

  /** The next `fetchSize` rows, or as many as there are, or fewer of those that hold much. One row is looked ahead. */
  async take(): Promise<Part> {
    const wanted = this.fetchSize;
    let rows: readonly Row[] | undefined;
    let bytes = 0;
    while (await this.#fill()) {
      const missing = wanted - (rows?.length ?? 0);
      if (missing === 0 || bytes > LIMITS.graphdPartBytesMax) return { rows: rows ?? NO_ROWS, hasMore: true };
      const end = Math.min(this.#batch.length, this.#at + missing);
      const some =
        this.#at === 0 && end === this.#batch.length ? this.#batch : this.#batch.slice(this.#at, end);
      this.#at = end;
      rows = rows === undefined ? some : [...rows, ...some];
      // The usual part is one batch, which nobody has to weigh.
      if (rows.length < wanted) bytes += weightOfRows(some);
    }
    return { rows: rows ?? NO_ROWS, hasMore: false };
  }

  /**
   * Its transaction ends: what is left is read into memory. Where that is too much, or fails, the next `take` says so.
   */
  async keep(): Promise<void> {
    this.bound = false;
    let rows = 0;
    let bytes = 0;
    try {
      for (;;) {
        const batch = await this.#next();
        if (batch === undefined) return;
        this.#kept.push(batch);
        rows += batch.length;
        const weight = weightOfRows(batch);
        bytes += weight;
        this.#hold.take(weight);
        if (rows <= LIMITS.graphdFetchRowsMax && bytes <= LIMITS.graphdKeptBytesMax) continue;
        throw new FacetError(
          'RESULT_TOO_LARGE',
          `More is left of the result than ${LIMITS.graphdFetchRowsMax} rows (graphdFetchRowsMax) or ${LIMITS.graphdKeptBytesMax} bytes (graphdKeptBytesMax), which is not kept when its transaction ends`,
          { hint: 'Fetch it before, or run the query without a transaction.' },
        );
      }
    } catch (thrown) {
      this.#failure = { thrown };
      await this.close();
    }
  }

  /** Never rejects. */
  async close(): Promise<void> {
    this.#kept = [];
    this.#hold.release();
    this.#batch = NO_ROWS;
    this.#at = 0;
    if (this.#ended) return;
    this.#ended = true;
    // Whoever takes rows meanwhile must not think that this is the end of them.
    this.#failure ??= { thrown: new FacetError('QUERY_CANCELLED', 'The stream was closed') };
    await this.#source.return?.().catch(() => undefined);
  }

  /** True when there is a row at `#at`. */
  async #fill(): Promise<boolean> {
    while (this.#at >= this.#batch.length) {
      const batch = this.#kept.shift() ?? (await this.#next());
      if (this.#failure !== undefined) throw this.#failure.thrown;
      if (batch === undefined) {
        this.#batch = NO_ROWS;
        this.#at = 0;
        return false;
      }
      this.#batch = batch;
      this.#at = 0;
    }
    return true;
  }

  async #next(): Promise<readonly Row[] | undefined> {
    if (this.#ended) return undefined;
    try {
      const { done, value } = await this.#source.next();
      if (done !== true) return value;
    } catch (thrown) {
      this.#ended = true;
      throw thrown;
    }
    this.#ended = true;
    return undefined;
  }
}

/** Entities hold their properties, which `weightOf` leaves out. */
const addWeight = (sum: number, value: Value): number =>
  sum +
  weightOf(value) +
  (value instanceof Node || value instanceof Relationship ? weightOf(value.properties) : 0);

const weightOfRows = (rows: readonly Row[]): number =>
  rows.reduce((sum, row) => row.reduce<number>(addWeight, sum), 0);

interface Open {
  readonly cursor: Cursor;
  readonly timer: NodeJS.Timeout;
}

/** Those of one connection, by their numbers from 1, which are never used again. */
export class Cursors {
  readonly #open = new Map<number, Open>();
  #last = 0;

  /** @throws LIMIT_EXCEEDED */
  assertRoom(): void {
    if (this.#open.size < LIMITS.graphdStreamsMax) return;
    throw new FacetError(
      'LIMIT_EXCEEDED',
      `This connection has ${LIMITS.graphdStreamsMax} open streams already (graphdStreamsMax)`,
      { hint: 'Fetch them to their end, or send CloseStream.' },
    );
  }

  add(cursor: Cursor): number {
    const id = ++this.#last;
    const timer = setTimeout(() => void this.close(id), LIMITS.graphdStreamIdleMs);
    timer.unref();
    this.#open.set(id, { cursor, timer });
    return id;
  }

  /** Undefined for one that was never there, is at its end or was idle for too long. */
  get(id: bigint): { readonly id: number; readonly cursor: Cursor } | undefined {
    const found = this.#open.get(Number(id));
    if (found === undefined) return undefined;
    found.timer.refresh();
    return { id: Number(id), cursor: found.cursor };
  }

  async close(id: number): Promise<void> {
    const found = this.#open.get(id);
    if (found === undefined) return;
    this.#open.delete(id);
    clearTimeout(found.timer);
    await found.cursor.close();
  }

  /** Before the transaction of the connection ends. */
  async keepBound(): Promise<void> {
    for (const { cursor } of this.#open.values()) if (cursor.bound) await cursor.keep();
  }

  async closeAll(): Promise<void> {
    await Promise.all([...this.#open.keys()].map((id) => this.close(id)));
  }
}
