/**
 * Watches one statement for its caller's abort signal and deadline, and cancels it in PostgreSQL when either comes.
 * Who fired is remembered on the statement, because PostgreSQL answers all cancellations alike.
 */
import { LIMITS, monotonicMs, offAbort, onAbort } from '../base/index.ts';
import type { RunOptions } from './contract.ts';
import { type CancelReason, cancelled } from './pg-errors.ts';
import type { Session } from './session.ts';

/** PostgreSQL answers a cancel within milliseconds; a server that does not is treated as gone. */
const ANSWER_MS_MAX = 5_000;

export interface Interruptible {
  cancelledBy: CancelReason | undefined;
}

/** A statement that runs, for those who may have to stop it. */
export interface Cancellable {
  /** Resolves when the cancel request can no longer hit a later statement of the session; undefined when none was sent. */
  fire(reason: CancelReason): Promise<void> | undefined;
}

export interface InterruptOptions {
  readonly signal?: AbortSignal | undefined;
  /** On the monotonic clock. */
  readonly deadlineMs?: number | undefined;
}

export class Interrupt implements Cancellable {
  readonly #session: Session;
  readonly #statement: Interruptible;
  readonly #signal: AbortSignal | undefined;
  #timer: NodeJS.Timeout | undefined = undefined;
  #request: Promise<void> | undefined = undefined;

  constructor(session: Session, statement: Interruptible, options: InterruptOptions) {
    this.#session = session;
    this.#statement = statement;
    this.#signal = options.signal;
    onAbort(this.#signal, this.#onAbort);
    if (options.deadlineMs !== undefined) {
      this.#timer = setTimeout(() => this.fire('timeout'), Math.max(0, options.deadlineMs - monotonicMs()));
    }
  }

  /** Cancels the statement; only the first reason counts. */
  fire(reason: CancelReason): Promise<void> {
    if (this.#request !== undefined) return this.#request;
    this.#statement.cancelledBy = reason;
    this.#request = this.#session.cancel();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#session.abandon(cancelled(reason)), ANSWER_MS_MAX);
    return this.#request;
  }

  /**
   * Ends the watch, when the statement has been answered. Resolves once a cancel request that was sent can no longer hit
   * a later statement of the session; undefined when none was sent.
   */
  finish(): Promise<void> | undefined {
    clearTimeout(this.#timer);
    offAbort(this.#signal, this.#onAbort);
    return this.#request;
  }

  readonly #onAbort = (): void => void this.fire('abort');
}

/** Deadline on the monotonic clock from a timeout that starts now, or has started before. */
export function interruptOptions(
  options: RunOptions,
  startedMs: number = monotonicMs(),
): {
  signal: AbortSignal | undefined;
  deadlineMs: number;
} {
  return {
    signal: options.signal,
    deadlineMs: startedMs + (options.timeoutMs ?? LIMITS.queryTimeoutMsDefault),
  };
}
