/** A fault after which a connection is answered once more and closed. */
import type { Failure } from './codec.ts';
import { failure } from './errors.ts';

export class Farewell extends Error {
  readonly failure: Failure;

  constructor(last: Failure) {
    super(last.message);
    this.failure = last;
  }
}

/** A request that may not come now: the two sides do not mean the same any more. */
export const breach = (message: string): Farewell =>
  new Farewell(failure('Neo.ClientError.Request.Invalid', message));
