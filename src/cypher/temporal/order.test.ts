/** Order within each type, which is total, and equality, which is what sorts the same. */
import { describe, expect, it } from 'vitest';
import type { Value } from '../values/value.ts';
import { compareTemporal, equalTemporal } from './order.ts';
import { parseDate, parseDateTime, parseLocalDateTime, parseLocalTime, parseTime } from './parse.ts';
import { parseDuration } from './parse-duration.ts';
import { UTC } from './zones.ts';

const SORTED: [string, (text: string) => Value, string[]][] = [
  ['dates', parseDate, ['-999999999-01-01', '-0001-01-01', '1984-10-11', '1984-10-12', '+12345-01-01']],
  ['local times', parseLocalTime, ['00:00', '10:35', '12:31:14.645876123', '12:31:14.645876124']],
  [
    'times',
    (text) => parseTime(text, () => 0),
    // 09:00Z and 10:00+01:00 are one instant: by offset.
    ['10:00+02:00', '09:35:14.1+01:00', '09:00Z', '10:00+01:00', '09:35:14.645876123Z', '00:00-18:00'],
  ],
  [
    'local datetimes',
    parseLocalDateTime,
    ['-0001-01-01T12:00', '1984-10-11T00:00', '1984-10-11T12:31:14', '1984-10-12T00:00'],
  ],
  [
    'datetimes',
    (text) => parseDateTime(text, () => UTC),
    [
      '-999999999-01-01T00:00+18:00',
      '1984-10-12T01:00+05:00',
      // One instant: by offset, then by name.
      '1984-10-11T18:00-03:00',
      '1984-10-11T21:00Z',
      '1984-10-11T21:00[Africa/Abidjan]',
      '1984-10-11T21:00[UTC]',
      '1984-10-11T22:00+01:00',
      '1984-10-11T22:00:00.000000001+01:00',
      '+999999999-12-31T00:00-18:00',
    ],
  ],
  [
    'durations',
    parseDuration,
    [
      'P-1M',
      'PT-0.001S',
      'PT0S',
      'PT0.000000001S',
      'PT24H',
      'P1D',
      'P1DT1S',
      'P30D',
      'P1M',
      'P31D',
      'P1Y',
      'P366D',
    ],
  ],
];

describe.each(SORTED)('%s', (_, read, texts) => {
  it('have a total order', () => {
    for (const [i, a] of texts.entries()) {
      for (const [j, b] of texts.entries()) {
        expect(Math.sign(compareTemporal(read(a), read(b)) ?? Number.NaN), `${a} and ${b}`).toBe(
          Math.sign(i - j),
        );
        expect(equalTemporal(read(a), read(b))).toBe(i === j);
      }
    }
  });

  it('have none with other types', () => {
    const value = read(texts[0] ?? '');
    for (const [, readOther, others] of SORTED) {
      if (readOther !== read) expect(compareTemporal(value, readOther(others[0] ?? ''))).toBeUndefined();
      if (readOther !== read) expect(equalTemporal(value, readOther(others[0] ?? ''))).toBe(false);
    }
    for (const other of [null, 1n, 'x', []]) {
      expect(compareTemporal(value, other)).toBeUndefined();
      expect(compareTemporal(other, value)).toBeUndefined();
    }
  });
});
