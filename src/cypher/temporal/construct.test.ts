/** Temporal values out of maps and of each other. The clock stands still, so the present is known too. */
import { describe, expect, it } from 'vitest';
import type { Value } from '../values/value.ts';
import {
  makeDate,
  makeDateTime,
  makeDuration,
  makeLocalDateTime,
  makeLocalTime,
  makeTime,
} from './construct.ts';
import { formatTemporal } from './format.ts';
import type { StatementClock } from './statement-clock.ts';

/** 2026-01-31T23:30:00.123456789Z: already February in Stockholm. */
const CLOCK: StatementClock = { epochMillis: Date.UTC(2026, 0, 31, 23, 30, 0, 123), nanos: 456_789 };

const MAKE = {
  date: makeDate,
  localtime: makeLocalTime,
  time: makeTime,
  localdatetime: makeLocalDateTime,
  datetime: makeDateTime,
  duration: makeDuration,
};
type Type = keyof typeof MAKE;
type Input = string | number | bigint | boolean | null | object;

/** Whole numbers are INTEGER, other plain objects are maps. */
function cypherOf(input: Input): Value {
  if (typeof input === 'number') return Number.isInteger(input) ? BigInt(input) : input;
  if (input !== null && typeof input === 'object' && Object.getPrototypeOf(input) === Object.prototype) {
    return new Map(Object.entries(input).map(([key, value]) => [key, cypherOf(value)]));
  }
  return input as Value;
}

function make(type: Type, input: Input, clock = CLOCK): Value {
  return MAKE[type](cypherOf(input), clock);
}

function text(type: Type, input: Input, clock = CLOCK): string | null {
  const value = MAKE[type](cypherOf(input), clock);
  return value === null ? null : formatTemporal(value);
}

const of = (type: Type, literal: string): object => MAKE[type](literal, CLOCK) as object;

describe('out of fields', () => {
  it.each([
    [{ year: 1984, month: 10, day: 11 }, '1984-10-11'],
    [{ year: 1984, month: 10 }, '1984-10-01'],
    [{ year: 1984 }, '1984-01-01'],
    [{ year: -999_999_999 }, '-999999999-01-01'],
    [{ year: 1984, week: 10, dayOfWeek: 3 }, '1984-03-07'],
    [{ year: 1817, week: 1 }, '1816-12-30'],
    [{ year: 1818, week: 53 }, '1818-12-28'],
    [{ year: 1817, week: 1, dayOfWeek: 2 }, '1816-12-31'],
    [{ year: 1984, ordinalDay: 202 }, '1984-07-20'],
    [{ year: 1984, quarter: 3, dayOfQuarter: 45 }, '1984-08-14'],
    [{ year: 1984, quarter: 3 }, '1984-07-01'],
  ])('date(%j) is %s', (fields, result) => {
    expect(text('date', fields)).toBe(result);
    expect(text('localdatetime', fields)).toBe(`${result}T00:00`);
    expect(text('datetime', { ...fields, hour: 12 })).toBe(`${result}T12:00Z`);
  });

  it.each([
    [
      { hour: 12, minute: 31, second: 14, millisecond: 123, microsecond: 456, nanosecond: 789 },
      '12:31:14.123456789',
    ],
    [{ hour: 12, minute: 31, second: 14, nanosecond: 645_876_123 }, '12:31:14.645876123'],
    [{ hour: 12, minute: 31, second: 14, nanosecond: 3 }, '12:31:14.000000003'],
    [{ hour: 12, minute: 31, second: 14, microsecond: 645_876 }, '12:31:14.645876'],
    [{ hour: 12, minute: 31, second: 14, millisecond: 645 }, '12:31:14.645'],
    [{ hour: 12, minute: 31, second: 14, millisecond: 645, nanosecond: 123_456 }, '12:31:14.645123456'],
    [{ hour: 12, minute: 31, second: 14 }, '12:31:14'],
    [{ hour: 12, minute: 31 }, '12:31'],
    [{ hour: 12 }, '12:00'],
  ])('localtime(%j) is %s', (fields, result) => {
    expect(text('localtime', fields)).toBe(result);
    expect(text('time', { ...fields, timezone: '+01:00' })).toBe(`${result}+01:00`);
    expect(text('localdatetime', { year: 1984, ...fields })).toBe(`1984-01-01T${result}`);
  });

  it('in a zone', () => {
    const fields = { year: 1984, month: 7, day: 20, hour: 12 };
    expect(text('datetime', { ...fields, timezone: 'Europe/Stockholm' })).toBe(
      '1984-07-20T12:00+02:00[Europe/Stockholm]',
    );
    expect(text('datetime', { ...fields, timezone: '-02:05:07' })).toBe('1984-07-20T12:00-02:05:07');
    expect(text('time', { hour: 12, timezone: 'Europe/Stockholm' })).toBe('12:00+01:00');
    const inTokyo = { ...CLOCK, zone: 'Asia/Tokyo' };
    expect(text('datetime', fields, inTokyo)).toBe('1984-07-20T12:00+09:00[Asia/Tokyo]');
    expect(text('time', { hour: 12 }, inTokyo)).toBe('12:00+09:00');
    expect(text('time', '12:00', inTokyo)).toBe('12:00+09:00');
    expect(text('datetime', '2020-01-01T12:00', inTokyo)).toBe('2020-01-01T12:00+09:00[Asia/Tokyo]');
  });

  it('out of seconds and milliseconds since 1970', () => {
    expect(text('datetime', { epochSeconds: 416_779, nanosecond: 999_999_999 })).toBe(
      '1970-01-05T19:46:19.999999999Z',
    );
    expect(text('datetime', { epochMillis: -1, nanosecond: 5 })).toBe('1969-12-31T23:59:59.999000005Z');
    expect(text('datetime', { epochSeconds: 0, timezone: 'Europe/Paris' })).toBe(
      '1970-01-01T01:00+01:00[Europe/Paris]',
    );
  });

  it('of nothing but a zone: the present there', () => {
    const there = { timezone: 'Europe/Stockholm' };
    expect(text('date', there)).toBe('2026-02-01');
    expect(text('time', there)).toBe('00:30:00.123456789+01:00');
    expect(text('localdatetime', there)).toBe('2026-02-01T00:30:00.123456789');
    expect(text('datetime', there)).toBe('2026-02-01T00:30:00.123456789+01:00[Europe/Stockholm]');
  });
});

describe('laid over another value', () => {
  const date = of('date', '1984-11-11');
  it.each([
    [{ date }, '1984-11-11'],
    [{ date, year: 28 }, '0028-11-11'],
    [{ date, day: 28 }, '1984-11-28'],
    [{ date, week: 1 }, '1984-01-08'],
    [{ date, dayOfWeek: 1 }, '1984-11-05'],
    [{ date, ordinalDay: 28 }, '1984-01-28'],
    [{ date, quarter: 3 }, '1984-08-11'],
    [{ date, dayOfQuarter: 1 }, '1984-10-01'],
    [{ date: of('date', '1816-12-30'), week: 2, dayOfWeek: 3 }, '1817-01-08'],
    [{ date: of('date', '1816-12-31'), week: 2 }, '1817-01-07'],
    [{ date: of('date', '1816-12-31'), year: 1817, week: 2 }, '1817-01-07'],
    [{ date: of('datetime', '1984-11-11T12:00+01:00'), day: 28 }, '1984-11-28'],
    [{ datetime: of('localdatetime', '1984-11-11T12:00') }, '1984-11-11'],
  ])('a date: %#', (fields, result) => expect(text('date', fields)).toBe(result));

  const utc = of('localtime', '12:31:14.645876123');
  const time = of('time', '12:31:14.645876+01:00');
  const stockholm = of('datetime', '1984-10-11T12:00[Europe/Stockholm]');
  it.each([
    ['localtime', { time }, '12:31:14.645876'],
    ['localtime', { time: utc, second: 42 }, '12:31:42.645876123'],
    ['localtime', { time: utc, millisecond: 1 }, '12:31:14.001'],
    ['time', { time: utc }, '12:31:14.645876123Z'],
    ['time', { time, second: 42 }, '12:31:42.645876+01:00'],
    ['time', { time, timezone: '+05:00' }, '16:31:14.645876+05:00'],
    ['time', { time: of('time', '23:00-01:00'), timezone: '+01:00' }, '01:00+01:00'],
    ['time', { time: stockholm, second: 42, timezone: '+05:00' }, '16:00:42+05:00'],
    ['time', stockholm, '12:00+01:00'],
    ['localdatetime', { date: stockholm, time: utc, day: 28, second: 42 }, '1984-10-28T12:31:42.645876123'],
    ['localdatetime', { datetime: stockholm, day: 28 }, '1984-10-28T12:00'],
    ['datetime', { date: stockholm, hour: 10 }, '1984-10-11T10:00Z'],
    ['datetime', { date, hour: 10, timezone: '+05:00' }, '1984-11-11T10:00+05:00'],
    ['datetime', { date, time }, '1984-11-11T12:31:14.645876+01:00'],
    ['datetime', { date, time: utc, timezone: '+05:00' }, '1984-11-11T12:31:14.645876123+05:00'],
    [
      'datetime',
      { date, time, timezone: 'Pacific/Honolulu' },
      '1984-11-11T01:31:14.645876-10:00[Pacific/Honolulu]',
    ],
    [
      'datetime',
      { date: of('date', '1984-03-28'), time: stockholm },
      '1984-03-28T12:00+02:00[Europe/Stockholm]',
    ],
    [
      'datetime',
      { date: of('date', '1984-03-07'), time: stockholm, day: 28, second: 42, timezone: 'Pacific/Honolulu' },
      '1984-03-28T00:00:42-10:00[Pacific/Honolulu]',
    ],
    ['datetime', { year: 1984, time: stockholm }, '1984-01-01T12:00+01:00[Europe/Stockholm]'],
    ['datetime', { datetime: stockholm, timezone: '+05:00' }, '1984-10-11T16:00+05:00'],
    ['datetime', of('localdatetime', '1984-10-11T12:00'), '1984-10-11T12:00Z'],
    ['datetime', date, '1984-11-11T00:00Z'],
    ['date', stockholm, '1984-10-11'],
  ] as const)('%s: case %#', (type, fields, result) => expect(text(type, fields)).toBe(result));

  it('keeps the second of two equal local times', () => {
    const later = of('datetime', '2017-10-29T02:30+01:00[Europe/Stockholm]');
    expect(text('datetime', { datetime: later, second: 5 })).toBe(
      '2017-10-29T02:30:05+01:00[Europe/Stockholm]',
    );
  });
});

describe('durations', () => {
  it.each([
    [{ days: 14, hours: 16, minutes: 12 }, 'P14DT16H12M'],
    [{ months: 5, days: 1.5 }, 'P5M1DT12H'],
    [{ months: 0.75 }, 'P22DT19H51M49.5S'],
    [{ weeks: 2.5 }, 'P17DT12H'],
    [{ years: 12, months: 5, days: 14, hours: 16, minutes: 12, seconds: 70 }, 'P12Y5M14DT16H13M10S'],
    [{ days: 14, seconds: 70, milliseconds: 1 }, 'P14DT1M10.001S'],
    [{ days: 14, seconds: 70, microseconds: 1 }, 'P14DT1M10.000001S'],
    [{ days: 14, seconds: 70, nanoseconds: 1 }, 'P14DT1M10.000000001S'],
    [{ minutes: 1.5, seconds: 1 }, 'PT1M31S'],
    [{ quarters: 5 }, 'P1Y3M'],
    [{ seconds: 2, milliseconds: -1 }, 'PT1.999S'],
    [{ seconds: -2, milliseconds: 1 }, 'PT-1.999S'],
    [{ days: 1, milliseconds: -1 }, 'P1DT-0.001S'],
    [{ seconds: -60, milliseconds: -1 }, 'PT-1M-0.001S'],
    [{ seconds: 0.1, nanoseconds: 1 }, 'PT0.100000001S'],
    [{ days: -0.5 }, 'PT-12H'],
    [{ seconds: 1e-7 }, 'PT0.0000001S'],
    [{ hours: 1e15 }, 'PT1000000000000000H'],
    [{ hours: 0 }, 'PT0S'],
  ])('%j is %s', (fields, result) => expect(text('duration', fields)).toBe(result));

  it('of seconds by tenths add up without error', () => {
    expect(text('duration', { seconds: 0.1, minutes: 0.1, hours: 0.1 })).toBe('PT6M6.1S');
  });
});

describe('null', () => {
  it.each(Object.keys(MAKE) as Type[])('gives null: %s', (type) => {
    expect(make(type, null)).toBeNull();
    expect(make(type, type === 'duration' ? { days: null } : { timezone: null })).toBeNull();
  });
});

describe('refuses', () => {
  const time = of('localtime', '12:00');
  const date = of('date', '1984-10-11');
  const both = of('datetime', '1984-10-11T12:00Z');
  it.each([
    ['date', {}, 'ArgumentError'],
    ['date', { month: 3 }, 'ArgumentError'],
    ['date', { year: 1984, day: 3 }, 'ArgumentError'],
    ['date', { year: 1984, dayOfWeek: 3 }, 'ArgumentError'],
    ['date', { year: 1985, month: 2, day: 29 }, 'ArgumentError'],
    ['date', { year: 1985, month: 13 }, 'ArgumentError'],
    ['date', { year: 1985, ordinalDay: 366 }, 'ArgumentError'],
    ['date', { year: 1985, quarter: 1, dayOfQuarter: 91 }, 'ArgumentError'],
    ['date', { year: 2019, week: 53 }, 'ArgumentError'],
    ['date', { year: 1985, week: 1, month: 1 }, 'ArgumentError'],
    ['date', { year: 1_000_000_000 }, 'ArgumentError'],
    ['date', { year: 10n ** 30n }, 'ArgumentError'],
    ['date', { year: 1985, hour: 1 }, 'ArgumentError'],
    ['date', { year: 1985, timezone: 'Z' }, 'ArgumentError'],
    ['date', { yeer: 1985 }, 'ArgumentError'],
    ['date', { year: 1.5 }, 'TypeError'],
    ['date', { year: '1985' }, 'TypeError'],
    ['date', { date: '1985-01-01' }, 'TypeError'],
    ['date', { date: time }, 'TypeError'],
    ['date', { date, datetime: both }, 'ArgumentError'],
    ['date', time, 'TypeError'],
    ['date', 5, 'TypeError'],
    ['date', true, 'TypeError'],
    ['localtime', date, 'TypeError'],
    ['localtime', {}, 'ArgumentError'],
    ['localtime', { minute: 3 }, 'ArgumentError'],
    ['localtime', { hour: 3, second: 3 }, 'ArgumentError'],
    ['localtime', { hour: 3, nanosecond: 3 }, 'ArgumentError'],
    ['localtime', { hour: 24 }, 'ArgumentError'],
    ['localtime', { hour: 1, minute: 1, second: 1, millisecond: 1, microsecond: 1_000 }, 'ArgumentError'],
    ['localtime', { hour: 1, minute: 1, second: 1, microsecond: 1, nanosecond: 1_000 }, 'ArgumentError'],
    ['time', { time: date }, 'TypeError'],
    ['time', { hour: 1, timezone: 'Europe/Atlantis' }, 'ArgumentError'],
    ['time', { hour: 1, timezone: 1 }, 'TypeError'],
    ['localdatetime', time, 'TypeError'],
    ['datetime', { hour: 12 }, 'ArgumentError'],
    ['datetime', { epochMillis: 1, year: 3 }, 'ArgumentError'],
    ['datetime', { epochMillis: 1, epochSeconds: 3 }, 'ArgumentError'],
    ['datetime', { epochMillis: 1, millisecond: 3 }, 'ArgumentError'],
    ['datetime', { epochSeconds: 0.5 }, 'TypeError'],
    ['datetime', { epochSeconds: 10n ** 17n }, 'ArgumentError'],
    ['localdatetime', { epochSeconds: 1 }, 'ArgumentError'],
    ['duration', {}, 'ArgumentError'],
    ['duration', { day: 1 }, 'ArgumentError'],
    ['duration', { days: '1' }, 'TypeError'],
    ['duration', { days: Number.NaN }, 'TypeError'],
    ['duration', { days: 1e300 }, 'ArgumentError'],
    ['duration', date, 'TypeError'],
  ] as const)('%s: case %#', (type, input, error) => {
    expect(() => make(type, input)).toThrow(expect.objectContaining({ type: error, phase: 'runtime' }));
  });
});
