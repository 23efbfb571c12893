/**
 * Batches from one who makes them to one who takes them, at the pace of the taker: some may wait in between, so that a
 * short result is made to its end whether somebody takes it or not.
 */
import { FacetError, LIMITS } from '../../base/index.ts';
import { BATCH_ROWS, type Row } from '../../cypher/index.ts';

/** Rows that may wait while others are made. */
const WAITING_ROWS_MAX = 2 * BATCH_ROWS;

type Batch = readonly Row[];

export class Handover implements AsyncIterable<Batch> {
  readonly #make: (handover: Handover, signal: AbortSignal) => Promise<void>;
  readonly #leaving = new AbortController();
  readonly #pauseMsMax: number;
  readonly #waiting: Batch[] = [];
  #waitingRows = 0;
  #made: Promise<void> | undefined = undefined;
  #ended = false;
  #left = false;
  #failure: { readonly thrown: unknown } | undefined = undefined;
  /** Called when the taker has taken one, or has left. */
  #room: (() => void) | undefined = undefined;
  /** Called when there is something to take, or nothing more will come. */
  #news: (() => void) | undefined = undefined;

  /**
   * @param make is called when the first batch is asked for, with a signal that is aborted when the taker leaves before
   *   the end; the taker hears of what it fails with
   */
  constructor(make: (handover: Handover, signal: AbortSignal) => Promise<void>, pauseMsMax: number) {
    this.#make = make;
    this.#pauseMsMax = Math.min(pauseMsMax, LIMITS.streamPauseMsMax);
  }

  /**
   * Resolves when there is room for another one: false when nobody wants any more.
   * @throws QUERY_TIMEOUT when the taker has taken nothing for too long
   */
  async give(batch: Batch): Promise<boolean> {
    if (this.#left) return false;
    this.#waiting.push(batch);
    this.#waitingRows += batch.length;
    this.#news?.();
    while (this.#waitingRows > WAITING_ROWS_MAX && !this.#left) await this.#taken();
    return !this.#left;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Batch> {
    this.#made = this.#make(this, this.#leaving.signal).then(
      () => this.#end(undefined),
      (thrown: unknown) => this.#end({ thrown }),
    );
    try {
      for (;;) {
        const batch = this.#waiting.shift();
        if (batch !== undefined) {
          this.#waitingRows -= batch.length;
          this.#room?.();
          yield batch;
        } else if (this.#ended) {
          if (this.#failure !== undefined) throw this.#failure.thrown;
          return;
        } else {
          await new Promise<void>((resolve) => {
            this.#news = resolve;
          });
        }
      }
    } finally {
      this.#left = true;
      this.#waiting.length = 0;
      this.#room?.();
      if (!this.#ended) this.#leaving.abort();
      await this.#made;
    }
  }

  #end(failure: { readonly thrown: unknown } | undefined): void {
    this.#failure = failure;
    this.#ended = true;
    this.#news?.();
  }

  #taken(): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(paused()), this.#pauseMsMax);
      this.#room = () => {
        clearTimeout(timer);
        this.#room = undefined;
        resolve();
      };
    });
  }
}

const paused = (): FacetError =>
  new FacetError(
    'QUERY_TIMEOUT',
    `The reader of the stream paused for longer than the timeout, or than ${LIMITS.streamPauseMsMax} ms (streamPauseMsMax)`,
  );
