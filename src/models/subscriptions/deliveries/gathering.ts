/** Changes that wait for their delivery, and when how many of them go. */
import { LIMITS, monotonicMs } from '../../../base/index.ts';
import type { RowChange } from '../row-change.ts';

interface Waiting {
  readonly change: RowChange;
  readonly sinceMs: number;
}

export class Gathering {
  readonly #batchSize: number;
  readonly #batchTimeoutMs: number;
  #waiting: Waiting[] = [];

  constructor(batchSize: number, batchTimeoutMs: number) {
    this.#batchSize = batchSize;
    this.#batchTimeoutMs = batchTimeoutMs;
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  add(change: RowChange): void {
    this.#waiting.push({ change, sinceMs: monotonicMs() });
  }

  clear(): void {
    this.#waiting = [];
  }

  /** The next batch when it is full, or has waited long enough, or with `hurry`; they stay until `remove`. */
  due(hurry: boolean): readonly RowChange[] {
    return this.#waiting.slice(0, this.#count(hurry)).map(({ change }) => change);
  }

  /** The first ones have been delivered. */
  remove(count: number): void {
    this.#waiting = this.#waiting.slice(count);
  }

  /** Until a batch is due by its time; `otherwise` when nothing waits. */
  patienceMs(otherwise: number): number {
    const [first] = this.#waiting;
    if (first === undefined) return otherwise;
    return Math.max(1, first.sinceMs + this.#batchTimeoutMs - monotonicMs());
  }

  #count(hurry: boolean): number {
    const [first] = this.#waiting;
    if (first === undefined) return 0;
    let bytes = 0;
    let count = 0;
    for (const { change } of this.#waiting) {
      if (count === this.#batchSize) return count;
      if (count > 0 && bytes + change.bytes > LIMITS.webhookBatchBytesMax) return count;
      bytes += change.bytes;
      count++;
    }
    if (count === this.#batchSize || hurry) return count;
    return monotonicMs() - first.sinceMs >= this.#batchTimeoutMs ? count : 0;
  }
}
