/** The pumps of one database: one for each table that is followed from now on, and one for each who catches up. */
import type { FacetError, Observe } from '../../../base/index.ts';
import { asFacetError, LIMITS, monotonicMs } from '../../../base/index.ts';
import type { ChangeCursor, Database, Lsn } from '../../../engine/index.ts';
import type { Verdicts } from '../filters/index.ts';
import { type FollowedTable, noTable } from '../followed-table.ts';
import type { RowChange } from '../row-change.ts';
import type { RowChanges } from '../row-changes.ts';
import type { TableWatch } from '../table-watch.ts';
import { Follower, type Wanted } from './follower.ts';
import { Pump } from './pump.ts';

export interface LiveParts {
  readonly rows: RowChanges;
  readonly tables: TableWatch;
  readonly verdicts: (table: FollowedTable, observe: Observe) => Verdicts;
}

/** A place in the feed: a transaction, and the number of a change of it. */
export interface Place {
  readonly lsn: Lsn;
  readonly sequence: number;
}

export interface CatchingUp {
  readonly follower: Follower;
  /** Everything before it was handed to the follower, or is none of its business. */
  readonly place: () => Place;
}

export class LivePumps {
  readonly #database: Database;
  readonly #parts: LiveParts;
  /** By oid of the table. */
  readonly #shared = new Map<number, Promise<Pump>>();

  constructor(database: Database, parts: LiveParts) {
    this.#database = database;
    this.#parts = parts;
  }

  /** Follows what commits from now on. The table is watched already. */
  async followNow(
    table: FollowedTable,
    wanted: Wanted,
    observe: Observe,
  ): Promise<{ readonly follower: Follower; readonly fromLsn: Lsn }> {
    for (;;) {
      const pump = await this.#sharedPump(table, observe);
      const now = await this.#database.changes.now();
      // It may have ended meanwhile, with its last follower.
      if (pump.stopped) continue;
      // What it has taken by now committed before this subscription was there.
      const fromLsn = now > pump.takenLsn ? now : pump.takenLsn;
      const follower = new Follower(fromLsn, wanted, {
        taken: () => {},
        closed: (gone) => pump.leave(gone),
      });
      pump.join(follower);
      return { follower, fromLsn };
    }
  }

  /** Follows transactions that committed at or after `from`. The table is watched already. */
  async followFrom(
    table: FollowedTable,
    from: Place,
    wanted: Wanted,
    observe: Observe,
    events: { readonly closed?: () => void; readonly pushed?: (change: RowChange) => void } = {},
  ): Promise<CatchingUp> {
    const fromLsn = from.lsn;
    const cursor = await this.#database.changes.open({ from: fromLsn, whenSlow: 'wait' });
    let pump: Pump | undefined;
    const follower = new Follower(fromLsn, wanted, {
      taken: () => pump?.wake(),
      closed: (gone) => {
        pump?.leave(gone);
        events.closed?.();
      },
      pushed: events.pushed,
    });
    follower.standsAt(fromLsn, from.sequence);
    let joining = false;
    const joinShared = async (own: Pump): Promise<void> => {
      const shared = await this.#sharedPump(table, observe);
      const { lsn, sequence } = own.place;
      const there = shared.place;
      const caughtUp = lsn > there.lsn || (lsn === there.lsn && sequence >= there.sequence);
      if (!caughtUp || !shared.idle || shared.stopped || !own.settled || own.stopped) {
        if (shared.followers === 0) shared.stop();
        return;
      }
      follower.standsAt(lsn, sequence);
      pump = shared;
      shared.join(follower);
      own.leave(follower);
    };
    const own = this.#pump(table, cursor, fromLsn, observe, {
      paused: () => follower.feed.halfFull,
      settled: () => {
        if (joining) return;
        joining = true;
        // In a turn of its own: then the pump is at rest.
        setImmediate(() => {
          joinShared(own)
            // It simply goes on by itself.
            .catch(() => undefined)
            .finally(() => {
              joining = false;
            });
        });
      },
    });
    pump = own;
    own.join(follower);
    return { follower, place: () => (pump ?? own).placeOf(follower) };
  }

  #sharedPump(table: FollowedTable, observe: Observe): Promise<Pump> {
    const known = this.#shared.get(table.oid);
    if (known !== undefined) return known;
    const opening = this.#openShared(table, observe, () => {
      if (this.#shared.get(table.oid) === opening) this.#shared.delete(table.oid);
    });
    this.#shared.set(table.oid, opening);
    opening.catch(() => this.#shared.delete(table.oid));
    return opening;
  }

  async #openShared(table: FollowedTable, observe: Observe, stopped: () => void): Promise<Pump> {
    const cursor = await this.#database.changes.open({ whenSlow: 'wait' });
    return this.#pump(table, cursor, cursor.position, observe, { stopped });
  }

  #pump(
    table: FollowedTable,
    cursor: ChangeCursor,
    fromLsn: Lsn,
    observe: Observe,
    own: {
      readonly paused?: () => boolean;
      readonly settled?: () => void;
      readonly stopped?: () => void;
    },
  ): Pump {
    const unwatch = this.#parts.tables.whenGone(table.oid, () => void this.#tableGone(pump, noTable(table)));
    const pump: Pump = new Pump(
      {
        tableOid: table.oid,
        cursor,
        rows: this.#parts.rows,
        verdicts: this.#parts.verdicts(table, observe),
        ...(own.paused === undefined ? {} : { paused: own.paused }),
        ...(own.settled === undefined ? {} : { settled: own.settled }),
        stopped: () => {
          unwatch();
          own.stopped?.();
        },
      },
      fromLsn,
    );
    return pump;
  }

  /** What had committed before the table was dropped is handed on first, as far as that is quick. */
  async #tableGone(pump: Pump, reason: FacetError): Promise<void> {
    try {
      const end = await this.#database.changes.now();
      const untilMs = monotonicMs() + LIMITS.followedTableLookMs;
      while (!pump.stopped && !(pump.settled && pump.place.lsn >= end) && monotonicMs() < untilMs) {
        await new Promise((resolve) => setTimeout(resolve, LIMITS.followedTableLookMs / 20));
        // Its place moves on also where nothing is to be handed on.
        pump.wake();
      }
      pump.end(reason);
    } catch (thrown) {
      pump.end(asFacetError(thrown).code === 'UNAVAILABLE' ? reason : asFacetError(thrown));
    }
  }
}
