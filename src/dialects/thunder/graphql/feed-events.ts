/**
 * A feed as what graphql-js iterates over. The next event is taken when the one before it has gone out, so the feed fills while
 * the client does not read, and ends with SUBSCRIBER_TOO_SLOW.
 */
import { FacetError } from '../../../base/index.ts';
import { lsnText } from '../../../engine/index.ts';
import type { Feed, RowChange } from '../../../models/index.ts';

const DONE = { done: true, value: undefined } as const;

export class FeedEvents implements AsyncIterableIterator<object> {
  readonly #feed: Feed<RowChange>;
  readonly #signal: AbortSignal;
  readonly #eventOf: (change: RowChange) => object;
  #last: RowChange | undefined = undefined;
  #left = false;
  /** Ends the wait for an event. */
  #wake = (): void => {};

  constructor(feed: Feed<RowChange>, signal: AbortSignal, eventOf: (change: RowChange) => object) {
    this.#feed = feed;
    this.#signal = signal;
    this.#eventOf = eventOf;
    signal.addEventListener('abort', this.#leave, { once: true });
    if (signal.aborted) this.#leave();
  }

  /** @throws FacetError why the feed has ended: SUBSCRIBER_TOO_SLOW, LSN_NOT_AVAILABLE … */
  async next(): Promise<IteratorResult<object, undefined>> {
    while (!this.#left) {
      const [change] = this.#feed.take(1);
      if (change !== undefined) {
        this.#last = change;
        return { done: false, value: this.#eventOf(change) };
      }
      const { ended } = this.#feed;
      if (ended !== undefined) {
        this.#leave();
        throw this.#withPlace(ended.reason);
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        this.#feed.onReady(resolve);
      });
    }
    return DONE;
  }

  async return(): Promise<IteratorResult<object, undefined>> {
    this.#leave();
    return DONE;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  readonly #leave = (): void => {
    this.#left = true;
    this.#signal.removeEventListener('abort', this.#leave);
    this.#feed.close();
    this.#wake();
  };

  /** Where a client can go on by other means that take a position. */
  #withPlace(reason: FacetError): FacetError {
    if (this.#last === undefined) return reason;
    return new FacetError(reason.code, reason.message, {
      detail: `The last event that was sent has lsn ${lsnText(this.#last.commitLsn)}`,
      hint: reason.hint ?? reason.detail,
      retryAfterSeconds: reason.retryAfterSeconds,
      cause: reason.cause,
    });
  }
}
