/**
 * Removes in the background what nobody can see any more: expired keys, and elements of collections whose entries are
 * gone. In bounded steps with pauses, and only when something is due: an idle keyspace has no timer.
 */
import { LIMITS } from '../../base/index.ts';
import { type Database, type Statement, statement } from '../../engine/index.ts';
import { DueWork } from '../due-work.ts';

/**
 * Removes some expired keys; returns how many, and the milliseconds until the next one expires. Keys that somebody
 * holds are left for the next time.
 */
const EXPIRED_STEP = statement(
  'kv.sweep_expired',
  `WITH gone AS (
     DELETE FROM kv.entry
     WHERE ctid = ANY (ARRAY(
         SELECT ctid FROM kv.entry WHERE expires_at <= statement_timestamp()
         ORDER BY expires_at LIMIT $1::int FOR UPDATE SKIP LOCKED))
       AND expires_at <= statement_timestamp()
     RETURNING 1)
   SELECT (SELECT count(*) FROM gone),
     (SELECT kv.remaining_ms(min(expires_at)) FROM kv.entry WHERE expires_at > statement_timestamp())`,
);

/** Removes some elements; returns how many collections were finished and how many elements went. */
const GARBAGE_STEP = statement('kv.sweep_garbage', 'SELECT * FROM kv.sweep_garbage($1::int, $1::int)');

/** Processes that followed keys and are gone, see kv/0006-watch: while some seem to be there, every change is looked at. */
const WATCHERS_STEP = statement(
  'kv.sweep_watchers',
  "SELECT kv.note_watchers() WHERE pg_sequence_last_value('kv.watching'::regclass) IS NOT NULL",
);

export class Sweep {
  readonly #database: Database;
  readonly #due = new DueWork(() => this.#steps(), LIMITS.kvSweepRetryMs);

  constructor(database: Database) {
    this.#database = database;
    // What was left behind by a process that is gone.
    this.within(0);
  }

  /** There will be something to remove `ms` from now. */
  within(ms: number): void {
    this.#due.within(ms + LIMITS.kvSweepGatherMs);
  }

  /** A write has happened, and may have left garbage: look at it some time. */
  sometime(): void {
    if (this.#due.idle) this.within(LIMITS.kvSweepIdleMs);
  }

  stop(): Promise<void> {
    return this.#due.stop();
  }

  async #steps(): Promise<void> {
    await this.#database.run(WATCHERS_STEP);
    while (!this.#due.stopped) {
      const [expired, nextMs] = await this.#step(EXPIRED_STEP);
      const [, elements] = await this.#step(GARBAGE_STEP);
      const more = expired === LIMITS.kvSweepRowsMax || (elements ?? 0) >= LIMITS.kvSweepRowsMax;
      if (!more) {
        if (nextMs !== undefined) this.within(nextMs);
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, LIMITS.kvSweepPauseMs));
    }
  }

  async #step(step: Statement): Promise<readonly (number | undefined)[]> {
    const { rows } = await this.#database.run(step, [String(LIMITS.kvSweepRowsMax)]);
    return (rows[0] ?? []).map((cell) => (cell === null ? undefined : Number(cell)));
  }
}
