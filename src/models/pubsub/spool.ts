/** Messages that are too large for a notification: fetched by those who want them, removed after a while. */
import { LIMITS } from '../../base/index.ts';
import { type Database, statement } from '../../engine/index.ts';

const FETCH = statement('pubsub.spool_fetch', 'SELECT message FROM pubsub.spool WHERE id = $1::bigint');
/** Returns how many went. Several processes may do it at once. */
const CLEAN = statement(
  'pubsub.spool_clean',
  `DELETE FROM pubsub.spool WHERE id = ANY (ARRAY(
     SELECT id FROM pubsub.spool
     WHERE stored_at < statement_timestamp() - ${LIMITS.pubsubSpoolMs} * interval '1 millisecond'
     ORDER BY id LIMIT ${LIMITS.pubsubSpoolRowsMax} FOR UPDATE SKIP LOCKED))`,
);

export class Spool {
  readonly #database: Database;
  #timer: NodeJS.Timeout | undefined = undefined;
  #cleaning: Promise<void> | undefined = undefined;
  #stopped = false;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Undefined when it is gone. */
  async fetch(id: string): Promise<string | undefined> {
    const { rows } = await this.#database.run(FETCH, [id]);
    return rows[0]?.[0] ?? undefined;
  }

  /** Something was stored, and is to be removed some time. */
  written(): void {
    this.#within(LIMITS.pubsubSpoolMs + LIMITS.pubsubSpoolPauseMs);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#cleaning;
  }

  #within(ms: number): void {
    if (this.#timer !== undefined || this.#stopped) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#cleaning = this.#clean();
    }, ms).unref();
  }

  async #clean(): Promise<void> {
    try {
      const { affected } = await this.#database.run(CLEAN, []);
      // Something may have been stored a moment ago: look until a look finds nothing.
      if (affected > 0) {
        this.#within(
          affected === LIMITS.pubsubSpoolRowsMax
            ? LIMITS.pubsubSpoolPauseMs
            : LIMITS.pubsubSpoolMs + LIMITS.pubsubSpoolPauseMs,
        );
      }
    } catch {
      // PostgreSQL is away: the statement was observed.
      this.#within(LIMITS.pubsubSpoolMs);
    }
  }
}
