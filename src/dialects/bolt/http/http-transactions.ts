/**
 * Transactions that several requests share. One that nobody asks for ends by itself after a while, and each request
 * starts that time anew; however often it is asked for, it ends with the life that it was given.
 */
import { FacetError, LIMITS, nowMs } from '../../../base/index.ts';
import type { Admission, Dispatch, Session } from '../../../dispatch/index.ts';
import { transactionBegin, transactionCommit, transactionRollback } from '../../../models/index.ts';
import { TransactionTurns } from '../transaction-turns.ts';

/** The gate has seen these requests before: ending a transaction is not for the limit of rates to refuse. */
const ADMITTED: Admission = {
  admitted: true,
  limit: 0,
  remaining: 0,
  resetAtSeconds: 0,
  retryAfterSeconds: 0,
};

/** A rollback goes on when the client has left. */
const NEVER = new AbortController().signal;

/** In whose name and where a request works. */
export interface Place {
  readonly session: Session;
  readonly namespace: string;
}

export interface HttpTransaction {
  /** In paths; the one of the transaction itself. */
  readonly id: string;
  readonly readOnly: boolean;
  /** The session of a request in it. */
  inside(session: Session): Session;
  /** Unix time in milliseconds at which it ends when nobody asks for it. */
  readonly expiresAtMs: number;
}

class Entry implements HttpTransaction {
  readonly id: string;
  readonly readOnly: boolean;
  readonly place: Place;
  readonly #endsAtMs: number;
  isBusy = true;
  expiresAtMs = 0;
  idle: NodeJS.Timeout | undefined = undefined;

  constructor(id: string, place: Place, readOnly: boolean, lifeMs: number) {
    this.id = id;
    this.place = place;
    this.readOnly = readOnly;
    this.#endsAtMs = nowMs() + lifeMs;
  }

  /** Somebody has asked for it: it has that time from now on. */
  touch(idleMs: number): void {
    this.expiresAtMs = Math.min(nowMs() + idleMs, this.#endsAtMs);
  }

  inside(session: Session): Session {
    return { ...session, namespace: this.place.namespace, transactionId: this.id };
  }

  /** As `inside`, for what ends it: also behind a client that has left, and whatever the rates are. */
  ending(session: Session, signal: AbortSignal): Session {
    return {
      ...session,
      namespace: this.place.namespace,
      transactionId: undefined,
      signal,
      admission: ADMITTED,
    };
  }
}

export class HttpTransactions {
  readonly #dispatch: Dispatch;
  readonly #idleMs: number;
  readonly #turns = new TransactionTurns();
  readonly #open = new Map<string, Entry>();

  constructor(dispatch: Dispatch, idleMs: number = LIMITS.neo4jHttpTransactionIdleMs) {
    this.#dispatch = dispatch;
    this.#idleMs = idleMs;
  }

  /** The caller has it until `release` or one of the ends. @throws what transaction.begin is refused with, TOO_MANY_TRANSACTIONS after a while */
  async begin(place: Place, readOnly: boolean, timeoutMs: number | undefined): Promise<HttpTransaction> {
    const lifeMs = Math.min(timeoutMs ?? LIMITS.boltTransactionMsDefault, LIMITS.transactionTimeoutMsMax);
    const session = { ...place.session, namespace: place.namespace, transactionId: undefined };
    const { txnId } = await this.#turns.begin(
      () => this.#dispatch.call(transactionBegin, { timeoutMs: lifeMs, readOnly }, session),
      session.signal,
    );
    const entry = new Entry(txnId, place, readOnly, lifeMs);
    entry.touch(this.#idleMs);
    this.#open.set(txnId, entry);
    return entry;
  }

  /**
   * One that is open, for a request of its owner.
   * @throws TRANSACTION_NOT_FOUND, also for those of others and of other databases; INVALID_TRANSACTION_STATE while another request has it
   */
  take(id: string, { session, namespace }: Place): HttpTransaction {
    const entry = this.#open.get(id);
    const isOwn =
      entry?.place.namespace === namespace &&
      entry?.place.session.principal?.name === session.principal?.name;
    if (entry === undefined || !isOwn) {
      throw new FacetError(
        'TRANSACTION_NOT_FOUND',
        `There is no open transaction '${id.slice(0, 80)}' here`,
        {
          hint: `One ends ${this.#idleMs / 1_000} seconds after its last request.`,
        },
      );
    }
    if (entry.isBusy) {
      throw new FacetError('INVALID_TRANSACTION_STATE', 'Another request is at work in this transaction');
    }
    entry.isBusy = true;
    clearTimeout(entry.idle);
    return entry;
  }

  /** It stays open for the next request, for a while from now on. */
  release(transaction: HttpTransaction): void {
    const entry = this.#open.get(transaction.id);
    if (entry === undefined) return;
    entry.isBusy = false;
    entry.touch(this.#idleMs);
    entry.idle = setTimeout(
      () => {
        void this.#rollback(entry, entry.place.session);
      },
      Math.max(entry.expiresAtMs - nowMs(), 0),
    );
    entry.idle.unref();
  }

  /** @returns where in PostgreSQL's log the commit is. @throws what the commit fails with; it is over all the same */
  async commit(transaction: HttpTransaction, session: Session): Promise<string | undefined> {
    const entry = this.#open.get(transaction.id);
    this.#open.delete(transaction.id);
    if (entry === undefined) throw new FacetError('TRANSACTION_NOT_FOUND', 'The transaction is over');
    try {
      const { position } = await this.#dispatch.call(
        transactionCommit,
        { txnId: entry.id, position: true },
        entry.ending(session, session.signal),
      );
      return position;
    } finally {
      this.#turns.ended();
    }
  }

  /** Never rejects: one that cannot be ended so ends by its timeout. */
  async rollback(transaction: HttpTransaction, session: Session): Promise<void> {
    const entry = this.#open.get(transaction.id);
    if (entry !== undefined) await this.#rollback(entry, session);
  }

  /** Those that are open end with the store. */
  stop(): void {
    for (const { idle } of this.#open.values()) clearTimeout(idle);
    this.#open.clear();
  }

  async #rollback(entry: Entry, session: Session): Promise<void> {
    this.#open.delete(entry.id);
    clearTimeout(entry.idle);
    await this.#dispatch
      .call(transactionRollback, { txnId: entry.id }, entry.ending(session, NEVER))
      .catch(() => undefined);
    this.#turns.ended();
  }
}
