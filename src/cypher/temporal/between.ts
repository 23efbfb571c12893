/**
 * The time from one date or time to another. What only one of both has is given to the other: its date, its zone; who
 * has no time begins at midnight. Months and days are counted in the first one's zone, seconds along the time line.
 */
import type { Value } from '../values/value.ts';
import { monthsBetween, NANOS_OF_DAY, NANOS_OF_SECOND, plusMonths } from './calendar.ts';
import { durationOfWhole } from './duration-amounts.ts';
import { dayOf, inZone, isTemporalPoint, notMadeOf, type TemporalPoint, timeOf, zoneIn } from './parts.ts';
import { DateTimeValue, DurationValue } from './temporal.ts';
import { UTC, zonedAtLocal, zoneOfDateTime } from './zones.ts';

/** Both ends as datetimes of one zone, so that they can be compared field by field and as instants. */
interface Span {
  readonly from: DateTimeValue;
  readonly to: DateTimeValue;
  /** Whether both had a date; without it there are no days to count. */
  readonly dated: boolean;
}

const NOTHING = new DurationValue(0n, 0n, 0n, 0);

/** Months, then days, then the rest. Null if either is null; TypeError if one is no date or time. */
export function durationBetween(from: Value, to: Value): DurationValue | null {
  const span = spanOf(from, to, 'duration.between');
  if (span === null) return null;
  if (!span.dated) return secondsOf(span.from, span.to);
  const months = monthsOf(span.from, span.to);
  const lastDay = fullDay(span.from, span.to);
  const days = lastDay - plusMonths(span.from.epochDay, months);
  const rest = secondsOf(atDay(span.from, lastDay), span.to);
  return new DurationValue(BigInt(months), BigInt(days), rest.seconds, rest.nanos);
}

/** Whole months, and nothing unless both have a date. Null and errors as in `durationBetween`. */
export function durationInMonths(from: Value, to: Value): DurationValue | null {
  const span = spanOf(from, to, 'duration.inMonths');
  if (span === null || !span.dated) return span === null ? null : NOTHING;
  return new DurationValue(BigInt(monthsOf(span.from, span.to)), 0n, 0n, 0);
}

/** Whole days, and nothing unless both have a date. Null and errors as in `durationBetween`. */
export function durationInDays(from: Value, to: Value): DurationValue | null {
  const span = spanOf(from, to, 'duration.inDays');
  if (span === null || !span.dated) return span === null ? null : NOTHING;
  return new DurationValue(0n, BigInt(daysOf(span.from, span.to)), 0n, 0);
}

/** All of it in seconds. Null and errors as in `durationBetween`. */
export function durationInSeconds(from: Value, to: Value): DurationValue | null {
  const span = spanOf(from, to, 'duration.inSeconds');
  return span === null ? null : secondsOf(span.from, span.to);
}

function spanOf(from: Value, to: Value, name: string): Span | null {
  if (from === null || to === null) return null;
  if (!isTemporalPoint(from) || !isTemporalPoint(to)) throw notMadeOf(name, 'two dates or times');
  const start = completed(from, to);
  const end = completed(to, from);
  return {
    from: start,
    to: inZone(end, zoneOfDateTime(start)),
    dated: dayOf(from) !== undefined && dayOf(to) !== undefined,
  };
}

/** A datetime of the value, with what it has not taken from the other; day 0 and UTC if neither has a date or zone. */
function completed(value: TemporalPoint, other: TemporalPoint): DateTimeValue {
  if (value instanceof DateTimeValue) return value;
  const zone = zoneIn(value) ?? zoneIn(other) ?? UTC;
  return zonedAtLocal(dayOf(value) ?? dayOf(other) ?? 0, timeOf(value) ?? 0, zone);
}

/** The same local time on another day. */
function atDay(value: DateTimeValue, epochDay: number): DateTimeValue {
  if (epochDay === value.epochDay) return value;
  return zonedAtLocal(epochDay, value.nanoOfDay, zoneOfDateTime(value), value.offsetSeconds);
}

/** The day up to which whole days have passed: a last day that is not full does not count. */
function fullDay(from: DateTimeValue, to: DateTimeValue): number {
  if (to.epochDay > from.epochDay && to.nanoOfDay < from.nanoOfDay) return to.epochDay - 1;
  if (to.epochDay < from.epochDay && to.nanoOfDay > from.nanoOfDay) return to.epochDay + 1;
  return to.epochDay;
}

const monthsOf = (from: DateTimeValue, to: DateTimeValue): number =>
  monthsBetween(from.epochDay, fullDay(from, to));

const daysOf = (from: DateTimeValue, to: DateTimeValue): number => fullDay(from, to) - from.epochDay;

function secondsOf(from: DateTimeValue, to: DateTimeValue): DurationValue {
  const nanos = to.nanoOfDay - from.nanoOfDay - (to.offsetSeconds - from.offsetSeconds) * NANOS_OF_SECOND;
  // As whole nanoseconds in one number, far dates would not fit a double.
  return durationOfWhole(0n, 0n, BigInt(to.epochDay - from.epochDay) * BigInt(NANOS_OF_DAY) + BigInt(nanos));
}
