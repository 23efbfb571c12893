/**
 * A transaction that is open on a session: a queue in which statements run one after the other. Who began it (a
 * client, or a model for the length of one call) and how it ends is the business of transactions.ts and database.ts.
 *
 * A scope may be nested: work of a model that joins a client's transaction runs behind a savepoint as one entry of the
 * outer queue, and has a queue of its own for its statements.
 */
import { FacetError, LIMITS } from '../base/index.ts';
import { command } from './command.ts';
import type { IsolationLevel, Transaction } from './contract.ts';
import type { SchemaChange } from './schema-watch.ts';
import type { Session } from './session.ts';

export interface ScopeFacts {
  readonly id: string;
  readonly owner: string;
  readonly isolationLevel: IsolationLevel;
  readonly readOnly: boolean;
  readonly startedAtMs: number;
}

/** Shared by a scope and those nested in it. */
interface Ledger {
  rowsAffected: number;
  /** Something may have been left in the session. */
  dirty: boolean;
  /** What statements have changed of the schema, the worst of it. */
  schemaChange: SchemaChange | undefined;
  savepoints: number;
}

/** Makes the error when one is needed: its stack trace costs more than the rest of ending a transaction. */
type Refusal = () => FacetError;

export class Scope implements Transaction {
  readonly id: string;
  readonly owner: string;
  readonly isolationLevel: IsolationLevel;
  readonly readOnly: boolean;
  readonly startedAtMs: number;
  readonly session: Session;
  readonly ledger: Ledger;
  /** The database it belongs to; a transaction of another one is not found. */
  readonly database: object;
  #refusal: Refusal | undefined = undefined;
  #queued = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(facts: ScopeFacts, session: Session, database: object, ledger?: Ledger) {
    this.id = facts.id;
    this.owner = facts.owner;
    this.isolationLevel = facts.isolationLevel;
    this.readOnly = facts.readOnly;
    this.startedAtMs = facts.startedAtMs;
    this.session = session;
    this.database = database;
    this.ledger = ledger ?? { rowsAffected: 0, dirty: false, schemaChange: undefined, savepoints: 0 };
  }

  get rowsAffected(): number {
    return this.ledger.rowsAffected;
  }

  /** False while statements may still be queued. */
  get closed(): boolean {
    return this.#refusal !== undefined;
  }

  /** From now on `run` rejects with `refusal`, for those that wait in the queue too. */
  close(refusal: Refusal): void {
    this.#refusal = refusal;
  }

  /**
   * Runs `task` when everything queued before has ended.
   * @throws LIMIT_EXCEEDED when LIMITS.transactionQueueMax wait, the refusal of a closed scope, the task's own error.
   */
  run<T>(task: () => Promise<T>): Promise<T> {
    if (this.#refusal !== undefined) return Promise.reject(this.#refusal());
    return this.#enqueue(() => {
      if (this.#refusal !== undefined) throw this.#refusal();
      return task();
    });
  }

  /** Closes the scope and runs `task` behind what is queued: commit and rollback. */
  finish<T>(refusal: Refusal, task: () => Promise<T>): Promise<T> {
    if (this.#refusal !== undefined) return Promise.reject(this.#refusal());
    // The statements before it still run: they check the refusal when their turn comes, so it is set behind them.
    return this.#enqueue(() => {
      if (this.#refusal !== undefined) throw this.#refusal();
      this.#refusal = refusal;
      return task();
    });
  }

  /** Runs `work` behind a savepoint; its writes are undone when it rejects or `rollback` is set. */
  nested<T>(work: (scope: Scope) => Promise<T>, rollback: boolean): Promise<T> {
    return this.run(async () => {
      const name = `facet_${++this.ledger.savepoints}`;
      const inner = new Scope(this, this.session, this.database, this.ledger);
      await command(this.session, `SAVEPOINT ${name}`);
      try {
        const result = await work(inner);
        await inner.settle();
        if (rollback) await command(this.session, `ROLLBACK TO SAVEPOINT ${name}; RELEASE SAVEPOINT ${name}`);
        else await command(this.session, `RELEASE SAVEPOINT ${name}`);
        return result;
      } catch (error) {
        await inner.settle();
        await command(this.session, `ROLLBACK TO SAVEPOINT ${name}; RELEASE SAVEPOINT ${name}`).catch(
          () => undefined,
        );
        throw error;
      }
    });
  }

  /** Resolves when nothing is queued any more; new statements are refused from here on. */
  async settle(): Promise<void> {
    this.close(
      () => new FacetError('TRANSACTION_NOT_ACTIVE', 'The work that this transaction was for has ended'),
    );
    await this.#last;
  }

  #enqueue<T>(task: () => Promise<T>): Promise<T> {
    if (this.#queued >= LIMITS.transactionQueueMax) {
      return Promise.reject(
        new FacetError(
          'LIMIT_EXCEEDED',
          `More than ${LIMITS.transactionQueueMax} statements wait in transaction ${this.id} (transactionQueueMax)`,
        ),
      );
    }
    // An empty queue is passed without a turn of the promise queue: round trips are what a transaction costs.
    const first = this.#queued++ === 0;
    const result = first ? startNow(task) : this.#last.then(task);
    this.#last = result.then(this.#left, this.#left);
    return result;
  }

  readonly #left = (): void => {
    this.#queued--;
  };
}

/** Calls `task` so that what it throws is a rejection. */
async function startNow<T>(task: () => Promise<T>): Promise<T> {
  return task();
}
