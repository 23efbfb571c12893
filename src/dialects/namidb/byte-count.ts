/** Counts what is written of a result, while it is written: one value may be larger than all rows should be. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { FacetError, LIMITS, monotonicMs } from '../../base/index.ts';

export class ByteCount {
  readonly #what: string;
  #left: number = LIMITS.resultBytesMax;
  #turnMs = monotonicMs();

  /** @param what as in `The result`, for the message */
  constructor(what: string) {
    this.#what = what;
  }

  /** @throws RESULT_TOO_LARGE */
  add(bytes: number): void {
    this.#left -= bytes;
    if (this.#left >= 0) return;
    throw new FacetError(
      'RESULT_TOO_LARGE',
      `${this.#what} has more than ${LIMITS.resultBytesMax} bytes (resultBytesMax)`,
      { hint: 'Return less of it. What the query wrote, if it wrote, stays written.' },
    );
  }

  /** Between rows: others get their turn when writing takes long. Undefined when they need not yet. */
  turn(): Promise<void> | undefined {
    if (monotonicMs() - this.#turnMs <= LIMITS.cypherSliceMs) return undefined;
    return nextTurn().then(() => {
      this.#turnMs = monotonicMs();
    });
  }
}
