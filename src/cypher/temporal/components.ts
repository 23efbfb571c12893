/** The components of temporal values that `value.key` reads: INTEGER as bigint, zones and offsets as text. */
import type { Value } from '../values/value.ts';
import {
  dateOf,
  dayOfQuarterOf,
  dayOfWeekOf,
  NANOS_OF_SECOND,
  ordinalDayOf,
  quarterOf,
  SECONDS_OF_DAY,
  weekDateOf,
} from './calendar.ts';
import { durationComponent } from './duration-components.ts';
import { formatOffset } from './format.ts';
import {
  DateTimeValue,
  DateValue,
  DurationValue,
  LocalDateTimeValue,
  LocalTimeValue,
  TimeValue,
} from './temporal.ts';

/** The component of that name; undefined if the value is not temporal or its type has no such component. */
export function component(value: Value, key: string): Value | undefined {
  if (value instanceof DateValue) return ofDate(value.epochDay, key);
  if (value instanceof DateTimeValue) {
    return ofDate(value.epochDay, key) ?? ofTime(value.nanoOfDay, key) ?? ofInstant(value, key);
  }
  if (value instanceof LocalDateTimeValue) {
    return ofDate(value.epochDay, key) ?? ofTime(value.nanoOfDay, key);
  }
  if (value instanceof LocalTimeValue) return ofTime(value.nanoOfDay, key);
  if (value instanceof TimeValue) {
    return ofTime(value.nanoOfDay, key) ?? ofZone(value.offsetSeconds, undefined, key);
  }
  return value instanceof DurationValue ? durationComponent(value, key) : undefined;
}

function ofDate(epochDay: number, key: string): bigint | undefined {
  const number = dateNumber(epochDay, key);
  return number === undefined ? undefined : BigInt(number);
}

function dateNumber(epochDay: number, key: string): number | undefined {
  switch (key) {
    case 'year':
      return dateOf(epochDay).year;
    case 'quarter':
      return quarterOf(dateOf(epochDay).month);
    case 'month':
      return dateOf(epochDay).month;
    case 'week':
      return weekDateOf(epochDay).week;
    case 'weekYear':
      return weekDateOf(epochDay).weekYear;
    case 'dayOfQuarter':
    case 'quarterDay':
      return dayOfQuarterOf(epochDay, dateOf(epochDay));
    case 'day':
      return dateOf(epochDay).day;
    case 'ordinalDay':
      return ordinalDayOf(epochDay, dateOf(epochDay).year);
    case 'dayOfWeek':
    case 'weekDay':
      return dayOfWeekOf(epochDay);
    default:
      return undefined;
  }
}

function ofTime(nanoOfDay: number, key: string): bigint | undefined {
  const number = timeNumber(nanoOfDay, key);
  return number === undefined ? undefined : BigInt(number);
}

function timeNumber(nanoOfDay: number, key: string): number | undefined {
  switch (key) {
    case 'hour':
      return Math.floor(nanoOfDay / NANOS_OF_SECOND / 3_600);
    case 'minute':
      return Math.floor(nanoOfDay / NANOS_OF_SECOND / 60) % 60;
    case 'second':
      return Math.floor(nanoOfDay / NANOS_OF_SECOND) % 60;
    // These three are not parts beside each other: each is the whole fraction of the second, more or less finely.
    case 'millisecond':
      return Math.floor((nanoOfDay % NANOS_OF_SECOND) / 1_000_000);
    case 'microsecond':
      return Math.floor((nanoOfDay % NANOS_OF_SECOND) / 1_000);
    case 'nanosecond':
      return nanoOfDay % NANOS_OF_SECOND;
    default:
      return undefined;
  }
}

function ofZone(offsetSeconds: number, zone: string | undefined, key: string): bigint | string | undefined {
  switch (key) {
    case 'timezone':
      return zone ?? formatOffset(offsetSeconds);
    case 'offset':
      return formatOffset(offsetSeconds);
    case 'offsetMinutes':
      return BigInt(Math.trunc(offsetSeconds / 60));
    case 'offsetSeconds':
      return BigInt(offsetSeconds);
    default:
      return undefined;
  }
}

function ofInstant(value: DateTimeValue, key: string): bigint | string | undefined {
  if (key === 'epochSeconds') return epochSecondsOf(value);
  if (key === 'epochMillis') {
    return epochSecondsOf(value) * 1_000n + BigInt(timeNumber(value.nanoOfDay, 'millisecond') ?? 0);
  }
  return ofZone(value.offsetSeconds, value.zone, key);
}

/** Far years have more seconds than a double can count. */
const epochSecondsOf = (value: DateTimeValue): bigint =>
  BigInt(value.epochDay) * BigInt(SECONDS_OF_DAY) +
  BigInt(Math.floor(value.nanoOfDay / NANOS_OF_SECOND) - value.offsetSeconds);
