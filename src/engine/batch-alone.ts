/**
 * Items of refused batches, which are run one by one: first in haste, for most of them were refused because of another;
 * whoever finds its key locked then waits with patience, among others like it. So those that nothing holds up do not
 * stand behind those that wait for somebody's transaction.
 */
import { asFacetError, FacetError, LIMITS, monotonicMs } from '../base/index.ts';
import type { Entry } from './batch-entry.ts';
import { type KeyOrder, LOCK_MS_MIN, lockWaitOver } from './key-order.ts';

/** Items that are run at once, in haste and with patience: enough to hide the round trips, too few to take all of a pool. */
const ALONE_MAX = 8;

export interface AloneOptions<Item, Result> {
  /** Runs one item, which waits for a lock up to `lockMs`. */
  readonly run: (item: Item, lockMs: number) => Promise<Result | FacetError>;
  /** From the submission of an item. */
  readonly lockMsMax: number;
  readonly order: KeyOrder;
  /** Answers an item, and lets the next of its key begin. `locked`: it gave up waiting for a lock. */
  readonly settle: (entry: Entry<Item, Result>, outcome: Result | FacetError, locked: boolean) => void;
}

export class AloneRuns<Item, Result> {
  readonly #options: AloneOptions<Item, Result>;
  readonly #hasty: Entry<Item, Result>[] = [];
  readonly #patient: Entry<Item, Result>[] = [];
  #hastyNow = 0;
  #patientNow = 0;
  #starting = false;

  constructor(options: AloneOptions<Item, Result>) {
    this.#options = options;
  }

  /** Items that wait to be run. */
  get waiting(): number {
    return this.#hasty.length + this.#patient.length;
  }

  add(entries: readonly Entry<Item, Result>[]): void {
    for (const entry of entries) {
      entry.state = 'alone';
      this.#hasty.push(entry);
    }
    this.#startHasty();
  }

  /** The key of `entry` is locked. */
  addLocked(entry: Entry<Item, Result>): void {
    entry.state = 'alone';
    this.#patient.push(entry);
    this.#options.order.stall([entry]);
    this.#startPatient();
  }

  #startHasty(): void {
    const { settle } = this.#options;
    while (this.#hastyNow < ALONE_MAX) {
      const entry = this.#hasty.shift();
      if (entry === undefined) return;
      this.#hastyNow++;
      void this.#run(entry, LIMITS.laneLockMsMax).then((outcome) => {
        this.#hastyNow--;
        if (isLockTimeout(outcome)) this.addLocked(entry);
        else settle(entry, outcome, false);
        this.#startHasty();
      });
    }
  }

  #startPatient(): void {
    // Who is answered lets the next of its key in here: by turns, not one inside the other.
    if (this.#starting) return;
    this.#starting = true;
    const { lockMsMax, settle } = this.#options;
    while (this.#patientNow < ALONE_MAX) {
      const entry = this.#patient.shift();
      if (entry === undefined) break;
      const leftMs = entry.submittedMs + lockMsMax - monotonicMs();
      if (leftMs < LOCK_MS_MIN) {
        settle(entry, lockWaitOver(lockMsMax), true);
        continue;
      }
      this.#patientNow++;
      void this.#run(entry, leftMs).then((outcome) => {
        this.#patientNow--;
        if (isLockTimeout(outcome)) settle(entry, lockWaitOver(lockMsMax), true);
        else settle(entry, outcome, false);
        this.#startPatient();
      });
    }
    this.#starting = false;
  }

  async #run({ item }: Entry<Item, Result>, lockMs: number): Promise<Result | FacetError> {
    try {
      return await this.#options.run(item, lockMs);
    } catch (thrown) {
      return asFacetError(thrown);
    }
  }
}

const isLockTimeout = (outcome: unknown): boolean =>
  outcome instanceof FacetError && outcome.code === 'LOCK_TIMEOUT';
