/**
 * How long this process may deliver: so long as it has said in time that it is still there. Others take over when its lease
 * ends by the clock of PostgreSQL; by its own it ends earlier, so that the two never deliver at once.
 */
import { LIMITS, monotonicMs } from '../../../base/index.ts';

export interface LeaseTimes {
  readonly leaseMs: number;
  /** Between two renewals. */
  readonly renewMs: number;
  /** Between two looks where this process delivers nothing. */
  readonly lookMs: number;
}

export const LEASE_TIMES: LeaseTimes = {
  leaseMs: LIMITS.subscriptionLeaseMs,
  renewMs: LIMITS.subscriptionRenewMs,
  lookMs: LIMITS.subscriptionLookMs,
};

/** Of a lease: what is on its way when it ends is broken off before others begin. */
const MARGIN = 0.1;

export class Lease {
  readonly times: LeaseTimes;
  readonly #over: () => void;
  #endsAtMs = 0;
  #timer: NodeJS.Timeout | undefined = undefined;

  /** `over` is called when it has ended without being renewed. */
  constructor(times: LeaseTimes, over: () => void) {
    this.times = times;
    this.#over = over;
  }

  get holds(): boolean {
    return monotonicMs() < this.#endsAtMs;
  }

  /** It was renewed by a statement that began at `startedMs`, of the monotonic clock. */
  renewedAt(startedMs: number): void {
    this.#endsAtMs = startedMs + this.times.leaseMs * (1 - MARGIN);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#over, this.#endsAtMs - monotonicMs()).unref();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#endsAtMs = 0;
  }
}
