/** Ends a query that works in this process for too long: nothing else runs while it computes. */
import { FacetError, LIMITS, monotonicMs } from '../../base/index.ts';
import type { RunOptions } from '../../engine/index.ts';

/** Counts from when it is made, but not while the reader of a stream lets it wait. */
export class Deadline {
  readonly #allowedMs: number;
  readonly #signal: AbortSignal | undefined;
  #endMs: number;
  #pausedAtMs: number | undefined = undefined;

  constructor({ timeoutMs, signal }: RunOptions) {
    this.#allowedMs = timeoutMs ?? LIMITS.queryTimeoutMsDefault;
    this.#signal = signal;
    this.#endMs = monotonicMs() + this.#allowedMs;
  }

  /** For QueryContext.checkpoint. @throws QUERY_TIMEOUT, QUERY_CANCELLED */
  readonly check = (): void => {
    if (this.#signal?.aborted) throw new FacetError('QUERY_CANCELLED', 'The query was cancelled');
    if (monotonicMs() <= this.#endMs) return;
    throw new FacetError('QUERY_TIMEOUT', `The query ran longer than its timeout of ${this.#allowedMs} ms`);
  };

  /** What is left for a statement, 1 at least: a query has one timeout, however many statements it takes. */
  get leftMs(): number {
    return Math.max(1, Math.ceil(this.#endMs - monotonicMs()));
  }

  pause(): void {
    this.#pausedAtMs ??= monotonicMs();
  }

  resume(): void {
    if (this.#pausedAtMs === undefined) return;
    this.#endMs += monotonicMs() - this.#pausedAtMs;
    this.#pausedAtMs = undefined;
  }
}
