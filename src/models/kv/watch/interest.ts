/**
 * What this process follows, as PostgreSQL knows it: one row with a lease. It is there before a follower is answered, so
 * that every change behind the answer is told. Without followers there is no row, and changes cost nothing.
 */
import { LIMITS, randomHex } from '../../../base/index.ts';
import { arrayLiteral, type Database, statement } from '../../../engine/index.ts';

/** One may fail without the lease ending. */
const RENEWALS_PER_LEASE = 3;

const ANNOUNCE = statement(
  'kv.watch_announce',
  `INSERT INTO kv.watcher (id, keys, prefixes, lease_until)
   VALUES ($1, $2::text[], $3::text[], statement_timestamp() + ${LIMITS.kvWatchLeaseMs} * interval '1 millisecond')
   ON CONFLICT (id) DO UPDATE SET keys = excluded.keys, prefixes = excluded.prefixes,
     lease_until = excluded.lease_until`,
);
const RETIRE = statement('kv.watch_retire', 'DELETE FROM kv.watcher WHERE id = $1');
/** By itself, because it goes by the rows that are committed. */
const NOTE = statement('kv.watch_note', 'SELECT kv.note_watchers()');

/** What is followed now. */
export interface Followed {
  readonly size: number;
  readonly keys: readonly string[];
  readonly prefixes: readonly string[];
}

export class Interest {
  readonly #id = randomHex(8);
  readonly #database: Database;
  readonly #followed: Followed;
  #version = 0;
  #announced = 0;
  #announcing: Promise<void> | undefined = undefined;
  #renewal: NodeJS.Timeout | undefined = undefined;
  #stopped = false;

  constructor(database: Database, followed: Followed) {
    this.#database = database;
    this.#followed = followed;
  }

  /** Resolves when PostgreSQL knows what is followed now. */
  async announce(): Promise<void> {
    const wanted = ++this.#version;
    while (this.#announced < wanted && !this.#stopped) {
      this.#announcing ??= this.#announceNow().finally(() => {
        this.#announcing = undefined;
      });
      await this.#announcing;
    }
  }

  /** The row may be gone, or its lease is about to end. */
  again(): void {
    if (this.#followed.size > 0) this.announce().catch(() => {});
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#renewal);
    await this.#announcing?.catch(() => {});
    // A lease ends by itself when PostgreSQL is away.
    if (this.#announced > 0) await this.#retire().catch(() => {});
  }

  async #announceNow(): Promise<void> {
    const version = this.#version;
    clearTimeout(this.#renewal);
    try {
      if (this.#followed.size === 0) await this.#retire();
      else {
        const every = this.#followed.size > LIMITS.kvWatchProcessPatternsMax;
        const keys = every ? [] : this.#followed.keys;
        const prefixes = every ? [''] : this.#followed.prefixes;
        await this.#database.run(ANNOUNCE, [this.#id, arrayLiteral(keys), arrayLiteral(prefixes)]);
        await this.#database.run(NOTE, []);
      }
      this.#announced = version;
    } finally {
      // Also when it has failed: then the lease is still that of before, or none.
      if (!this.#stopped && this.#followed.size > 0) {
        this.#renewal = setTimeout(() => this.again(), LIMITS.kvWatchLeaseMs / RENEWALS_PER_LEASE).unref();
      }
    }
  }

  async #retire(): Promise<void> {
    await this.#database.run(RETIRE, [this.#id]);
    await this.#database.run(NOTE, []);
  }
}
