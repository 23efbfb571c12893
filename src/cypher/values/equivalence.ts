/**
 * Equivalence, the relation of DISTINCT, grouping and UNION: as equality, but always true or false. Null is equivalent
 * to null and NaN to NaN, at the top and inside lists and maps. Rule: openCypher CIP2016-06-14.
 */
import { unreachable } from '../../base/index.ts';
import {
  DateTimeValue,
  DateValue,
  DurationValue,
  LocalDateTimeValue,
  LocalTimeValue,
  TimeValue,
} from '../temporal/temporal.ts';
import { checkDepth, isList, isMap } from './kinds.ts';
import { worked } from './meter.ts';
import { order } from './order.ts';
import { Node, Path, Point, Relationship, type Temporal, type Value } from './value.ts';

/** True for 1 and 1.0, for 0.0 and -0.0, for maps with the same entries in another order. */
export const equivalent = (a: Value, b: Value): boolean => order(a, b) === 0;

/**
 * Text that two values share if and only if they are equivalent, to find groups with a Map or Set of strings. No key is
 * the beginning of another, so the key of several values is the keys one after the other.
 */
export function groupingKey(value: Value): string {
  return keyAt(value, 0);
}

function keyAt(value: Value, depth: number): string {
  switch (typeof value) {
    case 'string':
      return stringKey(value);
    case 'bigint':
      return `#${value};`;
    case 'number':
      return numberKey(value);
    case 'boolean':
      return value ? 'T' : 'F';
  }
  if (value === null) return 'N';
  if (isList(value)) {
    checkDepth(depth);
    let key = '[';
    for (const element of value) {
      worked(1);
      key += keyAt(element, depth + 1);
    }
    return `${key}]`;
  }
  if (isMap(value)) {
    checkDepth(depth);
    worked(value.size * 4);
    let key = '{';
    for (const name of [...value.keys()].sort()) {
      key += stringKey(name) + keyAt(value.get(name) ?? null, depth + 1);
    }
    return `${key}}`;
  }
  if (value instanceof Node) return `n${value.id};`;
  if (value instanceof Relationship) return `r${value.id};`;
  if (value instanceof Path) return pathKey(value);
  if (value instanceof Point) return `@${value.srid}${value.coordinates.map(numberKey).join('')};`;
  return temporalKey(value);
}

/** The length in front keeps a text that looks like the rest of a key from being taken for it. */
function stringKey(text: string): string {
  worked(text.length >> 6);
  return `"${text.length}:${text}`;
}

/** A whole number has the key of the INTEGER, digit by digit; so have -0 and 0. */
function numberKey(value: number): string {
  if (Number.isSafeInteger(value)) return value === 0 ? '#0;' : `#${value};`;
  return Number.isInteger(value) ? `#${BigInt(value)};` : `#${value};`;
}

function pathKey(path: Path): string {
  let key = 'p';
  for (const [i, node] of path.nodes.entries()) {
    key += i === 0 ? `${node.id}` : `,${path.relationships[i - 1]?.id},${node.id}`;
  }
  return `${key};`;
}

/** All components, under one letter for each type. */
function temporalKey(value: Temporal): string {
  if (value instanceof DateValue) return `D${value.epochDay};`;
  if (value instanceof DateTimeValue) {
    return `Z${value.epochDay},${value.nanoOfDay},${value.offsetSeconds},${value.zone ?? ''};`;
  }
  if (value instanceof LocalDateTimeValue) return `L${value.epochDay},${value.nanoOfDay};`;
  if (value instanceof TimeValue) return `O${value.nanoOfDay},${value.offsetSeconds};`;
  if (value instanceof LocalTimeValue) return `C${value.nanoOfDay};`;
  if (value instanceof DurationValue) {
    return `P${value.months},${value.days},${value.seconds},${value.nanos};`;
  }
  return unreachable(value);
}
