/**
 * Reads the ISO 8601 texts of dates, times and their combinations, basic (`20150721`) and extended (`2015-07-21`).
 * Durations are read elsewhere. These texts come per row, so they are read by a cursor, without regular expressions.
 */
import { argumentError, type CypherError } from '../cypher-error.ts';
import {
  daysOfMonth,
  daysOfQuarter,
  daysOfYear,
  epochDayOf,
  firstDayOfWeekYear,
  firstMonthOfQuarter,
  NANOS_OF_SECOND,
  weeksOfWeekYear,
} from './calendar.ts';
import { formatOffset } from './format.ts';
import { type DateTimeValue, DateValue, LocalDateTimeValue, LocalTimeValue, TimeValue } from './temporal.ts';
import { clipped, TextCursor } from './text-cursor.ts';
import { checkedEpochDay, namedZone, offsetOfText, type Zone, zonedAtLocal, zoneOfOffset } from './zones.ts';

/** Digits of a second's fraction: nanoseconds. */
const FRACTION_DIGITS_MAX = 9;

/** No part of a date or time reads as this. */
const ABSENT = Number.NaN;

/** `2015-07-21`, `201507`, `2015-W30-2`, `2015-202`, `2015-Q3-20`, `+12345-01-01` … ArgumentError otherwise. */
export function parseDate(text: string): DateValue {
  const cursor = new TextCursor(text);
  const epochDay = readDate(cursor);
  if (!cursor.ended || Number.isNaN(epochDay)) throw unreadable(text, 'date', '2015-07-21');
  return new DateValue(checkedEpochDay(epochDay));
}

/** `21:40:32.142`, `2140`, `21` … ArgumentError otherwise. */
export function parseLocalTime(text: string): LocalTimeValue {
  const cursor = new TextCursor(text);
  const nanoOfDay = readTime(cursor);
  if (!cursor.ended || Number.isNaN(nanoOfDay)) throw unreadable(text, 'local time', '21:40:32.142');
  return new LocalTimeValue(nanoOfDay);
}

/** A local time with `Z` or an offset, or the default offset in seconds if there is neither. ArgumentError otherwise. */
export function parseTime(text: string, offsetSecondsDefault: () => number): TimeValue {
  const cursor = new TextCursor(text);
  const nanoOfDay = readTime(cursor);
  const offset = readOffset(cursor);
  if (!cursor.ended || Number.isNaN(nanoOfDay)) throw unreadable(text, 'time', '21:40:32.142+01:00');
  return new TimeValue(nanoOfDay, offset ?? offsetSecondsDefault());
}

/** A date, or a date and a time with `T` between them. ArgumentError otherwise. */
export function parseLocalDateTime(text: string): LocalDateTimeValue {
  const cursor = new TextCursor(text);
  const epochDay = readDate(cursor);
  const nanoOfDay = cursor.skip('T') ? readTime(cursor) : 0;
  if (!cursor.ended || Number.isNaN(epochDay + nanoOfDay)) {
    throw unreadable(text, 'local datetime', '2015-07-21T21:40:32.142');
  }
  return new LocalDateTimeValue(checkedEpochDay(epochDay), nanoOfDay);
}

/**
 * A local datetime with an offset, a zone's name in brackets, or both, which must agree: the offset tells which of two
 * equal local times is meant. Without either it is in `zoneDefault`. ArgumentError otherwise.
 */
export function parseDateTime(text: string, zoneDefault: () => Zone): DateTimeValue {
  const cursor = new TextCursor(text);
  const epochDay = readDate(cursor);
  const timed = cursor.skip('T');
  const nanoOfDay = timed ? readTime(cursor) : 0;
  const offset = timed ? readOffset(cursor) : undefined;
  const name = timed ? readZoneName(cursor) : undefined;
  if (!cursor.ended || Number.isNaN(epochDay + nanoOfDay)) {
    throw unreadable(text, 'datetime', '2015-07-21T21:40:32.142+02:00[Europe/Stockholm]');
  }
  checkedEpochDay(epochDay);
  if (name === undefined) {
    return zonedAtLocal(epochDay, nanoOfDay, offset === undefined ? zoneDefault() : zoneOfOffset(offset));
  }
  const value = zonedAtLocal(epochDay, nanoOfDay, namedZone(name), offset);
  if (offset !== undefined && value.offsetSeconds !== offset) {
    throw argumentError(
      'InvalidArgumentValue',
      `'${clipped(text)}': at that time ${name} has the offset ${formatOffset(value.offsetSeconds)}, not ${formatOffset(offset)}`,
    );
  }
  return value;
}

function unreadable(text: string, what: string, example: string): CypherError {
  return argumentError('InvalidArgumentValue', `'${clipped(text)}' is not a ${what} such as '${example}'`);
}

/** The epoch day of the date that stands here, or ABSENT. */
function readDate(cursor: TextCursor): number {
  const sign = cursor.sign();
  const digits = cursor.digitsHere();
  if (sign !== 0) {
    if (digits < 1 || digits > FRACTION_DIGITS_MAX) return ABSENT;
    const year = cursor.take(digits) * sign;
    // Without a separator nobody knows where such a year ends.
    return cursor.sees('-') ? readAfterYear(cursor, year) : epochDayOf(year, 1, 1);
  }
  if (digits < 4) return ABSENT;
  const year = cursor.take(4);
  if (digits > 4) return readBasicDigits(cursor, year, digits - 4);
  return readAfterYear(cursor, year);
}

/** `0721`, `07` or `202` after the year. */
function readBasicDigits(cursor: TextCursor, year: number, digits: number): number {
  if (digits === 4) return calendarDay(year, cursor.take(2), cursor.take(2));
  if (digits === 3) return ordinalDay(year, cursor.take(3));
  return digits === 2 ? calendarDay(year, cursor.take(2), 1) : ABSENT;
}

/** Nothing, `-07`, `-07-21`, `-202`, and weeks and quarters with or without separators. */
function readAfterYear(cursor: TextCursor, year: number): number {
  const extended = cursor.skip('-');
  if (cursor.skip('W')) return readWeek(cursor, year, extended);
  if (cursor.skip('Q')) return readQuarter(cursor, year, extended);
  if (!extended) return epochDayOf(year, 1, 1);
  const digits = cursor.digitsHere();
  if (digits === 3) return ordinalDay(year, cursor.take(3));
  if (digits !== 2 && digits !== 1) return ABSENT;
  const month = cursor.take(digits);
  if (!cursor.skip('-')) return calendarDay(year, month, 1);
  const dayDigits = cursor.digitsHere();
  return dayDigits === 2 || dayDigits === 1 ? calendarDay(year, month, cursor.take(dayDigits)) : ABSENT;
}

function readWeek(cursor: TextCursor, year: number, extended: boolean): number {
  const digits = cursor.digitsHere();
  if (digits !== 2 && (extended || digits !== 3)) return ABSENT;
  const week = cursor.take(2);
  if (extended && cursor.skip('-')) {
    return cursor.digitsHere() === 1 ? weekDay(year, week, cursor.take(1)) : ABSENT;
  }
  return weekDay(year, week, digits === 3 ? cursor.take(1) : 1);
}

function readQuarter(cursor: TextCursor, year: number, extended: boolean): number {
  const digits = cursor.digitsHere();
  if (digits !== 1 && (extended || digits !== 3)) return ABSENT;
  const quarter = cursor.take(1);
  if (extended && cursor.skip('-')) {
    const dayDigits = cursor.digitsHere();
    return dayDigits === 2 || dayDigits === 1 ? quarterDay(year, quarter, cursor.take(dayDigits)) : ABSENT;
  }
  return quarterDay(year, quarter, digits === 3 ? cursor.take(2) : 1);
}

function calendarDay(year: number, month: number, day: number): number {
  if (month < 1 || month > 12 || day < 1 || day > daysOfMonth(year, month)) return ABSENT;
  return epochDayOf(year, month, day);
}

function ordinalDay(year: number, day: number): number {
  return day < 1 || day > daysOfYear(year) ? ABSENT : epochDayOf(year, 1, day);
}

function weekDay(year: number, week: number, day: number): number {
  if (week < 1 || day < 1 || day > 7 || (week > 52 && week > weeksOfWeekYear(year))) return ABSENT;
  return firstDayOfWeekYear(year) + (week - 1) * 7 + day - 1;
}

function quarterDay(year: number, quarter: number, day: number): number {
  if (quarter < 1 || quarter > 4 || day < 1 || day > daysOfQuarter(year, quarter)) return ABSENT;
  return epochDayOf(year, firstMonthOfQuarter(quarter), 1) + day - 1;
}

/** The nanosecond of the day of the time that stands here, or ABSENT. */
function readTime(cursor: TextCursor): number {
  const digits = cursor.digitsHere();
  if (digits !== 2 && digits !== 4 && digits !== 6) return ABSENT;
  const hour = cursor.take(2);
  let minute = 0;
  let second = 0;
  let seconds = digits === 6;
  if (digits > 2) {
    minute = cursor.take(2);
    if (seconds) second = cursor.take(2);
  } else if (cursor.skip(':')) {
    if (cursor.digitsHere() !== 2) return ABSENT;
    minute = cursor.take(2);
    seconds = cursor.skip(':');
    if (seconds) {
      if (cursor.digitsHere() !== 2) return ABSENT;
      second = cursor.take(2);
    }
  }
  if (hour > 23 || minute > 59 || second > 59) return ABSENT;
  const nanos = seconds ? readFraction(cursor) : 0;
  return ((hour * 60 + minute) * 60 + second) * NANOS_OF_SECOND + nanos;
}

/** Nanoseconds of `.142` or `,142`; 0 if no fraction stands here. */
function readFraction(cursor: TextCursor): number {
  if (!cursor.skip('.') && !cursor.skip(',')) return 0;
  const digits = cursor.digitsHere();
  if (digits < 1 || digits > FRACTION_DIGITS_MAX) return ABSENT;
  return cursor.take(digits) * 10 ** (FRACTION_DIGITS_MAX - digits);
}

/** Seconds of `Z` or of an offset; undefined if neither stands here, and then the cursor has not moved. */
function readOffset(cursor: TextCursor): number | undefined {
  const { text, at } = cursor;
  if (cursor.skip('Z')) return 0;
  if (cursor.sign() === 0) return undefined;
  while (cursor.digitsHere() > 0 || cursor.sees(':')) cursor.at += 1;
  const offset = offsetOfText(text.slice(at, cursor.at));
  if (offset === undefined) cursor.at = at;
  return offset;
}

/** The name in brackets, up to the end of the text. */
function readZoneName(cursor: TextCursor): string | undefined {
  if (!cursor.sees('[') || !cursor.text.endsWith(']')) return undefined;
  const name = cursor.text.slice(cursor.at + 1, -1);
  cursor.at = cursor.text.length;
  return name;
}
