/**
 * Gets the end of the write-ahead log onto the disk, behind which PostgreSQL does not decode. Whoever commits durably does
 * that; what nobody waits for (asynchronous commits, the cleaning of pages) lies in memory for up to `wal_writer_delay`.
 */
import type { Database, Statement } from '../contract.ts';

/** Locks a row of ours, which is in every namespace: then the transaction has something to commit. */
const FLUSH: Statement = {
  name: 'changes.flush',
  text: `SELECT FROM facet.migration, pg_catalog.set_config('synchronous_commit', 'on', true)
    LIMIT 1 FOR NO KEY UPDATE OF migration SKIP LOCKED`,
};

export class LogFlush {
  readonly #database: Pick<Database, 'run'>;
  #underWay = false;

  constructor(database: Pick<Database, 'run'>) {
    this.#database = database;
  }

  /** Begins one unless one is under way. What fails is tried again by whoever still waits. */
  begin(): void {
    if (this.#underWay) return;
    this.#underWay = true;
    void this.#database
      .run(FLUSH, [])
      .catch(() => undefined)
      .finally(() => {
        this.#underWay = false;
      });
  }
}
