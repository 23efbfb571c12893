/** Several operations of one request in one transaction: one of its own, or the one that the request names. */
import { FacetError } from '../../base/index.ts';
import type { Dispatch, Session } from '../../dispatch/index.ts';
import { transactionBegin, transactionCommit, transactionRollback } from '../../models/index.ts';

/**
 * Commits when `work` resolves, rolls back when it rejects. A transaction that the request names is left to the one
 * who began it, whatever happens.
 */
export async function inTransaction<T>(
  dispatch: Dispatch,
  session: Session,
  isolationLevel: 'read_committed' | 'repeatable_read',
  work: (inside: Session) => Promise<T>,
): Promise<T> {
  if (session.transactionId !== undefined) return await work(session);
  const { txnId } = await dispatch.call(transactionBegin, { isolationLevel }, session);
  let done: T;
  try {
    done = await work({ ...session, transactionId: txnId });
  } catch (thrown) {
    // It ends by itself when this fails, and the reason of the caller is the one to tell.
    await dispatch.call(transactionRollback, { txnId }, { ...session, signal: NEVER }).catch(() => undefined);
    throw thrown;
  }
  await dispatch.call(transactionCommit, { txnId }, session);
  return done;
}

/** A rollback goes on when the client has left. */
const NEVER = new AbortController().signal;

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
