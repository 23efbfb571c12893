/**
 * An explicit transaction of one connection. One that only reads is a row of single reads: at read committed, where each
 * statement sees what was committed before it, nothing holds them together. One that may write is begun in PostgreSQL
 * when its first query comes, so that idle ones hold nothing.
 */
import { FacetError, LIMITS, monotonicMs } from '../../base/index.ts';
import type { Dispatch } from '../../dispatch/index.ts';
import { transactionBegin, transactionCommit, transactionRollback } from '../../models/index.ts';
import type { Caller } from './caller.ts';
import type { TransactionExtra } from './codec.ts';
import type { OpenResult } from './open-result.ts';
import type { TransactionTurns } from './transaction-turns.ts';

/** A rollback goes on when the client has left. */
const NEVER = new AbortController().signal;

export class BoltTransaction {
  readonly extra: TransactionExtra;
  readonly namespace: string | undefined;
  /** Those that are not at their end, by `qid`. */
  readonly results = new Map<number, OpenResult>();
  readonly #dispatch: Dispatch;
  readonly #caller: Caller;
  readonly #turns: TransactionTurns;
  readonly #endsMs: number;
  #id: string | undefined = undefined;
  #queries = 0;

  constructor(
    given: { readonly dispatch: Dispatch; readonly caller: Caller; readonly turns: TransactionTurns },
    extra: TransactionExtra,
    namespace: string | undefined,
  ) {
    this.#dispatch = given.dispatch;
    this.#caller = given.caller;
    this.#turns = given.turns;
    this.extra = extra;
    this.namespace = namespace;
    const asked = extra.timeoutMs === 0 ? LIMITS.transactionTimeoutMsMax : extra.timeoutMs;
    const lifeMs = Math.min(asked ?? LIMITS.boltTransactionMsDefault, LIMITS.transactionTimeoutMsMax);
    this.#endsMs = monotonicMs() + lifeMs;
  }

  get readOnly(): boolean {
    return this.extra.mode === 'r';
  }

  /** Of PostgreSQL; undefined until there is one. */
  get id(): string | undefined {
    return this.#id;
  }

  /** @throws QUERY_TIMEOUT when none is left */
  timeLeftMs(): number {
    const left = Math.ceil(this.#endsMs - monotonicMs());
    if (left > 0) return left;
    throw new FacetError('QUERY_TIMEOUT', 'The transaction was open for longer than its timeout');
  }

  nextQueryId(): number {
    return this.#queries++;
  }

  /** The last query was the one of this id. */
  get lastQueryId(): number {
    return this.#queries - 1;
  }

  /** Begins in PostgreSQL what may write. @throws TOO_MANY_TRANSACTIONS after a while, and what the gate refuses with */
  async ready(signal: AbortSignal): Promise<void> {
    if (this.readOnly || this.#id !== undefined) return;
    const { namespace } = this;
    const { txnId } = await this.#turns.begin(
      () =>
        this.#dispatch.call(
          transactionBegin,
          { timeoutMs: this.timeLeftMs() },
          this.#caller.session({ namespace, signal, metadata: this.extra.metadata }),
        ),
      signal,
    );
    this.#id = txnId;
  }

  /** @returns where in PostgreSQL's log the commit is; undefined when nothing was to be committed */
  async commit(signal: AbortSignal): Promise<string | undefined> {
    await this.#closeResults();
    const transactionId = this.#id;
    if (transactionId === undefined) return undefined;
    this.#id = undefined;
    try {
      const { namespace } = this;
      const { position } = await this.#dispatch.call(
        transactionCommit,
        { txnId: transactionId, position: true },
        this.#caller.session({ namespace, signal, ends: true, metadata: this.extra.metadata }),
      );
      return position;
    } finally {
      this.#turns.ended();
    }
  }

  /** @throws what the gate refuses with: the transaction then ends by its timeout, or with the server */
  async rollback(): Promise<void> {
    await this.#closeResults();
    const transactionId = this.#id;
    if (transactionId === undefined) return;
    this.#id = undefined;
    try {
      const { namespace } = this;
      await this.#dispatch.call(
        transactionRollback,
        { txnId: transactionId },
        this.#caller.session({ namespace, signal: NEVER, ends: true, metadata: this.extra.metadata }),
      );
    } finally {
      this.#turns.ended();
    }
  }

  async #closeResults(): Promise<void> {
    const open = [...this.results.values()];
    this.results.clear();
    await Promise.allSettled(open.map((result) => result.close()));
  }
}
