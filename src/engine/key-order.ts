/**
 * The order of work on keys, within this process: what was submitted first for a key has ended before the next begins.
 * One for each keyspace, shared by its batchers and by operations that are not batched, so that a caller who sends
 * several things without waiting finds them done in that order. Order between processes is PostgreSQL's business.
 *
 * Each key has a queue, which exists only while somebody is in it. Work on several keys enters all of its queues in one
 * step and begins at the head of all of them. So of two works the same one is first in every queue they share, and
 * nobody waits in a circle. Work on free keys begins at once, in the same turn.
 *
 * A transaction may hold a key for an hour. Work that has found its key locked says so (`stall`), and from then on what
 * stands behind it, on whatever key, is *held up*: reads begin without their turn, for they see what was committed
 * anyway, and writes give up when they have waited for as long as they may, counted from their submission.
 */
import { ChurnMap, FacetError, monotonicMs } from '../base/index.ts';
import { cancelled } from './pg-errors.ts';

/** A place in the queue of one key. */
export interface Turn {
  readonly key: string;
  /** Those of the same work; empty when it has this one only. */
  readonly siblings: readonly Turn[];
  /** Who comes behind it. The order's own. */
  next: Turn | undefined;
  /** The order's own; `away` at first. */
  place: 'away' | 'waiting' | 'head';
  /** It has reached the head. `locked`: who stood there gave up waiting for a lock. */
  begin(locked: boolean): void;
  /**
   * Somebody before it waits for a lock; told now and then while that lasts. `locked`: what it needs itself is taken to be
   * locked. It may leave.
   */
  heldUp(locked: boolean): void;
}

/** How work that runs speaks of its wait for locks. */
export interface LockWait {
  /** Who stood before it has just given up waiting for a lock: no need to try in haste first. */
  readonly locked: boolean;
  /** What is left of the time it may wait for locks, in milliseconds; may be negative. */
  leftMs(): number;
  /** It has found a key locked and waits. */
  stall(): void;
}

export interface OrderOptions {
  /** It only reads. Default false. */
  readonly reads?: boolean;
  /** It may wait so long for keys that are locked, from its submission. Default: for ever. */
  readonly lockMsMax?: number;
  /** Ends the wait of work that is held up. */
  readonly signal?: AbortSignal | undefined;
}

/** Between two looks at those who are held up. */
const LOOK_MS = 100;

/** Whoever comes to a locked key with less time than this left does not try: a key is tried so often at most. */
export const LOCK_MS_MIN = 100;

/** What work is answered with that has waited for a lock for as long as it may. */
export const lockWaitOver = (lockMsMax: number): FacetError =>
  new FacetError('LOCK_TIMEOUT', `A transaction has held what this needs for more than ${lockMsMax} ms`, {
    hint: 'Try again when that transaction has ended.',
    retryAfterSeconds: 1,
  });

export class KeyOrder {
  /** The last in the queue of each key. */
  readonly #last = new ChurnMap<string, Turn>();
  /** At the head of a queue, and waiting for a lock. */
  readonly #stalled = new Set<Turn>();
  /** Keys on which somebody is held up, as of the last look. */
  #heldUp = new Set<string>();
  #look: NodeJS.Timeout | undefined = undefined;

  /** Keys that something runs or waits for. */
  get busy(): number {
    return this.#last.size;
  }

  /** Queues `turn`; the one it stands behind, or undefined at the head. `begin` is called only if there was one. */
  enter(turn: Turn): Turn | undefined {
    const before = this.#last.get(turn.key);
    if (before !== undefined) before.next = turn;
    turn.place = before === undefined ? 'head' : 'waiting';
    this.#last.set(turn.key, turn);
    return before;
  }

  /** Whoever has ended leaves, or whoever does not want to wait any longer. `locked`: it gave up waiting for a lock. */
  leave(turn: Turn, locked = false): void {
    const wasHead = turn.place === 'head';
    turn.place = 'away';
    // One in the middle is passed over when those before it have left.
    if (!wasHead) return;
    if (this.#stalled.delete(turn)) this.#heldUp.clear();
    let { next } = turn;
    turn.next = undefined;
    while (next?.place === 'away') {
      const after: Turn | undefined = next.next;
      next.next = undefined;
      next = after;
    }
    if (next === undefined) {
      this.#last.delete(turn.key);
      return;
    }
    next.place = 'head';
    next.begin(locked && (isOne(turn) || !isOne(next)));
  }

  /** True when reads of `key` would wait for a lock: they need not enter. */
  isHeldUp(key: string): boolean {
    return this.#heldUp.size > 0 && this.#heldUp.has(key);
  }

  /** Those of `turns` that are at the head wait for a lock, until they leave. */
  stall(turns: readonly Turn[]): void {
    for (const turn of turns) if (turn.place === 'head') this.#stalled.add(turn);
    if (this.#stalled.size === 0) return;
    clearTimeout(this.#look);
    this.#lookAround();
  }

  /**
   * Runs `work` when everything submitted before for one of `keys` has ended; what comes for them later waits for it.
   * Rejects as `work` does, and with LOCK_TIMEOUT or QUERY_CANCELLED when it was held up for too long. Inside `work`,
   * nothing may be awaited that asks for one of the keys again: it would wait for itself. Statements of a transaction
   * that is open already do not belong here, for their locks are held anyway.
   */
  run<T>(
    keys: readonly string[],
    work: (wait: LockWait) => Promise<T>,
    options: OrderOptions = {},
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      new Work(this, work, options, resolve, reject).enter(keys);
    });
  }

  readonly #lookAround = (): void => {
    this.#look = undefined;
    if (this.#stalled.size === 0) {
      this.#heldUp.clear();
      return;
    }
    for (const [turn, locked] of this.#findHeldUp()) if (turn.place === 'waiting') turn.heldUp(locked);
    this.#look = setTimeout(this.#lookAround, LOOK_MS);
    this.#look.unref();
  };

  /** Those behind the stalled, those behind their siblings, and so on; and whether what they need is taken to be locked. */
  #findHeldUp(): ReadonlyMap<Turn, boolean> {
    const found = new Map<Turn, boolean>();
    const works = new Set<readonly Turn[]>();
    const starts: Turn[] = [...this.#stalled];
    // It grows while it is walked.
    for (const start of starts) {
      const locked = isOne(start) && this.#stalled.has(start);
      let before = start;
      for (let turn = start.next; turn !== undefined && !found.has(turn); turn = before.next) {
        if (turn.place === 'away') {
          before.next = turn.next;
          if (turn.next === undefined) this.#last.set(turn.key, before);
          turn.next = undefined;
          continue;
        }
        found.set(turn, locked || !isOne(turn));
        before = turn;
        if (turn.siblings.length === 0 || works.has(turn.siblings)) continue;
        works.add(turn.siblings);
        starts.push(...turn.siblings);
      }
    }
    this.#heldUp = new Set(starts.map(({ key }) => key));
    return found;
  }
}

/**
 * Which of its keys is locked is known only of work on one. What stands behind work on several may be free: on one key it
 * gets its try, for whoever is before it has given up by then. On several it does not: many of them, one after the other,
 * would try for longer than they may wait.
 */
const isOne = ({ siblings }: Turn): boolean => siblings.length <= 1;

/** One call of `KeyOrder.run`. */
class Work<T> implements LockWait {
  readonly turns: Turn[] = [];
  readonly #order: KeyOrder;
  readonly #work: (wait: LockWait) => Promise<T>;
  readonly #options: OrderOptions;
  readonly #resolve: (result: T) => void;
  readonly #reject: (error: unknown) => void;
  readonly #submittedMs = monotonicMs();
  /** Turns that are not at the head. */
  #before = 0;
  #over = false;
  locked = false;

  constructor(
    order: KeyOrder,
    work: (wait: LockWait) => Promise<T>,
    options: OrderOptions,
    resolve: (result: T) => void,
    reject: (error: unknown) => void,
  ) {
    this.#order = order;
    this.#work = work;
    this.#options = options;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  enter(keys: readonly string[]): void {
    const distinct = keys.length > 1 ? [...new Set(keys)] : keys;
    if (this.#options.reads !== true || !distinct.some((key) => this.#order.isHeldUp(key))) {
      for (const key of distinct) {
        const turn = new WorkTurn(key, this);
        this.turns.push(turn);
        if (this.#order.enter(turn) !== undefined) this.#before++;
      }
    }
    if (this.#before === 0) this.#start();
  }

  begin(locked: boolean): void {
    if (locked) this.locked = true;
    if (--this.#before === 0 && !this.#over) this.#start();
  }

  heldUp(locked: boolean): void {
    if (this.#over) return;
    const { reads, signal, lockMsMax = Number.POSITIVE_INFINITY } = this.#options;
    if (reads === true) {
      this.#leave(false);
      this.#start();
    } else if (signal?.aborted) {
      this.#leave(false);
      this.#reject(cancelled('abort'));
    } else if (locked && this.leftMs() <= 0) {
      this.#leave(false);
      this.#reject(lockWaitOver(lockMsMax));
    }
  }

  leftMs(): number {
    const { lockMsMax = Number.POSITIVE_INFINITY } = this.#options;
    return this.#submittedMs + lockMsMax - monotonicMs();
  }

  stall(): void {
    this.#order.stall(this.turns);
  }

  #start(): void {
    this.#over = true;
    if (this.locked) this.stall();
    called(this.#work, this).then(
      (result) => {
        this.#leave(false);
        this.#resolve(result);
      },
      (error) => {
        this.#leave(error instanceof FacetError && error.code === 'LOCK_TIMEOUT');
        this.#reject(error);
      },
    );
  }

  #leave(locked: boolean): void {
    this.#over = true;
    for (const turn of this.turns) this.#order.leave(turn, locked);
  }
}

class WorkTurn<T> implements Turn {
  readonly key: string;
  readonly #work: Work<T>;
  next: Turn | undefined = undefined;
  place: Turn['place'] = 'away';

  constructor(key: string, work: Work<T>) {
    this.key = key;
    this.#work = work;
  }

  get siblings(): readonly Turn[] {
    return this.#work.turns;
  }

  begin(locked: boolean): void {
    this.#work.begin(locked);
  }

  heldUp(locked: boolean): void {
    this.#work.heldUp(locked);
  }
}

/** Calls `work` so that what it throws is a rejection. */
async function called<T>(work: (wait: LockWait) => Promise<T>, wait: LockWait): Promise<T> {
  return work(wait);
}
