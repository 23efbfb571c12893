/** The pause between two tries. */
import { expect, it } from 'vitest';
import { LIMITS } from '../../../base/index.ts';
import { pauseMs } from './backoff.ts';

const doubling = { backoffMs: 100, backoffMultiplier: 2 };

it('grows from try to try, a fifth more or less', () => {
  expect([1, 2, 3].map((tries) => pauseMs(doubling, tries, undefined, 0.5))).toEqual([100, 200, 400]);
  expect(pauseMs(doubling, 1, undefined, 0)).toBe(80);
  expect(pauseMs(doubling, 1, undefined, 1)).toBeCloseTo(120);
});

it('is at least what the receiver asks for', () => {
  expect(pauseMs(doubling, 1, 5_000, 0.5)).toBe(5_000);
  expect(pauseMs(doubling, 3, 1, 0.5)).toBe(400);
});

it('is an hour at most, whatever was asked for and however often it failed', () => {
  expect(pauseMs(doubling, 1, 999_999_999_000, 0.5)).toBe(LIMITS.webhookBackoffMsMax);
  expect(pauseMs({ backoffMs: 1_000, backoffMultiplier: 10 }, 5_000, undefined, 1)).toBe(
    LIMITS.webhookBackoffMsMax,
  );
});

it('is as long for a multiplier that is no number', () => {
  const broken = { backoffMs: 100, backoffMultiplier: Number.NaN };
  expect(pauseMs(broken, 2, undefined, 0.5)).toBe(LIMITS.webhookBackoffMsMax);
});
