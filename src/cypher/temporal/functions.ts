/**
 * The temporal functions of Cypher by their lower-case names. Arguments come evaluated; missing optional ones are
 * simply not there. All but `….realtime` see the statement's one instant, so they give the same in every row.
 */
import { nowMs } from '../../base/index.ts';
import { argumentError, runtimeTypeError } from '../cypher-error.ts';
import type { MapValue, Value } from '../values/value.ts';
import { durationBetween, durationInDays, durationInMonths, durationInSeconds } from './between.ts';
import { NANOS_OF_SECOND } from './calendar.ts';
import {
  makeDate,
  makeDateTime,
  makeDuration,
  makeLocalDateTime,
  makeLocalTime,
  makeTime,
  type TemporalType,
  zoneInMap,
} from './construct.ts';
import { atEpoch, MILLIS_OF_SECOND } from './epoch.ts';
import { notAnInteger } from './fields.ts';
import { notMadeOf } from './parts.ts';
import { currentDateTime, defaultZone, type StatementClock } from './statement-clock.ts';
import { type DateTimeValue, DateValue, LocalDateTimeValue, LocalTimeValue, TimeValue } from './temporal.ts';
import { truncate } from './truncate.ts';
import { UTC, type Zone, zoneOf } from './zones.ts';

export type { StatementClock } from './statement-clock.ts';

export type TemporalFunction = (args: readonly Value[], now: StatementClock) => Value;

/** How a type is made, and which part of the present time it is. */
interface Maker {
  readonly make: (argument: Value, clock: StatementClock) => Value;
  readonly part: (now: DateTimeValue) => Value;
}

const MAKERS: Readonly<Record<TemporalType, Maker>> = {
  date: { make: makeDate, part: (now) => new DateValue(now.epochDay) },
  localtime: { make: makeLocalTime, part: (now) => new LocalTimeValue(now.nanoOfDay) },
  time: { make: makeTime, part: (now) => new TimeValue(now.nanoOfDay, now.offsetSeconds) },
  localdatetime: {
    make: makeLocalDateTime,
    part: (now) => new LocalDateTimeValue(now.epochDay, now.nanoOfDay),
  },
  datetime: { make: makeDateTime, part: (now) => now },
};

/** The real clock, in the zone of the statement. */
function realClock({ zone }: StatementClock): StatementClock {
  const now = { epochMillis: nowMs(), nanos: 0 };
  return zone === undefined ? now : { ...now, zone };
}

/** The zone that `date.statement('Europe/Stockholm')` or `({timezone: …})` asks for. */
function askedZone(name: string, argument: Value, clock: StatementClock): Zone {
  if (typeof argument === 'string') return zoneOf(argument);
  if (!(argument instanceof Map)) throw notMadeOf(name, 'the name of a time zone');
  const map: MapValue = argument;
  for (const key of map.keys()) {
    if (key !== 'timezone')
      throw argumentError('InvalidArgumentValue', `${name}: '${key}' is not a field of it`);
  }
  return zoneInMap(map) ?? defaultZone(clock);
}

function* functionsOf(type: TemporalType): Generator<[string, TemporalFunction]> {
  const { make, part } = MAKERS[type];
  yield [
    type,
    (args, now) =>
      args[0] === undefined ? part(currentDateTime(now, defaultZone(now))) : make(args[0], now),
  ];
  for (const when of ['transaction', 'statement', 'realtime']) {
    const name = `${type}.${when}`;
    yield [
      name,
      (args, now) => {
        const clock = when === 'realtime' ? realClock(now) : now;
        const argument = args[0];
        if (argument === null) return null;
        return part(
          currentDateTime(clock, argument === undefined ? defaultZone(now) : askedZone(name, argument, now)),
        );
      },
    ];
  }
  yield [
    `${type}.truncate`,
    (args, now) => {
      const unit = args[0] ?? null;
      if (unit === null) return null;
      if (typeof unit !== 'string') {
        throw runtimeTypeError('InvalidArgumentType', `${type}.truncate: the unit must be a STRING`);
      }
      const value = args[1] === undefined ? currentDateTime(now, defaultZone(now)) : args[1];
      return truncate(type, unit, value, args[2] === undefined ? NO_FIELDS : args[2], now);
    },
  ];
}

const NO_FIELDS: MapValue = new Map();

const between =
  (compute: (from: Value, to: Value) => Value): TemporalFunction =>
  (args) =>
    compute(args[0] ?? null, args[1] ?? null);

function fromEpoch(args: readonly Value[]): Value {
  const seconds = args[0] ?? null;
  const nanos = args[1] === undefined ? 0n : args[1];
  if (seconds === null || nanos === null) return null;
  if (typeof seconds !== 'bigint') throw notAnInteger('seconds');
  if (typeof nanos !== 'bigint') throw notAnInteger('nanoseconds');
  // Nanoseconds may be more than a second, or below zero: they move the instant on or back.
  const second = BigInt(NANOS_OF_SECOND);
  const rest = ((nanos % second) + second) % second;
  return atEpoch('seconds', seconds + (nanos - rest) / second, 1n, Number(rest), UTC);
}

function fromEpochMillis(args: readonly Value[]): Value {
  const millis = args[0] ?? null;
  return millis === null ? null : atEpoch('milliseconds', millis, MILLIS_OF_SECOND, 0, UTC);
}

/** Null arguments give null. @throws what the modules behind them throw: TypeError and ArgumentError at runtime */
export const TEMPORAL_FUNCTIONS: ReadonlyMap<string, TemporalFunction> = new Map([
  ...functionsOf('date'),
  ...functionsOf('localtime'),
  ...functionsOf('time'),
  ...functionsOf('localdatetime'),
  ...functionsOf('datetime'),
  ['datetime.fromepoch', fromEpoch],
  ['datetime.fromepochmillis', fromEpochMillis],
  ['duration', (args) => makeDuration(args[0] ?? null)],
  ['duration.between', between(durationBetween)],
  ['duration.inmonths', between(durationInMonths)],
  ['duration.indays', between(durationInDays)],
  ['duration.inseconds', between(durationInSeconds)],
]);
