/**
 * The components of durations: the whole of a group in one unit (`minutes` counts the hours too) and what is left of
 * the next greater unit (`minutesOfHour`). A duration below zero counts its seconds down to the whole second below,
 * so that its nanoseconds of the second are never negative.
 */
import { NANOS_OF_SECOND } from './calendar.ts';
import type { DurationValue } from './temporal.ts';

/** The component of that name, or undefined if durations have none such. */
export function durationComponent(duration: DurationValue, key: string): bigint | undefined {
  return (
    ofMonths(duration.months, key) ??
    ofDays(duration.days, key) ??
    ofTime(
      duration.nanos < 0 ? duration.seconds - 1n : duration.seconds,
      BigInt(duration.nanos < 0 ? duration.nanos + NANOS_OF_SECOND : duration.nanos),
      key,
    )
  );
}

function ofMonths(months: bigint, key: string): bigint | undefined {
  switch (key) {
    case 'years':
      return months / 12n;
    case 'quarters':
      return months / 3n;
    case 'months':
      return months;
    case 'quartersOfYear':
      return (months % 12n) / 3n;
    case 'monthsOfYear':
      return months % 12n;
    case 'monthsOfQuarter':
      return months % 3n;
    default:
      return undefined;
  }
}

function ofDays(days: bigint, key: string): bigint | undefined {
  switch (key) {
    case 'weeks':
      return days / 7n;
    case 'days':
      return days;
    case 'daysOfWeek':
      return days % 7n;
    default:
      return undefined;
  }
}

function ofTime(seconds: bigint, nanos: bigint, key: string): bigint | undefined {
  switch (key) {
    case 'hours':
      return seconds / 3_600n;
    case 'minutes':
      return seconds / 60n;
    case 'seconds':
      return seconds;
    case 'milliseconds':
      return seconds * 1_000n + nanos / 1_000_000n;
    case 'microseconds':
      return seconds * 1_000_000n + nanos / 1_000n;
    case 'nanoseconds':
      return seconds * BigInt(NANOS_OF_SECOND) + nanos;
    case 'minutesOfHour':
      return (seconds / 60n) % 60n;
    case 'secondsOfMinute':
      return seconds % 60n;
    case 'millisecondsOfSecond':
      return nanos / 1_000_000n;
    case 'microsecondsOfSecond':
      return nanos / 1_000n;
    case 'nanosecondsOfSecond':
      return nanos;
    default:
      return undefined;
  }
}
