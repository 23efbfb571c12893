/**
 * Notices that followed tables are gone: nothing about it is in the feed of changes. Looks soon after this process has
 * changed the schema, and from time to time for what others do.
 */
import { LIMITS, monotonicMs } from '../../base/index.ts';
import { arrayLiteral, type Database } from '../../engine/index.ts';
import { TABLES_THERE } from './statements.ts';

export class TableWatch {
  readonly #database: Database;
  /** What to call, by oid of the table. */
  readonly #watched = new Map<number, Set<() => void>>();
  #timer: NodeJS.Timeout | undefined = undefined;
  #looking = false;
  #lookedAtMs = 0;
  #lookedAtVersion = -1;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Calls `gone` once when there is no table of that oid. Returns how to stop that. */
  whenGone(oid: number, gone: () => void): () => void {
    const those = this.#watched.get(oid) ?? new Set();
    this.#watched.set(oid, those);
    those.add(gone);
    this.#timer ??= setInterval(() => this.#tick(), LIMITS.followedTableLookMs).unref();
    return () => {
      those.delete(gone);
      if (those.size === 0 && this.#watched.get(oid) === those) this.#watched.delete(oid);
      if (this.#watched.size === 0) this.stop();
    };
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #tick(): void {
    const changed = this.#database.schemaVersion !== this.#lookedAtVersion;
    if (this.#looking || (!changed && monotonicMs() - this.#lookedAtMs < LIMITS.followedTableIdleMs)) return;
    this.#looking = true;
    this.#look()
      // PostgreSQL is away; the next tick looks again.
      .catch(() => undefined)
      .finally(() => {
        this.#looking = false;
      });
  }

  async #look(): Promise<void> {
    const version = this.#database.schemaVersion;
    const oids = [...this.#watched.keys()];
    const { rows } = await this.#database.run(TABLES_THERE, [arrayLiteral(oids.map(String))], {
      reads: true,
    });
    this.#lookedAtMs = monotonicMs();
    this.#lookedAtVersion = version;
    const there = new Set(rows.map(([oid]) => Number(oid)));
    for (const oid of oids) {
      if (there.has(oid)) continue;
      const those = [...(this.#watched.get(oid) ?? [])];
      this.#watched.delete(oid);
      for (const gone of those) gone();
    }
  }
}
