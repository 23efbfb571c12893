/**
 * Reads for one cursor what the log no longer has, at the pace of its consumer: a bounded buffer, and PostgreSQL waits
 * while it is full. It takes one of a few places. Who keeps others waiting with a full buffer gives the place up for a
 * while; the place in the feed is known to the single change, so nothing is lost by that.
 */
import { asFacetError, type FacetError, LIMITS } from '../../base/index.ts';
import type { ChangeItem, Lsn } from '../change-contract.ts';
import type { ChangeSource } from './change-source.ts';
import { type Frontier, frontierAfter, frontierAt } from './frontier.ts';
import type { Reading } from './logical-reader.ts';
import type { Place, ReaderPlaces } from './reader-places.ts';
import { retryPauseMs } from './retry-pause.ts';

export interface CatchUpParts {
  readonly source: ChangeSource;
  readonly places: ReaderPlaces;
  /** It may keep others waiting with a full buffer for so long. */
  readonly turnMsMax: number;
  /** There is something to take, or `frontier` has moved. Called behind a batch. */
  readonly moved: () => void;
  /** It cannot go on: LSN_NOT_AVAILABLE. */
  readonly failed: (reason: FacetError) => void;
}

export class CatchUp {
  readonly #parts: CatchUpParts;
  #items: ChangeItem[] = [];
  #taken = 0;
  #bytes = 0;
  /** Behind the last item that was read. */
  #read: Frontier;
  #place: Place | undefined = undefined;
  #reading: Reading | undefined = undefined;
  #paused = false;
  #turn: NodeJS.Timeout | undefined = undefined;
  #retry: NodeJS.Timeout | undefined = undefined;
  #attempts = 0;
  #closed = false;
  #movePlanned = false;

  constructor(from: Frontier, parts: CatchUpParts) {
    this.#parts = parts;
    this.#read = from;
    this.#queue();
  }

  /** Items that wait to be taken. */
  get waiting(): number {
    return this.#items.length - this.#taken;
  }

  /** How far it has read: that is how far the consumer has come when nothing waits. */
  get frontier(): Frontier {
    return this.#read;
  }

  take(countMax: number): readonly ChangeItem[] {
    const to = Math.min(this.#items.length, this.#taken + countMax);
    const items = this.#items.slice(this.#taken, to);
    for (const { bytes } of items) this.#bytes -= bytes;
    this.#taken = to;
    if (this.#taken * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#taken);
      this.#taken = 0;
    }
    if (this.#paused && this.#bytes * 2 <= LIMITS.changeCatchUpBytesMax) this.#goOn();
    return items;
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#retry);
    this.#items = [];
    this.#taken = 0;
    this.#leave();
  }

  #queue(): void {
    this.#place = this.#parts.places.ask(() => void this.#open());
  }

  /** Never rejects. */
  async #open(): Promise<void> {
    const place = this.#place;
    let reading: Reading | undefined;
    try {
      reading = await this.#parts.source.read({
        from: this.#read,
        wantsSlot: false,
        sink: {
          item: (item) => this.#item(item),
          reached: (lsn) => this.#reached(lsn),
          ended: (reason) => this.#failed(reason),
        },
      });
    } catch (error) {
      if (place === this.#place) this.#failed(asFacetError(error));
      return;
    }
    // It may have been closed meanwhile, or even have ended again.
    if (this.#closed || place !== this.#place) {
      await reading.close();
      return;
    }
    this.#reading = reading;
    if (this.#paused) reading.pause();
  }

  #item(item: ChangeItem): void {
    if (this.#closed) return;
    this.#attempts = 0;
    this.#items.push(item);
    this.#bytes += item.bytes;
    this.#read = frontierAfter(item);
    if (this.#bytes > LIMITS.changeCatchUpBytesMax && !this.#paused) this.#wait();
    this.#planMove();
  }

  #reached(lsn: Lsn): void {
    if (this.#closed || lsn <= this.#read.lsn) return;
    this.#read = frontierAt(lsn);
    this.#planMove();
  }

  #planMove(): void {
    if (this.#movePlanned) return;
    this.#movePlanned = true;
    queueMicrotask(() => {
      this.#movePlanned = false;
      if (!this.#closed) this.#parts.moved();
    });
  }

  /** The buffer is full. */
  #wait(): void {
    this.#paused = true;
    this.#reading?.pause();
    this.#turn = setInterval(() => {
      if (this.#parts.places.waiting > 0) this.#leave();
    }, this.#parts.turnMsMax).unref();
  }

  #goOn(): void {
    this.#paused = false;
    clearInterval(this.#turn);
    if (this.#place === undefined) this.#queue();
    else this.#reading?.resume();
  }

  /** Gives the place back once PostgreSQL has let the connection go. */
  #leave(): void {
    clearInterval(this.#turn);
    const place = this.#place;
    const reading = this.#reading;
    this.#place = undefined;
    this.#reading = undefined;
    if (reading === undefined) place?.leave();
    else void reading.close().then(() => place?.leave());
  }

  #failed(reason: FacetError): void {
    if (this.#closed) return;
    this.#leave();
    if (reason.code === 'LSN_NOT_AVAILABLE') {
      this.#parts.failed(reason);
      return;
    }
    this.#attempts++;
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => {
      if (!this.#closed && this.#place === undefined && !this.#paused) this.#queue();
    }, retryPauseMs(this.#attempts)).unref();
  }
}
