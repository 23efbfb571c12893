/**
 * Removes in the background what rooms need not keep any more: the oldest events beyond a count, a size or an age, and
 * events of rooms that are gone. In bounded steps with pauses. A timer is set when something was written, or for the time
 * at which the next event gets too old; an idle store without an age has none.
 */
import { asFacetError, LIMITS, monotonicMs } from '../../base/index.ts';
import { type Database, type Statement, statement } from '../../engine/index.ts';

/** Rooms that keep too much, and the milliseconds until one does by age. */
const OVERDUE = statement(
  'stream.retention_due',
  `SELECT (SELECT string_agg(id::text, ',') FROM
       (SELECT r.id FROM stream.room AS r WHERE stream.overdue(r) ORDER BY r.id LIMIT 100) AS due),
     (SELECT ceil(min(extract(epoch FROM
       oldest_at + age_ms_max * interval '1 millisecond' - statement_timestamp()) * 1000))::bigint
      FROM stream.room AS r WHERE oldest_at IS NOT NULL AND age_ms_max IS NOT NULL),
     EXISTS (SELECT FROM stream.garbage)`,
);

const PATIENCE = statement(
  'stream.retention_patience',
  `SET LOCAL lock_timeout = ${LIMITS.streamRetentionLockMsMax}`,
);
const RETAIN = statement('stream.retain', 'SELECT stream.retain($1::bigint, $2::int)');
const SWEEP = statement('stream.sweep', 'SELECT stream.sweep($1::int)');

/** Node's timers take 31 bits. Whoever wakes too early looks, and waits again. */
const TIMER_MS_MAX = 2 ** 31 - 1;

export class Retention {
  readonly #database: Database;
  #timer: NodeJS.Timeout | undefined = undefined;
  /** By the monotonic clock: when the timer fires. */
  #dueMs = Number.POSITIVE_INFINITY;
  #running: Promise<void> | undefined = undefined;
  #stopped = false;

  constructor(database: Database) {
    this.#database = database;
    // What was left behind by a process that is gone.
    this.within(LIMITS.streamRetentionGatherMs);
  }

  /** Events were appended, a room was deleted, or bounds were changed. */
  written(): void {
    this.within(LIMITS.streamRetentionGatherMs);
  }

  within(ms: number): void {
    const dueMs = monotonicMs() + ms;
    if (this.#stopped || dueMs >= this.#dueMs) return;
    this.#dueMs = dueMs;
    if (this.#running === undefined) this.#arm();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  #arm(): void {
    clearTimeout(this.#timer);
    if (this.#stopped || this.#dueMs === Number.POSITIVE_INFINITY) return;
    const ms = Math.min(TIMER_MS_MAX, Math.max(0, this.#dueMs - monotonicMs()));
    this.#timer = setTimeout(() => this.#start(), ms);
    this.#timer.unref();
  }

  #start(): void {
    this.#dueMs = Number.POSITIVE_INFINITY;
    this.#running = this.#steps()
      // PostgreSQL is away, or somebody holds a room: the statement was observed, and nothing is wrong with what is stored.
      .catch(() => this.within(LIMITS.streamRetentionRetryMs))
      .finally(() => {
        this.#running = undefined;
        this.#arm();
      });
  }

  async #steps(): Promise<void> {
    while (!this.#stopped) {
      const { rows } = await this.#database.run(OVERDUE, [], { reads: true });
      const [due = null, nextMs = null, garbage = 'f'] = rows[0] ?? [];
      let removed = garbage === 't' ? await this.#step(SWEEP, []) : 0;
      for (const room of due === null ? [] : due.split(',')) {
        if (this.#stopped) return;
        removed += await this.#step(RETAIN, [room]);
      }
      if (removed === 0) {
        if (nextMs !== null) this.within(Math.max(Number(nextMs), LIMITS.streamRetentionGatherMs));
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, LIMITS.streamRetentionPauseMs));
    }
  }

  /** On a connection of its own, where it holds up nobody. A room that somebody holds has its turn later. */
  async #step(step: Statement, parameters: readonly string[]): Promise<number> {
    try {
      return await this.#database.inTransaction(async (transaction) => {
        await this.#database.run(PATIENCE, [], { transaction });
        const { rows } = await this.#database.run(
          step,
          [...parameters, String(LIMITS.streamRetentionRowsMax)],
          { transaction },
        );
        return Number(rows[0]?.[0] ?? 0);
      });
    } catch (thrown) {
      if (asFacetError(thrown).code !== 'LOCK_TIMEOUT') throw thrown;
      this.within(LIMITS.streamRetentionRetryMs);
      return 0;
    }
  }
}
