/** The rate limiter on random schedules: never more than it promises, never starving, callers apart. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AdmissionControl, DEFAULT_RATE_LIMITS } from '../../src/dispatch/index.ts';
import { configureFuzz } from './seed.ts';

configureFuzz();

const limit = fc.record({
  perSecond: fc.integer({ min: 1, max: 500 }),
  burst: fc.integer({ min: 1, max: 500 }),
});

/** Pauses before each request, in milliseconds with fractions; mostly short, so that buckets run dry. */
const pauses = fc.array(
  fc.oneof(fc.constant(0), fc.double({ min: 0, max: 20, noNaN: true }), fc.nat(5_000)),
  {
    minLength: 1,
    maxLength: 400,
  },
);

function onClock(query: { perSecond: number; burst: number }) {
  const time = { ms: 0 };
  const clock = { monotonicMs: () => time.ms, nowMs: () => time.ms };
  return { time, admission: new AdmissionControl({ ...DEFAULT_RATE_LIMITS, query }, true, clock) };
}

/** Room for the rounding of doubles when many small gains are added up. */
const ROUNDING = 1e-6;

describe('admission', () => {
  it('admits at most burst + rate x time in every window, and reports honest numbers', () => {
    fc.assert(
      fc.property(limit, pauses, (query, schedule) => {
        const { time, admission } = onClock(query);
        const admittedAt: number[] = [];
        for (const pause of schedule) {
          time.ms += pause;
          const taken = admission.take('alice', 'query');
          if (taken.admitted) admittedAt.push(time.ms);
          expect(taken.remaining).toBeGreaterThanOrEqual(0);
          expect(taken.remaining).toBeLessThanOrEqual(Math.min(query.burst, taken.limit));
          expect(taken.retryAfterSeconds).toBeGreaterThanOrEqual(1);
          expect(taken.resetAtSeconds * 1_000).toBeGreaterThanOrEqual(time.ms - 1_000);
        }
        for (let first = 0; first < admittedAt.length; first += 7) {
          for (let last = first; last < admittedAt.length; last += 5) {
            const seconds = ((admittedAt[last] ?? 0) - (admittedAt[first] ?? 0)) / 1_000;
            expect(last - first + 1).toBeLessThanOrEqual(query.burst + seconds * query.perSecond + ROUNDING);
          }
        }
      }),
    );
  });

  it('admits everybody who waits as long as a refusal says', () => {
    fc.assert(
      fc.property(limit, pauses, (query, schedule) => {
        const { time, admission } = onClock(query);
        for (const pause of schedule) {
          time.ms += pause;
          const taken = admission.take('alice', 'query');
          if (taken.admitted) continue;
          time.ms += taken.retryAfterSeconds * 1_000;
          expect(admission.take('alice', 'query').admitted).toBe(true);
        }
      }),
    );
  });

  it('gives a caller the same answers whatever others do', () => {
    fc.assert(
      fc.property(limit, pauses, fc.array(fc.string({ maxLength: 8 })), (query, schedule, strangers) => {
        const [alone, crowded] = [onClock(query), onClock(query)];
        for (const pause of schedule) {
          alone.time.ms += pause;
          crowded.time.ms += pause;
          for (const stranger of strangers) crowded.admission.take(`stranger ${stranger}`, 'query');
          expect(crowded.admission.take('alice', 'query')).toEqual(alone.admission.take('alice', 'query'));
        }
      }),
    );
  });
});
