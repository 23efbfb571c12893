/**
 * Reading parts of values: `object.key`, `object[index]`, `list[from..to]`. Null in any place gives null; a key that is
 * not there, or an index outside of the list, too.
 */
import { argumentError, CypherError, runtimeTypeError } from '../cypher-error.ts';
import { component } from '../temporal/components.ts';
import { isEntity, isList, isMap, isTemporal } from './kinds.ts';
import { pointComponent } from './point.ts';
import { shown } from './text.ts';
import { type ListValue, Node, Point, type Relationship, type Value } from './value.ts';

/**
 * `object.key` of a map, node, relationship, temporal value or point.
 * @throws TypeError InvalidArgumentType for other values
 * @throws EntityNotFound DeletedEntityAccess for an entity that the query has deleted
 * @throws ArgumentError InvalidArgumentValue for a component that the temporal value or point does not have
 */
export function property(object: Value, key: string): Value {
  if (object === null) return null;
  if (isMap(object)) return object.get(key) ?? null;
  if (isEntity(object)) {
    if (object.deleted) throw deletedEntity(object, `property '${key}'`);
    return object.properties.get(key) ?? null;
  }
  if (isTemporal(object) || object instanceof Point) {
    const found = object instanceof Point ? pointComponent(object, key) : component(object, key);
    if (found !== undefined) return found;
    throw argumentError('InvalidArgumentValue', `${shown(object)} has no component '${key}'`);
  }
  throw runtimeTypeError('InvalidArgumentType', `${shown(object)} has no properties, so no '${key}'`);
}

/** What to throw for reading anything but the type or the identity of a deleted entity. */
export const deletedEntity = (entity: Node | Relationship, wanted: string): CypherError =>
  new CypherError(
    'EntityNotFound',
    'runtime',
    'DeletedEntityAccess',
    `Cannot read ${wanted} of ${entity instanceof Node ? 'node' : 'relationship'} ${entity.id}: this query has deleted it`,
  );

/**
 * `object[index]`: a list by position (below zero from its end), what has properties by name.
 * @throws TypeError ListElementAccessByNonInteger, MapElementAccessByNonString, or InvalidArgumentType for values
 *   that have no elements; and as `property`
 */
export function elementAt(object: Value, index: Value): Value {
  if (object === null || index === null) return null;
  if (isList(object)) {
    if (typeof index !== 'bigint') {
      throw runtimeTypeError(
        'ListElementAccessByNonInteger',
        `A list is indexed by an Integer, not by ${shown(index)}`,
      );
    }
    return listElement(object, index);
  }
  if (isMap(object) || isEntity(object) || isTemporal(object) || object instanceof Point) {
    if (typeof index === 'string') return property(object, index);
    throw runtimeTypeError(
      'MapElementAccessByNonString',
      `The properties of ${shown(object)} go by a String, not by ${shown(index)}`,
    );
  }
  throw runtimeTypeError(
    'InvalidArgumentType',
    `${shown(object)} has no elements, so none at ${shown(index)}`,
  );
}

function listElement(list: ListValue, index: bigint): Value {
  // Rounding of the conversion concerns positions that no list reaches.
  const position = Number(index);
  return list[position < 0 ? list.length + position : position] ?? null;
}

/**
 * `list[from..to]`, without the element at `to`. Positions below zero count from the end, those outside are moved
 * inside. Undefined stands for a bound that is not written; null as a bound gives null.
 * @throws TypeError InvalidArgumentType if the first is not a list or a bound not an INTEGER
 */
export function slice(list: Value, from: Value | undefined, to: Value | undefined): Value {
  if (list === null || from === null || to === null) return null;
  if (!isList(list)) {
    throw runtimeTypeError('InvalidArgumentType', `Cannot take a slice of ${shown(list)}: it is no list`);
  }
  return list.slice(bound(from), bound(to));
}

function bound(value: Value | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'bigint') return Number(value);
  throw runtimeTypeError('InvalidArgumentType', `A slice is bounded by Integers, not by ${shown(value)}`);
}
