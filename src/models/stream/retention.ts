/**
 * Removes in the background what rooms need not keep any more: the oldest events beyond a count, a size or an age, and
 * events of rooms that are gone. In bounded steps with pauses. A timer is set when something was written, or for the time
 * at which the next event gets too old; an idle store without an age has none.
 */
import { asFacetError, LIMITS } from '../../base/index.ts';
import { type Database, type Statement, statement } from '../../engine/index.ts';
import { DueWork } from '../due-work.ts';

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

export class Retention {
  readonly #database: Database;
  readonly #due = new DueWork(() => this.#steps(), LIMITS.streamRetentionRetryMs);

  constructor(database: Database) {
    this.#database = database;
    // What was left behind by a process that is gone.
    this.written();
  }

  /** Events were appended, a room was deleted, or bounds were changed. */
  written(): void {
    this.#due.within(LIMITS.streamRetentionGatherMs);
  }

  stop(): Promise<void> {
    return this.#due.stop();
  }

  async #steps(): Promise<void> {
    while (!this.#due.stopped) {
      const { rows } = await this.#database.run(OVERDUE, [], { reads: true });
      const [due = null, nextMs = null, garbage = 'f'] = rows[0] ?? [];
      let removed = garbage === 't' ? await this.#step(SWEEP, []) : 0;
      for (const room of due === null ? [] : due.split(',')) {
        if (this.#due.stopped) return;
        removed += await this.#step(RETAIN, [room]);
      }
      if (removed === 0) {
        if (nextMs !== null) this.#due.within(Math.max(Number(nextMs), LIMITS.streamRetentionGatherMs));
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
      this.#due.within(LIMITS.streamRetentionRetryMs);
      return 0;
    }
  }
}
