/**
 * The webhooks of one database that this process delivers. Several processes may serve one database: each subscription is
 * delivered by the one that holds a lease on its row. It is renewed well before it ends; a process that could not renew it
 * stops delivering before anybody else may begin, and one that is gone is replaced after that time.
 */
import { monotonicMs, type Observe } from '../../../base/index.ts';
import { arrayLiteral, type Cell, type Database, type Subscription as Hold } from '../../../engine/index.ts';
import type { Turns } from '../../turns.ts';
import type { Poster } from '../endpoints/index.ts';
import { followedOf } from '../followed.ts';
import { HELD_BY_OTHERS, HOLD_WEBHOOKS, LET_GO, ORPHANED_CONSUMERS } from '../statements.ts';
import { CONSUMERS, subscriptionFrom } from '../subscription.ts';
import type { EncodeDelivery } from './delivery.ts';
import { Lease, type LeaseTimes } from './lease.ts';
import { Worker } from './worker.ts';

export interface DeliveryParts {
  /** Names this process among those that serve the store. */
  readonly holder: string;
  /** No other process can serve the store: leases of others are of one that was killed. */
  readonly alone: boolean;
  readonly times: LeaseTimes;
  readonly poster: Poster;
  readonly turns: Turns;
  readonly encode: EncodeDelivery;
  readonly observe: Observe;
}

/** So long after the end of another's lease it is looked for. */
const AFTER_LEASE_MS = 20;

/** It delivers what the row still says, from where that stands. */
const goesOn = (worker: Worker, row: readonly Cell[] | undefined): boolean =>
  row !== undefined && !worker.ended && worker.subscription.generation === subscriptionFrom(row).generation;

export class NamespaceDeliveries {
  readonly database: Database;
  readonly #parts: DeliveryParts;
  readonly #workers = new Map<string, Worker>();
  readonly #unlisten: () => void;
  #hold: Hold | undefined = undefined;
  #timer: NodeJS.Timeout | undefined = undefined;
  #looking: Promise<void> | undefined = undefined;
  #lookAgain = false;
  readonly #lease: Lease;
  /** Under way because the lease has ended. */
  #dropping: Promise<void> = Promise.resolve();
  /** When to look again, at the latest. */
  #lookAfterMs: number;
  #stopped = false;
  #tidied = false;

  constructor(database: Database, parts: DeliveryParts) {
    this.database = database;
    this.#parts = parts;
    this.#lookAfterMs = parts.times.renewMs;
    this.#lease = new Lease(parts.times, () => {
      this.#dropping = this.#drop([...this.#workers.keys()]);
    });
    this.#unlisten = followedOf(database).onSubscriptionsChanged(() => this.look());
    this.look();
  }

  /** Looks which are this process's to deliver. */
  look(): void {
    if (this.#stopped) return;
    if (this.#looking !== undefined) {
      this.#lookAgain = true;
      return;
    }
    clearTimeout(this.#timer);
    this.#looking = this.#lookOnce()
      // The lease ends by itself when this goes on.
      .catch(() => {
        this.#lookAfterMs = this.#parts.times.renewMs;
      })
      .finally(() => {
        this.#looking = undefined;
        if (this.#stopped) return;
        if (this.#lookAgain) {
          this.#lookAgain = false;
          this.look();
          return;
        }
        this.#timer = setTimeout(() => this.look(), this.#lookAfterMs).unref();
      });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#unlisten();
    clearTimeout(this.#timer);
    this.#lease.stop();
    await this.#looking;
    await this.#dropping;
    const held = [...this.#workers.keys()];
    await this.#drop(held);
    if (held.length > 0) {
      // If PostgreSQL is gone the leases end by themselves.
      await this.database.run(LET_GO, [this.#parts.holder, arrayLiteral(held)]).catch(() => undefined);
    }
  }

  async #lookOnce(): Promise<void> {
    const { holder, alone, times } = this.#parts;
    const startedMs = monotonicMs();
    const lease = [holder, String(times.leaseMs), String(alone)];
    const { rows } = await this.database.run(HOLD_WEBHOOKS, lease, { timeoutMs: times.leaseMs });
    if (this.#stopped) return;
    this.#lease.renewedAt(startedMs);
    await this.#dropping;
    const mine = new Map(rows.map((row) => [row[0] ?? '', row]));
    await this.#drop(
      [...this.#workers].flatMap(([id, worker]) => (goesOn(worker, mine.get(id)) ? [] : [id])),
    );
    if (this.#stopped) return;
    for (const [id, row] of mine) if (!this.#workers.has(id)) this.#start(id, row);
    await this.#planNext();
    if (!this.#tidied) await this.#tidy();
  }

  /** While another process delivers, this one stays ready to take over. */
  async #planNext(): Promise<void> {
    const { holder, times } = this.#parts;
    const { rows } = await this.database.run(HELD_BY_OTHERS, [holder], { reads: true });
    const [count, endsInMs] = rows[0] ?? [];
    const ownMs = this.#workers.size > 0 ? times.renewMs : times.lookMs;
    const othersMs = typeof endsInMs === 'string' ? Number(endsInMs) + AFTER_LEASE_MS : ownMs;
    this.#lookAfterMs = Math.min(ownMs, othersMs);
    if (this.#workers.size > 0 || Number(count) > 0) this.#hold ??= this.database.hold();
    else this.#letClose();
  }

  #letClose(): void {
    this.#hold?.close();
    this.#hold = undefined;
  }

  #start(id: string, row: readonly Cell[]): void {
    const { database } = this;
    const { holder, poster, turns, encode, observe } = this.#parts;
    const subscription = subscriptionFrom(row);
    const verdicts = followedOf(database).verdicts(subscription.table, observe);
    this.#workers.set(
      id,
      new Worker(subscription, { database, holder, lease: this.#lease, poster, turns, encode, verdicts }),
    );
  }

  async #drop(ids: readonly string[]): Promise<void> {
    const dropped = ids.flatMap((id) => this.#workers.get(id) ?? []);
    for (const id of ids) this.#workers.delete(id);
    await Promise.all(dropped.map((worker) => worker.stop()));
    if (this.#stopped) this.#letClose();
  }

  /** A process that was killed while it deleted a subscription may have left its place in the feed. */
  async #tidy(): Promise<void> {
    const consumers = await this.database.changes.consumers(CONSUMERS);
    if (consumers.length > 0) {
      const names = arrayLiteral(consumers.map(({ name }) => name));
      const { rows } = await this.database.run(ORPHANED_CONSUMERS, [names], { reads: true });
      for (const [name] of rows) if (typeof name === 'string') await this.database.changes.forget(name);
    }
    this.#tidied = true;
  }
}
