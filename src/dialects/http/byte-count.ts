/** Counts what is written of a result, while it is written: one value may be larger than all rows should be. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type AnswerHold, FacetError, LIMITS, monotonicMs } from '../../base/index.ts';

/** Counted before it is written, so that it need not be counted piece by piece. */
const HELD_AHEAD = LIMITS.answerBytesSmall;

export class ByteCount {
  readonly #what: string;
  readonly #hold: AnswerHold | undefined;
  #left: number = LIMITS.resultBytesMax;
  /** When less than this is left, `hold` is told. */
  #heldLeft: number;
  #turnMs = monotonicMs();

  /**
   * @param what as in `The result`, for the message
   * @param hold where a large result counts; whoever made it releases it
   */
  constructor(what: string, hold?: AnswerHold) {
    this.#what = what;
    this.#hold = hold;
    this.#heldLeft = hold === undefined ? 0 : LIMITS.resultBytesMax - LIMITS.answerBytesSmall;
  }

  /** @throws RESULT_TOO_LARGE, UNAVAILABLE */
  add(bytes: number): void {
    this.#left -= bytes;
    if (this.#left >= this.#heldLeft) return;
    if (this.#left >= 0) {
      this.#hold?.take(this.#heldLeft - this.#left + HELD_AHEAD);
      this.#heldLeft = Math.max(0, this.#left - HELD_AHEAD);
      return;
    }
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
