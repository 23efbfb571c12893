/**
 * Who has to wait: a token bucket for each caller and rate category, and a cap on operations under way.
 *
 * A bucket holds up to `burst` tokens and gains `perSecond` of them a second; a request takes one. The caller is
 * the principal's name, or the address when nobody is named. Idle buckets are dropped: a full one says no more
 * than a missing one.
 */
import { DEFAULT_RATES, FacetError, LIMITS, type Plan, type Rate } from '../base/index.ts';
import type { RateCategory } from '../models/index.ts';
import type { Admission } from './session.ts';

export type RateLimit = Rate;

/** For each category of operations, as it is without an option. */
export const DEFAULT_RATE_LIMITS: Readonly<Record<RateCategory, RateLimit>> = DEFAULT_RATES;

const rateOf = ({ requestsPerSecondMax }: Plan): RateLimit => ({
  perSecond: requestsPerSecondMax,
  burst: requestsPerSecondMax * PLAN_BURST,
});

/** A plan that says how many requests a second may be sustained lets so many times more come at once. */
const PLAN_BURST = 2;

interface Bucket {
  tokens: number;
  filledAtMs: number;
}

interface AdmissionClock {
  readonly monotonicMs: () => number;
  readonly nowMs: () => number;
}

export class AdmissionControl {
  readonly #limits: Readonly<Record<RateCategory, RateLimit>>;
  readonly #enabled: boolean;
  readonly #clock: AdmissionClock;
  /** In order of last use, so that the first one is the longest idle. */
  readonly #buckets = new Map<string, Bucket>();
  #inFlight = 0;

  constructor(limits: Readonly<Record<RateCategory, RateLimit>>, enabled: boolean, clock: AdmissionClock) {
    this.#limits = limits;
    this.#enabled = enabled;
    this.#clock = clock;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** False when nobody waits but callers with a plan. */
  get enabled(): boolean {
    return this.#enabled;
  }

  /**
   * Takes a token of the caller's bucket, if one is left. A plan has one rate for requests of all categories, and it
   * holds also where the rates of the server are off.
   */
  take(caller: string, category: RateCategory, plan?: Plan): Admission {
    const limit = plan === undefined ? this.#limits[category] : rateOf(plan);
    const enabled = this.#enabled || plan !== undefined;
    const now = this.#clock.monotonicMs();
    const key = `${plan === undefined ? category : 'plan'}\n${caller}`;
    const bucket = this.#buckets.get(key) ?? { tokens: limit.burst, filledAtMs: now };
    bucket.tokens = Math.min(
      limit.burst,
      bucket.tokens + ((now - bucket.filledAtMs) / 1_000) * limit.perSecond,
    );
    bucket.filledAtMs = now;

    const admitted = !enabled || bucket.tokens >= 1;
    if (admitted && enabled) bucket.tokens -= 1;
    this.#buckets.delete(key);
    this.#buckets.set(key, bucket);
    this.#dropIdle(now);

    const secondsToToken = Math.max(0, 1 - bucket.tokens) / limit.perSecond;
    return {
      admitted,
      limit: limit.perSecond,
      remaining: Math.floor(Math.min(bucket.tokens, limit.perSecond)),
      resetAtSeconds: Math.ceil(this.#clock.nowMs() / 1_000 + secondsToToken),
      retryAfterSeconds: Math.max(1, Math.ceil(secondsToToken)),
    };
  }

  /** Counts an operation as under way; the returned function ends it. @throws LIMIT_EXCEEDED at the cap */
  enter(): () => void {
    if (this.#inFlight >= LIMITS.operationsInFlightMax) {
      throw new FacetError(
        'UNAVAILABLE',
        `More than ${LIMITS.operationsInFlightMax} operations are under way (operationsInFlightMax)`,
        {
          retryAfterSeconds: 1,
        },
      );
    }
    this.#inFlight++;
    let left = false;
    return () => {
      if (!left) this.#inFlight--;
      left = true;
    };
  }

  #dropIdle(now: number): void {
    for (const [key, bucket] of this.#buckets) {
      const idle = now - bucket.filledAtMs > LIMITS.rateBucketIdleMs;
      if (!idle && this.#buckets.size <= LIMITS.rateBucketsMax) return;
      this.#buckets.delete(key);
    }
  }
}
