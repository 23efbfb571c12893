/** One name for each type. */
import { expect, it } from 'vitest';
import { mapOf } from '../../../test/support/cypher-values.ts';
import {
  DateTimeValue,
  DateValue,
  DurationValue,
  LocalDateTimeValue,
  LocalTimeValue,
  TimeValue,
} from '../temporal/temporal.ts';
import { typeName } from './type-name.ts';
import { Node, Path, Point, Relationship, type Value } from './value.ts';

it.each<[Value, string]>([
  [null, 'Null'],
  [true, 'Boolean'],
  [1n, 'Integer'],
  [1, 'Float'],
  ['1', 'String'],
  [[], 'List'],
  [mapOf({}), 'Map'],
  [new Node(1n, [], new Map()), 'Node'],
  [new Relationship(1n, 'T', 1n, 1n, new Map()), 'Relationship'],
  [new Path([new Node(1n, [], new Map())], []), 'Path'],
  [new Point(7203, [0, 0]), 'Point'],
  [new DateValue(0), 'Date'],
  [new LocalTimeValue(0), 'LocalTime'],
  [new TimeValue(0, 0), 'Time'],
  [new LocalDateTimeValue(0, 0), 'LocalDateTime'],
  [new DateTimeValue(0, 0, 0, undefined), 'DateTime'],
  [new DurationValue(0n, 0n, 0n, 0), 'Duration'],
])('case %#', (value, name) => {
  expect(typeName(value)).toBe(name);
});
