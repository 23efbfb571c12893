/** What may be kept as a property. */
import { expect, it } from 'vitest';
import { mapOf } from '../../../test/support/cypher-values.ts';
import { DateValue, DurationValue } from '../temporal/temporal.ts';
import { checkPropertyValue } from './properties.ts';
import { Node, Path, Point, Relationship, type Value } from './value.ts';

const node = new Node(1n, [], new Map());

it.each<Value>([
  null,
  true,
  1n,
  Number.NaN,
  '',
  [],
  [1n, 2, 'three'],
  new DateValue(0),
  [new DurationValue(0n, 0n, 0n, 0)],
  new Point(7203, [0, 0]),
])('takes case %#', (value) => {
  expect(() => checkPropertyValue(value, 'k')).not.toThrow();
});

it.each<Value>([
  mapOf({}),
  [mapOf({ num: 1n })],
  node,
  [node],
  new Relationship(1n, 'T', 1n, 1n, new Map()),
  new Path([node], []),
  [1n, null],
  [[1n]],
  [[]],
])('refuses case %#', (value) => {
  expect(() => checkPropertyValue(value, 'size')).toThrow(
    expect.objectContaining({
      type: 'TypeError',
      phase: 'runtime',
      reason: 'InvalidPropertyType',
      message: expect.stringContaining("Property 'size' cannot be "),
    }),
  );
});
