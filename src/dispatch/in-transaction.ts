/** Several operations of one request in one transaction: one of its own, or the one that the request names. */
import { transactionBegin, transactionCommit, transactionRollback } from '../models/index.ts';
import type { Dispatch } from './dispatch.ts';
import type { Session } from './session.ts';

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
  try {
    const done = await work({ ...session, transactionId: txnId });
    await dispatch.call(transactionCommit, { txnId }, session);
    return done;
  } catch (thrown) {
    // It ends by itself when this fails, and the reason of the caller is the one to tell.
    await dispatch.call(transactionRollback, { txnId }, { ...session, signal: NEVER }).catch(() => undefined);
    throw thrown;
  }
}

/** A rollback goes on when the client has left. */
const NEVER = new AbortController().signal;
