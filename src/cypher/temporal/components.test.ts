/** Components of each type, and that each type has no others. */
import { describe, expect, it } from 'vitest';
import type { Value } from '../values/value.ts';
import { component } from './components.ts';
import { parseDate, parseDateTime, parseLocalDateTime, parseLocalTime, parseTime } from './parse.ts';
import { parseDuration } from './parse-duration.ts';
import { UTC } from './zones.ts';

const DATE = {
  ...{ year: 1984n, quarter: 4n, month: 11n, week: 45n, weekYear: 1984n, day: 11n, ordinalDay: 316n },
  ...{ dayOfWeek: 7n, weekDay: 7n, dayOfQuarter: 42n, quarterDay: 42n },
};
const TIME = {
  ...{
    hour: 12n,
    minute: 31n,
    second: 14n,
    millisecond: 645n,
    microsecond: 645_876n,
    nanosecond: 645_876_123n,
  },
};
const DATE_TEXT = '1984-11-11';
const TIME_TEXT = '12:31:14.645876123';

const dateTime = (text: string) => parseDateTime(text, () => UTC);

const CASES: [string, Value, Record<string, Value>][] = [
  ['date', parseDate(DATE_TEXT), DATE],
  ['local time', parseLocalTime(TIME_TEXT), TIME],
  [
    'time',
    parseTime(`${TIME_TEXT}+01:00`, () => 0),
    { ...TIME, timezone: '+01:00', offset: '+01:00', offsetMinutes: 60n, offsetSeconds: 3_600n },
  ],
  ['local datetime', parseLocalDateTime(`${DATE_TEXT}T${TIME_TEXT}`), { ...DATE, ...TIME }],
  [
    'datetime',
    dateTime(`${DATE_TEXT}T${TIME_TEXT}[Europe/Stockholm]`),
    {
      ...DATE,
      ...TIME,
      ...{ timezone: 'Europe/Stockholm', offset: '+01:00', offsetMinutes: 60n, offsetSeconds: 3_600n },
      ...{ epochSeconds: 469_020_674n, epochMillis: 469_020_674_645n },
    },
  ],
  [
    'duration',
    parseDuration('P1Y4M10DT1H1M1.111111111S'),
    {
      ...{
        years: 1n,
        quarters: 5n,
        months: 16n,
        weeks: 1n,
        days: 10n,
        hours: 1n,
        minutes: 61n,
        seconds: 3_661n,
      },
      ...{ milliseconds: 3_661_111n, microseconds: 3_661_111_111n, nanoseconds: 3_661_111_111_111n },
      ...{ quartersOfYear: 1n, monthsOfQuarter: 1n, monthsOfYear: 4n, daysOfWeek: 3n, minutesOfHour: 1n },
      ...{ secondsOfMinute: 1n, millisecondsOfSecond: 111n, microsecondsOfSecond: 111_111n },
      ...{ nanosecondsOfSecond: 111_111_111n },
    },
  ],
];

const ALL_KEYS = [...new Set(CASES.flatMap(([, , components]) => Object.keys(components)))];

describe.each(CASES)('a %s', (_, value, components) => {
  it('has its components and no others', () => {
    const found = ALL_KEYS.map((key) => [key, component(value, key)]).filter(
      ([, part]) => part !== undefined,
    );
    expect(Object.fromEntries(found)).toEqual(components);
    expect(component(value, 'toString')).toBeUndefined();
  });
});

it('has none for other values', () => {
  for (const value of [null, 1n, 'x', true, [], new Map()]) expect(component(value, 'year')).toBeUndefined();
});

describe('below zero', () => {
  it('datetimes count whole seconds down', () => {
    const value = dateTime('1969-12-31T23:59:59.999Z');
    expect(component(value, 'epochSeconds')).toBe(-1n);
    expect(component(value, 'epochMillis')).toBe(-1n);
    expect(component(dateTime('-999999999-01-01T00:00Z'), 'epochSeconds')).toBe(-31_557_014_135_596_800n);
    expect(component(dateTime('1984-01-01T00:00-01:30'), 'offsetMinutes')).toBe(-90n);
  });

  it('durations count seconds down too', () => {
    const value = parseDuration('PT-23H-59M-59.9S');
    expect(component(value, 'seconds')).toBe(-86_400n);
    expect(component(value, 'nanosecondsOfSecond')).toBe(100_000_000n);
    expect(component(value, 'milliseconds')).toBe(-86_399_900n);
    expect(component(parseDuration('P-14M'), 'monthsOfYear')).toBe(-2n);
  });
});
