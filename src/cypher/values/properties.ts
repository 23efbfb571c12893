/** Which values a node or relationship may keep as a property. How they are stored is not decided here. */
import { runtimeTypeError } from '../cypher-error.ts';
import { isList, isTemporal } from './kinds.ts';
import { shown } from './text.ts';
import { typeName } from './type-name.ts';
import { Point, type Value } from './value.ts';

/**
 * Scalars, temporal values, points, and lists of these; numbers, strings and so on may be mixed in a list. Null passes:
 * writing it removes the property.
 * @throws TypeError InvalidPropertyType for maps, nodes, relationships, paths, and lists that hold null or a list
 */
export function checkPropertyValue(value: Value, key: string): void {
  if (value === null || isScalar(value)) return;
  if (!isList(value)) {
    throw runtimeTypeError(
      'InvalidPropertyType',
      `Property '${key}' cannot be ${shown(value)}: a property holds a scalar or a list of scalars`,
    );
  }
  for (const element of value) {
    if (element !== null && isScalar(element)) continue;
    const what = element === null ? 'null' : `a ${typeName(element)}`;
    throw runtimeTypeError(
      'InvalidPropertyType',
      `Property '${key}' cannot be ${shown(value)}: a list in a property holds scalars, not ${what}`,
    );
  }
}

const isScalar = (value: Value): boolean =>
  typeof value !== 'object' || isTemporal(value) || value instanceof Point;
