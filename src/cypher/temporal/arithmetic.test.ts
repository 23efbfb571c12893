/** Sums, differences, products: examples worked out by hand, and the laws that hold. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Value } from '../values/value.ts';
import { addTemporal, divideDuration, multiplyDuration, subtractTemporal } from './arithmetic.ts';
import { EPOCH_DAY_MAX } from './calendar.ts';
import { formatTemporal } from './format.ts';
import { parseDate, parseDateTime, parseLocalDateTime, parseLocalTime, parseTime } from './parse.ts';
import { parseDuration } from './parse-duration.ts';
import { DateTimeValue, DateValue, DurationValue, LocalDateTimeValue } from './temporal.ts';
import { UTC } from './zones.ts';

const shown = (value: Value | undefined): string | undefined =>
  value === undefined || value === null || typeof value !== 'object'
    ? undefined
    : formatTemporal(value as DateValue);

const dateTime = (text: string) => parseDateTime(text, () => UTC);

/** 12 years 5 months 14 days; mixed signs; fractions everywhere (155 months, 29 days, 33:58:13.5). */
const DURATIONS = [
  'P12Y5M14DT16H12M70.000000002S',
  'P1M-14DT16H-12M70S',
  'P12.5Y5.5M14.5DT16.5H12.5M70.500000003S',
].map(parseDuration);

describe('a value plus and minus a duration', () => {
  it.each([
    [
      parseDate('1984-10-11'),
      ['1997-03-25', '1984-10-28', '1997-10-11'],
      ['1972-04-27', '1984-09-25', '1971-10-12'],
    ],
    [
      parseLocalTime('12:31:14.000000001'),
      ['04:44:24.000000003', '04:20:24.000000001', '22:29:27.500000004'],
      ['20:18:03.999999999', '20:42:04.000000001', '02:33:00.499999998'],
    ],
    [
      parseTime('12:31:14.000000001+01:00', () => 0),
      ['04:44:24.000000003+01:00', '04:20:24.000000001+01:00', '22:29:27.500000004+01:00'],
      ['20:18:03.999999999+01:00', '20:42:04.000000001+01:00', '02:33:00.499999998+01:00'],
    ],
    [
      parseLocalDateTime('1984-10-11T12:31:14.000000001'),
      ['1997-03-26T04:44:24.000000003', '1984-10-29T04:20:24.000000001', '1997-10-11T22:29:27.500000004'],
      ['1972-04-26T20:18:03.999999999', '1984-09-24T20:42:04.000000001', '1971-10-12T02:33:00.499999998'],
    ],
    [
      dateTime('1984-10-11T12:31:14.000000001+01:00'),
      [
        '1997-03-26T04:44:24.000000003+01:00',
        '1984-10-29T04:20:24.000000001+01:00',
        '1997-10-11T22:29:27.500000004+01:00',
      ],
      [
        '1972-04-26T20:18:03.999999999+01:00',
        '1984-09-24T20:42:04.000000001+01:00',
        '1971-10-12T02:33:00.499999998+01:00',
      ],
    ],
  ])('case %#', (value, sums, differences) => {
    expect(DURATIONS.map((duration) => shown(addTemporal(value, duration)))).toEqual(sums);
    expect(DURATIONS.map((duration) => shown(addTemporal(duration, value)))).toEqual(sums);
    expect(DURATIONS.map((duration) => shown(subtractTemporal(value, duration)))).toEqual(differences);
  });

  it('moves days along the calendar and hours along the time line', () => {
    const value = dateTime('2017-10-28T12:00[Europe/Stockholm]');
    expect(shown(addTemporal(value, parseDuration('P1D')))).toBe('2017-10-29T12:00+01:00[Europe/Stockholm]');
    expect(shown(addTemporal(value, parseDuration('PT24H')))).toBe(
      '2017-10-29T11:00+01:00[Europe/Stockholm]',
    );
    const first = dateTime('2017-10-29T02:30+02:00[Europe/Stockholm]');
    const again = addTemporal(first, parseDuration('PT1H'));
    expect(shown(again)).toBe('2017-10-29T02:30+01:00[Europe/Stockholm]');
    expect(shown(addTemporal(again ?? null, parseDuration('PT1M')))).toBe(
      '2017-10-29T02:31+01:00[Europe/Stockholm]',
    );
    expect(shown(addTemporal(parseDate('2020-01-31'), parseDuration('P1M')))).toBe('2020-02-29');
  });

  it('refuses results beyond the calendar', () => {
    const far = expect.objectContaining({ type: 'ArgumentError', reason: 'NumberOutOfRange' });
    for (const last of [new DateValue(EPOCH_DAY_MAX), new LocalDateTimeValue(EPOCH_DAY_MAX, 0)]) {
      for (const text of ['P1D', 'P1M', 'P9223372036854775807D', 'P9223372036854775807M']) {
        expect(() => addTemporal(last, parseDuration(text))).toThrow(far);
      }
    }
    const end = new DateTimeValue(EPOCH_DAY_MAX, 0, 0, 'Europe/Stockholm');
    expect(() => addTemporal(end, parseDuration('PT24H'))).toThrow(far);
    expect(() => addTemporal(end, parseDuration('PT9223372036854775807S'))).toThrow(far);
  });

  it('is undone by the opposite, as long as no month is cut short', () => {
    const int = (size: number) => fc.bigInt({ min: BigInt(-size), max: BigInt(size) });
    const start = fc.tuple(fc.integer({ min: -1_000_000, max: 1_000_000 }), fc.nat(86_399_999_999_999));
    fc.assert(
      fc.property(start, int(100_000), int(10_000_000), ([day, nano], days, seconds) => {
        const from = new LocalDateTimeValue(day, nano);
        const duration = new DurationValue(0n, days, seconds, 0);
        expect(subtractTemporal(addTemporal(from, duration) ?? null, duration)).toEqual(from);
      }),
    );
  });
});

describe('durations', () => {
  const [a, , b] = DURATIONS;

  it('add and subtract by group', () => {
    expect(shown(addTemporal(a ?? null, b ?? null))).toBe('P25Y4M43DT50H11M23.500000005S');
    expect(shown(subtractTemporal(a ?? null, b ?? null))).toBe('P-6M-15DT-17H-45M-3.500000001S');
    expect(shown(addTemporal(parseDuration('PT0.6S'), parseDuration('PT-1S')))).toBe('PT-0.4S');
  });

  it('multiply and divide', () => {
    const duration = parseDuration('P12Y5M14DT16H12M70.000000001S');
    expect(shown(multiplyDuration(duration, 1n))).toBe('P12Y5M14DT16H13M10.000000001S');
    expect(shown(multiplyDuration(duration, 2n))).toBe('P24Y10M28DT32H26M20.000000002S');
    expect(shown(multiplyDuration(duration, 0.5))).toBe('P6Y2M22DT13H21M8S');
    expect(shown(multiplyDuration(duration, -1))).toBe('P-12Y-5M-14DT-16H-13M-10.000000001S');
    expect(shown(divideDuration(duration, 2n))).toBe('P6Y2M22DT13H21M8S');
    expect(shown(divideDuration(duration, 0.5))).toBe('P24Y10M28DT32H26M20.000000002S');
    expect(shown(divideDuration(parseDuration('P1D'), -3n))).toBe('PT-8H');
    expect(shown(divideDuration(parseDuration('PT1S'), 3n))).toBe('PT0.333333333S');
  });

  it('refuse what has no result', () => {
    const day = parseDuration('P1D');
    expect(() => divideDuration(day, 0n)).toThrow(expect.objectContaining({ type: 'ArithmeticError' }));
    expect(() => divideDuration(day, 0)).toThrow(expect.objectContaining({ type: 'ArithmeticError' }));
    expect(() => multiplyDuration(day, Number.NaN)).toThrow(
      expect.objectContaining({ type: 'ArgumentError' }),
    );
    expect(() => multiplyDuration(day, 2n ** 63n)).toThrow(
      expect.objectContaining({ type: 'ArgumentError' }),
    );
    expect(() => multiplyDuration(day, 1e300)).toThrow(expect.objectContaining({ type: 'ArgumentError' }));
  });
});

it('leaves other operands alone', () => {
  const day = parseDuration('P1D');
  const date = parseDate('1984-10-11');
  for (const [left, right] of [
    [1n, 2n],
    [date, date],
    [date, 1n],
    ['x', date],
    [1n, day],
    [day, null],
  ] as const) {
    expect(addTemporal(left, right)).toBeUndefined();
    expect(subtractTemporal(left, right)).toBeUndefined();
  }
  expect(subtractTemporal(day, date)).toBeUndefined();
});
