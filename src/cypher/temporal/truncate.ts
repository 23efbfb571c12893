/**
 * Cuts a date or a time down to the beginning of its millennium, week, hour … and lays a map of fields over the
 * result. Unlike in the constructors, a `timezone` in the map keeps the local time: it says where that beginning is.
 */
import { argumentError, type CypherError, runtimeTypeError } from '../cypher-error.ts';
import type { MapValue, Value } from '../values/value.ts';
import {
  dateOf,
  dayOfWeekOf,
  epochDayOf,
  firstDayOfWeekYear,
  firstMonthOfQuarter,
  NANOS_OF_DAY,
  NANOS_OF_SECOND,
  quarterOf,
  weekDateOf,
} from './calendar.ts';
import { SHAPES, type TemporalType, zoneInMap } from './construct.ts';
import { dayOfFields, type KeptFraction, timeOfFields } from './fields.ts';
import { dayOf, isTemporalPoint, notMadeOf, timeOf, zoneIn } from './parts.ts';
import { currentDateTime, defaultZone, type StatementClock } from './statement-clock.ts';
import { DateTimeValue, DateValue, LocalDateTimeValue, LocalTimeValue, TimeValue } from './temporal.ts';
import { checkedEpochDay, zonedAtLocal } from './zones.ts';

/** A millennium begins with the year that a thousand divides. */
const YEARS_OF_MILLENNIUM = 1_000;

const yearsOf =
  (years: number) =>
  (epochDay: number): number => {
    const { year } = dateOf(epochDay);
    return epochDayOf(Math.floor(year / years) * years, 1, 1);
  };

/** The first day of the unit that a day lies in. */
const DAY_UNITS: ReadonlyMap<string, (epochDay: number) => number> = new Map([
  ['millennium', yearsOf(YEARS_OF_MILLENNIUM)],
  ['century', yearsOf(100)],
  ['decade', yearsOf(10)],
  ['year', yearsOf(1)],
  ['weekyear', (epochDay) => firstDayOfWeekYear(weekDateOf(epochDay).weekYear)],
  [
    'quarter',
    (epochDay) => {
      const { year, month } = dateOf(epochDay);
      return epochDayOf(year, firstMonthOfQuarter(quarterOf(month)), 1);
    },
  ],
  [
    'month',
    (epochDay) => {
      const { year, month } = dateOf(epochDay);
      return epochDayOf(year, month, 1);
    },
  ],
  ['week', (epochDay) => epochDay - dayOfWeekOf(epochDay) + 1],
  ['day', (epochDay) => epochDay],
]);

/** Nanoseconds of the units within a day. */
const TIME_UNITS: ReadonlyMap<string, number> = new Map([
  ['day', NANOS_OF_DAY],
  ['hour', NANOS_OF_SECOND * 3_600],
  ['minute', NANOS_OF_SECOND * 60],
  ['second', NANOS_OF_SECOND],
  ['millisecond', NANOS_OF_SECOND / 1_000],
  ['microsecond', NANOS_OF_SECOND / 1_000_000],
]);

/**
 * `date.truncate('week', value, {dayOfWeek: 2})` and its like. Null if any of unit, value and map is null.
 * @throws ArgumentError for a unit that does not exist, that is too fine for a date or too coarse for a time, and for
 * fields that the type has not; TypeError for a value that has no date or time.
 */
export function truncate(
  type: TemporalType,
  unit: string,
  value: Value,
  map: Value,
  clock: StatementClock,
): Value {
  if (value === null || map === null) return null;
  if (!isTemporalPoint(value)) throw notMadeOf(`${type}.truncate`, 'a temporal value');
  if (!(map instanceof Map))
    throw runtimeTypeError('InvalidArgumentType', `${type}.truncate: the fields must be a MAP`);
  const fields: MapValue = map;
  const { hasDate, hasTime } = SHAPES[type];
  const name = unit.toLowerCase();
  const dayUnit = DAY_UNITS.get(name);
  const timeUnit = TIME_UNITS.get(name);
  if (dayUnit === undefined && timeUnit === undefined) throw cannot(type, unit, 'there is no such unit');
  if (!hasTime && dayUnit === undefined) throw cannot(type, unit, 'a date has no such part');
  if (!hasDate && timeUnit === undefined) throw cannot(type, unit, 'a time has no such part');
  const day = dayOf(value);
  const time = timeOf(value);
  if (hasDate && day === undefined) throw cannotTake(type, 'date');
  // A date has no time to be cut: only whole days make sense of it.
  if (time === undefined && dayUnit === undefined) throw cannotTake(type, 'time');
  if (!hasDate && time === undefined) throw cannotTake(type, 'time');

  for (const key of fields.keys()) {
    if (!FORBIDDEN.has(key) && SHAPES[type].keys.has(key) && (key !== 'timezone' || SHAPES[type].hasZone))
      continue;
    throw argumentError('InvalidArgumentValue', `${type}.truncate: '${key}' is not a field that can be set`);
  }
  for (const field of fields.values()) if (field === null) return null;

  const epochDay = hasDate ? overDay(fields, dayUnit === undefined ? (day ?? 0) : dayUnit(day ?? 0)) : 0;
  if (!hasTime) return new DateValue(epochDay);
  const cut = timeUnit === undefined ? 0 : (time ?? 0) - ((time ?? 0) % timeUnit);
  const nanoOfDay = timeOfFields(fields, cut, keptFraction(name, cut));
  if (type === 'localtime') return new LocalTimeValue(nanoOfDay);
  if (type === 'localdatetime') return new LocalDateTimeValue(epochDay, nanoOfDay);

  const asked = zoneInMap(fields);
  if (type === 'datetime') {
    const zone = asked ?? zoneIn(value) ?? defaultZone(clock);
    return zonedAtLocal(
      epochDay,
      nanoOfDay,
      zone,
      value instanceof DateTimeValue ? value.offsetSeconds : undefined,
    );
  }
  if (asked === undefined && (value instanceof DateTimeValue || value instanceof TimeValue)) {
    return new TimeValue(nanoOfDay, value.offsetSeconds);
  }
  return new TimeValue(nanoOfDay, currentDateTime(clock, asked ?? defaultZone(clock)).offsetSeconds);
}

/** Fields of the constructors that make no sense here. */
const FORBIDDEN: ReadonlySet<string> = new Set(['date', 'time', 'datetime', 'epochSeconds', 'epochMillis']);

const overDay = (fields: MapValue, epochDay: number): number =>
  dayOfFields(fields, checkedEpochDay(epochDay));

/** Cut to milliseconds, a value keeps them when the map gives nanoseconds: they come on top. */
function keptFraction(unit: string, nanoOfDay: number): KeptFraction {
  const nanos = nanoOfDay % NANOS_OF_SECOND;
  if (unit === 'millisecond') return { millisecond: nanos / 1_000_000 };
  if (unit !== 'microsecond') return {};
  return { millisecond: Math.floor(nanos / 1_000_000), microsecond: Math.floor(nanos / 1_000) % 1_000 };
}

const cannot = (type: string, unit: string, why: string): CypherError =>
  argumentError('InvalidArgumentValue', `${type}.truncate cannot cut to '${unit}': ${why}`);

const cannotTake = (type: string, part: string): CypherError =>
  runtimeTypeError('InvalidArgumentType', `${type}.truncate: the value given has no ${part}`);
