/** What an attached client was given, and what of it it has acknowledged: that moves the stored place, and is counted. */
import { FacetError, LIMITS } from '../../base/index.ts';
import { type Database, type Lsn, lsnText } from '../../engine/index.ts';
import { inUse } from './hold.ts';
import type { Place } from './live/index.ts';
import type { RowChange } from './row-change.ts';
import type { Acknowledge } from './schemas.ts';
import { NOTE_DELIVERED } from './statements.ts';
import { consumerName, subscriptionOf } from './subscription.ts';

export class Acknowledgements {
  readonly #database: Database;
  readonly #id: string;
  /** Of the lease on its row. */
  readonly #holder: string;
  /** Not acknowledged, in order. */
  #open: Place[] = [];
  #last: Place | undefined = undefined;
  #timer: NodeJS.Timeout | undefined = undefined;
  #movedTo: Lsn = 0n;

  constructor(database: Database, id: string, holder: string) {
    this.#database = database;
    this.#id = id;
    this.#holder = holder;
  }

  /** False when too many are open. */
  delivered({ commitLsn, sequence }: RowChange): boolean {
    this.#last = { lsn: commitLsn, sequence };
    this.#open.push(this.#last);
    return this.#open.length <= LIMITS.subscriptionUnacknowledgedMax;
  }

  /** Up to the change of that place. Without a sequence the first change of the transaction is meant. */
  readonly ack: Acknowledge = async (lsn, sequence = 0) => {
    const place = { lsn, sequence };
    if (this.#last === undefined || isBefore(this.#last, place)) {
      throw new FacetError('INVALID_PARAMETER', `'lsn': ${lsnText(lsn)} was not sent yet`);
    }
    let count = 0;
    for (const open of this.#open) {
      if (isBefore(place, open)) break;
      count++;
    }
    if (count === 0) return;
    const acknowledged = this.#open.splice(0, count);
    const noted = [String(count), lsnText(lsn), String(sequence + 1)];
    try {
      const { rows } = await this.#database.run(NOTE_DELIVERED, [this.#id, this.#holder, ...noted]);
      if (rows.length > 0) return;
    } catch (thrown) {
      // It may be acknowledged again.
      this.#open.unshift(...acknowledged);
      throw thrown;
    }
    const { name } = await subscriptionOf(this.#database, this.#id);
    throw inUse(`Subscription '${name}'`);
  };

  /** From time to time, when everything is acknowledged: what lies before `place` need not be kept for it. */
  moveOn(place: () => Place): void {
    this.#timer = setInterval(() => {
      const { lsn } = place();
      if (this.#open.length > 0 || lsn - this.#movedTo < BigInt(LIMITS.consumerIdleLagBytes)) return;
      this.#movedTo = lsn;
      // The next time will do as well.
      this.#database.changes.advance(consumerName(this.#id), lsn).catch(() => undefined);
    }, LIMITS.subscriptionRenewMs).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

const isBefore = (one: Place, other: Place): boolean =>
  one.lsn < other.lsn || (one.lsn === other.lsn && one.sequence < other.sequence);
