/**
 * Parameters in graphd's messages, of clients and of journal entries. What the protocol has no kind for (temporal values
 * and points) is a union whose tag names the type, so that a parameter comes back as what it was.
 */
import { create } from '@bufbuild/protobuf';
import { FacetError } from '../base/index.ts';
import {
  DateTimeValue,
  DateValue,
  dimensionsOf,
  formatTemporal,
  LocalDateTimeValue,
  LocalTimeValue,
  type MapValue,
  Node,
  Path,
  Point,
  parseDate,
  parseDateTime,
  parseDuration,
  parseLocalDateTime,
  parseLocalTime,
  parseTime,
  Relationship,
  SRID_OF_NAME,
  type Srid,
  type Temporal,
  TimeValue,
  type Value,
} from '../cypher/index.ts';
import { type GraphValue, type MapEntry, UnionValueSchema } from './gen/graphd_pb.ts';
import { checkNesting, entriesOf, isTemporalValue, make, plainGraphValue, pointMap } from './graph-value.ts';

/** The tags and how their texts are read. An offset or zone is always in the text. */
const READERS: ReadonlyMap<string, (text: string) => Temporal> = new Map<string, (text: string) => Temporal>([
  ['date', parseDate],
  ['localtime', parseLocalTime],
  ['time', (text) => parseTime(text, () => withoutZone(text))],
  ['localdatetime', parseLocalDateTime],
  ['datetime', (text) => parseDateTime(text, () => withoutZone(text))],
  ['duration', parseDuration],
]);

function withoutZone(text: string): never {
  throw new FacetError(
    'INVALID_VALUE',
    `The parameter '${text}' of type time or datetime has no offset or zone`,
  );
}

const POINT_TAG = 'point';

function tagOf(value: Temporal): string {
  if (value instanceof DateValue) return 'date';
  if (value instanceof LocalTimeValue) return 'localtime';
  if (value instanceof TimeValue) return 'time';
  if (value instanceof LocalDateTimeValue) return 'localdatetime';
  return value instanceof DateTimeValue ? 'datetime' : 'duration';
}

/**
 * The value with its type: valueOfGraph gives the same back.
 * @throws FacetError INVALID_VALUE for nodes, relationships and paths, LIMIT_EXCEEDED for deep nesting
 */
export const exactGraphValueOf = (value: Value): GraphValue => exactAt(value, 0);

/** Parameters by name, as entries of a message. */
export const exactEntriesOf = (parameters: MapValue): MapEntry[] => entriesOf(parameters, exactGraphValueOf);

function exactAt(value: Value, depth: number): GraphValue {
  checkNesting(depth);
  const inner = (item: Value): GraphValue => exactAt(item, depth + 1);
  if (value instanceof Node || value instanceof Relationship || value instanceof Path) throw notAParameter();
  if (isTemporalValue(value))
    return tagged(tagOf(value), make({ case: 'stringValue', value: formatTemporal(value) }));
  if (value instanceof Point) return tagged(POINT_TAG, inner(pointMap(value)));
  return plainGraphValue(value, inner);
}

const tagged = (tag: string, value: GraphValue): GraphValue =>
  make({ case: 'unionValue', value: create(UnionValueSchema, { tag, value }) });

/**
 * Absent members are null, a union of an unknown tag is the value in it.
 * @throws FacetError INVALID_VALUE for nodes, relationships and paths and for unreadable texts of temporal values
 */
export const valueOfGraph = (value: GraphValue | undefined): Value => readAt(value, 0);

/** Parameters by name. Of those with one name the last counts. */
export const parametersOf = (entries: readonly MapEntry[]): MapValue => mapAt(entries, 0);

function readAt(graph: GraphValue | undefined, depth: number): Value {
  checkNesting(depth);
  const member = graph?.value;
  switch (member?.case) {
    case undefined:
    case 'nullValue':
      return null;
    case 'boolValue':
    case 'intValue':
    case 'floatValue':
    case 'stringValue':
      return member.value;
    case 'listValue':
      return member.value.values.map((item) => readAt(item, depth + 1));
    case 'mapValue':
      return mapAt(member.value.entries, depth + 1);
    case 'unionValue':
      return untagged(member.value.tag, readAt(member.value.value, depth + 1));
    default:
      throw notAParameter();
  }
}

const mapAt = (entries: readonly MapEntry[], depth: number): MapValue =>
  new Map(entries.map(({ key, value }) => [key, readAt(value, depth)]));

export function untagged(tag: string, value: Value): Value {
  if (tag === POINT_TAG && value instanceof Map) return pointOf(value);
  const reader = READERS.get(tag);
  return reader !== undefined && typeof value === 'string' ? reader(value) : value;
}

const SRIDS: readonly Srid[] = [...SRID_OF_NAME.values()];

function pointOf(map: MapValue): Point {
  const srid = SRIDS.find((known) => map.get('srid') === BigInt(known));
  const coordinates = [...map].filter(([key]) => key !== 'srid').map(([, value]) => value);
  if (srid === undefined || coordinates.length !== dimensionsOf(srid) || !coordinates.every(isFloat)) {
    throw new FacetError('INVALID_VALUE', 'A point has a known srid and its coordinates as floats');
  }
  return new Point(srid, coordinates);
}

const isFloat = (value: Value): value is number => typeof value === 'number';

export const notAParameter = (): FacetError =>
  new FacetError('INVALID_VALUE', 'Nodes, relationships and paths cannot be parameters', {
    hint: 'Give their id, or the value of a property that names them',
  });
