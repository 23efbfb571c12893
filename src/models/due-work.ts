/**
 * Work in the background of one database that is done when something is due, and not before: whoever makes something due
 * says in how many milliseconds, and a timer is set for the earliest. Nothing due, no timer. One run at a time.
 */
import { monotonicMs } from '../base/index.ts';

/** Node's timers take 31 bits. Whoever wakes too early looks, and waits again. */
const TIMER_MS_MAX = 2 ** 31 - 1;

export class DueWork {
  readonly #work: () => Promise<void>;
  readonly #retryMs: number;
  #timer: NodeJS.Timeout | undefined = undefined;
  /** By the monotonic clock: when the timer fires. */
  #dueMs = Number.POSITIVE_INFINITY;
  #running: Promise<void> | undefined = undefined;
  #stopped = false;

  /**
   * @param work does what is due, in bounded steps, looks at `stopped` between them, and says by `within` what is due next.
   *   When it fails it is tried again after `retryMs`: PostgreSQL is away, or somebody holds a lock; the statement was
   *   observed, and nothing is wrong with what is stored.
   */
  constructor(work: () => Promise<void>, retryMs: number) {
    this.#work = work;
    this.#retryMs = retryMs;
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  /** Nothing is known to be due. */
  get idle(): boolean {
    return this.#dueMs === Number.POSITIVE_INFINITY;
  }

  /** Something is due `ms` from now. */
  within(ms: number): void {
    const dueMs = monotonicMs() + ms;
    if (this.#stopped || dueMs >= this.#dueMs) return;
    this.#dueMs = dueMs;
    if (this.#running === undefined) this.#arm();
  }

  /** Waits for the step that is under way. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  #arm(): void {
    clearTimeout(this.#timer);
    if (this.#stopped || this.idle) return;
    // One more: PostgreSQL's clock has the last word, and timers round down.
    const ms = Math.min(TIMER_MS_MAX, Math.max(0, Math.ceil(this.#dueMs - monotonicMs())) + 1);
    this.#timer = setTimeout(() => this.#start(), ms).unref();
  }

  #start(): void {
    this.#dueMs = Number.POSITIVE_INFINITY;
    // A turn later, so that what the work says to be due waits for its end.
    this.#running = Promise.resolve()
      .then(() => this.#work())
      .catch(() => this.within(this.#retryMs))
      .finally(() => {
        this.#running = undefined;
        this.#arm();
      });
  }
}
