/** Time moves forward, timestamps have their form, random text its length. */
import { expect, it } from 'vitest';
import { monotonicMs, nowMs, randomHex, timestamp } from './clock.ts';

it('writes timestamps as RFC 3339 in UTC with milliseconds', () => {
  expect(timestamp(1_769_851_800_123)).toBe('2026-01-31T09:30:00.123Z');
  expect(timestamp(0)).toBe('1970-01-01T00:00:00.000Z');
  expect(timestamp(nowMs())).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
});

it('measures durations that are never negative', () => {
  const readings = Array.from({ length: 1_000 }, () => monotonicMs());
  expect([...readings].sort((left, right) => left - right)).toEqual(readings);
});

it('makes random text of the length asked for, never twice the same', () => {
  const texts = Array.from({ length: 1_000 }, () => randomHex(6));
  expect(texts.every((text) => /^[0-9a-f]{12}$/.test(text))).toBe(true);
  expect(new Set(texts).size).toBe(texts.length);
});
