/** On whose behalf a document runs. */
import { AnswerHold, FacetError, LIMITS } from '../../../base/index.ts';
import type { Dispatch, Session } from '../../../dispatch/index.ts';
import type { Operation } from '../../../models/index.ts';

export class Caller {
  /** True when the document runs on the schema in which all rows are one leaf. */
  readonly wholeRows: boolean;
  /** True when nothing may change, not even by a statement whose changes would be rolled back. */
  readonly readOnly: boolean;
  readonly #dispatch: Dispatch;
  readonly #session: Session;
  readonly #hold = new AnswerHold();
  #resultBytes = 0;

  constructor(
    dispatch: Dispatch,
    session: Session,
    { wholeRows, readOnly }: Pick<Caller, 'wholeRows' | 'readOnly'>,
  ) {
    this.#dispatch = dispatch;
    // Fields have the names of the operations' own.
    this.#session = { ...session, fieldName: undefined };
    this.wholeRows = wholeRows;
    this.readOnly = readOnly;
  }

  get signal(): AbortSignal {
    return this.#session.signal;
  }

  /** Through the gate, as every request. @throws FacetError */
  call<Input, Output>(operation: Operation<Input, Output>, input: unknown): Promise<Output> {
    return this.#dispatch.call(operation, input, this.#session);
  }

  /**
   * Counts the text of a result: each has a bound of its own, but a document can ask for many.
   * @throws RESULT_TOO_LARGE, UNAVAILABLE
   */
  keep(text: string): void {
    this.#resultBytes += text.length;
    if (this.#resultBytes > LIMITS.resultBytesMax) {
      throw new FacetError(
        'RESULT_TOO_LARGE',
        `The results of one document have more than ${LIMITS.resultBytesMax} bytes (resultBytesMax)`,
        { hint: 'Ask for less with LIMIT, or by several requests.' },
      );
    }
    if (text.length > LIMITS.answerBytesSmall) this.#hold.take(text.length);
  }

  /** The answer is on its way, and counted there. */
  release(): void {
    this.#hold.release();
  }
}
