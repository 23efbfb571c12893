/** Truncation: every unit for every type, and the fields laid over the result. */
import { describe, expect, it } from 'vitest';
import type { Value } from '../values/value.ts';
import type { TemporalType } from './construct.ts';
import { formatTemporal } from './format.ts';
import { parseDate, parseDateTime, parseLocalDateTime, parseLocalTime, parseTime } from './parse.ts';
import type { DateTimeValue } from './temporal.ts';
import { truncate } from './truncate.ts';
import { UTC } from './zones.ts';

const CLOCK = { epochMillis: Date.UTC(2026, 0, 31), nanos: 0 };

type Fields = Record<string, bigint | string | null>;

function cut(type: TemporalType, unit: string, value: Value, fields: Fields = {}): string | null {
  const result = truncate(type, unit, value, new Map(Object.entries(fields)), CLOCK);
  return result === null ? null : formatTemporal(result as DateTimeValue);
}

const dateTime = (text: string) => parseDateTime(text, () => UTC);
const ZONED = dateTime('1984-11-11T12:31:14.645876123-01:00');
const LOCAL = parseLocalDateTime('1984-11-11T12:31:14.645876123');
const STOCKHOLM = { timezone: 'Europe/Stockholm' };

describe('days', () => {
  it.each([
    ['millennium', '1000-01-01'],
    ['century', '1900-01-01'],
    ['decade', '1980-01-01'],
    ['year', '1984-01-01'],
    ['weekYear', '1984-01-02'],
    ['quarter', '1984-10-01'],
    ['month', '1984-11-01'],
    ['week', '1984-11-05'],
    ['day', '1984-11-11'],
    ['DAY', '1984-11-11'],
  ])('%s begins on %s', (unit, day) => {
    expect(cut('date', unit, parseDate('1984-11-11'))).toBe(day);
    expect(cut('date', unit, ZONED)).toBe(day);
    expect(cut('localdatetime', unit, ZONED)).toBe(`${day}T00:00`);
    expect(cut('datetime', unit, LOCAL)).toBe(`${day}T00:00Z`);
    expect(cut('datetime', unit, ZONED)).toBe(`${day}T00:00-01:00`);
    expect(cut('datetime', unit, ZONED, STOCKHOLM)).toBe(
      `${day}T00:00${OFFSETS[unit] ?? '+01:00'}[Europe/Stockholm]`,
    );
  });

  /** Before there was standard time. */
  const OFFSETS: Record<string, string> = { millennium: '+00:53:28' };

  it('of years before the first one', () => {
    expect(cut('date', 'century', parseDate('-0001-05-05'))).toBe('-0100-01-01');
    expect(cut('date', 'weekYear', parseDate('1984-01-01'))).toBe('1983-01-03');
  });

  it('take fields over them', () => {
    expect(cut('date', 'millennium', parseDate('2017-10-11'), { day: 2n })).toBe('2000-01-02');
    expect(cut('date', 'weekYear', parseDate('1984-02-01'), { day: 5n })).toBe('1984-01-05');
    expect(cut('date', 'week', parseDate('1984-10-11'), { dayOfWeek: 2n })).toBe('1984-10-09');
    expect(cut('datetime', 'day', LOCAL, { nanosecond: 2n })).toBe('1984-11-11T00:00:00.000000002Z');
  });

  it('begin with the offset that their zone has then', () => {
    const value = dateTime('2017-10-29T12:00[Europe/Stockholm]');
    expect(cut('datetime', 'day', value)).toBe('2017-10-29T00:00+02:00[Europe/Stockholm]');
    const later = dateTime('2017-10-29T02:30+01:00[Europe/Stockholm]');
    expect(cut('datetime', 'hour', later)).toBe('2017-10-29T02:00+01:00[Europe/Stockholm]');
  });
});

describe('times', () => {
  it.each([
    ['day', '00:00', '00:00:00.000000002'],
    ['hour', '12:00', '12:00:00.000000002'],
    ['minute', '12:31', '12:31:00.000000002'],
    ['second', '12:31:14', '12:31:14.000000002'],
    ['millisecond', '12:31:14.645', '12:31:14.645000002'],
    ['microsecond', '12:31:14.645876', '12:31:14.645876002'],
  ])('%s of 12:31:14.645876123 is %s', (unit, time, withNanos) => {
    const nanosecond = 2n;
    expect(cut('localtime', unit, parseLocalTime('12:31:14.645876123'))).toBe(time);
    expect(cut('localtime', unit, ZONED, { nanosecond })).toBe(withNanos);
    expect(cut('time', unit, ZONED)).toBe(`${time}-01:00`);
    expect(cut('time', unit, LOCAL, { nanosecond })).toBe(`${withNanos}Z`);
    expect(
      cut(
        'time',
        unit,
        parseTime('12:31:14.645876123-01:00', () => 0),
        { timezone: '+01:00' },
      ),
    ).toBe(`${time}+01:00`);
    expect(cut('time', unit, LOCAL, STOCKHOLM)).toBe(`${time}+01:00`);
    expect(cut('localdatetime', unit, LOCAL)).toBe(`1984-11-11T${time}`);
    expect(cut('datetime', unit, ZONED, { nanosecond })).toBe(`1984-11-11T${withNanos}-01:00`);
    expect(cut('datetime', unit, ZONED, STOCKHOLM)).toBe(`1984-11-11T${time}+01:00[Europe/Stockholm]`);
  });

  it('keep a fraction only below the unit', () => {
    expect(cut('localtime', 'millisecond', LOCAL, { microsecond: 7n })).toBe('12:31:14.645007');
    expect(cut('localtime', 'second', LOCAL, { millisecond: 7n })).toBe('12:31:14.007');
  });
});

describe('null and mistakes', () => {
  it('null gives null', () => {
    expect(cut('date', 'year', null)).toBeNull();
    expect(truncate('date', 'year', ZONED, null, CLOCK)).toBeNull();
    expect(cut('date', 'year', ZONED, { day: null })).toBeNull();
  });

  it.each([
    ['date', 'fortnight', ZONED, {}, 'ArgumentError'],
    ['date', 'hour', ZONED, {}, 'ArgumentError'],
    ['date', 'year', ZONED, STOCKHOLM, 'ArgumentError'],
    ['date', 'year', ZONED, { hour: 1n }, 'ArgumentError'],
    ['date', 'year', ZONED, { month: 2n, day: 30n }, 'ArgumentError'],
    ['date', 'year', parseLocalTime('12:00'), {}, 'TypeError'],
    ['date', 'year', 'x', {}, 'TypeError'],
    ['localtime', 'week', ZONED, {}, 'ArgumentError'],
    ['localtime', 'hour', parseDate('1984-11-11'), {}, 'TypeError'],
    ['datetime', 'hour', parseDate('1984-11-11'), {}, 'TypeError'],
    ['datetime', 'day', ZONED, { datetime: 'x' }, 'ArgumentError'],
  ] as const)('%s to %s: case %#', (type, unit, value, fields, error) => {
    expect(() => cut(type, unit, value, fields as Fields)).toThrow(
      expect.objectContaining({ type: error, phase: 'runtime' }),
    );
  });
});
