/** The names of Cypher's types, as openCypher spells them, for messages and for functions that tell a type. */
import { unreachable } from '../../base/index.ts';
import {
  DateTimeValue,
  DateValue,
  DurationValue,
  LocalDateTimeValue,
  LocalTimeValue,
  TimeValue,
} from '../temporal/temporal.ts';
import { isList, isMap } from './kinds.ts';
import { Node, Path, Point, Relationship, type Value } from './value.ts';

/** `Integer`, `Float`, `List`, `LocalDateTime` …; `Null` for null. Says nothing about what is in a list or map. */
export function typeName(value: Value): string {
  switch (typeof value) {
    case 'bigint':
      return 'Integer';
    case 'number':
      return 'Float';
    case 'string':
      return 'String';
    case 'boolean':
      return 'Boolean';
  }
  if (value === null) return 'Null';
  if (isList(value)) return 'List';
  if (isMap(value)) return 'Map';
  if (value instanceof Node) return 'Node';
  if (value instanceof Relationship) return 'Relationship';
  if (value instanceof Path) return 'Path';
  if (value instanceof Point) return 'Point';
  if (value instanceof DateTimeValue) return 'DateTime';
  if (value instanceof LocalDateTimeValue) return 'LocalDateTime';
  if (value instanceof DateValue) return 'Date';
  if (value instanceof TimeValue) return 'Time';
  if (value instanceof LocalTimeValue) return 'LocalTime';
  if (value instanceof DurationValue) return 'Duration';
  return unreachable(value);
}
