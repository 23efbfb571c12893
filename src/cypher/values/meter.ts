/**
 * What one query takes of the process: memory, counted as it is built, and time, of which everybody else must get a
 * share. Whoever walks or builds values tells the meter that is on; it is on while rows are computed, which happens
 * without waiting, so there is never more than one.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { cpuMs, FacetError, heapBytesMax, LIMITS, monotonicMs } from '../../base/index.ts';

/** Steps, of some 20 to 50 ns, between two looks at the clock. Fewer would be felt by short lists. */
const STEPS_PER_LOOK = 512;
/** What a row counts: the clock is looked at every 16 rows, however little is computed for each. */
export const STEPS_PER_ROW = 32;
/** Below this, it is not worth the while to find out what of it is garbage. */
const SMALL_BYTES = 4_096;

const ALL_BYTES_MAX = heapBytesMax * LIMITS.cypherMemoryOfHeapMax;
const QUERY_BYTES_MAX = Math.min(LIMITS.cypherMemoryBytesMax, heapBytesMax / 4);

let on: Meter | undefined;
let steps = 0;
/** Of all queries. */
let allBytes = 0;

/** Tells that so many items were looked at or made. @throws what the meter throws that is on */
export function worked(items: number): void {
  steps += items;
  if (steps < STEPS_PER_LOOK) return;
  steps = 0;
  on?.look();
}

/** Tells that an expression made something of that size. @throws LIMIT_EXCEEDED, UNAVAILABLE */
export function made(bytes: number): void {
  on?.make(bytes);
}

/** Tells that something of that size stays beyond the row. @throws LIMIT_EXCEEDED, UNAVAILABLE */
export function hold(bytes: number): void {
  on?.hold(bytes);
}

/** What the row that is computed has made so far; for `settle`. */
export const madeSoFar = (): number => on?.made ?? 0;

/** Of what was made since `before`, no more is still there than `bytes`. */
export function settle(before: number, bytes: number): void {
  on?.settle(before, bytes);
}

/** True when enough was made since `before` to be worth the question what is left of it. */
export const isMuch = (before: number): boolean => on !== undefined && on.made - before > SMALL_BYTES;

export class Meter {
  /** Bytes made for rows that are under way. */
  made = 0;
  /** Set when a row begins: from the next look on, time counts as that of this row. */
  isNewRow = true;
  /** Others have waited long enough: `rest` before the next row. */
  isTired = false;
  /** Bytes that clauses hold. */
  held = 0;
  readonly #checkpoint: () => void;
  #turnMs = monotonicMs();
  #rowMs = 0;
  /** Of the processor, for a row that takes long. */
  #rowCpuMs: number | undefined;

  /** @param checkpoint throws when the query should end */
  constructor(checkpoint: () => void) {
    this.#checkpoint = checkpoint;
  }

  /** Is on while `compute` runs, which does not wait for anything. */
  during<Result>(compute: () => Result): Result {
    const outer = on;
    on = this;
    this.isNewRow = true;
    try {
      return compute();
    } finally {
      on = outer;
    }
  }

  /** @throws what the checkpoint throws, LIMIT_EXCEEDED when one row takes too long */
  look(): void {
    this.#checkpoint();
    const now = monotonicMs();
    if (now - this.#turnMs > LIMITS.cypherSliceMs) this.isTired = true;
    if (this.isNewRow) {
      this.isNewRow = false;
      this.#rowMs = now;
      this.#rowCpuMs = undefined;
    }
    const rowMs = now - this.#rowMs;
    if (rowMs <= LIMITS.cypherSliceMs) return;
    this.#rowCpuMs ??= cpuMs();
    if (rowMs <= LIMITS.cypherExpressionMsMax || cpuMs() - this.#rowCpuMs <= LIMITS.cypherExpressionMsMax)
      return;
    throw new FacetError(
      'LIMIT_EXCEEDED',
      `Computing one row took longer than ${LIMITS.cypherExpressionMsMax} ms (cypherExpressionMsMax)`,
      { hint: 'Take a long list apart by UNWIND instead of computing all of it in one expression.' },
    );
  }

  /** Lets everybody else have their turn. @throws what the checkpoint throws */
  async rest(): Promise<void> {
    await nextTurn();
    this.isTired = false;
    this.#turnMs = monotonicMs();
    this.#checkpoint();
  }

  /** @throws LIMIT_EXCEEDED, UNAVAILABLE */
  make(bytes: number): void {
    this.made += bytes;
    allBytes += bytes;
    this.#check();
  }

  /** Of what was made since `before`, no more is still there than `bytes`. */
  settle(before: number, bytes: number): void {
    if (this.made - before > bytes) this.forget(this.made - before - bytes);
  }

  /** What was made is not needed any more. */
  forget(bytes: number): void {
    const gone = Math.min(this.made, bytes);
    this.made -= gone;
    allBytes -= gone;
  }

  /** Something stays beyond the row. @throws LIMIT_EXCEEDED, UNAVAILABLE */
  hold(bytes: number): void {
    this.held += bytes;
    allBytes += bytes;
    this.#check();
  }

  release(bytes: number): void {
    const gone = Math.min(this.held, bytes);
    this.held -= gone;
    allBytes -= gone;
  }

  /** All that was made stays. @returns how much it is */
  keep(): number {
    const kept = this.made;
    this.made = 0;
    this.held += kept;
    return kept;
  }

  /** What was held travels on with its rows. */
  handOn(bytes: number): void {
    const gone = Math.min(this.held, bytes);
    this.held -= gone;
    this.made += gone;
  }

  /** The query is over. */
  close(): void {
    this.forget(this.made);
    this.release(this.held);
  }

  #check(): void {
    if (this.made + this.held > QUERY_BYTES_MAX) {
      throw new FacetError(
        'LIMIT_EXCEEDED',
        `The query holds more than ${QUERY_BYTES_MAX} bytes in memory (cypherMemoryBytesMax)`,
        { hint: 'Hold fewer rows or smaller lists: filter earlier, or work in portions.' },
      );
    }
    if (allBytes <= ALL_BYTES_MAX) return;
    throw new FacetError(
      'UNAVAILABLE',
      `The queries under way hold more than ${ALL_BYTES_MAX} bytes in memory together (cypherMemoryOfHeapMax)`,
      { retryAfterSeconds: 1 },
    );
  }
}
