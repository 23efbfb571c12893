/**
 * Interactive transactions of clients: begun by one request, used by others, ended by a commit, a rollback or their
 * deadline. One register for all namespaces of a store, so that the caps are the store's.
 *
 * A transaction is *open* from the answer to BEGIN until exactly one of these takes it out of the register and puts a
 * tombstone in its place: commit or rollback when their turn in its queue comes; the deadline, which cancels what runs;
 * the loss of the connection; the stop of the store. What comes after that sees the tombstone.
 */
import { FacetError, LIMITS, nowMs, type Observe, randomHex } from '../base/index.ts';
import { command } from './command.ts';
import { type CommitOutcome, commitScope } from './commit.ts';
import type { CommitFlush } from './commit-flush.ts';
import type {
  CommitOptions,
  Committed,
  IsolationLevel,
  Transaction,
  TransactionOptions,
} from './contract.ts';
import type { Cancellable } from './interrupt.ts';
import type { Pool } from './pool.ts';
import type { SchemaChange } from './schema-watch.ts';
import { Scope } from './scope.ts';
import type { Session } from './session.ts';
import { type Ending, endedError, Tombstones } from './tombstones.ts';

/** The database that a transaction runs in. */
export interface TransactionHome {
  readonly namespace: string;
  readonly pool: Pool;
  /** PostgreSQL's transaction_timeout exists from version 17 on. */
  readonly serverMajor: number;
  readonly schemaChanged: (what: SchemaChange) => void;
  readonly flush: CommitFlush;
}

export interface TransactionCaps {
  readonly openMax: number;
  readonly perPrincipalMax: number;
}

interface Open {
  readonly scope: Scope;
  readonly home: TransactionHome;
  readonly deadline: NodeJS.Timeout;
  /** The statement that runs now. */
  running: Cancellable | undefined;
}

const ISOLATION: Readonly<Record<IsolationLevel, string>> = {
  read_committed: '',
  repeatable_read: 'REPEATABLE READ',
  serializable: 'SERIALIZABLE',
};

/** Endings after which a rollback is what the caller wanted. */
const GONE: readonly Ending[] = [
  'rolled back',
  'connection lost',
  'paused for a restore point',
  'namespace rolled back',
];
/** PostgreSQL's own timer fires later than ours, for the case that this process hangs or is cut off. */
const BACKSTOP_MS = 5_000;
/** A rollback or commit that is not answered by then is given up with its connection. */
const END_MS_MAX = 30_000;

export class Transactions {
  readonly #caps: TransactionCaps;
  readonly #observe: Observe;
  readonly #open = new Map<string, Open>();
  readonly #byOwner = new Map<string, number>();
  readonly #tombstones = new Tombstones();
  #beginning = 0;
  #stopped = false;

  constructor(caps: TransactionCaps, observe: Observe) {
    this.#caps = caps;
    this.#observe = observe;
  }

  countOf(home: TransactionHome): number {
    let count = 0;
    for (const open of this.#open.values()) if (open.home === home) count++;
    return count;
  }

  /** @throws TOO_MANY_TRANSACTIONS, TOO_MANY_CONNECTIONS, UNAVAILABLE */
  async begin(home: TransactionHome, options: TransactionOptions): Promise<Transaction> {
    if (this.#stopped) throw new FacetError('UNAVAILABLE', 'The store is stopping');
    this.#count(options.owner);
    try {
      const session = await home.pool.acquire({ use: 'transaction', signal: options.signal });
      try {
        await command(session, beginText(options, home.serverMajor));
      } catch (error) {
        home.pool.release(session, 'transaction', true);
        throw error;
      }
      return this.#register(home, options, session);
    } catch (error) {
      this.#uncount(options.owner);
      throw error;
    } finally {
      this.#beginning--;
    }
  }

  /** @throws TRANSACTION_NOT_FOUND, TRANSACTION_NOT_ACTIVE */
  find(home: TransactionHome, id: string, owner: string): Scope {
    const open = this.#open.get(id);
    if (open !== undefined && open.scope.owner === owner && open.home === home) return open.scope;
    const tombstone = open === undefined ? this.#tombstones.get(id) : undefined;
    // Somebody else's transaction looks like none, ended or not.
    if (tombstone !== undefined && tombstone.owner === owner && tombstone.namespace === home.namespace) {
      throw endedError(id, tombstone.ending);
    }
    throw new FacetError('TRANSACTION_NOT_FOUND', `Transaction ${id} is not open`);
  }

  /** Tells the register what a transaction runs now, so that its deadline can cancel it. */
  track(scope: Scope, running: Cancellable | undefined): void {
    const open = this.#open.get(scope.id);
    if (open !== undefined) open.running = running;
  }

  /** What has ended runs no longer; what was sent behind it goes on. */
  untrack(scope: Scope, ended: Cancellable | undefined): void {
    const open = this.#open.get(scope.id);
    if (open !== undefined && open.running === ended) open.running = undefined;
  }

  async commit(home: TransactionHome, scope: Scope, options: CommitOptions): Promise<Committed> {
    this.#check(home, scope);
    return scope.finish(ending(scope), async () => {
      this.#stopDeadline(scope.id);
      const outcome = await inTime(scope.session, () =>
        commitScope(scope, {
          flush: home.flush,
          position: options.position === true,
          failedLate: this.#failedLate,
        }),
      );
      if (outcome.kind === 'unknown') {
        this.#end(scope, 'unknown');
        throw outcome.error;
      }
      if (outcome.kind === 'rolled back') {
        this.#end(scope, 'rolled back');
        throw scope.commitError(outcome.error);
      }
      const committedAtMs = this.#end(scope, 'committed');
      scope.committed(this.#failedLate);
      return { committedAtMs, rowsAffected: scope.rowsAffected, position: outcome.position };
    });
  }

  async rollback(home: TransactionHome, scope: Scope): Promise<{ rolledBackAtMs: number }> {
    const ended = this.#open.has(scope.id) ? undefined : this.#tombstones.get(scope.id);
    if (ended !== undefined && GONE.includes(ended.ending)) {
      return { rolledBackAtMs: ended.endedAtMs };
    }
    this.#check(home, scope);
    return scope.finish(ending(scope), async () => {
      this.#stopDeadline(scope.id);
      try {
        await withinEndTime(scope.session, 'ROLLBACK', () => command(scope.session, 'ROLLBACK'));
      } catch (error) {
        // Without a connection PostgreSQL rolls back by itself.
        if (!scope.session.closed) throw error;
      }
      return { rolledBackAtMs: this.#end(scope, 'rolled back') };
    });
  }

  /** Rolls back what is open; the sessions are closed by the pool, which also ends what runs on them. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all([...this.#open.values()].map((open) => this.#rollBackNow(open, 'rolled back')));
  }

  /** Rolls back what is open in one namespace, which is about to be closed. */
  async endOf(home: TransactionHome, how: Ending): Promise<void> {
    const open = [...this.#open.values()].filter((entry) => entry.home === home);
    await Promise.all(open.map((entry) => this.#rollBackNow(entry, how)));
  }

  #register(home: TransactionHome, options: TransactionOptions, session: Session): Scope {
    const id = `txn_${randomHex(6)}`;
    const scope = new Scope({ ...options, id, startedAtMs: nowMs() }, session, home);
    const deadline = setTimeout(() => this.#expire(id), options.timeoutMs);
    this.#open.set(id, { scope, home, deadline, running: undefined });
    session.onClosed = () => {
      // A commit or rollback that is under way says itself what became of the transaction.
      if (!scope.closed) this.#end(scope, 'connection lost');
    };
    this.#observe({ type: 'transaction', event: 'begun', transactionId: id });
    if (session.closed) session.onClosed();
    return scope;
  }

  #expire(id: string): void {
    const open = this.#open.get(id);
    if (open !== undefined) void this.#rollBackNow(open, 'timed out');
  }

  /** Ends a transaction at once: what runs is cancelled, what waits is refused. */
  async #rollBackNow(open: Open, how: Ending): Promise<void> {
    const { scope } = open;
    if (scope.closed) return;
    scope.close(() => endedError(scope.id, how));
    const cancelRequest = open.running?.fire('deadline');
    this.#bury(scope, how);
    await withinEndTime(scope.session, 'ROLLBACK', async () => {
      // A stream that is cancelled still has to end its exchange, and PostgreSQL would drop a ROLLBACK sent before.
      await scope.quiet();
      // When the statement ended by itself just now, the request is still under way and would hit the next user.
      await cancelRequest;
      await command(scope.session, 'ROLLBACK');
    }).catch(() => undefined);
    this.#release(open);
  }

  readonly #failedLate = (detail: unknown): void =>
    this.#observe({ type: 'warning', message: 'A listener to a commit failed', detail });

  /** @throws what `find` throws, for a handle that is not open any more. */
  #check(home: TransactionHome, scope: Scope): void {
    if (this.#open.get(scope.id)?.scope !== scope) {
      this.find(home, scope.id, scope.owner);
      throw new FacetError('TRANSACTION_NOT_FOUND', `Transaction ${scope.id} is not open`);
    }
  }

  #stopDeadline(id: string): void {
    clearTimeout(this.#open.get(id)?.deadline);
  }

  /** Returns the time that the tombstone keeps, so that a repeated rollback answers the same. */
  #end(scope: Scope, how: Ending): number {
    const endedAtMs = nowMs();
    const open = this.#open.get(scope.id);
    if (open === undefined) return endedAtMs;
    scope.close(() => endedError(scope.id, how));
    this.#bury(scope, how, endedAtMs);
    this.#release(open);
    return endedAtMs;
  }

  #bury(scope: Scope, how: Ending, endedAtMs = nowMs()): void {
    const open = this.#open.get(scope.id);
    if (open === undefined) return;
    clearTimeout(open.deadline);
    this.#open.delete(scope.id);
    this.#uncount(scope.owner);
    this.#tombstones.add(scope.id, {
      owner: scope.owner,
      namespace: open.home.namespace,
      ending: how,
      endedAtMs,
    });
    const event = how === 'committed' ? 'committed' : how === 'timed out' ? 'expired' : 'rolled_back';
    this.#observe({ type: 'transaction', event, transactionId: scope.id });
  }

  #release(open: Open): void {
    const { session, ledger } = open.scope;
    session.onClosed = undefined;
    if (ledger.schemaChange !== undefined) open.home.schemaChanged(ledger.schemaChange);
    open.home.pool.release(session, 'transaction', ledger.dirty);
  }

  /** Transactions that are being begun count, so that a burst cannot pass the caps. */
  #count(owner: string): void {
    if (this.#open.size + this.#beginning >= this.#caps.openMax) {
      throw new FacetError(
        'TOO_MANY_TRANSACTIONS',
        `${this.#caps.openMax} transactions are open, which is the most this server allows (transactionsOpenMax)`,
      );
    }
    const own = this.#byOwner.get(owner) ?? 0;
    if (own >= this.#caps.perPrincipalMax) {
      throw new FacetError(
        'TOO_MANY_TRANSACTIONS',
        `${own} transactions are open for ${owner}, which is the most one principal may have (transactionsPerPrincipalMax)`,
      );
    }
    this.#byOwner.set(owner, own + 1);
    this.#beginning++;
  }

  #uncount(owner: string): void {
    const left = (this.#byOwner.get(owner) ?? 1) - 1;
    if (left === 0) this.#byOwner.delete(owner);
    else this.#byOwner.set(owner, left);
  }
}

/** While the answer to COMMIT or ROLLBACK is awaited; then the ending itself is told. */
const ending = (scope: Scope) => (): FacetError =>
  new FacetError('TRANSACTION_NOT_ACTIVE', `Transaction ${scope.id} is being ended`);

/** Defaults are left out: the session's own settings say them, and each clause is a setting to make and undo. */
export function beginCommand(options: Pick<TransactionOptions, 'isolationLevel' | 'readOnly'>): string {
  const level = ISOLATION[options.isolationLevel];
  return `BEGIN${level === '' ? '' : ` ISOLATION LEVEL ${level}`}${options.readOnly ? ' READ ONLY' : ''}`;
}

function beginText(options: TransactionOptions, serverMajor: number): string {
  const begin = beginCommand(options);
  if (serverMajor < 17) return begin;
  // SET as the first command of a simple-protocol batch takes no snapshot.
  return `${begin}; SET LOCAL transaction_timeout = ${Math.min(options.timeoutMs, LIMITS.transactionTimeoutMsMax) + BACKSTOP_MS}`;
}

/**
 * A commit may have to wait for others: deferred constraints are looked at now, participants take locks. In time it is
 * called off, because then PostgreSQL says what became of the transaction, and a lost connection would not.
 */
async function inTime(session: Session, commit: () => Promise<CommitOutcome>): Promise<CommitOutcome> {
  let request: Promise<void> | undefined;
  const timer = setTimeout(() => {
    request = session.cancel();
  }, LIMITS.commitMsMax);
  try {
    const outcome = await withinEndTime(session, 'COMMIT', commit);
    const called = request !== undefined && outcome.kind === 'rolled back';
    if (!called || outcome.error.sqlState !== '57014') return outcome;
    const error = new FacetError(
      'TRANSACTION_CONFLICT',
      `The commit waited for other transactions, or worked, for longer than ${LIMITS.commitMsMax} ms (commitMsMax) and was rolled back`,
      { sqlState: '40001', cause: outcome.error },
    );
    return { kind: 'rolled back', error };
  } finally {
    clearTimeout(timer);
    await request;
  }
}

/** Gives the connection up when what it does to end the transaction is not answered. */
async function withinEndTime<T>(
  session: Session,
  what: 'COMMIT' | 'ROLLBACK',
  end: () => Promise<T>,
): Promise<T> {
  const timer = setTimeout(() => {
    session.abandon(new FacetError('UNAVAILABLE', `PostgreSQL did not answer ${what} in ${END_MS_MAX} ms`));
  }, END_MS_MAX);
  try {
    return await end();
  } finally {
    clearTimeout(timer);
  }
}
