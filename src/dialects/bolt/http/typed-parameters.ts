/** Parameters in the Query API's typed JSON -> Cypher's values. Each is an object with `$type` and `_value`. */
import { ExactNumber, FacetError, type Json, LIMITS } from '../../../base/index.ts';
import {
  CypherError,
  makePoint,
  parseDate,
  parseDateTime,
  parseDuration,
  parseLocalDateTime,
  parseLocalTime,
  parseTime,
  type Value,
} from '../../../cypher/index.ts';

/** @throws INVALID_MESSAGE for what is no typed value, INVALID_PARAMETER for one that cannot be a parameter */
export function typedParameters(parameters: Readonly<Record<string, Json>>): ReadonlyMap<string, Value> {
  return new Map(Object.entries(parameters).map(([name, value]) => [name, valueAt(name, value, 0)]));
}

function valueAt(place: string, json: Json, depth: number): Value {
  if (depth > LIMITS.cypherValueDepthMax) throw wrong(place, 'nested less deeply');
  if (!isObject(json) || typeof json.$type !== 'string') {
    throw wrong(place, 'an object with $type and _value');
  }
  const { $type: type, _value: value } = json;
  switch (type) {
    case 'Null':
      return null;
    case 'Boolean':
      if (typeof value !== 'boolean') throw wrong(place, 'a Boolean: true or false');
      return value;
    case 'List':
      if (!Array.isArray(value)) throw wrong(place, 'a List: an array');
      return (value as readonly Json[]).map((item, index) => valueAt(`${place}[${index}]`, item, depth + 1));
    case 'Map':
      if (!isObject(value)) throw wrong(place, 'a Map: an object');
      return new Map(
        Object.entries(value).map(([key, member]) => [key, valueAt(`${place}.${key}`, member, depth + 1)]),
      );
    default:
      return scalarAt(place, type, value);
  }
}

/** These types have a text for their value. */
function scalarAt(place: string, type: string, value: Json | undefined): Value {
  const read = READERS.get(type);
  if (read === undefined) {
    throw new FacetError(
      'INVALID_PARAMETER',
      `The parameter ${place} is of a type that cannot be one: '${type}'`,
    );
  }
  if (typeof value !== 'string') throw wrong(place, `a value of ${type}: a string`);
  try {
    const found = read(value);
    if (found !== undefined) return found;
  } catch (error) {
    if (error instanceof CypherError) throw new FacetError('INVALID_PARAMETER', `${place}: ${error.message}`);
    throw error;
  }
  throw wrong(place, `a value of ${type}`);
}

const INTEGER = /^[+-]?\d{1,19}$/;
const INTEGER_MIN = -(2n ** 63n);
const INTEGER_MAX = 2n ** 63n - 1n;
const FLOAT = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const NAMED_FLOATS: ReadonlyMap<string, number> = new Map([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
]);
/** `SRID=4326;POINT (2.3 4.5)`, and `POINT Z` with three coordinates. */
const POINT = /^SRID=(\d{1,9});\s*POINT\s*(Z?)\s*\(\s*(\S+)\s+(\S+?)(?:\s+(\S+?))?\s*\)$/;

/** Undefined for a text that is none of the type. They may throw CypherError. */
const READERS: ReadonlyMap<string, (text: string) => Value | undefined> = new Map([
  ['Integer', integerOf],
  ['Float', floatOf],
  ['String', (text: string) => text],
  ['Date', parseDate],
  // A time without an offset is no Time.
  ['Time', (text: string) => (/(?:Z|[+-][\d:]+)$/i.test(text) ? parseTime(text, () => 0) : undefined)],
  ['LocalTime', parseLocalTime],
  ['OffsetDateTime', dateTimeOf],
  ['ZonedDateTime', dateTimeOf],
  ['LocalDateTime', parseLocalDateTime],
  ['Duration', parseDuration],
  ['Point', pointOf],
  [
    'Base64',
    () => {
      throw new FacetError(
        'INVALID_PARAMETER',
        'Byte arrays are not supported: graphs here have no such values',
      );
    },
  ],
]);

function integerOf(text: string): bigint | undefined {
  if (!INTEGER.test(text)) return undefined;
  const value = BigInt(text.startsWith('+') ? text.slice(1) : text);
  return value >= INTEGER_MIN && value <= INTEGER_MAX ? value : undefined;
}

function floatOf(text: string): number | undefined {
  return NAMED_FLOATS.get(text) ?? (FLOAT.test(text) ? Number(text) : undefined);
}

function dateTimeOf(text: string): Value {
  return parseDateTime(text, () => {
    throw new FacetError('INVALID_PARAMETER', `'${text.slice(0, 40)}' has neither an offset nor a zone`);
  });
}

function pointOf(text: string): Value | undefined {
  const [, srid = '', flag = '', x = '', y = '', z] = POINT.exec(text) ?? [];
  if (srid === '' || (flag === 'Z') !== (z !== undefined)) return undefined;
  const coordinates = [x, y, ...(z === undefined ? [] : [z])].map(floatOf);
  if (coordinates.includes(undefined)) return undefined;
  const [first = 0, second = 0, third] = coordinates;
  const fields: [string, Value][] = [
    ['srid', BigInt(srid)],
    ['x', first],
    ['y', second],
  ];
  if (third !== undefined) fields.push(['z', third]);
  return makePoint(new Map(fields));
}

const isObject = (json: Json | undefined): json is Readonly<Record<string, Json>> =>
  typeof json === 'object' && json !== null && !Array.isArray(json) && !(json instanceof ExactNumber);

const wrong = (place: string, expected: string): FacetError =>
  new FacetError('INVALID_MESSAGE', `The parameter ${place} is not ${expected}`);
