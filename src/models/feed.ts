/**
 * What a live subscriber gets: a bounded buffer that the dialect empties at the pace of its client. Items are pulled;
 * a wake says that there are some. One that falls behind is dropped with a reason instead of holding up the others
 * or filling the memory.
 */
import { z } from 'zod';
import { type FacetError, LIMITS } from '../base/index.ts';

export interface Feed<T> {
  /**
   * Calls `listener` when there is something to take, or the feed has ended. Once: the next call comes after a `take` has
   * emptied the feed and something new has come. A second call of `onReady` replaces the listener. It must not throw;
   * it is called at once when there is something already.
   */
  onReady(listener: () => void): void;
  /**
   * Up to `countMax` items, in order; none when there are none now. All subscribers of one event get the same object,
   * so that an encoded form of it can be kept by its identity.
   */
  take(countMax: number): readonly T[];
  /** Items that wait. */
  readonly waiting: number;
  /**
   * Why there will be no more; undefined while there may be. A feed that was dropped (SUBSCRIBER_TOO_SLOW) has nothing left
   * to take. `resumeOffset` is where a subscriber of a stream goes on without missing anything.
   */
  readonly ended: FeedEnd | undefined;
  /** The subscriber is gone. Idempotent; the session's signal does it, too. */
  close(): void;
}

export interface FeedEnd {
  readonly reason: FacetError;
  readonly resumeOffset: number | null;
}

/** The shape of a feed in the declaration of an operation: it is no data, and is passed on as it is. */
export const feedSchema = <T>(): z.ZodType<Feed<T>> =>
  z.custom<Feed<T>>((value) => typeof value === 'object' && value !== null && 'take' in value);

export interface FeedBounds {
  readonly itemsMax: number;
  readonly bytesMax: number;
}

const BOUNDS: FeedBounds = { itemsMax: LIMITS.feedItemsMax, bytesMax: LIMITS.feedBytesMax };

/** An item that knows how large it is. */
export interface Sized {
  readonly bytes: number;
}

/** Open feeds by the signal of their session: one listener each, however many feeds come and go. */
const SESSIONS = new WeakMap<AbortSignal, Set<{ close(): void }>>();

/** The buffer behind a feed: the model pushes, the dialect takes. */
export class FeedBuffer<T extends Sized> implements Feed<T> {
  readonly #bounds: FeedBounds;
  readonly #closed: () => void;
  /** Called after something was taken. */
  readonly #taken: (() => void) | undefined;
  #items: T[] = [];
  /** Items before this one were taken. */
  #first = 0;
  #bytes = 0;
  #listener: (() => void) | undefined = undefined;
  #told = false;
  #open = true;
  #ended: FeedEnd | undefined = undefined;
  #session: Set<{ close(): void }> | undefined = undefined;

  /** `closed` is called once, when the subscriber is gone or the feed was ended. */
  constructor(closed: () => void, options: { taken?: () => void; bounds?: FeedBounds } = {}) {
    this.#bounds = options.bounds ?? BOUNDS;
    this.#closed = closed;
    this.#taken = options.taken;
  }

  get waiting(): number {
    return this.#items.length - this.#first;
  }

  get ended(): FeedEnd | undefined {
    return this.#ended;
  }

  get open(): boolean {
    return this.#open;
  }

  /** Half full: what can wait elsewhere should. */
  get halfFull(): boolean {
    return this.waiting * 2 >= this.#bounds.itemsMax || this.#bytes * 2 >= this.#bounds.bytesMax;
  }

  /** The oldest item that waits. */
  get oldest(): T | undefined {
    return this.#items[this.#first];
  }

  /** False when there is no room; a single item always fits. The caller ends the feed then. */
  push(item: T): boolean {
    if (!this.#open) return true;
    const waiting = this.#items.length - this.#first;
    const bytes = this.#bytes + item.bytes;
    if (waiting >= this.#bounds.itemsMax || (waiting > 0 && bytes > this.#bounds.bytesMax)) return false;
    this.#bytes = bytes;
    this.#items.push(item);
    if (!this.#told) this.#tell();
    return true;
  }

  onReady(listener: () => void): void {
    this.#listener = listener;
    this.#told = false;
    if (this.waiting > 0 || this.#ended !== undefined) this.#tell();
  }

  take(countMax: number): readonly T[] {
    const items = this.#items;
    const first = this.#first;
    const last = Math.min(items.length, first + Math.max(0, countMax));
    let taken: readonly T[];
    if (first === 0 && last === items.length) {
      taken = items;
      this.#items = [];
      this.#bytes = 0;
    } else {
      taken = items.slice(first, last);
      for (const item of taken) this.#bytes -= item.bytes;
      this.#first = last;
      if (this.#first === items.length || this.#first > LIMITS.feedTakenItemsMax) {
        this.#items = items.slice(this.#first);
        this.#first = 0;
      }
    }
    if (this.waiting === 0 && this.#ended === undefined) this.#told = false;
    if (taken.length > 0) this.#taken?.();
    return taken;
  }

  /** No more items. With `drop`, those that wait are forgotten. */
  end(end: FeedEnd, drop = false): void {
    if (!this.#open) return;
    this.#ended = end;
    if (drop) this.#forget();
    this.#shut();
    this.#tell();
  }

  close(): void {
    this.#listener = undefined;
    this.#forget();
    this.#shut();
  }

  /** Closes it when the session ends, now if it has. */
  closeWith(signal: AbortSignal): void {
    if (signal.aborted) {
      this.close();
      return;
    }
    if (!this.#open) return;
    this.#session = SESSIONS.get(signal) ?? feedsOf(signal);
    this.#session.add(this);
  }

  #shut(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#session?.delete(this);
    this.#closed();
  }

  #forget(): void {
    this.#items = [];
    this.#first = 0;
    this.#bytes = 0;
  }

  #tell(): void {
    if (this.#listener === undefined) return;
    this.#told = true;
    this.#listener();
  }
}

function feedsOf(signal: AbortSignal): Set<{ close(): void }> {
  const feeds = new Set<{ close(): void }>();
  SESSIONS.set(signal, feeds);
  const closeAll = (): void => {
    for (const feed of [...feeds]) feed.close();
  };
  signal.addEventListener('abort', closeAll, { once: true });
  return feeds;
}
