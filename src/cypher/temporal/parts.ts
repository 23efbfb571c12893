/** The day, the time and the zone of whatever is temporal but no duration, for those who put values together. */
import { type CypherError, runtimeTypeError } from '../cypher-error.ts';
import type { Value } from '../values/value.ts';
import { NANOS_OF_DAY, NANOS_OF_SECOND } from './calendar.ts';
import { DateTimeValue, DateValue, LocalDateTimeValue, LocalTimeValue, TimeValue } from './temporal.ts';
import { type Zone, zonedAtInstant, zoneOfDateTime, zoneOfOffset } from './zones.ts';

/** Everything temporal but durations. */
export type TemporalPoint = DateValue | LocalTimeValue | TimeValue | LocalDateTimeValue | DateTimeValue;

export const isTemporalPoint = (value: Value): value is TemporalPoint =>
  value instanceof DateValue ||
  value instanceof DateTimeValue ||
  value instanceof LocalDateTimeValue ||
  value instanceof LocalTimeValue ||
  value instanceof TimeValue;

/** The epoch day of a value that has one. */
export const dayOf = (value: TemporalPoint): number | undefined =>
  value instanceof LocalTimeValue || value instanceof TimeValue ? undefined : value.epochDay;

/** The local time of day of a value that has one. */
export const timeOf = (value: TemporalPoint): number | undefined =>
  value instanceof DateValue ? undefined : value.nanoOfDay;

/** The zone of a value that has one. */
export function zoneIn(value: TemporalPoint): Zone | undefined {
  if (value instanceof DateTimeValue) return zoneOfDateTime(value);
  return value instanceof TimeValue ? zoneOfOffset(value.offsetSeconds) : undefined;
}

/** The same instant in another zone. */
export function inZone(value: DateTimeValue, zone: Zone): DateTimeValue {
  const nanos = value.nanoOfDay - value.offsetSeconds * NANOS_OF_SECOND;
  const days = Math.floor(nanos / NANOS_OF_DAY);
  return zonedAtInstant(value.epochDay + days, nanos - days * NANOS_OF_DAY, zone);
}

/** The error of an argument that is of the wrong type altogether. */
export const notMadeOf = (type: string, wanted: string): CypherError =>
  runtimeTypeError('InvalidArgumentType', `${type} takes ${wanted}`);
