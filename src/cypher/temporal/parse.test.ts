/** Texts of dates and times: every form that is read, what is refused, and that what is written is read back. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EPOCH_DAY_MAX, EPOCH_DAY_MIN, NANOS_OF_DAY } from './calendar.ts';
import { formatTemporal } from './format.ts';
import { parseDate, parseDateTime, parseLocalDateTime, parseLocalTime, parseTime } from './parse.ts';
import { DateValue, LocalDateTimeValue, LocalTimeValue, TimeValue } from './temporal.ts';
import { namedZone, UTC, zonedAtInstant, zoneOfOffset } from './zones.ts';

const date = (text: string) => formatTemporal(parseDate(text));
const localTime = (text: string) => formatTemporal(parseLocalTime(text));
const time = (text: string) => formatTemporal(parseTime(text, () => 0));
const localDateTime = (text: string) => formatTemporal(parseLocalDateTime(text));
const dateTime = (text: string) => formatTemporal(parseDateTime(text, () => UTC));

const refused = expect.objectContaining({ type: 'ArgumentError', phase: 'runtime' });

describe('dates', () => {
  it.each([
    ['2015-07-21', '2015-07-21'],
    ['20150721', '2015-07-21'],
    ['2015-07', '2015-07-01'],
    ['201507', '2015-07-01'],
    ['2015-W30-2', '2015-07-21'],
    ['2015W302', '2015-07-21'],
    ['2015-W30', '2015-07-20'],
    ['2015W30', '2015-07-20'],
    ['2015-w30', '2015-07-20'],
    ['2015-202', '2015-07-21'],
    ['2015202', '2015-07-21'],
    ['2015-Q3-21', '2015-07-21'],
    ['2015Q321', '2015-07-21'],
    ['2015-Q3', '2015-07-01'],
    ['2015Q3', '2015-07-01'],
    ['2015', '2015-01-01'],
    ['0000-02-29', '0000-02-29'],
    ['-0001-12-31', '-0001-12-31'],
    ['-5-12-31', '-0005-12-31'],
    ['+12345-01-02', '+12345-01-02'],
    ['+2015-W30-2', '2015-07-21'],
    ['-999999999-01-01', '-999999999-01-01'],
    ['+999999999-12-31', '+999999999-12-31'],
    ['2020-W53-7', '2021-01-03'],
  ])('%s is %s', (text, result) => expect(date(text)).toBe(result));

  it.each([
    ...[
      '',
      ' ',
      'today',
      '15',
      '2015-',
      '2015-07-',
      '20150',
      '2015-0721',
      '201507-21',
      '2015-07-21 ',
      '２０１５',
    ],
    ...['2015-00', '2015-13', '2015-02-29', '2015-04-31', '2015-000', '2015-366', '2015-W00', '2015-W54'],
    ...[
      '2019-W53',
      '2015-W30-0',
      '2015-W30-8',
      '2015W3',
      '2015-Q0',
      '2015-Q5',
      '2015-Q1-91',
      '2015-07-21T10:00',
    ],
    ...['+1234567890-01-01', '12345-01-01', '+999999999-W52-7', '--2015', '+', '2015-07-211'],
  ])('refuses %j', (text) => expect(() => date(text)).toThrow(refused));
});

describe('times', () => {
  it.each([
    ['21:40:32.142', '21:40:32.142'],
    ['214032.142', '21:40:32.142'],
    ['214032,5', '21:40:32.5'],
    ['21:40:32', '21:40:32'],
    ['214032', '21:40:32'],
    ['21:40', '21:40'],
    ['2140', '21:40'],
    ['21', '21:00'],
    ['23:59:59.999999999', '23:59:59.999999999'],
    ['00:00:00.000000001', '00:00:00.000000001'],
    ['21:40:00.100', '21:40:00.1'],
  ])('%s is %s', (text, result) => {
    expect(localTime(text)).toBe(result);
    expect(time(text)).toBe(`${result}Z`);
    expect(localDateTime(`2015-07-21T${text}`)).toBe(`2015-07-21T${result}`);
    expect(dateTime(`2015-W30-2T${text}`)).toBe(`2015-07-21T${result}Z`);
  });

  it.each([
    ['21:40:32.142+0100', '21:40:32.142+01:00'],
    ['214032.142Z', '21:40:32.142Z'],
    ['21:40:32+01:00', '21:40:32+01:00'],
    ['214032-0100', '21:40:32-01:00'],
    ['21:40-01:30', '21:40-01:30'],
    ['2140-00:00', '21:40Z'],
    ['2140-02', '21:40-02:00'],
    ['22+18:00', '22:00+18:00'],
    ['12:34:56-02:05:07', '12:34:56-02:05:07'],
    ['12:34z', '12:34Z'],
  ])('%s is %s', (text, result) => {
    expect(time(text)).toBe(result);
    expect(dateTime(`20150721T${text}`)).toBe(`2015-07-21T${result}`);
  });

  it.each([
    ...[
      '',
      '1',
      '123',
      '24:00',
      '12:60',
      '12:30:60',
      '12:3',
      '12:',
      '12:30:',
      '12:30:1',
      '1230:10',
      '12:3010',
    ],
    ...['12:30:10.', '12:30:10.1234567890', '12.5', '12:30.5', 'T12:30', '12:30 '],
  ])('refuses %j', (text) => {
    expect(() => localTime(text)).toThrow(refused);
    expect(() => time(text)).toThrow(refused);
    expect(() => dateTime(`2015-07-21T${text}`)).toThrow(refused);
  });

  it.each([
    '12:30+19:00',
    '12:30+1',
    '12:30+01:60',
    '12:30[Europe/Paris]',
    '12:30Z+01:00',
    '12:30Z ',
  ])('refuses the zone of %j', (text) => expect(() => time(text)).toThrow(refused));
});

describe('datetimes', () => {
  it.each([
    ['2015-07-21T21:40:32.142+02:00[Europe/Stockholm]', '2015-07-21T21:40:32.142+02:00[Europe/Stockholm]'],
    ['2015-07-21T21:40:32.142+0845[Australia/Eucla]', '2015-07-21T21:40:32.142+08:45[Australia/Eucla]'],
    ['2015-07-21T21:40:32.142-04[America/New_York]', '2015-07-21T21:40:32.142-04:00[America/New_York]'],
    ['2015-07-21T21:40:32.142[Europe/London]', '2015-07-21T21:40:32.142+01:00[Europe/London]'],
    ['1818-07-21T21:40:32.142[Europe/Stockholm]', '1818-07-21T21:40:32.142+00:53:28[Europe/Stockholm]'],
    ['2017-10-29T02:30+01:00[Europe/Stockholm]', '2017-10-29T02:30+01:00[Europe/Stockholm]'],
    ['2015-07-21T10:00Z[UTC]', '2015-07-21T10:00Z[UTC]'],
    ['2015-07-21', '2015-07-21T00:00Z'],
    ['2015T214032-0100', '2015-01-01T21:40:32-01:00'],
    ['2015202T21+18:00', '2015-07-21T21:00+18:00'],
  ])('%s is %s', (text, result) => expect(dateTime(text)).toBe(result));

  it.each([
    '2015-07-21T10:00+05:00[Europe/Stockholm]',
    '2015-07-21T10:00[Europe/Atlantis]',
    '2015-07-21T10:00[]',
    '2015-07-21T10:00[Europe/Stockholm',
    '2015-07-21T10:00[Europe/Stockholm]Z',
    '2015-07-21T10:00[+01:00]',
    '2015-07-21Z',
    '2015-07-21T',
    '2015-07-21 10:00',
  ])('refuses %j', (text) => expect(() => dateTime(text)).toThrow(refused));

  it('without a zone lie in the one given', () => {
    expect(formatTemporal(parseDateTime('2015-07-21T10:00', () => namedZone('Europe/Stockholm')))).toBe(
      '2015-07-21T10:00+02:00[Europe/Stockholm]',
    );
    expect(formatTemporal(parseTime('10:00', () => 7_200))).toBe('10:00+02:00');
  });

  it('shows no more than the beginning of a long text', () => {
    expect(() => date('x'.repeat(100_000))).toThrow(/^.{0,200}$/s);
  });
});

describe('what is written', () => {
  const anyDay = fc.oneof(
    fc.integer({ min: EPOCH_DAY_MIN, max: EPOCH_DAY_MAX }),
    fc.integer({ min: -1_000_000, max: 1_000_000 }),
  );
  const anyNano = fc.oneof(
    fc.integer({ min: 0, max: NANOS_OF_DAY - 1 }),
    fc.integer({ min: 0, max: 86_399 }).map((second) => second * 1_000_000_000),
  );
  const anyOffset = fc.integer({ min: -64_800, max: 64_800 });

  it('is read back to the same value', () => {
    fc.assert(
      fc.property(anyDay, anyNano, anyOffset, (epochDay, nanoOfDay, offset) => {
        const day = new DateValue(epochDay);
        expect(parseDate(formatTemporal(day))).toEqual(day);
        const local = new LocalTimeValue(nanoOfDay);
        expect(parseLocalTime(formatTemporal(local))).toEqual(local);
        const zoned = new TimeValue(nanoOfDay, offset);
        expect(parseTime(formatTemporal(zoned), () => Number.NaN)).toEqual(zoned);
        const both = new LocalDateTimeValue(epochDay, nanoOfDay);
        expect(parseLocalDateTime(formatTemporal(both))).toEqual(both);
      }),
    );
  });

  it('of a datetime in a zone is read back too, also where a local time comes twice', () => {
    const near = fc.integer({ min: EPOCH_DAY_MIN + 1, max: EPOCH_DAY_MAX - 1 });
    const recent = fc.integer({ min: -60_000, max: 60_000 });
    const zone = fc.oneof(
      fc
        .constantFrom('Europe/Stockholm', 'America/New_York', 'Asia/Kolkata', 'UTC', 'Africa/Casablanca')
        .map(namedZone),
      anyOffset.map(zoneOfOffset),
    );
    fc.assert(
      fc.property(fc.oneof(near, recent), anyNano, zone, (epochDay, nanoOfDay, in_) => {
        const value = zonedAtInstant(epochDay, nanoOfDay, in_);
        expect(parseDateTime(formatTemporal(value), () => UTC)).toEqual(value);
      }),
    );
    const change = zonedAtInstant(17_468, 3_600e9, namedZone('Europe/Stockholm'));
    expect(formatTemporal(change)).toBe('2017-10-29T02:00+01:00[Europe/Stockholm]');
    expect(parseDateTime(formatTemporal(change), () => UTC)).toEqual(change);
  });
});
