/**
 * The proleptic Gregorian calendar (ISO 8601) by numbers: days since 1970-01-01 to years, months, weeks, quarters and
 * back, for all years from -999,999,999 to 999,999,999. Year 0 is the year before year 1. Everything is a whole number
 * below 2^53, so doubles are exact. Not for times of day nor for time zones.
 */

/** The most distant year in either direction. It is the bound of ISO 8601 libraries; nine digits with a sign. */
export const YEAR_MAX = 999_999_999;

/** Seconds of every day: these calendars know no leap seconds. */
export const SECONDS_OF_DAY = 86_400;

/** Nanoseconds of a second. */
export const NANOS_OF_SECOND = 1_000_000_000;

/** Nanoseconds of a day; times of day stay below. */
export const NANOS_OF_DAY = 86_400_000_000_000;

/** Days of 400 years, after which the calendar repeats itself; also a whole number of weeks. */
export const DAYS_OF_CYCLE = 146_097;

/** Days from 0000-03-01, where the arithmetic below begins its years, to 1970-01-01. */
const DAYS_TO_EPOCH = 719_468;

/** Days of four years with a leap day, less one: the leap day at their end belongs to the fourth year. */
const DAYS_OF_OLYMPIAD = 1_460;

/** Days of a century without a leap day at its end. */
const DAYS_OF_CENTURY = 36_524;

const MONTHS_OF_YEAR = 12;
const DAYS_OF_WEEK = 7;
const MONTHS_OF_QUARTER = 3;

export interface YearMonthDay {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  /** 1 to 31. */
  readonly day: number;
}

export const isLeapYear = (year: number): boolean => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);

export const daysOfYear = (year: number): number => (isLeapYear(year) ? 366 : 365);

export function daysOfMonth(year: number, month: number): number {
  if (month === 2) return isLeapYear(year) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** The epoch day of a date. The month must be 1 to 12; the day may lie outside its month and counts on then. */
export function epochDayOf(year: number, month: number, day: number): number {
  // Years begin in March, so that the leap day is the last one.
  const shifted = month <= 2 ? year - 1 : year;
  const cycle = Math.floor(shifted / 400);
  const yearOfCycle = shifted - cycle * 400;
  const monthFromMarch = (month + 9) % MONTHS_OF_YEAR;
  const dayOfYear = Math.floor((153 * monthFromMarch + 2) / 5) + day - 1;
  const dayOfCycle =
    yearOfCycle * 365 + Math.floor(yearOfCycle / 4) - Math.floor(yearOfCycle / 100) + dayOfYear;
  return cycle * DAYS_OF_CYCLE + dayOfCycle - DAYS_TO_EPOCH;
}

/** The date of an epoch day. */
export function dateOf(epochDay: number): YearMonthDay {
  const shifted = epochDay + DAYS_TO_EPOCH;
  const cycle = Math.floor(shifted / DAYS_OF_CYCLE);
  const dayOfCycle = shifted - cycle * DAYS_OF_CYCLE;
  const yearOfCycle = Math.floor(
    (dayOfCycle -
      Math.floor(dayOfCycle / DAYS_OF_OLYMPIAD) +
      Math.floor(dayOfCycle / DAYS_OF_CENTURY) -
      Math.floor(dayOfCycle / (DAYS_OF_CYCLE - 1))) /
      365,
  );
  const dayOfYear =
    dayOfCycle - (365 * yearOfCycle + Math.floor(yearOfCycle / 4) - Math.floor(yearOfCycle / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1;
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  return { year: cycle * 400 + yearOfCycle + (month <= 2 ? 1 : 0), month, day };
}

export const EPOCH_DAY_MIN = epochDayOf(-YEAR_MAX, 1, 1);
export const EPOCH_DAY_MAX = epochDayOf(YEAR_MAX, MONTHS_OF_YEAR, 31);

/** 1 (Monday) to 7 (Sunday). 1970-01-01 was a Thursday. */
export function dayOfWeekOf(epochDay: number): number {
  const sinceMonday = (epochDay + 3) % DAYS_OF_WEEK;
  return (sinceMonday < 0 ? sinceMonday + DAYS_OF_WEEK : sinceMonday) + 1;
}

/** 1 to 366. */
export const ordinalDayOf = (epochDay: number, year: number): number => epochDay - epochDayOf(year, 1, 1) + 1;

/** The Monday on which the ISO week-based year begins: the one of the week that has January 4. */
export function firstDayOfWeekYear(weekYear: number): number {
  const fourth = epochDayOf(weekYear, 1, 4);
  return fourth - dayOfWeekOf(fourth) + 1;
}

/** 52 or 53. */
export const weeksOfWeekYear = (weekYear: number): number =>
  (firstDayOfWeekYear(weekYear + 1) - firstDayOfWeekYear(weekYear)) / DAYS_OF_WEEK;

export interface WeekDate {
  readonly weekYear: number;
  /** 1 to 53. */
  readonly week: number;
}

/** ISO week and its year: the year of that week's Thursday. */
export function weekDateOf(epochDay: number): WeekDate {
  const thursday = epochDay - dayOfWeekOf(epochDay) + 4;
  const weekYear = dateOf(thursday).year;
  return { weekYear, week: Math.floor((thursday - epochDayOf(weekYear, 1, 1)) / DAYS_OF_WEEK) + 1 };
}

/** 1 to 4. */
export const quarterOf = (month: number): number => Math.ceil(month / MONTHS_OF_QUARTER);

/** January, April, July or October, as 1, 4, 7 or 10. */
export const firstMonthOfQuarter = (quarter: number): number => (quarter - 1) * MONTHS_OF_QUARTER + 1;

/** 1 to 92. */
export const dayOfQuarterOf = (epochDay: number, date: YearMonthDay): number =>
  epochDay - epochDayOf(date.year, firstMonthOfQuarter(quarterOf(date.month)), 1) + 1;

/** 90 to 92. */
export function daysOfQuarter(year: number, quarter: number): number {
  const first = firstMonthOfQuarter(quarter);
  return daysOfMonth(year, first) + daysOfMonth(year, first + 1) + daysOfMonth(year, first + 2);
}

/**
 * The same day of the month some months on, or the last one of a shorter month. The result may lie beyond the range
 * of years: the caller checks.
 */
export function plusMonths(epochDay: number, months: number): number {
  if (months === 0) return epochDay;
  const { year, month, day } = dateOf(epochDay);
  const total = year * MONTHS_OF_YEAR + month - 1 + months;
  const toYear = Math.floor(total / MONTHS_OF_YEAR);
  const toMonth = total - toYear * MONTHS_OF_YEAR + 1;
  return epochDayOf(toYear, toMonth, Math.min(day, daysOfMonth(toYear, toMonth)));
}

/** Whole months from one day to another, toward zero; `plusMonths` by that many does not go past the second. */
export function monthsBetween(from: number, to: number): number {
  const a = dateOf(from);
  const b = dateOf(to);
  const months = (b.year - a.year) * MONTHS_OF_YEAR + b.month - a.month;
  if (months > 0 && b.day < a.day) return months - 1;
  if (months < 0 && b.day > a.day) return months + 1;
  return months;
}
