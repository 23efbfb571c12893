/**
 * What happens to messages by itself: leases end, times to live run out. In bounded steps, and only when something is
 * due: the next due time is known from PostgreSQL, whichever process made it due, and a timer is set for it. Several
 * processes may sweep at once.
 */
import { LIMITS } from '../../base/index.ts';
import { type Database, statement } from '../../engine/index.ts';
import { DueWork } from '../due-work.ts';

const STEP = statement(
  'queue.sweep',
  'SELECT done, array_to_json(woken), next_ms FROM queue.sweep($1::int, $2::int)',
);

/** After a failure: far longer than for a message that somebody holds. */
const RETRY_MS = LIMITS.queueSweepRetryMs * 20;

export class Sweep {
  readonly #database: Database;
  readonly #wake: (queue: string) => void;
  readonly #due = new DueWork(() => this.#steps(), RETRY_MS);

  /** `wake` is called for each queue in which messages wait again. */
  constructor(database: Database, wake: (queue: string) => void) {
    this.#database = database;
    this.#wake = wake;
    // Leases of a process that is gone.
    this.within(0);
  }

  /** Something is due `ms` from now. */
  within(ms: number): void {
    this.#due.within(ms);
  }

  stop(): Promise<void> {
    return this.#due.stop();
  }

  async #steps(): Promise<void> {
    while (!this.#due.stopped) {
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
