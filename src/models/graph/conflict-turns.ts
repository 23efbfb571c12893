/**
 * Queries that lost to another transaction of the same namespace are tried again one at a time: all at once they would
 * lose to each other again. First attempts are not held up by it.
 */
import { LIMITS, monotonicMs, offAbort, onAbort, randomFraction } from '../../base/index.ts';
import type { Database, RunOptions } from '../../engine/index.ts';

/**
 * A query that holds the turn for longer waits for a lock or works hard: the next one need not wait for it. Some ten
 * times what a short query takes.
 */
const TURN_MS_MAX = 100;
/** With the turn, others are those that try for the first time: few and short. */
const PAUSE_MS_MAX = 32;
/** By then it is no accident. */
const ATTEMPTS_MAX = 100;

class Turns {
  #taken = false;
  readonly #waiting = new Set<() => void>();

  /** Resolves with what gives the turn back; also when `endMs` passes or `signal` is aborted, then without the turn. */
  take(endMs: number, signal: AbortSignal | undefined): Promise<() => void> {
    return new Promise((resolve) => {
      const leave = (): void => {
        clearTimeout(timer);
        offAbort(signal, giveUp);
        this.#waiting.delete(enter);
      };
      const enter = (): void => {
        leave();
        resolve(this.#held());
      };
      const giveUp = (): void => {
        leave();
        resolve(() => {});
      };
      const timer = setTimeout(giveUp, Math.max(0, endMs - monotonicMs()));
      onAbort(signal, giveUp);
      if (signal?.aborted) giveUp();
      else if (this.#taken) this.#waiting.add(enter);
      else enter();
    });
  }

  #held(): () => void {
    this.#taken = true;
    let given = false;
    const giveBack = (): void => {
      if (given) return;
      given = true;
      clearTimeout(timer);
      this.#taken = false;
      const [next] = this.#waiting;
      next?.();
    };
    const timer = setTimeout(giveBack, TURN_MS_MAX);
    return giveBack;
  }
}

const TURNS = new WeakMap<Database, Turns>();

function turnsOf(database: Database): Turns {
  const turns = TURNS.get(database) ?? new Turns();
  TURNS.set(database, turns);
  return turns;
}

/**
 * Tries until it succeeds, the timeout has passed, or `worth` says that another attempt would not help. The first
 * attempt costs nothing extra.
 * @param spentMs what of the timeout was used before
 * @throws what the last attempt did
 */
export async function tried<T>(
  database: Database,
  { timeoutMs = LIMITS.queryTimeoutMsDefault, signal }: RunOptions,
  spentMs: number,
  attempt: (timeoutMs: number) => Promise<T>,
  worth: (thrown: unknown, attempt: number) => boolean,
): Promise<T> {
  const endMs = monotonicMs() + timeoutMs - spentMs;
  let giveBack: (() => void) | undefined;
  try {
    for (let count = 1; ; count++) {
      try {
        return await attempt(
          count === 1 ? Math.max(1, timeoutMs - spentMs) : Math.max(1, endMs - monotonicMs()),
        );
      } catch (thrown) {
        if (count >= ATTEMPTS_MAX || signal?.aborted || !worth(thrown, count)) throw thrown;
        if (giveBack === undefined) giveBack = await turnsOf(database).take(endMs, signal);
        else await pause(count);
        // What it failed with says more than that the time is over.
        if (monotonicMs() >= endMs) throw thrown;
      }
    }
  } finally {
    giveBack?.();
  }
}

/** Longer each time, and never in step with others. */
const pause = (count: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, randomFraction() * Math.min(PAUSE_MS_MAX, 2 ** count));
  });
