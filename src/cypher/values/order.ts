/**
 * Orderability, the relation of ORDER BY, min and max: total over all values, of whatever type. Within a type it goes
 * on from comparability; 0 means that the values are equivalent (equivalence.ts). Rule: openCypher CIP2016-06-14;
 * points, which it does not know, stand between paths and date times.
 */
import { unreachable } from '../../base/index.ts';
import { compareTemporal } from '../temporal/order.ts';
import {
  DateTimeValue,
  DateValue,
  DurationValue,
  LocalDateTimeValue,
  LocalTimeValue,
  TimeValue,
} from '../temporal/temporal.ts';
import { compareStrings } from './code-points.ts';
import { comparePaths } from './comparison.ts';
import { checkDepth, isList, isMap } from './kinds.ts';
import { worked } from './meter.ts';
import { compareNumbers, orderNumbers } from './numbers.ts';
import { type ListValue, type MapValue, Node, Path, Point, Relationship, type Value } from './value.ts';

/** Negative if a comes before b in ascending order, 0 if neither does. Null comes last, NaN is the last number. */
export function order(a: Value, b: Value): number {
  return orderAt(a, b, 0);
}

/** Ascending order of the types. INTEGER and FLOAT share one rank. */
const RANKS = {
  map: 0,
  node: 1,
  relationship: 2,
  list: 3,
  path: 4,
  point: 5,
  dateTime: 6,
  localDateTime: 7,
  date: 8,
  time: 9,
  localTime: 10,
  duration: 11,
  string: 12,
  boolean: 13,
  number: 14,
  null: 15,
} as const;

function orderAt(a: Value, b: Value, depth: number): number {
  if (typeof a === 'string' && typeof b === 'string') return compareStrings(a, b);
  if ((typeof a === 'bigint' || typeof a === 'number') && (typeof b === 'bigint' || typeof b === 'number')) {
    return orderNumbers(a, b);
  }
  const byType = rankOf(a) - rankOf(b);
  if (byType !== 0) return byType;
  if (typeof a === 'boolean') return Number(a) - Number(b);
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return 0;
  if (isList(a)) return isList(b) ? orderLists(a, b, depth + 1) : 0;
  if (isMap(a)) return isMap(b) ? orderMaps(a, b, depth + 1) : 0;
  if (a instanceof Node) return b instanceof Node ? compareNumbers(a.id, b.id) : 0;
  if (a instanceof Relationship) return b instanceof Relationship ? compareNumbers(a.id, b.id) : 0;
  if (a instanceof Path) return b instanceof Path ? comparePaths(a, b) : 0;
  if (a instanceof Point) return b instanceof Point ? orderPoints(a, b) : 0;
  return compareTemporal(a, b) ?? 0;
}

function rankOf(value: Value): number {
  switch (typeof value) {
    case 'string':
      return RANKS.string;
    case 'boolean':
      return RANKS.boolean;
    case 'bigint':
    case 'number':
      return RANKS.number;
  }
  if (value === null) return RANKS.null;
  if (isList(value)) return RANKS.list;
  if (isMap(value)) return RANKS.map;
  if (value instanceof Node) return RANKS.node;
  if (value instanceof Relationship) return RANKS.relationship;
  if (value instanceof Path) return RANKS.path;
  if (value instanceof Point) return RANKS.point;
  if (value instanceof DateTimeValue) return RANKS.dateTime;
  if (value instanceof LocalDateTimeValue) return RANKS.localDateTime;
  if (value instanceof DateValue) return RANKS.date;
  if (value instanceof TimeValue) return RANKS.time;
  if (value instanceof LocalTimeValue) return RANKS.localTime;
  if (value instanceof DurationValue) return RANKS.duration;
  return unreachable(value);
}

function orderLists(a: ListValue, b: ListValue, depth: number): number {
  checkDepth(depth);
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    worked(1);
    const byElement = orderAt(a[i] ?? null, b[i] ?? null, depth);
    if (byElement !== 0) return byElement;
  }
  return a.length - b.length;
}

/** By size, then by the sorted keys, then by the values in the order of these keys. */
function orderMaps(a: MapValue, b: MapValue, depth: number): number {
  checkDepth(depth);
  if (a.size !== b.size) return a.size - b.size;
  worked(a.size * 4);
  const aKeys = [...a.keys()].sort(compareStrings);
  const bKeys = [...b.keys()].sort(compareStrings);
  for (const [i, key] of aKeys.entries()) {
    const byKey = compareStrings(key, bKeys[i] ?? '');
    if (byKey !== 0) return byKey;
  }
  for (const key of aKeys) {
    const byValue = orderAt(a.get(key) ?? null, b.get(key) ?? null, depth);
    if (byValue !== 0) return byValue;
  }
  return 0;
}

function orderPoints(a: Point, b: Point): number {
  if (a.srid !== b.srid) return a.srid - b.srid;
  for (const [i, coordinate] of a.coordinates.entries()) {
    const byCoordinate = orderNumbers(coordinate, b.coordinates[i] ?? Number.NaN);
    if (byCoordinate !== 0) return byCoordinate;
  }
  return 0;
}
