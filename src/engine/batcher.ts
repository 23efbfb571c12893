/**
 * Gathers concurrent single operations of one kind into one statement. While a batch is in flight the next one
 * gathers; a lone caller is sent at once. Its users say how a batch is run, the batcher when.
 *
 * Order: items of one key are run in the order of their submission, across all batchers that share a `KeyOrder`, and
 * two of them are in one batch only where `mergeable` allows it. So whoever writes a key and then reads it sees the
 * write, without waiting for its answer first.
 *
 * There is no way to take an item back: it waits for one batch, and what has been sent takes effect or not whoever
 * listens. A caller who gives up stops listening.
 */
import { asFacetError, FacetError, monotonicMs } from '../base/index.ts';
import { AloneRuns } from './batch-alone.ts';
import { Entry } from './batch-entry.ts';
import type { BatcherOptions } from './batch-options.ts';
import { KeyOrder, lockWaitOver, type Turn } from './key-order.ts';

export class Batcher<Item, Result> {
  readonly #options: BatcherOptions<Item, Result>;
  readonly #order: KeyOrder;
  #queued: Entry<Item, Result>[] = [];
  readonly #refused: AloneRuns<Item, Result>;
  #inFlight = false;
  #planned = false;
  /** Not answered. */
  #open = 0;
  /** Blocked or queued. */
  #waiting = 0;
  #stopped = false;
  #drained: (() => void)[] = [];

  constructor(options: BatcherOptions<Item, Result>) {
    this.#options = options;
    this.#order = options.order ?? new KeyOrder();
    this.#refused = new AloneRuns({
      run: (item, lockMs) => this.#runOne(item, lockMs),
      lockMsMax: this.#lockMsMax,
      order: this.#order,
      settle: (entry, outcome, locked) => {
        this.#settle(entry, outcome, locked);
        this.#tellDrained();
      },
    });
  }

  /** Items that wait to be sent. */
  get waiting(): number {
    return this.#waiting + this.#refused.waiting;
  }

  /** @throws LIMIT_EXCEEDED when `waitingMax` items wait; UNAVAILABLE once stopped; the item's own error */
  submit(item: Item): Promise<Result> {
    const refusal = this.#refusal(1);
    if (refusal !== undefined) return Promise.reject(refusal);
    return new Promise((resolve, reject) => this.#admit(item, resolve, reject));
  }

  /**
   * Submits several items in one step: a promise for all of them, where many callers' items share batches. Resolves, in
   * the order of the items, when each has its result or its own error. @throws as `submit`; then none was taken
   */
  submitAll(items: readonly Item[]): Promise<readonly (Result | FacetError)[]> {
    const refusal = this.#refusal(items.length);
    if (refusal !== undefined) return Promise.reject(refusal);
    return new Promise((resolve) => {
      const outcomes: (Result | FacetError)[] = [];
      let open = items.length;
      if (open === 0) resolve(outcomes);
      for (const [at, item] of items.entries()) {
        const settle = (outcome: Result | FacetError): void => {
          outcomes[at] = outcome;
          if (--open === 0) resolve(outcomes);
        };
        this.#admit(item, settle, settle);
      }
    });
  }

  /** Resolves at the next moment at which every item has been answered. */
  drained(): Promise<void> {
    if (this.#open === 0) return Promise.resolve();
    return new Promise((resolve) => this.#drained.push(resolve));
  }

  /** Refuses new items; what waits is still run. */
  stop(): Promise<void> {
    this.#stopped = true;
    return this.drained();
  }

  /** For its own entries: one may be sent with the next batch. */
  enqueue(entry: Entry<Item, Result>): void {
    entry.state = 'queued';
    this.#queued.push(entry);
    if (!this.#inFlight && !this.#planned) this.#plan();
  }

  /** For its own entries: the key of one is locked. */
  enqueueLocked(entry: Entry<Item, Result>): void {
    this.#waiting--;
    this.#refused.addLocked(entry);
  }

  /** For its own entries: a read goes on, a write has an end. */
  heldUp(entry: Entry<Item, Result>, locked: boolean): void {
    if (this.#options.reads === true) {
      this.#order.leave(entry);
      this.enqueue(entry);
    } else if (locked && monotonicMs() - entry.submittedMs >= this.#lockMsMax) {
      this.#waiting--;
      this.#settle(entry, lockWaitOver(this.#lockMsMax), false);
      this.#tellDrained();
    }
  }

  /**
   * Reads are sent when all sockets that are readable now have been read: with 64 HTTP clients a batch has half as many
   * again, and PostgreSQL less to do for each. A commit takes so long that its next batch is no larger for that.
   */
  #plan(): void {
    this.#planned = true;
    if (this.#options.reads === true) setImmediate(this.#send);
    else queueMicrotask(this.#send);
  }

  get #lockMsMax(): number {
    return this.#options.lockMsMax ?? Number.POSITIVE_INFINITY;
  }

  #refusal(items: number): FacetError | undefined {
    if (this.#stopped) return new FacetError('UNAVAILABLE', 'The store is stopping');
    return this.waiting + items > this.#options.waitingMax ? this.#full() : undefined;
  }

  #admit(item: Item, resolve: (result: Result) => void, reject: (error: FacetError) => void): void {
    const { keyOf, bytesOf } = this.#options;
    const entry = new Entry(this, item, keyOf(item), bytesOf(item), resolve, reject);
    this.#open++;
    this.#waiting++;
    if (this.#options.reads === true && this.#order.isHeldUp(entry.key)) {
      this.enqueue(entry);
      return;
    }
    const before = this.#order.enter(entry);
    if (before === undefined) this.enqueue(entry);
    else if (this.#isOwn(before) && this.#mayFollow(before, entry)) {
      entry.behind = before;
      this.enqueue(entry);
    }
  }

  #isOwn(turn: Turn): turn is Entry<Item, Result> {
    return turn instanceof Entry && turn.home === this;
  }

  /** What is in flight has ended before the next batch is sent. */
  #mayFollow(before: Entry<Item, Result>, entry: Entry<Item, Result>): boolean {
    if (before.place === 'away') return false;
    if (before.state === 'sent') return true;
    return before.state === 'queued' && this.#options.mergeable?.(before.item, entry.item) === true;
  }

  readonly #send = (): void => {
    this.#planned = false;
    const batch = this.#take();
    if (batch.length === 0) return;
    this.#inFlight = true;
    const { run } = this.#options;
    called(run, batch).then(
      (outcomes) => {
        if (outcomes.length === batch.length) this.#answer(batch, outcomes);
        else this.#fail(batch, this.#miscounted(batch.length, outcomes.length));
        this.#landed();
      },
      (thrown: unknown) => {
        this.#refuse(batch, asFacetError(thrown));
        this.#landed();
      },
    );
  };

  /** The next batch, out of the queue. */
  #take(): Entry<Item, Result>[] {
    const { itemsMax, bytesMax, sorted } = this.#options;
    const queued = this.#queued;
    const batch: Entry<Item, Result>[] = [];
    let bytes = 0;
    let seen = 0;
    for (const entry of queued) {
      if (batch.length === itemsMax) break;
      // It counted on one before it that has been refused, or on one that did.
      if (entry.behind !== undefined && entry.behind.state !== 'sent' && entry.behind.state !== 'done') {
        entry.state = 'blocked';
        entry.behind = undefined;
        seen++;
        continue;
      }
      if (batch.length > 0 && bytes + entry.bytes > bytesMax) break;
      bytes += entry.bytes;
      entry.state = 'sent';
      batch.push(entry);
      seen++;
    }
    // Nothing is held on to that was answered long ago.
    for (const entry of batch) entry.behind = undefined;
    this.#queued = seen === queued.length ? [] : queued.slice(seen);
    this.#waiting -= batch.length;
    if (sorted !== false && batch.length > 1) batch.sort(byKey);
    return batch;
  }

  #landed(): void {
    this.#inFlight = false;
    if (this.#queued.length > 0) {
      if (this.#options.reads === true) this.#plan();
      else this.#send();
    }
    this.#tellDrained();
  }

  #answer(batch: readonly Entry<Item, Result>[], outcomes: readonly (Result | FacetError)[]): void {
    for (let n = 0; n < batch.length; n++) {
      const entry = batch[n];
      if (entry !== undefined) this.#settle(entry, outcomes[n] as Result | FacetError, false);
    }
  }

  #settle(entry: Entry<Item, Result>, outcome: Result | FacetError, locked: boolean): void {
    entry.state = 'done';
    this.#open--;
    if (outcome instanceof FacetError) entry.reject(outcome);
    else entry.resolve(outcome);
    this.#order.leave(entry, locked);
  }

  #fail(batch: readonly Entry<Item, Result>[], error: FacetError): void {
    for (const entry of batch) this.#settle(entry, error, false);
  }

  #refuse(batch: readonly Entry<Item, Result>[], error: FacetError): void {
    const { kind } = error;
    const single = batch.length === 1 && this.#options.runAlone === undefined;
    if (single || kind === 'unavailable' || kind === 'timeout' || kind === 'cancelled') {
      this.#fail(batch, error);
      return;
    }
    const first = batch.filter((entry) => {
      if (entry.place !== 'waiting') return true;
      // Merged with one before it, whose end will queue it again.
      entry.state = 'blocked';
      this.#waiting++;
      return false;
    });
    this.#refused.add(first);
  }

  async #runOne(item: Item, lockMs: number): Promise<Result | FacetError> {
    const { run, runAlone } = this.#options;
    if (runAlone !== undefined) return runAlone(item, lockMs);
    const outcomes = await run([item]);
    const [outcome] = outcomes;
    if (outcomes.length !== 1) return this.#miscounted(1, outcomes.length);
    return outcome as Result | FacetError;
  }

  #tellDrained(): void {
    if (this.#open > 0 || this.#drained.length === 0) return;
    const waiting = this.#drained;
    this.#drained = [];
    for (const resolve of waiting) resolve();
  }

  #full(): FacetError {
    const { name, waitingMax } = this.#options;
    return new FacetError('LIMIT_EXCEEDED', `More than ${waitingMax} ${name} wait for PostgreSQL`, {
      retryAfterSeconds: 1,
    });
  }

  #miscounted(items: number, outcomes: number): FacetError {
    return new FacetError('INTERNAL_ERROR', 'Internal error', {
      cause: new Error(`A batch of ${items} ${this.#options.name} was answered with ${outcomes} outcomes`),
    });
  }
}

/** Calls `run` so that what it throws is a rejection. */
async function called<Item, Result>(
  run: BatcherOptions<Item, Result>['run'],
  batch: readonly Entry<Item, Result>[],
): Promise<readonly (Result | FacetError)[]> {
  return run(batch.map(({ item }) => item));
}

function byKey(a: Turn, b: Turn): number {
  if (a.key === b.key) return 0;
  return a.key < b.key ? -1 : 1;
}
