/**
 * A transaction that is open on a session: a queue in which statements run one after the other. Who began it (a
 * client, or a model for the length of one call) and how it ends is the business of transactions.ts and database.ts.
 *
 * A scope may be nested: work of a model that joins a client's transaction runs behind a savepoint as one entry of the
 * outer queue, and has a queue of its own for its statements. Closing a scope closes all that are nested in it: that
 * work may go on computing for a while, but nothing of it is sent any more on a session that soon has another user.
 */
import { FacetError, LIMITS } from '../base/index.ts';
import { command } from './command.ts';
import type { IsolationLevel, Participant, Transaction } from './contract.ts';
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
  /** Tasks that may have something on its way: statements that were not answered, cancel requests that were not taken. */
  atWork: number;
  /** Called when `atWork` is down to zero. */
  quiet: (() => void) | undefined;
  /** See InTransactionOptions.commitError: of all that joined. */
  readonly commitErrors: Set<(error: FacetError) => FacetError>;
}

/** One item of work for the commit. */
interface Enlisted {
  readonly participant: Participant<unknown>;
  readonly item: unknown;
}

/** What a participant has to do at a commit. */
export interface Assignment {
  readonly participant: Participant<unknown>;
  readonly items: unknown[];
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
  /** Most transactions have none. */
  #afterCommit: (() => void)[] | undefined = undefined;
  /** For whom the commit has work. Most transactions have none. */
  #enlisted: Enlisted[] | undefined = undefined;
  #isLast = false;
  /** Where listeners and work belong from now on: the scope around a savepoint that was released. */
  #heir: Scope | undefined = undefined;
  #committed = false;
  /** Savepoints that the client has set by SQL, and how many listeners and items of work there were then. */
  #marks: { readonly name: string; readonly listeners: number; readonly enlisted: number }[] = [];
  #last: Promise<unknown> = Promise.resolve();
  /** Statements that others were sent behind before they had ended. */
  #ahead: Promise<unknown> = Promise.resolve();
  /** At most one is open at a time, as it is an entry of the queue. */
  #inner: Scope | undefined = undefined;

  constructor(facts: ScopeFacts, session: Session, database: object, ledger?: Ledger) {
    this.id = facts.id;
    this.owner = facts.owner;
    this.isolationLevel = facts.isolationLevel;
    this.readOnly = facts.readOnly;
    this.startedAtMs = facts.startedAtMs;
    this.session = session;
    this.database = database;
    this.ledger = ledger ?? newLedger();
  }

  get rowsAffected(): number {
    return this.ledger.rowsAffected;
  }

  /** A listener that comes after the commit is called at once; one of a scope that was rolled back never. */
  afterCommit(listener: () => void): void {
    if (this.#heir !== undefined) this.#heir.afterCommit(listener);
    else if (this.#committed) listener();
    else if (this.#afterCommit === undefined) this.#afterCommit = [listener];
    else this.#afterCommit.push(listener);
  }

  /** @throws the refusal of a closed scope */
  enlist<Item>(participant: Participant<Item>, item: Item): void {
    if (this.#heir !== undefined) {
      this.#heir.enlist(participant, item);
      return;
    }
    if (this.#refusal !== undefined) throw this.#refusal();
    if (this.#isLast) {
      throw new FacetError(
        'TRANSACTION_NOT_ACTIVE',
        `Transaction ${this.id} takes no work: it is committing`,
      );
    }
    const entry: Enlisted = { participant, item };
    if (this.#enlisted === undefined) this.#enlisted = [entry];
    else this.#enlisted.push(entry);
  }

  /** What there is to do at the commit, by participant in the order of their first items; undefined for nothing. */
  get assignments(): readonly Assignment[] | undefined {
    if (this.#enlisted === undefined || this.#enlisted.length === 0) return undefined;
    const byParticipant = new Map<Participant<unknown>, Assignment>();
    for (const { participant, item } of this.#enlisted) {
      const known = byParticipant.get(participant);
      if (known === undefined) byParticipant.set(participant, { participant, items: [item] });
      else known.items.push(item);
    }
    return [...byParticipant.values()];
  }

  /** A handle for the statements that belong to the commit, when nothing else can be sent on this one any more. */
  last(): Scope {
    const scope = new Scope(this, this.session, this.database, this.ledger);
    scope.#isLast = true;
    return scope;
  }

  /** Calls the listeners, in their order: PostgreSQL has answered COMMIT. `failed` hears of those that throw. */
  committed(failed: (error: unknown) => void): void {
    this.#committed = true;
    const listeners = this.#afterCommit;
    this.#afterCommit = undefined;
    if (listeners === undefined) return;
    for (const listener of listeners) {
      try {
        listener();
      } catch (error) {
        failed(error);
      }
    }
  }

  /** What the commit failed with, in the words of whoever caused it. */
  commitError(thrown: unknown): unknown {
    if (!(thrown instanceof FacetError)) return thrown;
    return [...this.ledger.commitErrors].reduce((error, translate) => translate(error), thrown);
  }

  /** False while statements may still be queued. */
  get closed(): boolean {
    return this.#refusal !== undefined;
  }

  /** From now on `run` rejects with `refusal`, for those that wait in the queue too, here and in nested scopes. */
  close(refusal: Refusal): void {
    this.#refusal = refusal;
    this.#inner?.close(refusal);
  }

  /**
   * Resolves when nothing that was sent on the session is unanswered and no cancel request is under way. Of a closed
   * scope that is for good. It does not wait for work that computes: that finds the scope closed.
   */
  quiet(): Promise<void> {
    const { ledger } = this;
    if (ledger.atWork === 0) return Promise.resolve();
    return new Promise((resolve) => {
      ledger.quiet = resolve;
    });
  }

  /**
   * Runs `task` when everything queued before has ended.
   * @throws LIMIT_EXCEEDED when LIMITS.transactionQueueMax wait, the refusal of a closed scope, the task's own error.
   */
  run<T>(task: () => Promise<T>): Promise<T> {
    if (this.#refusal !== undefined) return Promise.reject(this.#refusal());
    return this.#enqueue(() => this.#send(task));
  }

  /**
   * As `run`, but what comes next starts as soon as `task` has, so `task` has to send its statement before it first
   * waits.
   */
  async runAhead<T>(task: () => Promise<T>): Promise<T> {
    // In a box, as the queue would wait for a bare promise.
    if (this.#refusal !== undefined) throw this.#refusal();
    const { ended } = await this.#enqueue(async () => {
      const outcome = this.#send(task);
      this.#ahead = Promise.allSettled([this.#ahead, outcome]);
      return { ended: outcome };
    });
    return ended;
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
    if (this.#refusal !== undefined) return Promise.reject(this.#refusal());
    return this.#enqueue(async () => {
      const name = `facet_${++this.ledger.savepoints}`;
      const undo = `ROLLBACK TO SAVEPOINT ${name}; RELEASE SAVEPOINT ${name}`;
      const send = (sql: string): Promise<unknown> => this.#send(() => command(this.session, sql));
      const inner = new Scope(this, this.session, this.database, this.ledger);
      this.#inner = inner;
      try {
        await send(`SAVEPOINT ${name}`);
        try {
          const result = await work(inner);
          await inner.settle();
          await send(rollback ? undo : `RELEASE SAVEPOINT ${name}`);
          if (!rollback) inner.#handUp(this);
          return result;
        } catch (error) {
          await inner.settle();
          await send(undo).catch(() => undefined);
          throw error;
        }
      } finally {
        this.#inner = undefined;
      }
    });
  }

  /** Resolves when nothing is queued any more; new statements are refused from here on. */
  async settle(): Promise<void> {
    // What closed it before is the better reason.
    this.close(
      this.#refusal ??
        (() => new FacetError('TRANSACTION_NOT_ACTIVE', 'The work that this transaction was for has ended')),
    );
    await this.#last;
    await this.#ahead;
  }

  /** Where everything passes that is sent on the session before the transaction's own end. */
  async #send<T>(task: () => Promise<T>): Promise<T> {
    if (this.#refusal !== undefined) throw this.#refusal();
    const { ledger } = this;
    ledger.atWork++;
    try {
      return await task();
    } finally {
      if (--ledger.atWork === 0) ledger.quiet?.();
    }
  }

  /** A client's own SAVEPOINT, RELEASE or ROLLBACK TO has succeeded: listeners and items of undone work go with it. */
  savepoint(verb: 'set' | 'release' | 'rollback', name: string): void {
    if (verb === 'set') {
      const [listeners, enlisted] = [this.#afterCommit?.length ?? 0, this.#enlisted?.length ?? 0];
      this.#marks.push({ name, listeners, enlisted });
      return;
    }
    const at = this.#marks.findLastIndex((mark) => mark.name === name);
    const mark = this.#marks[at];
    if (mark === undefined) return;
    // Rolling back keeps the savepoint itself.
    this.#marks.length = verb === 'release' ? at : at + 1;
    if (verb === 'release') return;
    this.#afterCommit?.splice(mark.listeners);
    this.#enlisted?.splice(mark.enlisted);
  }

  /** Its work is part of `heir` now, and ends as that does. */
  #handUp(heir: Scope): void {
    this.#heir = heir;
    const listeners = this.#afterCommit;
    this.#afterCommit = undefined;
    if (listeners !== undefined) for (const listener of listeners) heir.afterCommit(listener);
    const enlisted = this.#enlisted;
    this.#enlisted = undefined;
    if (enlisted !== undefined) for (const { participant, item } of enlisted) heir.enlist(participant, item);
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

const newLedger = (): Ledger => ({
  rowsAffected: 0,
  dirty: false,
  schemaChange: undefined,
  savepoints: 0,
  atWork: 0,
  quiet: undefined,
  commitErrors: new Set(),
});

/** Calls `task` so that what it throws is a rejection. */
async function startNow<T>(task: () => Promise<T>): Promise<T> {
  return task();
}
