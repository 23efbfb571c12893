/**
 * One wait for the disk for many commits. Who shares it commits with synchronous_commit off, which leaves the commit in
 * PostgreSQL's memory, and is acknowledged when a transaction that was begun afterwards has been flushed: everything
 * before it in the log is then on the disk, too. While one flush is under way, the next gathers.
 *
 * A flush proves nothing about a commit that a crash has taken meanwhile. So it has to run on a session that was open
 * before the commit was sent and still is when it has been answered: sessions do not outlive a crash.
 */
import { asFacetError, FacetError, LIMITS, monotonicMs, type Observe } from '../base/index.ts';
import { flushLog, type SyncLevel, strictest } from './log-position.ts';
import type { Session } from './session.ts';

interface Waiter {
  readonly level: SyncLevel;
  readonly tellsPosition: boolean;
  resolve(position: string | undefined): void;
  reject(error: FacetError): void;
}

/** A flush that is not answered by then is given up with its connection. */
const FLUSH_MS_MAX = 30_000;

/** After a failure to connect, the next try: soon when PostgreSQL was only away. */
const RETRY_MS = { unavailable: 200, other: 60_000 } as const;

/** A commit that is under way. */
export interface FlushTurn {
  /** False: nobody else commits, or nothing is there to flush with; the commit waits for the disk by itself. */
  readonly shares: boolean;
  /**
   * Resolves when everything that was committed before is on the disk, as `level` means it; with the position of that
   * in the log if it is to be told. Rejects when that is not known.
   */
  flushed(level: SyncLevel, tellsPosition: boolean): Promise<string | undefined>;
  /** To be called once, however the commit ended. */
  leave(): void;
}

export class CommitFlush {
  readonly #open: () => Promise<Session>;
  readonly #observe: Observe;
  #session: Session | undefined = undefined;
  #opening = false;
  /** On the monotonic clock. */
  #retryAtMs = 0;
  #stopped = false;
  #warned = false;
  /** Commits under way, and those of them that share. */
  #entered = 0;
  #sharing = 0;
  #waiting: Waiter[] = [];
  #underWay = false;
  #idle: NodeJS.Timeout | undefined = undefined;

  constructor(open: () => Promise<Session>, observe: Observe) {
    this.#open = open;
    this.#observe = observe;
  }

  /** Something may be committed that is not yet on the disk. */
  get busy(): boolean {
    return this.#sharing > 0;
  }

  /** Begins a commit that may share its wait for the disk. */
  enter(): FlushTurn {
    const alone = this.#entered === 0;
    this.#entered++;
    const session = alone ? undefined : this.#usable();
    if (session !== undefined) this.#sharing++;
    return {
      shares: session !== undefined,
      flushed: (level, tellsPosition) => this.#flushed(session, level, tellsPosition),
      leave: () => {
        this.#entered--;
        if (session !== undefined) this.#sharing--;
      },
    };
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#idle);
    await this.#session?.close();
  }

  #usable(): Session | undefined {
    if (this.#session !== undefined && !this.#session.closed) return this.#session;
    if (!this.#opening && !this.#stopped && monotonicMs() >= this.#retryAtMs) void this.#connect();
    return undefined;
  }

  #flushed(
    session: Session | undefined,
    level: SyncLevel,
    tellsPosition: boolean,
  ): Promise<string | undefined> {
    if (session === undefined || session !== this.#session || session.closed) {
      return Promise.reject(new FacetError('UNAVAILABLE', 'The connection that flushes the log was lost'));
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ level, tellsPosition, resolve, reject });
      if (!this.#underWay) void this.#flushAll(session);
    });
  }

  /** One flush after the other, until nobody waits. Those who wait all committed while `session` was open. */
  async #flushAll(session: Session): Promise<void> {
    this.#underWay = true;
    clearTimeout(this.#idle);
    while (this.#waiting.length > 0) {
      const served = this.#waiting;
      this.#waiting = [];
      try {
        const position = await withinTime(session, strictest(served), served.some(tells));
        for (const waiter of served) waiter.resolve(position);
      } catch (thrown) {
        const error = asFacetError(thrown);
        // What failed once by PostgreSQL's own word fails again: whoever comes next waits by himself.
        if (!session.closed) void session.close();
        for (const waiter of served) waiter.reject(error);
      }
    }
    this.#underWay = false;
    if (this.#stopped) return;
    this.#idle = setTimeout(() => void session.close(), LIMITS.poolIdleMsMax);
    this.#idle.unref();
  }

  /** Those who commit meanwhile wait by themselves. */
  async #connect(): Promise<void> {
    this.#opening = true;
    let session: Session | undefined;
    try {
      session = await this.#open();
      // A server may forbid what flushing takes: that is found out before anybody relies on it.
      await flushLog(session, 'on', false);
      if (this.#stopped) await session.close();
      else this.#session = session;
    } catch (thrown) {
      await session?.close();
      const detail = asFacetError(thrown);
      const away = detail.kind === 'unavailable';
      this.#retryAtMs = monotonicMs() + (away ? RETRY_MS.unavailable : RETRY_MS.other);
      if (!away && !this.#warned) {
        this.#warned = true;
        this.#observe({ type: 'warning', message: 'Commits cannot share their wait for the disk', detail });
      }
    } finally {
      this.#opening = false;
    }
  }
}

async function withinTime(
  session: Session,
  level: SyncLevel,
  tellsPosition: boolean,
): Promise<string | undefined> {
  const timer = setTimeout(() => {
    session.abandon(new FacetError('UNAVAILABLE', `The log was not flushed in ${FLUSH_MS_MAX} ms`));
  }, FLUSH_MS_MAX);
  try {
    return await flushLog(session, level, tellsPosition);
  } finally {
    clearTimeout(timer);
  }
}

const tells = ({ tellsPosition }: Waiter): boolean => tellsPosition;
