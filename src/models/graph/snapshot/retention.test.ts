/** Which snapshots are kept. */
import { expect, it } from 'vitest';
import { KEEP_DEFAULT, type Keep, superseded } from './retention.ts';

const DAY_MS = 86_400_000;
const daysKept = (days: readonly number[], keep: Keep): number[] => {
  const snapshots = days.map((day) => ({ timestampMs: day * DAY_MS }));
  const gone = new Set(superseded(snapshots, keep));
  return snapshots.filter((one) => !gone.has(one)).map(({ timestampMs }) => timestampMs / DAY_MS);
};
const days = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, at) => from + at);

it('the newest ones, then one of each week and of each month', () => {
  // Weeks end with days 6, 13, 20 …, months with days 29, 59, 89.
  const kept = daysKept(days(0, 100), KEEP_DEFAULT);
  expect(kept).toEqual([59, 83, 89, 90, 94, 95, 96, 97, 98, 99, 100]);
});

it('several of one day count one by one', () => {
  expect(daysKept([1, 1.1, 1.2, 1.3], { daily: 2, weekly: 0, monthly: 0 })).toEqual([1.2, 1.3]);
});

it('weeks without a snapshot do not count', () => {
  expect(daysKept([0, 100, 200, 300], { daily: 1, weekly: 3, monthly: 0 })).toEqual([100, 200, 300]);
});

it('the newest one always stays', () => {
  expect(daysKept([3, 4], { daily: 0, weekly: 0, monthly: 0 })).toEqual([4]);
  expect(daysKept([], KEEP_DEFAULT)).toEqual([]);
});

it('the order in which they are given does not matter', () => {
  const shuffled = days(0, 100).sort((one, other) => ((one * 37) % 101) - ((other * 37) % 101));
  expect(daysKept(shuffled, KEEP_DEFAULT).sort((one, other) => one - other)).toEqual(
    daysKept(days(0, 100), KEEP_DEFAULT),
  );
});
