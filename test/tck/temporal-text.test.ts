/** Texts of temporal values. */
import { describe, expect, it } from 'vitest';
import {
  DateTimeValue,
  DateValue,
  DurationValue,
  LocalDateTimeValue,
  LocalTimeValue,
  TimeValue,
} from '../../src/cypher/temporal/temporal.ts';
import { temporalText } from './temporal-text.ts';

const HOUR = 3_600_000_000_000;

describe('a temporal value', () => {
  it.each([
    [0, '1970-01-01'],
    [-1, '1969-12-31'],
    [11_016, '2000-02-29'],
    [11_017, '2000-03-01'],
    [-719_528, '0000-01-01'],
    [-719_529, '-0001-12-31'],
    [2_932_896, '9999-12-31'],
    [2_932_897, '+10000-01-01'],
    [365_241_780_471, '+999999999-12-31'],
    [-365_243_219_162, '-999999999-01-01'],
  ])('day %i is %s', (epochDay, text) => {
    expect(temporalText(new DateValue(epochDay))).toBe(text);
  });

  it('agrees with the calendar of JavaScript on every 97th day of a thousand years', () => {
    for (let day = -200_000; day < 200_000; day += 97) {
      expect(temporalText(new DateValue(day))).toBe(new Date(day * 86_400_000).toISOString().slice(0, 10));
    }
  });

  it.each([
    [0, '00:00'],
    [12 * HOUR, '12:00'],
    [12 * HOUR + 1_000_000_000, '12:00:01'],
    [12 * HOUR + 2, '12:00:00.000000002'],
    [23 * HOUR + 59 * 60_000_000_000 + 59_500_000_000, '23:59:59.5'],
  ])('nanosecond %i of a day is %s', (nanoOfDay, text) => {
    expect(temporalText(new LocalTimeValue(nanoOfDay))).toBe(text);
  });

  it('has an offset and a zone', () => {
    expect(temporalText(new TimeValue(HOUR, 0))).toBe('01:00Z');
    expect(temporalText(new TimeValue(HOUR, -5_400))).toBe('01:00-01:30');
    expect(temporalText(new LocalDateTimeValue(0, HOUR))).toBe('1970-01-01T01:00');
    expect(temporalText(new DateTimeValue(0, 0, 3_208, 'Europe/Stockholm'))).toBe(
      '1970-01-01T00:00+00:53:28[Europe/Stockholm]',
    );
    expect(temporalText(new DateTimeValue(0, 0, 3_600, undefined))).toBe('1970-01-01T00:00+01:00');
  });

  it.each([
    ['PT0S', [0n, 0n, 0n, 0]],
    ['P1Y2M3DT1H1M1.5S', [14n, 3n, 3_661n, 500_000_000]],
    ['P-1Y-2M', [-14n, 0n, 0n, 0]],
    ['P1DT-0.001S', [0n, 1n, 0n, -1_000_000]],
    ['PT-1.999S', [0n, 0n, -1n, -999_000_000]],
    ['PT-1H', [0n, 0n, -3_600n, 0]],
    ['PT8765802740111H59M59.999999999S', [0n, 0n, 31_556_889_864_403_199n, 999_999_999]],
  ] as const)('a duration is %s', (text, [months, days, seconds, nanos]) => {
    expect(temporalText(new DurationValue(months, days, seconds, nanos))).toBe(text);
  });
});
