/**
 * Makes temporal values out of what users give: a text, another temporal value, or a map of fields that may be laid
 * over other temporal values (`{date: d, time: t, day: 28, timezone: 'Europe/Stockholm'}`). Null gives null, and so
 * does a map with a null in it. A map of nothing but a time zone gives the time that it is there.
 */
import { argumentError, type CypherError, runtimeTypeError } from '../cypher-error.ts';
import type { MapValue, Value } from '../values/value.ts';
import { DURATION_UNITS, DurationSum, decimalOf } from './duration-amounts.ts';
import { dateTimeOfEpoch } from './epoch.ts';
import { DATE_FIELDS, dayOfFields, TIME_FIELDS, timeOfFields } from './fields.ts';
import { parseDate, parseDateTime, parseLocalDateTime, parseLocalTime, parseTime } from './parse.ts';
import { parseDuration } from './parse-duration.ts';
import { dayOf, inZone, isTemporalPoint, notMadeOf, type TemporalPoint, timeOf, zoneIn } from './parts.ts';
import { currentDateTime, defaultZone, type StatementClock } from './statement-clock.ts';
import {
  DateTimeValue,
  DateValue,
  DurationValue,
  LocalDateTimeValue,
  LocalTimeValue,
  TimeValue,
} from './temporal.ts';
import { UTC, type Zone, zonedAtLocal, zoneOf, zoneOfOffset } from './zones.ts';

export type TemporalType = 'date' | 'localtime' | 'time' | 'localdatetime' | 'datetime';

/** What a type is made of, and the keys that a map for it may have. */
interface TypeShape {
  readonly hasDate: boolean;
  readonly hasTime: boolean;
  readonly hasZone: boolean;
  readonly keys: ReadonlySet<string>;
}

const shape = (hasDate: boolean, hasTime: boolean, hasZone: boolean): TypeShape => ({
  hasDate,
  hasTime,
  hasZone,
  keys: new Set([
    'timezone',
    'datetime',
    ...(hasDate ? ['date', ...DATE_FIELDS] : []),
    ...(hasTime ? ['time', ...TIME_FIELDS] : []),
    ...(hasDate && hasZone ? ['epochSeconds', 'epochMillis'] : []),
  ]),
});

export const SHAPES: Readonly<Record<TemporalType, TypeShape>> = {
  date: shape(true, false, false),
  localtime: shape(false, true, false),
  time: shape(false, true, true),
  localdatetime: shape(true, true, false),
  datetime: shape(true, true, true),
};

/** @throws ArgumentError for a text or a field that is no part of a date, TypeError for other values */
export const makeDate = (argument: Value, clock: StatementClock): DateValue | null => {
  if (typeof argument === 'string') return parseDate(argument);
  const made = make('date', argument, clock);
  return made === null ? null : new DateValue(made.epochDay);
};

/** @throws as `makeDate` does */
export const makeLocalTime = (argument: Value, clock: StatementClock): LocalTimeValue | null => {
  if (typeof argument === 'string') return parseLocalTime(argument);
  const made = make('localtime', argument, clock);
  return made === null ? null : new LocalTimeValue(made.nanoOfDay);
};

/** @throws as `makeDate` does */
export const makeTime = (argument: Value, clock: StatementClock): TimeValue | null => {
  if (typeof argument === 'string') {
    return parseTime(argument, () => currentDateTime(clock, defaultZone(clock)).offsetSeconds);
  }
  const made = make('time', argument, clock);
  return made === null ? null : new TimeValue(made.nanoOfDay, made.offsetSeconds);
};

/** @throws as `makeDate` does */
export const makeLocalDateTime = (argument: Value, clock: StatementClock): LocalDateTimeValue | null => {
  if (typeof argument === 'string') return parseLocalDateTime(argument);
  const made = make('localdatetime', argument, clock);
  return made === null ? null : new LocalDateTimeValue(made.epochDay, made.nanoOfDay);
};

/** @throws as `makeDate` does */
export const makeDateTime = (argument: Value, clock: StatementClock): DateTimeValue | null =>
  typeof argument === 'string'
    ? parseDateTime(argument, () => defaultZone(clock))
    : make('datetime', argument, clock);

/** Out of a text or a map of units, whole or not. @throws as `makeDate` does */
export function makeDuration(argument: Value): DurationValue | null {
  if (argument === null || argument instanceof DurationValue) return argument;
  if (typeof argument === 'string') return parseDuration(argument);
  if (!(argument instanceof Map)) throw notMadeOf('duration', 'a STRING or a MAP');
  const sum = new DurationSum();
  if (argument.size === 0) throw emptyMap('duration');
  for (const [key, amount] of argument as MapValue) {
    if (amount === null) return null;
    const unit = DURATION_UNITS.get(key);
    if (unit === undefined) throw unknownField('duration', key);
    const decimal =
      typeof amount === 'bigint'
        ? { digits: amount, scale: 0 }
        : typeof amount === 'number'
          ? decimalOf(amount)
          : undefined;
    if (decimal === undefined) {
      throw runtimeTypeError('InvalidArgumentType', `'${key}' must be an INTEGER or a finite FLOAT`);
    }
    sum.add(unit, decimal);
  }
  return sum.duration();
}

const emptyMap = (type: string): CypherError =>
  argumentError('InvalidArgumentValue', `${type} needs at least one field`);

const unknownField = (type: string, key: string): CypherError =>
  argumentError('InvalidArgumentValue', `'${key}' is not a field of ${type}`);

/** Everything is made as a datetime first; those types that have less of it take their part. */
function make(type: TemporalType, argument: Value, clock: StatementClock): DateTimeValue | null {
  if (argument === null) return null;
  if (argument instanceof Map) return ofMap(type, argument as MapValue, clock);
  return ofTemporal(type, argument, clock);
}

function ofTemporal(type: TemporalType, value: Value, clock: StatementClock): DateTimeValue {
  const { hasDate, hasTime } = SHAPES[type];
  if (!isTemporalPoint(value)) throw notMadeOf(type, 'a STRING, a MAP or a temporal value');
  const epochDay = dayOf(value);
  if (hasDate && epochDay === undefined) throw hasNo('date', type);
  if (!hasDate && timeOf(value) === undefined) throw hasNo('time', type);
  if (value instanceof DateTimeValue) return value;
  const nanoOfDay = hasTime ? (timeOf(value) ?? 0) : 0;
  return zonedOf(type, epochDay ?? 0, nanoOfDay, zoneIn(value) ?? zoneFor(type, clock), undefined);
}

const hasNo = (part: string, type: string): CypherError =>
  runtimeTypeError('InvalidArgumentType', `${type}: the temporal value given has no ${part}`);

function ofMap(type: TemporalType, map: MapValue, clock: StatementClock): DateTimeValue | null {
  const { hasDate, hasTime, hasZone, keys } = SHAPES[type];
  if (map.size === 0) throw emptyMap(type);
  for (const [key, value] of map) {
    if (!keys.has(key)) throw unknownField(type, key);
    if (value === null) return null;
  }
  const asked = zoneInMap(map);
  if (asked !== undefined && map.size === 1) return currentDateTime(clock, asked);
  if (asked !== undefined && !hasZone) {
    throw argumentError(
      'InvalidArgumentValue',
      `${type} has no time zone: 'timezone' alone gives the present one`,
    );
  }
  if (map.has('epochSeconds') || map.has('epochMillis')) return dateTimeOfEpoch(map, asked ?? UTC);
  const dateBase = basis(map, 'date');
  const timeBase = basis(map, 'time');
  const epochDay = hasDate ? dayOfFields(map, dateBase && dayIn(dateBase)) : 0;
  if (!hasDate && timeBase === undefined && !map.has('hour')) {
    throw argumentError('InvalidArgumentValue', `${type} needs the field 'hour'`);
  }
  const nanoOfDay = hasTime ? timeOfFields(map, timeBase && timeIn(timeBase)) : 0;
  const zone = asked && (type === 'time' ? presentOffset(clock, asked) : asked);
  const zoneOfBase = timeBase && zoneIn(timeBase);
  const made = zonedOf(
    type,
    epochDay,
    nanoOfDay,
    zoneOfBase ?? zone ?? zoneFor(type, clock),
    timeBase instanceof DateTimeValue ? timeBase.offsetSeconds : undefined,
  );
  // A time that came with a zone is an instant: the zone asked for shows it as it is there.
  return zone === undefined || zoneOfBase === undefined ? made : inZone(made, zone);
}

/** Types without a zone must not have their local time moved by the gaps of one. */
const zoneFor = (type: TemporalType, clock: StatementClock): Zone =>
  type === 'datetime' ? defaultZone(clock) : type === 'time' ? presentOffset(clock, defaultZone(clock)) : UTC;

function zonedOf(
  type: TemporalType,
  epochDay: number,
  nanoOfDay: number,
  zone: Zone,
  offset: number | undefined,
): DateTimeValue {
  if (!SHAPES[type].hasZone) return new DateTimeValue(epochDay, nanoOfDay, 0, undefined);
  // A time has an offset and no rules: the one of the datetime it was taken from.
  if (type === 'time' && offset !== undefined) {
    return new DateTimeValue(epochDay, nanoOfDay, offset, undefined);
  }
  return zonedAtLocal(epochDay, nanoOfDay, zone, offset);
}

/** A time has an offset and no day, so a zone stands for the offset that it has now. */
const presentOffset = (clock: StatementClock, zone: Zone): Zone =>
  zoneOfOffset(currentDateTime(clock, zone).offsetSeconds);

/** The zone under `timezone`, if there is one. */
export function zoneInMap(map: MapValue): Zone | undefined {
  const text = map.get('timezone');
  if (text === undefined || text === null) return undefined;
  if (typeof text !== 'string') throw runtimeTypeError('InvalidArgumentType', `'timezone' must be a STRING`);
  return zoneOf(text);
}

/** The value under `date` or `time`, or under `datetime`, which stands for both. */
function basis(map: MapValue, key: 'date' | 'time'): TemporalPoint | undefined {
  const both = map.get('datetime');
  const value = map.get(key);
  if (both !== undefined && value !== undefined) {
    throw argumentError('InvalidArgumentValue', `'datetime' says all that '${key}' does: use one of them`);
  }
  const found = value ?? both;
  if (found === undefined || found === null) return undefined;
  if (!isTemporalPoint(found)) {
    throw runtimeTypeError(
      'InvalidArgumentType',
      `'${value === undefined ? 'datetime' : key}' must be a temporal value`,
    );
  }
  return found;
}

const lacks = (key: string): CypherError =>
  runtimeTypeError('InvalidArgumentType', `the value given as '${key}' has no ${key}`);

function dayIn(value: TemporalPoint): number {
  const epochDay = dayOf(value);
  if (epochDay === undefined) throw lacks('date');
  return epochDay;
}

function timeIn(value: TemporalPoint): number {
  const nanoOfDay = timeOf(value);
  if (nanoOfDay === undefined) throw lacks('time');
  return nanoOfDay;
}
