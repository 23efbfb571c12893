/**
 * Structures of parameters -> Cypher's temporal values and points. Nodes, relationships and paths are results, and are
 * refused by name.
 */
import { FacetError } from '../../base/index.ts';
import {
  CypherError,
  checkedEpochDay,
  DateTimeValue,
  DateValue,
  DurationValue,
  LocalDateTimeValue,
  LocalTimeValue,
  makePoint,
  type Temporal,
  TimeValue,
  type Value,
  zonedAtInstant,
  zonedAtLocal,
  zoneOf,
} from '../../cypher/index.ts';
import { STRUCTURES } from './markers.ts';
import type { ReadStructure } from './pack-reader.ts';
import type { Wire } from './versions.ts';

/** As counts of 64 bits, which the wire has. */
const NANOS_OF_SECOND = 1_000_000_000n;
/** As those of the calendar of Cypher. */
const SECONDS_OF_DAY = 86_400n;
const NANOS_OF_DAY = SECONDS_OF_DAY * NANOS_OF_SECOND;
/** Offsets reach 18 hours to either side of UTC. */
const OFFSET_SECONDS_MAX = 18n * 3_600n;
const INT64_MAX = 2n ** 63n - 1n;

const UNFIT: ReadonlyMap<number, string> = new Map([
  [STRUCTURES.node, 'A Node'],
  [STRUCTURES.relationship, 'A Relationship'],
  [STRUCTURES.unboundRelationship, 'A Relationship'],
  [STRUCTURES.path, 'A Path'],
]);

/** The reader of structures for a client of that wire. */
export function structureReader(wire: Wire): ReadStructure {
  return (tag, fields) => {
    try {
      return read(wire, tag, fields);
    } catch (error) {
      // A day outside of the calendar, a zone that nobody knows, a latitude beyond the pole.
      if (error instanceof CypherError) throw unfit(error.message);
      throw error;
    }
  };
}

function read(wire: Wire, tag: number, fields: readonly Value[]): Value {
  switch (tag) {
    case STRUCTURES.date:
      return new DateValue(day(integers('Date', fields, 1)[0]));
    case STRUCTURES.time:
      return time(integers('Time', fields, 2));
    case STRUCTURES.localTime:
      return new LocalTimeValue(nanoOfDay(integers('LocalTime', fields, 1)[0]));
    case STRUCTURES.localDateTime:
      return localDateTime(integers('LocalDateTime', fields, 2));
    case STRUCTURES.duration:
      return duration(integers('Duration', fields, 4));
    case STRUCTURES.dateTime:
    case STRUCTURES.dateTimeZoned:
      if (wire.utc) return tag === STRUCTURES.dateTime ? dateTimeOfUtc(fields) : zonedOfUtc(fields);
      break;
    case STRUCTURES.dateTimeLegacy:
    case STRUCTURES.dateTimeZonedLegacy:
      if (!wire.utc)
        return tag === STRUCTURES.dateTimeLegacy ? dateTimeOfLocal(fields) : zonedOfLocal(fields);
      break;
    case STRUCTURES.point2d:
      return point('Point2D', fields, ['srid', 'x', 'y']);
    case STRUCTURES.point3d:
      return point('Point3D', fields, ['srid', 'x', 'y', 'z']);
    default:
  }
  const name = UNFIT.get(tag);
  if (name !== undefined) throw unfit(`${name} cannot be a parameter: send its id or its properties`);
  const hex = tag.toString(16).padStart(2, '0').toUpperCase();
  throw unfit(
    `There is no structure 0x${hex} in Bolt ${wire.major}.${wire.minor}${wire.utc ? '' : ' without utc'}`,
  );
}

function integers(
  name: string,
  fields: readonly Value[],
  count: number,
): readonly [bigint, bigint, bigint, bigint] {
  counted(name, fields, count);
  const [a = 0n, b = 0n, c = 0n, d = 0n] = fields.map((field) => integer(name, field));
  return [a, b, c, d];
}

function counted(name: string, fields: readonly Value[], count: number): void {
  if (fields.length !== count) throw unfit(`${name} has ${count} fields, not ${fields.length}`);
}

function integer(name: string, field: Value | undefined): bigint {
  if (typeof field === 'bigint') return field;
  throw unfit(`A field of ${name} is not the integer that it must be`);
}

/** Beyond what a number holds exactly it is outside of the calendar anyway. */
const day = (epochDay: bigint): number => checkedEpochDay(Number(epochDay));

function nanoOfDay(nanos: bigint): number {
  if (nanos >= 0n && nanos < NANOS_OF_DAY) return Number(nanos);
  throw unfit(`${nanos} is no time of day in nanoseconds`);
}

function nanoOfSecond(nanos: bigint): bigint {
  if (nanos >= 0n && nanos < NANOS_OF_SECOND) return nanos;
  throw unfit(`${nanos} nanoseconds are not less than a second`);
}

function offset(seconds: bigint): number {
  if (seconds >= -OFFSET_SECONDS_MAX && seconds <= OFFSET_SECONDS_MAX) return Number(seconds);
  throw unfit(`An offset of ${seconds} seconds is more than 18 hours from UTC`);
}

const time = ([nanos, seconds]: readonly [bigint, bigint, ...bigint[]]): Temporal =>
  new TimeValue(nanoOfDay(nanos), offset(seconds));

/** Seconds since 1970 and nanoseconds more, as a day and the nanoseconds of it. */
function dayAndNanos(seconds: bigint, nanos: bigint): [epochDay: number, nanoOfDay: number] {
  const second = ((seconds % SECONDS_OF_DAY) + SECONDS_OF_DAY) % SECONDS_OF_DAY;
  return [day((seconds - second) / SECONDS_OF_DAY), Number(second * NANOS_OF_SECOND + nanoOfSecond(nanos))];
}

const localDateTime = ([seconds, nanos]: readonly [bigint, bigint, ...bigint[]]): Temporal =>
  new LocalDateTimeValue(...dayAndNanos(seconds, nanos));

function dateTimeOfUtc(fields: readonly Value[]): Temporal {
  const [seconds, nanos, offsetSeconds] = integers('DateTime', fields, 3);
  return new DateTimeValue(...dayAndNanos(seconds + offsetSeconds, nanos), offset(offsetSeconds), undefined);
}

function dateTimeOfLocal(fields: readonly Value[]): Temporal {
  const [seconds, nanos, offsetSeconds] = integers('DateTime', fields, 3);
  return new DateTimeValue(...dayAndNanos(seconds, nanos), offset(offsetSeconds), undefined);
}

function zonedFields(fields: readonly Value[]): [seconds: bigint, nanos: bigint, zone: string] {
  counted('DateTimeZoneId', fields, 3);
  const [seconds, nanos, zone] = fields;
  if (typeof zone !== 'string') throw unfit('The zone of a DateTimeZoneId is not a string');
  return [integer('DateTimeZoneId', seconds), integer('DateTimeZoneId', nanos), zone];
}

function zonedOfUtc(fields: readonly Value[]): Temporal {
  const [seconds, nanos, zone] = zonedFields(fields);
  return zonedAtInstant(...dayAndNanos(seconds, nanos), zoneOf(zone));
}

function zonedOfLocal(fields: readonly Value[]): Temporal {
  const [seconds, nanos, zone] = zonedFields(fields);
  return zonedAtLocal(...dayAndNanos(seconds, nanos), zoneOf(zone));
}

/** Clients send nanoseconds of any sign and size; here they have the sign of the seconds. */
function duration([months, days, seconds, nanos]: readonly [bigint, bigint, bigint, bigint]): Temporal {
  const total = seconds * NANOS_OF_SECOND + nanos;
  const whole = total / NANOS_OF_SECOND;
  if (whole > INT64_MAX || whole < -INT64_MAX - 1n)
    throw unfit('A Duration has more seconds than 64 bits hold');
  return new DurationValue(months, days, whole, Number(total % NANOS_OF_SECOND));
}

function point(name: string, fields: readonly Value[], keys: readonly string[]): Value {
  counted(name, fields, keys.length);
  const [srid, ...coordinates] = fields;
  if (typeof srid !== 'bigint') throw unfit(`The SRID of a ${name} is not an integer`);
  if (coordinates.some((coordinate) => typeof coordinate !== 'number')) {
    throw unfit(`A coordinate of a ${name} is not a float`);
  }
  return makePoint(new Map(keys.map((key, index) => [key, fields[index] ?? null])));
}

const unfit = (message: string): FacetError => new FacetError('INVALID_PARAMETER', message);
