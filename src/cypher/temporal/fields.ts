/**
 * The fields of a map that makes or changes a date or a time: `{year: 1984, week: 10}`, laid over a day and a time of
 * day that stand for what the map does not say. One table has the ranges, one the four ways to name a day of a year.
 */
import { argumentError, type CypherError, runtimeTypeError } from '../cypher-error.ts';
import type { MapValue, Value } from '../values/value.ts';
import {
  dateOf,
  dayOfQuarterOf,
  dayOfWeekOf,
  daysOfMonth,
  daysOfQuarter,
  daysOfYear,
  epochDayOf,
  firstDayOfWeekYear,
  firstMonthOfQuarter,
  NANOS_OF_SECOND,
  ordinalDayOf,
  quarterOf,
  weekDateOf,
  weeksOfWeekYear,
  YEAR_MAX,
} from './calendar.ts';
import { checkedEpochDay } from './zones.ts';

/** Each unit below the second is a thousandth of the next greater one. */
const THOUSAND = 1_000;
const MILLION = THOUSAND * THOUSAND;

/** The least and the greatest value of each field. */
const RANGES: ReadonlyMap<string, readonly [number, number]> = new Map([
  ['year', [-YEAR_MAX, YEAR_MAX]],
  ['month', [1, 12]],
  ['day', [1, 31]],
  ['week', [1, 53]],
  ['dayOfWeek', [1, 7]],
  ['ordinalDay', [1, 366]],
  ['quarter', [1, 4]],
  ['dayOfQuarter', [1, 92]],
  ['hour', [0, 23]],
  ['minute', [0, 59]],
  ['second', [0, 59]],
  ['millisecond', [0, THOUSAND - 1]],
  ['microsecond', [0, MILLION - 1]],
  ['nanosecond', [0, NANOS_OF_SECOND - 1]],
]);

export const DATE_FIELDS = [
  'year',
  'month',
  'day',
  'week',
  'dayOfWeek',
  'ordinalDay',
  'quarter',
  'dayOfQuarter',
] as const;
export const SUBSECOND_FIELDS = ['millisecond', 'microsecond', 'nanosecond'] as const;
export const TIME_FIELDS = ['hour', 'minute', 'second', ...SUBSECOND_FIELDS] as const;

type DateField = (typeof DATE_FIELDS)[number];
type Field = DateField | (typeof TIME_FIELDS)[number];

/** The field as a number, undefined if the map has none. ArgumentError out of its range, TypeError if no INTEGER. */
export function fieldOf(map: MapValue, name: Field): number | undefined {
  const value = map.get(name);
  if (value === undefined) return undefined;
  if (typeof value !== 'bigint') throw notAnInteger(name);
  const number = Number(value);
  const range = RANGES.get(name);
  if (range !== undefined && (number < range[0] || number > range[1])) throw outOfRange(name, value, range);
  return number;
}

export const notAnInteger = (name: string): CypherError =>
  runtimeTypeError('InvalidArgumentType', `'${name}' must be an INTEGER`);

const outOfRange = (name: string, value: Value, [least, greatest]: readonly [number, number]): CypherError =>
  argumentError('NumberOutOfRange', `${name} ${value} lies outside of ${least} to ${greatest}`);

const needs = (name: string, other: string): CypherError =>
  argumentError('InvalidArgumentValue', `'${name}' needs '${other}' beside it`);

/** One way to name a day of a year: by one field, or by a greater one and one that counts within it. */
interface DaySystem {
  readonly major: DateField | undefined;
  readonly minor: DateField;
  /** Year, major and minor of a day. */
  read(epochDay: number): readonly [number, number, number];
  /** How far the minor (and for weeks the major) goes there. */
  minorMax(year: number, major: number): number;
  make(year: number, major: number, minor: number): number;
}

const CALENDAR: DaySystem = {
  major: 'month',
  minor: 'day',
  read: (epochDay) => {
    const { year, month, day } = dateOf(epochDay);
    return [year, month, day];
  },
  minorMax: daysOfMonth,
  make: epochDayOf,
};

const SYSTEMS: readonly DaySystem[] = [
  CALENDAR,
  {
    major: 'week',
    minor: 'dayOfWeek',
    read: (epochDay) => {
      const { weekYear, week } = weekDateOf(epochDay);
      return [weekYear, week, dayOfWeekOf(epochDay)];
    },
    // The 53rd week of a year of 52 has no days.
    minorMax: (year, week) => (week > 52 && week > weeksOfWeekYear(year) ? 0 : 7),
    make: (year, week, day) => firstDayOfWeekYear(year) + (week - 1) * 7 + day - 1,
  },
  {
    major: 'quarter',
    minor: 'dayOfQuarter',
    read: (epochDay) => {
      const date = dateOf(epochDay);
      return [date.year, quarterOf(date.month), dayOfQuarterOf(epochDay, date)];
    },
    minorMax: daysOfQuarter,
    make: (year, quarter, day) => epochDayOf(year, firstMonthOfQuarter(quarter), 1) + day - 1,
  },
  {
    major: undefined,
    minor: 'ordinalDay',
    read: (epochDay) => {
      const { year } = dateOf(epochDay);
      return [year, 1, ordinalDayOf(epochDay, year)];
    },
    minorMax: daysOfYear,
    make: (year, _, day) => epochDayOf(year, 1, day),
  },
];

/**
 * The epoch day of the map's date fields, with what they do not say taken from `base`. Without a base, the year must
 * be there, and a lesser field needs the greater one; the rest is 1. ArgumentError for a day that does not exist.
 */
export function dayOfFields(map: MapValue, base: number | undefined): number {
  const system = systemOf(map);
  const year = fieldOf(map, 'year');
  const major = system.major === undefined ? undefined : fieldOf(map, system.major);
  const minor = fieldOf(map, system.minor);
  if (base !== undefined) {
    if (year === undefined && major === undefined && minor === undefined) return base;
    const [baseYear, baseMajor, baseMinor] = system.read(base);
    return checkedDay(system, year ?? baseYear, major ?? baseMajor, minor ?? baseMinor);
  }
  if (year === undefined) throw needs(firstOf(map, DATE_FIELDS) ?? 'date', 'year');
  if (minor !== undefined && major === undefined && system.major !== undefined) {
    throw needs(system.minor, system.major);
  }
  return checkedDay(system, year, major ?? 1, minor ?? 1);
}

function systemOf(map: MapValue): DaySystem {
  let found: DaySystem | undefined;
  for (const system of SYSTEMS) {
    if (!map.has(system.minor) && (system.major === undefined || !map.has(system.major))) continue;
    if (found !== undefined) {
      throw argumentError(
        'InvalidArgumentValue',
        `'${keyOf(map, found)}' and '${keyOf(map, system)}' name a day in different ways: use one of them`,
      );
    }
    found = system;
  }
  return found ?? CALENDAR;
}

const keyOf = (map: MapValue, { major, minor }: DaySystem): string =>
  major !== undefined && map.has(major) ? major : minor;

function checkedDay(system: DaySystem, year: number, major: number, minor: number): number {
  if (minor > system.minorMax(year, major)) {
    const of = system.major === undefined ? '' : ` of ${system.major} ${major}`;
    throw argumentError(
      'InvalidArgumentValue',
      `there is no ${system.minor} ${minor}${of} in the year ${year}`,
    );
  }
  return checkedEpochDay(system.make(year, major, minor));
}

const firstOf = (map: MapValue, names: readonly string[]): string | undefined =>
  names.find((name) => map.has(name));

/** A fraction of the second that stays although the map gives a finer one: `truncate` to milliseconds leaves them. */
export interface KeptFraction {
  readonly millisecond?: number;
  readonly microsecond?: number;
}

/**
 * The nanosecond of the day of the map's time fields, with what they do not say taken from `base`. Without a base,
 * each field needs the next greater one; what is not there is 0. A fraction given replaces the base's as a whole.
 */
export function timeOfFields(map: MapValue, base: number | undefined, kept: KeptFraction = {}): number {
  const hour = fieldOf(map, 'hour');
  const minute = fieldOf(map, 'minute');
  const second = fieldOf(map, 'second');
  const fraction = firstOf(map, SUBSECOND_FIELDS);
  if (base === undefined) {
    if (minute !== undefined && hour === undefined) throw needs('minute', 'hour');
    if (second !== undefined && minute === undefined) throw needs('second', 'minute');
    if (fraction !== undefined && second === undefined) throw needs(fraction, 'second');
  } else if (hour === undefined && minute === undefined && second === undefined && fraction === undefined) {
    return base;
  }
  const from = base ?? 0;
  const baseSeconds = Math.floor(from / NANOS_OF_SECOND);
  const seconds =
    ((hour ?? Math.floor(baseSeconds / 3_600)) * 60 + (minute ?? Math.floor(baseSeconds / 60) % 60)) * 60 +
    (second ?? baseSeconds % 60);
  const nanos = fraction === undefined ? from - baseSeconds * NANOS_OF_SECOND : nanosOfFraction(map, kept);
  return seconds * NANOS_OF_SECOND + nanos;
}

/** Nanoseconds of the second. A finer field counts within the coarser one beside it: 789 with microseconds at most 999. */
export function nanosOfFraction(map: MapValue, kept: KeptFraction): number {
  const millisecond = fieldOf(map, 'millisecond') ?? kept.millisecond;
  const microsecond = fieldOf(map, 'microsecond') ?? kept.microsecond;
  const nanosecond = fieldOf(map, 'nanosecond');
  if (millisecond !== undefined && (microsecond ?? 0) >= THOUSAND) {
    throw outOfRange('microsecond', BigInt(microsecond ?? 0), [0, THOUSAND - 1]);
  }
  const nanosMax =
    microsecond !== undefined ? THOUSAND : millisecond !== undefined ? MILLION : NANOS_OF_SECOND;
  if ((nanosecond ?? 0) >= nanosMax) {
    throw outOfRange('nanosecond', BigInt(nanosecond ?? 0), [0, nanosMax - 1]);
  }
  return (millisecond ?? 0) * MILLION + (microsecond ?? 0) * THOUSAND + (nanosecond ?? 0);
}
