/** The exact texts, where the rules are easily missed: zeros, signs, years of more than four digits. */
import { describe, expect, it } from 'vitest';
import { EPOCH_DAY_MAX, EPOCH_DAY_MIN, epochDayOf } from './calendar.ts';
import { formatOffset, formatTemporal } from './format.ts';
import {
  DateTimeValue,
  DateValue,
  DurationValue,
  LocalDateTimeValue,
  LocalTimeValue,
  TimeValue,
} from './temporal.ts';

it('years have four digits at least, and a sign beyond them', () => {
  const of = (year: number) => formatTemporal(new DateValue(epochDayOf(year, 3, 4)));
  expect([0, 28, 9_999, 10_000, -1, -28, -10_000].map(of)).toEqual([
    ...[
      '0000-03-04',
      '0028-03-04',
      '9999-03-04',
      '+10000-03-04',
      '-0001-03-04',
      '-0028-03-04',
      '-10000-03-04',
    ],
  ]);
  expect(formatTemporal(new DateValue(EPOCH_DAY_MIN))).toBe('-999999999-01-01');
  expect(formatTemporal(new DateValue(EPOCH_DAY_MAX))).toBe('+999999999-12-31');
});

it('times leave out seconds of zero and zeros at the end of a fraction', () => {
  const of = (nanoOfDay: number) => formatTemporal(new LocalTimeValue(nanoOfDay));
  expect([0, 1, 5e8, 1e9, 60e9, 60.5e9, 86_399_999_999_999].map(of)).toEqual([
    ...['00:00', '00:00:00.000000001', '00:00:00.5', '00:00:01', '00:01', '00:01:00.5', '23:59:59.999999999'],
  ]);
});

it('offsets have seconds only if there are some', () => {
  expect([0, 3_600, -5_400, 3_208, -7_507, 64_800, -59].map(formatOffset)).toEqual([
    ...['Z', '+01:00', '-01:30', '+00:53:28', '-02:05:07', '+18:00', '-00:00:59'],
  ]);
});

it('combines them', () => {
  expect(formatTemporal(new TimeValue(12 * 3_600e9, 3_600))).toBe('12:00+01:00');
  expect(formatTemporal(new LocalDateTimeValue(0, 0))).toBe('1970-01-01T00:00');
  expect(formatTemporal(new DateTimeValue(0, 0, 0, undefined))).toBe('1970-01-01T00:00Z');
  expect(formatTemporal(new DateTimeValue(0, 0, 0, 'UTC'))).toBe('1970-01-01T00:00Z[UTC]');
});

describe('durations', () => {
  it.each([
    [0n, 0n, 0n, 0, 'PT0S'],
    [12n, 0n, 0n, 0, 'P1Y'],
    [-14n, 0n, 0n, 0, 'P-1Y-2M'],
    [0n, -14n, 3_600n, 0, 'P-14DT1H'],
    [0n, 0n, 60n, 0, 'PT1M'],
    [0n, 0n, 3_601n, 500_000_000, 'PT1H1.5S'],
    [0n, 0n, -1n, -999_000_000, 'PT-1.999S'],
    [0n, 0n, -60n, -1_000_000, 'PT-1M-0.001S'],
    [0n, 1n, 0n, -1_000_000, 'P1DT-0.001S'],
    [0n, 0n, -86_399n, -900_000_000, 'PT-23H-59M-59.9S'],
  ])('%i %i %i %i is %s', (months, days, seconds, nanos, text) =>
    expect(formatTemporal(new DurationValue(months, days, seconds, nanos))).toBe(text));
});
