/**
 * Who waits for messages in this process. One claim is under way at a time and asks for all of them, in all queues that
 * may have something; the next gathers meanwhile. A queue is looked at when somebody comes, when something was put into
 * it (told by the commit in this process, by a notification from others), and when somebody held messages that a claim
 * could not take. Nothing is done while there is nothing.
 *
 * A waiter is answered once: with messages, with none when its time is over, with an error when its caller has gone or
 * the store stops. What a claim brings for one who is not there any more is given back at once.
 */
import { asFacetError, FacetError, LIMITS, offAbort, onAbort } from '../../base/index.ts';
import type { Database, Parameter, Subscription } from '../../engine/index.ts';
import { type Lease, runClaim, type Want } from './claim.ts';
import { Line, type Place, type Waiter } from './line.ts';
import { type Run, shown } from './names.ts';
import { runRelease } from './settle-batch.ts';

export const CHANNEL = 'facet_queue';

export class Waiters {
  readonly #database: Database;
  readonly #run: Run;
  /** Something is due to be swept in so many milliseconds. */
  readonly #due: (ms: number) => void;
  readonly #lines = new Map<string, Line>();
  readonly #dirty = new Set<Line>();
  #planned = false;
  #claiming: Promise<void> | undefined = undefined;
  readonly #releasing = new Set<Promise<void>>();
  #waiting = 0;
  #hold: Subscription | undefined = undefined;
  #listening: Subscription | undefined = undefined;
  #linger: NodeJS.Timeout | undefined = undefined;
  #stopped = false;

  constructor(database: Database, due: (ms: number) => void) {
    this.#database = database;
    this.#run = (statement, parameters) => database.run(statement, parameters);
    this.#due = due;
  }

  /**
   * Waits up to `timeoutMs` for messages; empty when none came.
   * @throws QUEUE_NOT_FOUND, LIMIT_EXCEEDED (queueWaitersMax), QUERY_CANCELLED (signal), UNAVAILABLE (stopping)
   */
  take(queue: string, want: Want, timeoutMs: number, signal: AbortSignal): Promise<readonly Lease[]> {
    if (this.#stopped) return Promise.reject(stopping());
    if (signal.aborted) return Promise.reject(cancelled());
    const line = this.#lineOf(queue);
    if (line.waiters.size >= LIMITS.queueWaitersMax) {
      return Promise.reject(
        new FacetError(
          'LIMIT_EXCEEDED',
          `${LIMITS.queueWaitersMax} consumers wait at queue '${shown(queue)}' here (queueWaitersMax)`,
          { retryAfterSeconds: 1 },
        ),
      );
    }
    return new Promise((resolve, reject) => {
      let timer: NodeJS.Timeout | undefined;
      const waiter: Waiter = {
        want,
        impatient: timeoutMs === 0,
        since: line.sent,
        claiming: false,
        blocked: false,
        late: false,
        gone: false,
        settle: (outcome) => {
          clearTimeout(timer);
          offAbort(signal, abort);
          if (timeoutMs > 0) this.#waits(-1);
          this.#forget(line);
          if (outcome instanceof FacetError) reject(outcome);
          else resolve(outcome);
        },
      };
      const leave = (outcome: readonly Lease[] | FacetError): void => {
        waiter.gone = true;
        line.waiters.delete(waiter);
        waiter.settle(outcome);
      };
      const abort = (): void => leave(cancelled());
      onAbort(signal, abort);
      line.waiters.add(waiter);
      if (timeoutMs > 0) {
        this.#waits(1);
        timer = setTimeout(() => {
          if (waiter.claiming) waiter.late = true;
          else leave([]);
        }, timeoutMs);
      }
      line.dirty = true;
      this.#plan(line);
    });
  }

  /** Resolves when something may have been put into `queue`, or after `timeoutMs`. @throws QUERY_CANCELLED, UNAVAILABLE */
  watch(queue: string, consumer: Parameter, timeoutMs: number, signal: AbortSignal): Promise<void> {
    if (this.#stopped) return Promise.reject(stopping());
    if (signal.aborted) return Promise.reject(cancelled());
    const line = this.#lineOf(queue);
    this.#waits(1);
    return new Promise((resolve, reject) => {
      const end = (): void => {
        clearTimeout(timer);
        offAbort(signal, end);
        line.watchers.delete(end);
        this.#waits(-1);
        this.#forget(line);
        if (this.#stopped) reject(stopping());
        else if (signal.aborted) reject(cancelled());
        else resolve();
      };
      const timer = setTimeout(end, timeoutMs);
      onAbort(signal, end);
      line.watchers.set(end, consumer);
    });
  }

  /** Who waits at `queue` in this process: a consumer each, null for those without a name. */
  consumersOf(queue: string): readonly Parameter[] {
    return [...(this.#lines.get(queue)?.consumers() ?? [])];
  }

  /** Something may have been put into `queue`. */
  wake(queue: string): void {
    const line = this.#lines.get(queue);
    if (line === undefined || (line.waiters.size === 0 && line.watchers.size === 0)) return;
    line.heldMs = LIMITS.queueHeldLookMsMin;
    line.wake();
    this.#plan(line);
  }

  /** A consumer of `queue` holds one less: it may have waited for that. */
  freed(queue: string): void {
    const line = this.#lines.get(queue);
    if (line === undefined) return;
    if (line.blocked) this.wake(queue);
    else line.freed = true;
  }

  /** Gives messages back at once that reached nobody. Never rejects: if it fails, their leases end by themselves. */
  async giveBack(queue: string, leases: readonly Lease[]): Promise<void> {
    if (leases.length === 0) return;
    const giving = runRelease(
      this.#run,
      false,
      leases.map(({ id, delivery }) => ({ queue, id, delivery })),
    ).then(
      () => this.wake(queue),
      () => undefined,
    );
    this.#releasing.add(giving);
    await giving;
    this.#releasing.delete(giving);
  }

  /** Answers everybody, and gives back what a claim under way brings. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const line of [...this.#lines.values()]) {
      for (const waiter of [...line.waiters]) {
        waiter.gone = true;
        line.waiters.delete(waiter);
        waiter.settle(stopping());
      }
      for (const watcher of [...line.watchers.keys()]) watcher();
      clearTimeout(line.heldTimer);
    }
    await this.#claiming;
    await Promise.all(this.#releasing);
    clearTimeout(this.#linger);
    this.#listening?.close();
    this.#hold?.close();
  }

  #lineOf(queue: string): Line {
    const known = this.#lines.get(queue);
    if (known !== undefined) return known;
    const line = new Line(queue);
    this.#lines.set(queue, line);
    return line;
  }

  /** Some are kept for those who come back: they know where their queue begins. */
  #forget(line: Line): void {
    if (line.waiters.size > 0 || line.watchers.size > 0) return;
    clearTimeout(line.heldTimer);
    if (this.#lines.size > LIMITS.queueLinesMax) this.#lines.delete(line.queue);
  }

  /** So many more wait for what is not there yet: notifications are followed, and the namespace stays open. */
  #waits(more: number): void {
    this.#waiting += more;
    clearTimeout(this.#linger);
    if (this.#waiting > 0) {
      this.#hold ??= this.#database.hold();
      this.#listening ??= this.#database.listen(CHANNEL, {
        notified: (payload, own) => {
          if (!own) this.wake(payload);
        },
        gap: () => {
          for (const queue of [...this.#lines.keys()]) this.wake(queue);
        },
      });
      return;
    }
    this.#hold?.close();
    this.#hold = undefined;
    this.#linger = setTimeout(() => {
      this.#listening?.close();
      this.#listening = undefined;
    }, LIMITS.queueListenLingerMs).unref();
  }

  #plan(line: Line): void {
    if (line.waiters.size === 0 || this.#stopped) return;
    this.#dirty.add(line);
    if (this.#claiming !== undefined || this.#planned) return;
    this.#planned = true;
    queueMicrotask(() => {
      this.#planned = false;
      this.#send();
    });
  }

  #send(): void {
    if (this.#stopped) return;
    const asked: (readonly [Line, readonly Place[]])[] = [];
    let left: number = LIMITS.queueClaimItemsMax;
    for (const line of [...this.#dirty]) {
      if (left === 0) break;
      this.#dirty.delete(line);
      const taken = line.take(left);
      if (taken.length === 0) continue;
      for (const [, { count }] of taken) left -= count;
      asked.push([line, taken]);
    }
    if (asked.length === 0) return;
    // Locks are taken in one order.
    asked.sort(([a], [b]) => (a.queue < b.queue ? -1 : 1));
    this.#claiming = this.#claim(asked).finally(() => {
      this.#claiming = undefined;
      this.#send();
    });
  }

  /** Never rejects. */
  async #claim(asked: readonly (readonly [Line, readonly Place[]])[]): Promise<void> {
    try {
      const claims = await runClaim(
        this.#run,
        false,
        asked.map(([line, taken]) => ({
          queue: line.queue,
          wants: taken.map(([, want]) => want),
          floors: line.floors(),
        })),
      );
      asked.forEach(([line, taken], index) => {
        const claimed = claims[index];
        if (claimed === undefined) return;
        const unwanted = line.give(taken, claimed);
        void this.giveBack(line.queue, unwanted);
        this.#after(line, claimed.held);
        if (claimed.nextMs !== undefined) this.#due(claimed.nextMs);
        for (const leases of claimed.leases) for (const { leaseMs } of leases) this.#due(leaseMs);
      });
    } catch (thrown) {
      for (const [line, taken] of asked) {
        const error = asFacetError(thrown);
        if (error.code === 'DEADLOCK_DETECTED') line.again(taken);
        else line.fail(taken, error);
        this.#after(line, false);
      }
    }
  }

  #after(line: Line, held: boolean): void {
    if (line.waiters.size === 0 || this.#stopped) return;
    if (line.dirty) {
      this.#dirty.add(line);
    } else if (held) {
      clearTimeout(line.heldTimer);
      line.heldTimer = setTimeout(() => {
        line.dirty = true;
        this.#plan(line);
      }, line.heldMs);
      line.heldMs = Math.min(line.heldMs * 2, LIMITS.queueHeldLookMsMax);
    }
  }
}

const stopping = (): FacetError => new FacetError('UNAVAILABLE', 'The store is stopping');
export const cancelled = (): FacetError => new FacetError('QUERY_CANCELLED', 'The wait was cancelled');
