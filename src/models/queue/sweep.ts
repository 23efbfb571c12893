/**
 * What happens to messages by itself: leases end, times to live run out. In bounded steps, and only when something is
 * due: the next due time is known from PostgreSQL, whichever process made it due, and a timer is set for it. Several
 * processes may sweep at once.
 */
import { LIMITS, monotonicMs } from '../../base/index.ts';
import { type Database, statement } from '../../engine/index.ts';

const STEP = statement(
  'queue.sweep',
  'SELECT done, array_to_json(woken), next_ms FROM queue.sweep($1::int, $2::int)',
);

/** Node's timers take 31 bits. Whoever wakes too early looks, and waits again. */
const TIMER_MS_MAX = 2 ** 31 - 1;

export class Sweep {
  readonly #database: Database;
  readonly #wake: (queue: string) => void;
  #timer: NodeJS.Timeout | undefined = undefined;
  /** By the monotonic clock: when the timer fires. */
  #dueMs = Number.POSITIVE_INFINITY;
  #running: Promise<void> | undefined = undefined;
  #stopped = false;

  /** `wake` is called for each queue in which messages wait again. */
  constructor(database: Database, wake: (queue: string) => void) {
    this.#database = database;
    this.#wake = wake;
    // Leases of a process that is gone.
    this.within(0);
  }

  /** Something is due `ms` from now. */
  within(ms: number): void {
    const dueMs = monotonicMs() + ms;
    if (this.#stopped || dueMs >= this.#dueMs) return;
    this.#dueMs = dueMs;
    if (this.#running === undefined) this.#arm();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  #arm(): void {
    clearTimeout(this.#timer);
    if (this.#stopped || this.#dueMs === Number.POSITIVE_INFINITY) return;
    // One more: PostgreSQL's clock has the last word, and timers round down.
    const ms = Math.min(TIMER_MS_MAX, Math.max(0, Math.ceil(this.#dueMs - monotonicMs())) + 1);
    this.#timer = setTimeout(() => this.#start(), ms).unref();
  }

  #start(): void {
    this.#dueMs = Number.POSITIVE_INFINITY;
    this.#running = this.#steps()
      // PostgreSQL is away, or said no: the statement was observed, and what is due stays due.
      .catch(() => this.within(LIMITS.queueSweepRetryMs * 20))
      .finally(() => {
        this.#running = undefined;
        this.#arm();
      });
  }

  async #steps(): Promise<void> {
    while (!this.#stopped) {
      const parameters = [String(LIMITS.queueSweepRowsMax), String(LIMITS.queueDeadMax)];
      const { rows } = await this.#database.run(STEP, parameters);
      const [done, woken, nextMs] = rows[0] ?? [];
      for (const queue of JSON.parse(woken ?? '[]') as string[]) this.#wake(queue);
      if (Number(done) < LIMITS.queueSweepRowsMax) {
        // Due already, and still there: somebody holds it.
        if (typeof nextMs === 'string') this.within(Number(nextMs) || LIMITS.queueSweepRetryMs);
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, LIMITS.queueSweepPauseMs));
    }
  }
}
