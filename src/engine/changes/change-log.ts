/**
 * What was read last, in memory: items in order, bounded by bytes. Consumers hold the number of the item that they take
 * next; numbers count from the first item ever, so that removing old ones moves nobody.
 */
import { assert } from '../../base/index.ts';
import type { ChangeItem, ChangeTransaction, Lsn } from '../change-contract.ts';
import { type Frontier, frontierAfter, frontierAt, isBefore, isDelivered } from './frontier.ts';

/** Items that there is room for at first; a power of two, as it doubles. */
const CAPACITY_FIRST = 1 << 10;

export class ChangeLog {
  readonly #bytesMax: number;
  #ring: (ChangeItem | undefined)[] = new Array(CAPACITY_FIRST).fill(undefined);
  #first = 0;
  #next = 0;
  #bytes = 0;
  /** Everything from here to `#end` is in memory. */
  #start: Frontier;
  #end: Frontier;

  constructor(at: Lsn, bytesMax: number) {
    this.#bytesMax = bytesMax;
    this.#start = frontierAt(at);
    this.#end = this.#start;
  }

  /** Number of the oldest item that is there. */
  get first(): number {
    return this.#first;
  }

  /** Number that the next item will have. */
  get next(): number {
    return this.#next;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get start(): Frontier {
    return this.#start;
  }

  get end(): Frontier {
    return this.#end;
  }

  at(number: number): ChangeItem {
    const item = this.#ring[number & (this.#ring.length - 1)];
    assert(item !== undefined && number >= this.#first && number < this.#next, 'the item is in the log');
    return item;
  }

  append(item: ChangeItem): void {
    if (this.#next - this.#first === this.#ring.length) this.#grow();
    this.#ring[this.#next & (this.#ring.length - 1)] = item;
    this.#next++;
    this.#bytes += item.bytes;
    this.#end = frontierAfter(item);
    // The newest item stays, however large it is.
    while (this.#bytes > this.#bytesMax && this.#next - this.#first > 1) this.#drop();
  }

  /** Everything that commits before `lsn` has been read. */
  moveTo(lsn: Lsn): void {
    if (lsn > this.#end.lsn) this.#end = frontierAt(lsn);
  }

  /** Number of the first item that was not delivered to who has come to `frontier`; `next` when it is not there yet. */
  find(frontier: Frontier): number {
    let low = this.#first;
    let high = this.#next;
    while (low < high) {
      const middle = low + ((high - low) >>> 1);
      if (isDelivered(this.at(middle), frontier)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Right before the first item that is wanted; the end when none is. */
  before(wants: (transaction: ChangeTransaction) => boolean): Frontier {
    let place = this.#start;
    let passed: ChangeTransaction | undefined;
    for (let number = this.#first; number < this.#next; number++) {
      const item = this.at(number);
      if (item.transaction !== passed && wants(item.transaction)) return place;
      passed = item.transaction;
      place = frontierAfter(item);
    }
    return this.#end;
  }

  /** What `frontier` stands before is all in memory, or still to come. */
  covers(frontier: Frontier): boolean {
    return !isBefore(frontier, this.#start);
  }

  /** Forgets everything and goes on at another place. */
  restart(at: Lsn): void {
    this.#ring = new Array(CAPACITY_FIRST).fill(undefined);
    this.#first = this.#next;
    this.#bytes = 0;
    this.#start = frontierAt(at);
    this.#end = this.#start;
  }

  #drop(): void {
    const item = this.at(this.#first);
    this.#ring[this.#first & (this.#ring.length - 1)] = undefined;
    this.#first++;
    this.#bytes -= item.bytes;
    this.#start = frontierAfter(item);
  }

  #grow(): void {
    const larger: (ChangeItem | undefined)[] = new Array(this.#ring.length * 2).fill(undefined);
    for (let number = this.#first; number < this.#next; number++) {
      larger[number & (larger.length - 1)] = this.at(number);
    }
    this.#ring = larger;
  }
}
