/** What this process keeps for those who follow changes of one database: shared objects, verdicts, pumps. */
import { FacetError, type Observe } from '../../base/index.ts';
import type { Database, ModelState } from '../../engine/index.ts';
import { Verdicts } from './filters/index.ts';
import { LivePumps } from './live/index.ts';
import { RowChanges } from './row-changes.ts';
import { TableWatch } from './table-watch.ts';

const FOLLOWED = Symbol('subscriptions.followed');

export const followedOf = (database: Database): Followed =>
  database.state(FOLLOWED, () => new Followed(database));

export class Followed implements ModelState {
  readonly rows: RowChanges;
  readonly tables: TableWatch;
  readonly live: LivePumps;
  readonly #database: Database;
  readonly #occupied = new Set<string>();
  readonly #leaving = new Map<string, Promise<void>>();
  readonly #listeners = new Set<() => void>();
  /** By oid of the table. A few hundred bytes for each table that was ever filtered. */
  readonly #verdicts = new Map<number, Verdicts>();

  constructor(database: Database) {
    this.#database = database;
    this.rows = new RowChanges(database);
    this.tables = new TableWatch(database);
    this.live = new LivePumps(database, {
      rows: this.rows,
      tables: this.tables,
      verdicts: (table, observe) => this.verdicts(table, observe),
    });
  }

  verdicts(table: { readonly oid: number; readonly name: string }, observe: Observe): Verdicts {
    let verdicts = this.#verdicts.get(table.oid);
    if (verdicts === undefined) {
      verdicts = new Verdicts(this.#database, table.name, observe);
      this.#verdicts.set(table.oid, verdicts);
    }
    return verdicts;
  }

  /** Calls `listener` whenever a subscription was made, changed or deleted by this process. Returns how to stop that. */
  onSubscriptionsChanged(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** For one connection at a time in this process. Returns how to give it back. @throws SLOT_IN_USE */
  occupy(consumer: string, what: string): () => void {
    if (this.#occupied.has(consumer))
      throw new FacetError('SLOT_IN_USE', `${what} is followed by another connection`);
    this.#occupied.add(consumer);
    return () => this.#occupied.delete(consumer);
  }

  /** A connection has left, and gives its lease back by `letGo`. That it could not is no failure: the lease ends. */
  leaving(consumer: string, letGo: Promise<unknown>): void {
    const done = letGo.then(
      () => undefined,
      () => undefined,
    );
    this.#leaving.set(consumer, done);
    void done.then(() => {
      if (this.#leaving.get(consumer) === done) this.#leaving.delete(consumer);
    });
  }

  /** Resolves when no connection that has left holds a lease. */
  async left(consumer: string): Promise<void> {
    await this.#leaving.get(consumer);
  }

  /** The same of all. */
  async allLeft(): Promise<void> {
    await Promise.all(this.#leaving.values());
  }

  isOccupied(consumer: string): boolean {
    return this.#occupied.has(consumer);
  }

  subscriptionsChanged(): void {
    for (const listener of this.#listeners) listener();
  }

  /** Leases are given back while there still are connections: others need not wait for their end. */
  async stop(): Promise<void> {
    this.tables.stop();
    await this.allLeft();
  }
}
