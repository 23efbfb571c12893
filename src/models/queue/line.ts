/** Those who wait at one queue in this process, in the order in which they came. */
import { ChurnSet, type FacetError, LIMITS, monotonicMs } from '../../base/index.ts';
import type { Parameter } from '../../engine/index.ts';
import type { Claimed, Floors, Lease, Want } from './claim.ts';
import { noQueue } from './names.ts';

export interface Waiter {
  readonly want: Want;
  /** It does not wait when there is nothing. */
  readonly impatient: boolean;
  /** The number of claims that had been sent for this queue when it came. */
  readonly since: number;
  /** A claim for it is under way. */
  claiming: boolean;
  /** It got nothing because its consumer holds as much as it may. */
  blocked: boolean;
  /** Its time is over; it takes what the claim under way still brings. */
  late: boolean;
  /** Nobody listens any more. */
  gone: boolean;
  readonly settle: (outcome: readonly Lease[] | FacetError) => void;
}

/** A waiter, and what is asked for it this time. */
export type Place = readonly [waiter: Waiter, want: Want];

/** Messages that one claim asks for while it is not known that there are more. */
const ASKED_FIRST = 64;

export class Line {
  readonly queue: string;
  readonly waiters = new ChurnSet<Waiter>();
  /** Called at each wake: those who look for themselves, with their consumers. */
  readonly watchers = new Map<() => void, Parameter>();
  /** There may be something for somebody. */
  dirty = false;
  /** Claims that were sent. */
  sent = 0;
  /** Somebody is blocked. */
  blocked = false;
  /** A consumer came to hold less since the last claim was sent. */
  freed = false;
  /** The pause before the next look at messages that somebody holds. */
  heldMs: number = LIMITS.queueHeldLookMsMin;
  heldTimer: NodeJS.Timeout | undefined = undefined;
  #asked = ASKED_FIRST;
  #floors: (number | undefined)[] = [];
  #floorsEndMs = 0;

  constructor(queue: string) {
    this.queue = queue;
  }

  /** There may be something. */
  wake(): void {
    this.dirty = true;
    if (this.blocked) for (const waiter of this.waiters) waiter.blocked = false;
    this.blocked = false;
    for (const watcher of [...this.watchers.keys()]) watcher();
  }

  /** The consumers of those who wait here for what is not there yet; null for each without a name. */
  *consumers(): Generator<Parameter> {
    for (const { impatient, want } of this.waiters) if (!impatient) yield want.consumer;
    yield* this.watchers.values();
  }

  /** The next who may get something, at most `places` messages in all; a claim for them is under way. */
  take(places: number): readonly Place[] {
    this.dirty = false;
    this.freed = false;
    const taken: Place[] = [];
    let left = 0;
    for (const waiter of this.waiters) {
      if (waiter.blocked) continue;
      // Whoever is first gets all it asked for, if it is there.
      left = Math.min(places, Math.max(this.#asked, waiter.want.count));
      break;
    }
    for (const waiter of this.waiters) {
      if (left === 0) break;
      if (waiter.blocked) continue;
      const count = Math.min(waiter.want.count, left);
      left -= count;
      waiter.claiming = true;
      taken.push([waiter, { ...waiter.want, count }]);
    }
    if (taken.length > 0) this.sent++;
    return taken;
  }

  /**
   * Where the next claim may begin: behind what the last ones brought. Messages of transactions that committed late, and
   * those that were given back, have lower numbers; so once in a while it begins at the beginning.
   */
  floors(): Floors {
    const atMs = monotonicMs();
    if (atMs >= this.#floorsEndMs) {
      this.#floorsEndMs = atMs + LIMITS.queueFloorsMs;
      this.#floors = [];
    }
    return this.#floors;
  }

  /** Gives out what came; answers what nobody wants any more. */
  give(taken: readonly Place[], claimed: Claimed): readonly Lease[] {
    const unwanted: Lease[] = [];
    let asked = 0;
    taken.forEach(([waiter, want], index) => {
      asked += want.count;
      waiter.claiming = false;
      const leases = claimed.leases[index] ?? [];
      for (const { seq, delivered } of leases) this.#raise(9 - delivered.priority, seq);
      if (waiter.gone) unwanted.push(...leases);
      else if (leases.length > 0) this.#settle(waiter, leases);
      else if (claimed.found && (waiter.impatient || waiter.late)) this.#settle(waiter, []);
      else if (claimed.allowed < asked && !this.freed) {
        waiter.blocked = true;
        this.blocked = true;
      }
    });
    if (claimed.count === asked) {
      this.#asked = Math.min(this.#asked * 4, LIMITS.queueClaimItemsMax);
      this.dirty = true;
    } else if (claimed.found && claimed.allowed < asked) {
      // A limit kept messages back: there may be some for others.
      this.dirty = true;
    } else {
      this.#asked = ASKED_FIRST;
      this.#nothingLeft(claimed.found);
    }
    return unwanted;
  }

  /** Nothing was done, and the same can be tried once more; who left or ran out of time meanwhile is answered. */
  again(taken: readonly Place[]): void {
    for (const [waiter] of taken) {
      waiter.claiming = false;
      if (waiter.late && !waiter.gone) this.#settle(waiter, []);
    }
    this.dirty = true;
  }

  fail(taken: readonly Place[], error: FacetError): void {
    for (const [waiter] of taken) {
      waiter.claiming = false;
      if (!waiter.gone) this.#settle(waiter, error);
    }
    // The others have not been looked for.
    this.dirty = true;
  }

  #raise(rank: number, seq: number): void {
    if (seq >= (this.#floors[rank] ?? 0)) this.#floors[rank] = seq + 1;
  }

  /** Whoever came before the last claim was sent would have got nothing either. */
  #nothingLeft(found: boolean): void {
    for (const waiter of [...this.waiters]) {
      if (waiter.since >= this.sent) continue;
      if (!found) this.#settle(waiter, noQueue(this.queue));
      else if (waiter.impatient) this.#settle(waiter, []);
    }
  }

  #settle(waiter: Waiter, outcome: readonly Lease[] | FacetError): void {
    this.waiters.delete(waiter);
    waiter.settle(outcome);
  }
}
