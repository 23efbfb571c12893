/** Token buckets by hand, on a clock that the test moves. Random schedules are in test/fuzz. */
import { describe, expect, it } from 'vitest';
import { FacetError, LIMITS, PLANS } from '../base/index.ts';
import { AdmissionControl, DEFAULT_RATE_LIMITS } from './admission.ts';

function control(perSecond: number, burst: number, enabled = true) {
  const time = { ms: 0 };
  const limits = { ...DEFAULT_RATE_LIMITS, query: { perSecond, burst } };
  const clock = { monotonicMs: () => time.ms, nowMs: () => 1_700_000_000_000 + time.ms };
  return { time, admission: new AdmissionControl(limits, enabled, clock) };
}

describe('take', () => {
  it('admits the burst, refuses the next, and says when to come back', () => {
    const { admission } = control(2, 3);
    const taken = [1, 2, 3, 4].map(() => admission.take('alice', 'query'));
    expect(taken.map((one) => one.admitted)).toEqual([true, true, true, false]);
    expect(taken.map((one) => one.remaining)).toEqual([2, 1, 0, 0]);
    expect(taken[3]).toMatchObject({ limit: 2, retryAfterSeconds: 1 });
    expect(taken[3]?.resetAtSeconds).toBe(1_700_000_001);
  });

  it('tells of the burst only what the limit allows', () => {
    const { admission } = control(1, 4);
    const taken = [1, 2, 3, 4, 5].map(() => admission.take('alice', 'query'));
    expect(taken.map((one) => one.admitted)).toEqual([true, true, true, true, false]);
    expect(taken.map((one) => one.remaining)).toEqual([1, 1, 1, 0, 0]);
  });

  it('gains tokens with time, up to the burst', () => {
    const { admission, time } = control(2, 3);
    for (let index = 0; index < 3; index++) admission.take('alice', 'query');
    time.ms = 499;
    expect(admission.take('alice', 'query').admitted).toBe(false);
    time.ms = 501;
    expect(admission.take('alice', 'query').admitted).toBe(true);
    time.ms = 60_000;
    const later = [1, 2, 3, 4].map(() => admission.take('alice', 'query').admitted);
    expect(later).toEqual([true, true, true, false]);
  });

  it('does not charge a refused request', () => {
    const { admission, time } = control(1, 1);
    admission.take('alice', 'query');
    for (let index = 0; index < 100; index++) admission.take('alice', 'query');
    time.ms = 1_001;
    expect(admission.take('alice', 'query').admitted).toBe(true);
  });

  it('keeps callers and categories apart', () => {
    const { admission } = control(1, 1);
    expect(admission.take('alice', 'query').admitted).toBe(true);
    expect(admission.take('alice', 'query').admitted).toBe(false);
    expect(admission.take('bob', 'query').admitted).toBe(true);
    expect(admission.take('alice', 'admin').admitted).toBe(true);
  });

  it('goes by the rate of a plan, for all categories together, also when it is off', () => {
    for (const enabled of [true, false]) {
      const { admission, time } = control(1, 1, enabled);
      const [free] = PLANS;
      const take = (count: number) =>
        Array.from({ length: count }, (_, index) =>
          admission.take('alice', index % 2 === 0 ? 'query' : 'admin', free),
        ).filter(({ admitted }) => admitted).length;
      expect(take(30)).toBe(20);
      expect(admission.take('alice', 'query', free)).toMatchObject({ limit: 10, admitted: false });
      time.ms = 500;
      expect(take(30)).toBe(5);
    }
  });

  it('admits everything when it is off', () => {
    const { admission } = control(1, 1, false);
    expect([1, 2, 3].map(() => admission.take('alice', 'query').admitted)).toEqual([true, true, true]);
  });
});

describe('enter', () => {
  it('counts what is under way, refuses above the cap, and counts a leave once', () => {
    const { admission } = control(1, 1);
    const leaves = Array.from({ length: LIMITS.operationsInFlightMax }, () => admission.enter());
    expect(admission.inFlight).toBe(LIMITS.operationsInFlightMax);
    expect(() => admission.enter()).toThrow(FacetError);
    leaves[0]?.();
    leaves[0]?.();
    expect(admission.inFlight).toBe(LIMITS.operationsInFlightMax - 1);
    admission.enter()();
    for (const leave of leaves) leave();
    expect(admission.inFlight).toBe(0);
  });
});
