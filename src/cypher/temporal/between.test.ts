/** Durations between values of all pairs of types, over changes of offsets, and from one end of time to the other. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Value } from '../values/value.ts';
import { addTemporal } from './arithmetic.ts';
import { durationBetween, durationInDays, durationInMonths, durationInSeconds } from './between.ts';
import { formatTemporal } from './format.ts';
import { parseDate, parseDateTime, parseLocalDateTime, parseLocalTime, parseTime } from './parse.ts';
import { DateValue, type DurationValue, LocalDateTimeValue } from './temporal.ts';
import { namedZone, UTC, zonedAtInstant } from './zones.ts';

/** `d` a date, `lt` a local time, `t` a time, `ldt` a local datetime, `dt` a datetime. */
function read(text: string): Value {
  const [type, literal = ''] = text.split(' ');
  if (type === 'd') return parseDate(literal);
  if (type === 'lt') return parseLocalTime(literal);
  if (type === 't') return parseTime(literal, () => 0);
  return type === 'ldt' ? parseLocalDateTime(literal) : parseDateTime(literal, () => UTC);
}

const shown = (duration: DurationValue | null): string | null =>
  duration === null ? null : formatTemporal(duration);

describe('between', () => {
  it.each([
    ['ldt 2018-01-01T12:00', 'ldt 2018-01-02T10:00', 'PT22H'],
    ['ldt 2018-01-02T10:00', 'ldt 2018-01-01T12:00', 'PT-22H'],
    ['ldt 2018-01-02T10:00:00.1', 'ldt 2018-01-01T10:00:00.2', 'PT-23H-59M-59.9S'],
    ['dt 2017-10-28T23:00[Europe/Stockholm]', 'dt 2017-10-29T04:00[Europe/Stockholm]', 'PT6H'],
    ['dt 2017-10-28T04:00[Europe/Stockholm]', 'dt 2017-10-29T04:00[Europe/Stockholm]', 'P1D'],
    ['d 1984-10-11', 'd 2015-06-24', 'P30Y8M13D'],
    ['d 1984-10-11', 'ldt 2016-07-21T21:45:22.142', 'P31Y9M10DT21H45M22.142S'],
    ['d 1984-10-11', 'dt 2015-07-21T21:40:32.142+0100', 'P30Y9M10DT21H40M32.142S'],
    ['d 1984-10-11', 't 16:30+0100', 'PT16H30M'],
    ['lt 14:30', 'd 2015-06-24', 'PT-14H-30M'],
    ['lt 14:30', 'dt 2015-07-21T21:40:32.142+0100', 'PT7H10M32.142S'],
    ['lt 14:30', 't 16:30+0100', 'PT2H'],
    ['t 14:30', 'dt 2015-07-21T21:40:32.142+0100', 'PT6H10M32.142S'],
    ['t 14:30', 't 16:30+0100', 'PT1H'],
    ['ldt 2015-07-21T21:40:32.142', 'd 2015-06-24', 'P-27DT-21H-40M-32.142S'],
    ['ldt 2015-07-21T21:40:32.142', 'dt 2015-07-21T21:40:32.142+0100', 'PT0S'],
    ['dt 2014-07-21T21:40:36.143+0200', 'd 2015-06-24', 'P11M2DT2H19M23.857S'],
    ['dt 2014-07-21T21:40:36.143+0200', 'dt 2015-07-21T21:40:32.142+0100', 'P1YT59M55.999S'],
    ['dt 2014-07-21T21:40:36.143+0200', 't 16:30+0100', 'PT-4H-10M-36.143S'],
    ['d 2020-01-31', 'd 2020-02-29', 'P29D'],
    ['d -999999999-01-01', 'd +999999999-12-31', 'P1999999998Y11M30D'],
  ])('%s and %s: %s', (from, to, result) =>
    expect(shown(durationBetween(read(from), read(to)))).toBe(result));

  it('added to the first gives the second', () => {
    const day = fc.integer({ min: -1_000_000, max: 1_000_000 });
    const time = fc.integer({ min: 0, max: 86_399_999_999_999 });
    fc.assert(
      fc.property(day, time, day, time, (day1, time1, day2, time2) => {
        const from = new LocalDateTimeValue(day1, time1);
        const to = new LocalDateTimeValue(day2, time2);
        expect(addTemporal(from, durationBetween(from, to))).toEqual(to);
        expect(addTemporal(from, durationInSeconds(from, to))).toEqual(to);
      }),
    );
  });
});

it.each([
  ['d 2018-03-11', 'd 2016-06-24', 'P-1Y-8M'],
  ['d 2018-07-21', 'dt 2016-07-21T21:40:32.142+0100', 'P-1Y-11M'],
  ['ldt 2018-07-21T21:40:32.142', 'd 2016-07-21', 'P-2Y'],
  ['dt 2018-07-21T21:40:36.143+0500', 'dt 1984-07-21T22:40:36.143+0200', 'P-33Y-11M'],
  ['ldt 2015-07-21T21:40:32.142', 'd 2015-06-24', 'PT0S'],
  ['d 1984-10-11', 'lt 16:30', 'PT0S'],
])('in months, %s and %s: %s', (from, to, result) =>
  expect(shown(durationInMonths(read(from), read(to)))).toBe(result));

it.each([
  ['d 1984-10-11', 'd 2015-06-24', 'P11213D'],
  ['d 1984-10-11', 'ldt 2016-07-21T21:45:22.142', 'P11606D'],
  ['ldt 2018-01-02T10:00', 'ldt 2018-01-01T12:00', 'PT0S'],
  ['lt 14:30', 'ldt 2016-07-21T21:45:22.142', 'PT0S'],
])('in days, %s and %s: %s', (from, to, result) =>
  expect(shown(durationInDays(read(from), read(to)))).toBe(result));

it.each([
  ['d 1984-10-11', 'd 2015-06-24', 'PT269112H'],
  ['ldt 2014-07-21T21:40:36.143', 'ldt 2014-07-21T21:40:36.142', 'PT-0.001S'],
  ['lt 12:44:54.7', 'lt 12:34:55.3', 'PT-9M-59.4S'],
  ['lt 12:34:56.3', 'lt 12:34:54.7', 'PT-1.6S'],
  ['dt 2017-10-29T00:00[Europe/Stockholm]', 'ldt 2017-10-29T04:00', 'PT5H'],
  ['dt 2017-10-29T00:00[Europe/Stockholm]', 'lt 04:00', 'PT5H'],
  ['lt 00:00', 'dt 2017-10-29T04:00[Europe/Stockholm]', 'PT5H'],
  ['dt 2017-10-29T00:00[Europe/Stockholm]', 'dt 2017-10-29T04:00[Europe/London]', 'PT6H'],
  ['dt 2017-10-29T00:00[Europe/Stockholm]', 'd 2017-10-30', 'PT25H'],
  ['ldt -999999999-01-01', 'ldt +999999999-12-31T23:59:59', 'PT17531639991215H59M59S'],
])('in seconds, %s and %s: %s', (from, to, result) =>
  expect(shown(durationInSeconds(read(from), read(to)))).toBe(result));

it('added to a datetime gives the other one, over all changes of offsets', () => {
  const zone = fc.constantFrom('Europe/Stockholm', 'Africa/Casablanca', 'America/New_York').map(namedZone);
  const day = fc.integer({ min: 16_800, max: 18_500 });
  const time = fc.nat(86_399).map((second) => second * 1_000_000_000);
  fc.assert(
    fc.property(zone, day, time, day, time, (in_, day1, time1, day2, time2) => {
      const from = zonedAtInstant(day1, time1, in_);
      const to = zonedAtInstant(day2, time2, in_);
      expect(addTemporal(from, durationBetween(from, to))).toEqual(to);
      expect(addTemporal(from, durationInSeconds(from, to))).toEqual(to);
    }),
  );
  // The next day has no such local time: the day is taken up to the end of the gap.
  const from = read('dt 2017-03-25T02:30[Europe/Stockholm]');
  expect(shown(durationBetween(from, read('dt 2017-03-26T03:45[Europe/Stockholm]')))).toBe('P1DT15M');
});

describe('null and mistakes', () => {
  it.each([durationBetween, durationInMonths, durationInDays, durationInSeconds])('%o', (compute) => {
    const day = new DateValue(0);
    expect(compute(null, day)).toBeNull();
    expect(compute(day, null)).toBeNull();
    expect(() => compute(day, 1n)).toThrow(expect.objectContaining({ type: 'TypeError' }));
  });
});
