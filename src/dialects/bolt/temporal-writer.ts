/** Cypher's temporal values and points -> structures of Bolt. */
import {
  DateTimeValue,
  DateValue,
  DurationValue,
  LocalDateTimeValue,
  LocalTimeValue,
  type Point,
  type Temporal,
  TimeValue,
} from '../../cypher/index.ts';
import { STRUCTURES } from './markers.ts';
import type { PackWriter } from './pack-writer.ts';
import type { Wire } from './versions.ts';

/** The wire counts seconds and nanoseconds apart. */
const NANOS_OF_SECOND = 1_000_000_000;
/** As those of the calendar of Cypher. */
const SECONDS_OF_DAY = 86_400;
/** Seconds of nearer days are exact as numbers: 270 million years. */
const EXACT_DAYS_MAX = 100_000_000_000;
const INT64_MIN = -(2n ** 63n);

export function writeTemporal(writer: PackWriter, value: Temporal, wire: Wire): void {
  if (value instanceof DateTimeValue) {
    writeDateTime(writer, value, wire);
  } else if (value instanceof DateValue) {
    writer.structureHeader(STRUCTURES.date, 1);
    writer.integer(value.epochDay);
  } else if (value instanceof LocalDateTimeValue) {
    writer.structureHeader(STRUCTURES.localDateTime, 2);
    writeSeconds(writer, value, 0);
  } else if (value instanceof TimeValue) {
    writer.structureHeader(STRUCTURES.time, 2);
    writer.integer(value.nanoOfDay);
    writer.integer(value.offsetSeconds);
  } else if (value instanceof LocalTimeValue) {
    writer.structureHeader(STRUCTURES.localTime, 1);
    writer.integer(value.nanoOfDay);
  } else {
    writeDuration(writer, value);
  }
}

function writeDateTime(writer: PackWriter, value: DateTimeValue, { utc }: Wire): void {
  const { zone, offsetSeconds } = value;
  if (zone === undefined) {
    writer.structureHeader(utc ? STRUCTURES.dateTime : STRUCTURES.dateTimeLegacy, 3);
  } else {
    writer.structureHeader(utc ? STRUCTURES.dateTimeZoned : STRUCTURES.dateTimeZonedLegacy, 3);
  }
  writeSeconds(writer, value, utc ? offsetSeconds : 0);
  if (zone === undefined) writer.integer(offsetSeconds);
  else writer.string(zone);
}

/** Seconds since 1970, less the offset, and the nanoseconds of the second. */
function writeSeconds(
  writer: PackWriter,
  { epochDay, nanoOfDay }: LocalDateTimeValue,
  offsetSeconds: number,
): void {
  const secondOfDay = Math.floor(nanoOfDay / NANOS_OF_SECOND);
  if (Math.abs(epochDay) <= EXACT_DAYS_MAX) {
    writer.integer(epochDay * SECONDS_OF_DAY + secondOfDay - offsetSeconds);
  } else {
    writer.bigint(BigInt(epochDay) * BigInt(SECONDS_OF_DAY) + BigInt(secondOfDay - offsetSeconds));
  }
  writer.integer(nanoOfDay - secondOfDay * NANOS_OF_SECOND);
}

/** Drivers expect nanoseconds from zero on, below a second. */
function writeDuration(writer: PackWriter, { months, days, seconds, nanos }: DurationValue): void {
  const borrows = nanos < 0 && seconds > INT64_MIN;
  writer.structureHeader(STRUCTURES.duration, 4);
  writer.bigint(months);
  writer.bigint(days);
  writer.bigint(borrows ? seconds - 1n : seconds);
  writer.integer(borrows ? nanos + NANOS_OF_SECOND : nanos);
}

export function writePoint(writer: PackWriter, { srid, coordinates }: Point): void {
  const isFlat = coordinates.length === 2;
  writer.structureHeader(isFlat ? STRUCTURES.point2d : STRUCTURES.point3d, coordinates.length + 1);
  writer.integer(srid);
  for (const coordinate of coordinates) writer.float(coordinate);
}

export const isTemporal = (value: object): value is Temporal =>
  value instanceof DateTimeValue ||
  value instanceof DateValue ||
  value instanceof LocalDateTimeValue ||
  value instanceof TimeValue ||
  value instanceof LocalTimeValue ||
  value instanceof DurationValue;
