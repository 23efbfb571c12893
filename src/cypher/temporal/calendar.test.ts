/** The calendar: against JavaScript's Date where that reaches, against its own laws everywhere. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  dateOf,
  dayOfQuarterOf,
  dayOfWeekOf,
  daysOfMonth,
  daysOfQuarter,
  EPOCH_DAY_MAX,
  EPOCH_DAY_MIN,
  epochDayOf,
  firstDayOfWeekYear,
  monthsBetween,
  ordinalDayOf,
  plusMonths,
  quarterOf,
  weekDateOf,
  weeksOfWeekYear,
  YEAR_MAX,
} from './calendar.ts';

const anyDay = fc.integer({ min: EPOCH_DAY_MIN, max: EPOCH_DAY_MAX });

describe('days and dates', () => {
  it('go there and back over the whole range', () => {
    fc.assert(
      fc.property(anyDay, (epochDay) => {
        const { year, month, day } = dateOf(epochDay);
        expect(epochDayOf(year, month, day)).toBe(epochDay);
        expect(day).toBeLessThanOrEqual(daysOfMonth(year, month));
        expect(Math.abs(year)).toBeLessThanOrEqual(YEAR_MAX);
      }),
    );
  });

  it('follow each other without gap or repetition', () => {
    fc.assert(
      fc.property(fc.integer({ min: EPOCH_DAY_MIN, max: EPOCH_DAY_MAX - 1 }), (epochDay) => {
        const { year, month, day } = dateOf(epochDay);
        const next = dateOf(epochDay + 1);
        const last = day === daysOfMonth(year, month);
        expect(next.day).toBe(last ? 1 : day + 1);
        expect(next.month).toBe(last ? (month % 12) + 1 : month);
        expect(next.year).toBe(last && month === 12 ? year + 1 : year);
      }),
    );
  });

  it('agree with Date', () => {
    const reach = 100_000_000;
    fc.assert(
      fc.property(fc.integer({ min: -reach, max: reach }), (epochDay) => {
        const date = new Date(epochDay * 86_400_000);
        expect(dateOf(epochDay)).toEqual({
          year: date.getUTCFullYear(),
          month: date.getUTCMonth() + 1,
          day: date.getUTCDate(),
        });
        expect(dayOfWeekOf(epochDay) % 7).toBe(date.getUTCDay());
      }),
    );
  });

  it('have the ends of the range', () => {
    expect(dateOf(EPOCH_DAY_MIN)).toEqual({ year: -YEAR_MAX, month: 1, day: 1 });
    expect(dateOf(EPOCH_DAY_MAX)).toEqual({ year: YEAR_MAX, month: 12, day: 31 });
    expect(dateOf(0)).toEqual({ year: 1970, month: 1, day: 1 });
    expect(dateOf(epochDayOf(0, 2, 29))).toEqual({ year: 0, month: 2, day: 29 });
  });
});

describe('weeks', () => {
  it.each([
    [[1816, 1, 1], 1816, 1],
    [[1816, 12, 30], 1817, 1],
    [[1818, 12, 28], 1818, 53],
    [[1984, 1, 1], 1983, 52],
    [[2015, 7, 21], 2015, 30],
    [[2020, 12, 31], 2020, 53],
  ] as const)('%j lies in %i, week %i', ([year, month, day], weekYear, week) => {
    expect(weekDateOf(epochDayOf(year, month, day))).toEqual({ weekYear, week });
  });

  it('have seven days and lie in their year', () => {
    fc.assert(
      fc.property(anyDay, (epochDay) => {
        const { weekYear, week } = weekDateOf(epochDay);
        expect(firstDayOfWeekYear(weekYear) + (week - 1) * 7 + dayOfWeekOf(epochDay) - 1).toBe(epochDay);
        expect(week).toBeLessThanOrEqual(weeksOfWeekYear(weekYear));
      }),
    );
  });
});

it('counts the days of years and quarters', () => {
  const epochDay = epochDayOf(1984, 11, 11);
  expect(ordinalDayOf(epochDay, 1984)).toBe(316);
  expect(dayOfQuarterOf(epochDay, dateOf(epochDay))).toBe(42);
  expect(quarterOf(11)).toBe(4);
  expect([1, 2, 3, 4].map((quarter) => daysOfQuarter(1984, quarter))).toEqual([91, 91, 92, 92]);
  expect(daysOfQuarter(1985, 1)).toBe(90);
});

describe('months', () => {
  it('keep the day or take the last one', () => {
    const of = (year: number, month: number, day: number, months: number) =>
      dateOf(plusMonths(epochDayOf(year, month, day), months));
    expect(of(2020, 1, 31, 1)).toEqual({ year: 2020, month: 2, day: 29 });
    expect(of(2020, 2, 29, 12)).toEqual({ year: 2021, month: 2, day: 28 });
    expect(of(2020, 3, 15, -3)).toEqual({ year: 2019, month: 12, day: 15 });
    expect(of(1, 1, 1, -1)).toEqual({ year: 0, month: 12, day: 1 });
  });

  it('added and taken away again give the same, up to the 28th', () => {
    const months = fc.integer({ min: -30_000, max: 30_000 });
    const early = fc.integer({ min: -1_000_000, max: 1_000_000 }).filter((day) => dateOf(day).day <= 28);
    fc.assert(
      fc.property(early, months, (epochDay, count) => {
        expect(plusMonths(plusMonths(epochDay, count), -count)).toBe(epochDay);
        expect(monthsBetween(epochDay, plusMonths(epochDay, count))).toBe(count);
      }),
    );
  });

  it('between two days never go past the second', () => {
    const day = fc.integer({ min: -1_000_000, max: 1_000_000 });
    fc.assert(
      fc.property(day, day, (from, to) => {
        const reached = plusMonths(from, monthsBetween(from, to));
        expect(Math.abs(to - reached)).toBeLessThanOrEqual(31);
        if (to >= from) expect(reached).toBeLessThanOrEqual(to);
        else expect(reached).toBeGreaterThanOrEqual(to);
      }),
    );
  });
});
