/** Order and equality of temporal values of one type. Total: what sorts as the same is equal and the other way round. */
import type { Value } from '../values/value.ts';
import { NANOS_OF_DAY, NANOS_OF_SECOND } from './calendar.ts';
import { NANOS_OF_MONTH, nanosOfDuration } from './duration-amounts.ts';
import {
  DateTimeValue,
  DateValue,
  DurationValue,
  LocalDateTimeValue,
  LocalTimeValue,
  TimeValue,
} from './temporal.ts';

/**
 * Below, at or above zero; undefined unless both are temporal and of one type. Times and datetimes go by their
 * instant, then by offset, then by the name of the zone; durations by their average length, then by their groups.
 */
export function compareTemporal(a: Value, b: Value): number | undefined {
  if (a instanceof DateValue) return b instanceof DateValue ? a.epochDay - b.epochDay : undefined;
  if (a instanceof LocalDateTimeValue) {
    return b instanceof LocalDateTimeValue ? a.epochDay - b.epochDay || a.nanoOfDay - b.nanoOfDay : undefined;
  }
  if (a instanceof DateTimeValue) return b instanceof DateTimeValue ? compareDateTimes(a, b) : undefined;
  if (a instanceof LocalTimeValue) {
    return b instanceof LocalTimeValue ? a.nanoOfDay - b.nanoOfDay : undefined;
  }
  if (a instanceof TimeValue) return b instanceof TimeValue ? compareTimes(a, b) : undefined;
  if (a instanceof DurationValue) return b instanceof DurationValue ? compareDurations(a, b) : undefined;
  return undefined;
}

/** Equal in all that they consist of: one instant in two zones makes two values. False for different types. */
export const equalTemporal = (a: Value, b: Value): boolean => compareTemporal(a, b) === 0;

const utcNanos = (value: TimeValue | DateTimeValue): number =>
  value.nanoOfDay - value.offsetSeconds * NANOS_OF_SECOND;

const compareTimes = (a: TimeValue, b: TimeValue): number =>
  utcNanos(a) - utcNanos(b) || a.offsetSeconds - b.offsetSeconds;

function compareDateTimes(a: DateTimeValue, b: DateTimeValue): number {
  const days = a.epochDay - b.epochDay;
  // Offsets are below a day, so more than two days apart the local dates decide.
  if (days > 2 || days < -2) return days;
  return (
    days * NANOS_OF_DAY + utcNanos(a) - utcNanos(b) ||
    a.offsetSeconds - b.offsetSeconds ||
    compareNames(a.zone ?? '', b.zone ?? '')
  );
}

const compareNames = (a: string, b: string): number => (a === b ? 0 : a < b ? -1 : 1);

const averageNanos = (value: DurationValue): bigint =>
  value.months * NANOS_OF_MONTH + value.days * BigInt(NANOS_OF_DAY) + nanosOfDuration(value);

const compareDurations = (a: DurationValue, b: DurationValue): number =>
  signOf(averageNanos(a) - averageNanos(b)) || signOf(a.months - b.months) || signOf(a.days - b.days);

const signOf = (number: bigint): number => (number === 0n ? 0 : number < 0n ? -1 : 1);
