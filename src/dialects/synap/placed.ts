/** What an error of one command among several says besides: which command it was, and what became of the others. */
import { FacetError } from '../../base/index.ts';
import type { Session } from '../../dispatch/index.ts';

/** The same error, with the place of the command that failed in its detail. */
export function placed(error: FacetError, place: string): FacetError {
  if (error.kind === 'internal') return error;
  return new FacetError(error.code, error.message, {
    detail: error.detail === undefined ? place : `${error.detail}; ${place}`,
    hint: error.hint,
    retryAfterSeconds: error.retryAfterSeconds,
  });
}

/** What a failure says about the commands before it: a transaction that the request names still has them. */
export const noneTookEffect = (session: Session): string =>
  session.transactionId === undefined ? '; none of them took effect' : '';
