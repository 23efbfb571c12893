/**
 * Which kind of value something is: the type tests that `typeof` cannot do, and the one place that knows all the
 * classes. What the kinds mean for equality, order and text is in the files beside this one.
 */
import { FacetError, LIMITS } from '../../base/index.ts';
import {
  DateTimeValue,
  DateValue,
  DurationValue,
  LocalDateTimeValue,
  LocalTimeValue,
  TimeValue,
} from '../temporal/temporal.ts';
import { type ListValue, type MapValue, Node, Relationship, type Temporal, type Value } from './value.ts';

/** The narrowing of Array.isArray does not reach readonly arrays. */
export const isList = (value: Value): value is ListValue => Array.isArray(value);

export const isMap = (value: Value): value is MapValue => value instanceof Map;

/** A node or a relationship: has an id, properties and may be deleted. */
export const isEntity = (value: Value): value is Node | Relationship =>
  value instanceof Node || value instanceof Relationship;

/** True for durations too. */
export const isTemporal = (value: Value): value is Temporal =>
  value instanceof DateTimeValue ||
  value instanceof DateValue ||
  value instanceof LocalDateTimeValue ||
  value instanceof DurationValue ||
  value instanceof TimeValue ||
  value instanceof LocalTimeValue;

export const isNumber = (value: Value): value is bigint | number =>
  typeof value === 'bigint' || typeof value === 'number';

/**
 * Stops the walk of a value before the stack ends. A query can nest lists without bound: `reduce(x = [], … | [x])`.
 * @throws FacetError LIMIT_EXCEEDED
 */
export function checkDepth(depth: number): void {
  if (depth <= LIMITS.cypherValueDepthMax) return;
  throw new FacetError(
    'LIMIT_EXCEEDED',
    `A value has lists or maps nested deeper than ${LIMITS.cypherValueDepthMax} levels (cypherValueDepthMax)`,
  );
}
