/**
 * Sessions for work that needs one to itself: statements that may be slow or leave something behind, streams,
 * transactions. The three count apart, so that neither open transactions that sit idle nor streams whose readers
 * pause can take the last connection from statements.
 *
 * A session that may have been changed by its last user is cleaned with DISCARD ALL before the next one gets it,
 * after the last user was answered.
 */
import { FacetError, LIMITS, monotonicMs, offAbort, onAbort } from '../base/index.ts';
import { command } from './command.ts';
import type { Gate } from './gate.ts';
import { cancelled } from './pg-errors.ts';
import type { Session } from './session.ts';

/** What a session is taken for; each kind has its own bound. */
export type PoolUse = 'statement' | 'stream' | 'transaction';

export interface AcquireOptions {
  readonly use: PoolUse;
  readonly signal?: AbortSignal | undefined;
  /** On the monotonic clock: beyond it the caller's own timeout has passed. */
  readonly deadlineMs?: number | undefined;
}

interface Waiter {
  readonly use: PoolUse;
  /** False when it was settled before; then a session that was offered is still free. */
  settle(outcome: Session | FacetError): boolean;
}

/** Cleaning is one round trip; a session that takes longer is not worth waiting for. */
const CLEAN_MS_MAX = 5_000;

export class Pool {
  readonly #open: () => Promise<Session>;
  readonly #gate: Gate;
  readonly #max: Readonly<Record<PoolUse, number>>;
  readonly #taken: Record<PoolUse, number> = { statement: 0, stream: 0, transaction: 0 };
  readonly #idle: { readonly session: Session; readonly sinceMs: number }[] = [];
  readonly #busy = new Set<Session>();
  readonly #waiters = new Set<Waiter>();
  readonly #sweep: NodeJS.Timeout;
  #stopped: FacetError | undefined = undefined;

  constructor(open: () => Promise<Session>, gate: Gate, max: Readonly<Record<PoolUse, number>>) {
    this.#open = open;
    this.#gate = gate;
    this.#max = max;
    this.#sweep = setInterval(() => this.#closeLongIdle(), LIMITS.poolIdleMsMax / 4);
    this.#sweep.unref();
  }

  get counts(): { readonly inUse: number; readonly idle: number; readonly waiting: number } {
    return {
      inUse: this.#taken.statement + this.#taken.stream + this.#taken.transaction,
      idle: this.#idle.length,
      waiting: this.#waiters.size,
    };
  }

  /**
   * A session for the caller alone, until `release`.
   * @throws TOO_MANY_CONNECTIONS when none becomes free in LIMITS.poolWaitMsMax or too many wait, UNAVAILABLE,
   *   QUERY_CANCELLED and QUERY_TIMEOUT when the caller's signal or deadline comes first.
   */
  async acquire(options: AcquireOptions): Promise<Session> {
    this.#check();
    const { use } = options;
    if (options.signal?.aborted) throw cancelled('abort');
    if (this.#taken[use] >= this.#max[use]) return this.#wait(options);
    this.#taken[use]++;
    return this.#provide(use);
  }

  /** Gives a session back. `dirty` means that its last user may have left something in it. */
  release(session: Session, use: PoolUse, dirty: boolean): void {
    if (session.closed || this.#stopped !== undefined) {
      void session.close();
      this.#freed(session, use);
    } else if (dirty || session.status !== 'I' || session.underWay > 0) {
      this.#clean(session).then(
        () => this.#freed(session, use),
        () => this.#freed(session, use),
      );
    } else {
      this.#freed(session, use);
    }
  }

  /** Closes every session, idle or not. */
  async stop(reason: FacetError): Promise<void> {
    this.#stopped = reason;
    clearInterval(this.#sweep);
    for (const waiter of [...this.#waiters]) waiter.settle(reason);
    const idle = this.#idle.splice(0);
    for (const session of this.#busy) session.abandon(reason);
    await Promise.all(idle.map(({ session }) => session.close()));
  }

  #check(): void {
    if (this.#stopped !== undefined) throw this.#stopped;
    this.#gate.check();
  }

  /** The caller has been counted already. */
  async #provide(use: PoolUse): Promise<Session> {
    for (let entry = this.#idle.pop(); entry !== undefined; entry = this.#idle.pop()) {
      if (entry.session.closed) continue;
      this.#busy.add(entry.session);
      return entry.session;
    }
    try {
      const session = await this.#open();
      if (this.#stopped !== undefined) {
        await session.close();
        this.#check();
      }
      this.#busy.add(session);
      return session;
    } catch (error) {
      this.#taken[use]--;
      this.#wakeNext(use);
      throw error;
    }
  }

  #wait(options: AcquireOptions): Promise<Session> {
    if (this.#waiters.size >= LIMITS.poolWaitersMax) {
      throw new FacetError(
        'TOO_MANY_CONNECTIONS',
        `More than ${LIMITS.poolWaitersMax} statements wait for a connection (poolWaitersMax)`,
        { retryAfterSeconds: 1 },
      );
    }
    const ownMs =
      options.deadlineMs === undefined ? Infinity : Math.max(0, options.deadlineMs - monotonicMs());
    return new Promise((resolve, reject) => {
      let settled = false;
      const waiter: Waiter = {
        use: options.use,
        settle: (outcome) => {
          if (settled) return false;
          settled = true;
          this.#waiters.delete(waiter);
          clearTimeout(timer);
          offAbort(options.signal, aborted);
          if (outcome instanceof FacetError) reject(outcome);
          else resolve(outcome);
          return true;
        },
      };
      const aborted = (): void => {
        waiter.settle(cancelled('abort'));
      };
      const timer = setTimeout(
        () => {
          waiter.settle(ownMs <= LIMITS.poolWaitMsMax ? cancelled('timeout') : this.#noneInTime(options.use));
        },
        Math.min(ownMs, LIMITS.poolWaitMsMax),
      );
      onAbort(options.signal, aborted);
      this.#waiters.add(waiter);
    });
  }

  #noneInTime(use: PoolUse): FacetError {
    return new FacetError(
      'TOO_MANY_CONNECTIONS',
      `All ${this.#max[use]} connections for ${use}s are busy; none became free in ${LIMITS.poolWaitMsMax} ms (poolWaitMsMax)`,
      { retryAfterSeconds: 1 },
    );
  }

  /** Ends a use: the longest waiter for the same use gets the session, else it rests. */
  #freed(session: Session, use: PoolUse): void {
    this.#busy.delete(session);
    this.#taken[use]--;
    if (!session.closed) {
      if (this.#stopped !== undefined) void session.close();
      else this.#idle.push({ session, sinceMs: monotonicMs() });
    }
    this.#wakeNext(use);
  }

  #wakeNext(use: PoolUse): void {
    for (const waiter of this.#waiters) {
      if (waiter.use !== use) continue;
      this.#waiters.delete(waiter);
      this.#taken[use]++;
      this.#provide(use).then(
        (session) => {
          if (!waiter.settle(session)) this.#freed(session, use);
        },
        (error: FacetError) => {
          waiter.settle(error);
        },
      );
      return;
    }
  }

  async #clean(session: Session): Promise<void> {
    const late = new FacetError('UNAVAILABLE', 'The session could not be cleaned in time');
    const timer = setTimeout(() => session.abandon(late), CLEAN_MS_MAX);
    try {
      if (session.status !== 'I' || session.underWay > 0) await command(session, 'ROLLBACK');
      await command(session, 'DISCARD ALL');
      session.statements.clear();
    } catch {
      session.abandon(late);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Sessions are taken from the end, so the longest idle ones stand at the front. */
  #closeLongIdle(): void {
    const oldestMs = monotonicMs() - LIMITS.poolIdleMsMax;
    while (this.#idle[0] !== undefined && this.#idle[0].sinceMs < oldestMs) {
      const entry = this.#idle.shift();
      void entry?.session.close();
    }
  }
}
