/** The transaction of one connection, from Begin to Commit or Rollback. One that nobody uses for too long is rolled back. */
import { asFacetError, type ErrorCode, FacetError, LIMITS } from '../../base/index.ts';
import type { Dispatch, Session } from '../../dispatch/index.ts';
import { transactionBegin, transactionCommit, transactionRollback } from '../../models/index.ts';

/** A rollback goes on when the client has left. */
const NEVER = new AbortController().signal;

/** It has ended by itself: there is nothing left to roll back. */
const GONE: ReadonlySet<ErrorCode> = new Set(['TRANSACTION_NOT_FOUND', 'TRANSACTION_NOT_ACTIVE']);

export class TransactionState {
  readonly #dispatch: Dispatch;
  readonly #session: Session;
  readonly readOnly: boolean;
  readonly id: string;
  readonly #timer: NodeJS.Timeout;
  #busy = false;
  #idleFor: FacetError | undefined = undefined;

  private constructor(dispatch: Dispatch, session: Session, id: string, readOnly: boolean) {
    this.#dispatch = dispatch;
    this.#session = session;
    this.id = id;
    this.readOnly = readOnly;
    this.#timer = setTimeout(() => void this.#expire(), LIMITS.graphdTransactionIdleMs);
    this.#timer.unref();
  }

  /** A transaction that only reads sees one state of the graph, as graphd's engine has it. @throws as transaction.begin */
  static async begin(dispatch: Dispatch, session: Session, readOnly: boolean): Promise<TransactionState> {
    const input = {
      isolationLevel: readOnly ? 'repeatable_read' : 'read_committed',
      readOnly,
      // Clients set no timeout: while one is at work its transaction goes on.
      timeoutMs: LIMITS.transactionTimeoutMsMax,
    };
    const { txnId } = await dispatch.call(transactionBegin, input, session);
    return new TransactionState(dispatch, session, txnId, readOnly);
  }

  /** Runs `work`, during which it is not idle. @throws what `work` throws, TRANSACTION_ABORTED after it was idle for too long */
  async using<T>(work: () => Promise<T>): Promise<T> {
    if (this.#idleFor !== undefined) throw this.#idleFor;
    this.#busy = true;
    try {
      return await work();
    } finally {
      this.#busy = false;
      this.#timer.refresh();
    }
  }

  /** @throws as transaction.commit; then it is still there to be rolled back */
  async commit(session: Session): Promise<void> {
    await this.using(() => this.#dispatch.call(transactionCommit, { txnId: this.id }, session));
    clearTimeout(this.#timer);
  }

  /** @throws as transaction.rollback, unless it has ended by itself */
  async rollback(session: Session): Promise<void> {
    clearTimeout(this.#timer);
    if (this.#idleFor !== undefined) return;
    try {
      await this.#dispatch.call(transactionRollback, { txnId: this.id }, { ...session, signal: NEVER });
    } catch (thrown) {
      if (!GONE.has(asFacetError(thrown).code)) throw thrown;
    }
  }

  /** The client is gone. It ends by itself when this fails. */
  async abandon(): Promise<void> {
    await this.rollback({ ...this.#session, partial: true }).catch(() => undefined);
  }

  async #expire(): Promise<void> {
    if (this.#busy) {
      this.#timer.refresh();
      return;
    }
    await this.abandon();
    this.#idleFor = new FacetError(
      'TRANSACTION_ABORTED',
      `The transaction was rolled back, because nothing came for ${LIMITS.graphdTransactionIdleMs} ms (graphdTransactionIdleMs)`,
    );
  }
}
