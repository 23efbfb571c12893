/**
 * Equality, the relation of `=`, `<>`, `IN` and of maps in patterns: true, false, or null for unknown. Values of
 * different types are not equal, except that INTEGER and FLOAT compare as the numbers they are. Rule: openCypher
 * CIP2016-06-14, and for temporal values the date-time CIP. DISTINCT and grouping use equivalence.ts.
 */
import { runtimeTypeError } from '../cypher-error.ts';
import { equalTemporal } from '../temporal/order.ts';
import { checkDepth, isList, isMap } from './kinds.ts';
import { worked } from './meter.ts';
import { compareNumbers } from './numbers.ts';
import { shown } from './text.ts';
import { type ListValue, type MapValue, Node, Path, Point, Relationship, type Value } from './value.ts';

/** Null if it depends on a null in a or b. NaN equals nothing, itself included. */
export function equals(a: Value, b: Value): boolean | null {
  return equalsAt(a, b, 0);
}

/** `value IN list`: true if one element is equal, else null if one comparison is unknown, else false. */
export function isIn(value: Value, list: Value): boolean | null {
  if (list === null) return null;
  if (!isList(list)) {
    throw runtimeTypeError('InvalidArgumentType', `IN needs a list on its right side, not ${shown(list)}`);
  }
  let result: boolean | null = false;
  for (const element of list) {
    worked(1);
    const equal = equalsAt(value, element, 0);
    if (equal === true) return true;
    if (equal === null) result = null;
  }
  return result;
}

function equalsAt(a: Value, b: Value, depth: number): boolean | null {
  if (a === null || b === null) return null;
  if (typeof a !== 'object') {
    if (a === b) return true;
    if (typeof a === 'bigint') return typeof b === 'number' && compareNumbers(a, b) === 0;
    return typeof a === 'number' && typeof b === 'bigint' && compareNumbers(a, b) === 0;
  }
  if (typeof b !== 'object') return false;
  if (isList(a)) return isList(b) && listsEqual(a, b, depth + 1);
  if (isMap(a)) return isMap(b) && mapsEqual(a, b, depth + 1);
  if (a instanceof Node) return b instanceof Node && a.id === b.id;
  if (a instanceof Relationship) return b instanceof Relationship && a.id === b.id;
  if (a instanceof Path) return b instanceof Path && pathsEqual(a, b);
  if (a instanceof Point) return b instanceof Point && pointsEqual(a, b);
  return equalTemporal(a, b);
}

/** Lists of different length are not equal whatever they hold; one unequal pair outweighs unknown ones. */
function listsEqual(a: ListValue, b: ListValue, depth: number): boolean | null {
  checkDepth(depth);
  if (a.length !== b.length) return false;
  let result: boolean | null = true;
  for (let i = 0; i < a.length; i++) {
    worked(1);
    const equal = equalsAt(a[i] ?? null, b[i] ?? null, depth);
    if (equal === false) return false;
    if (equal === null) result = null;
  }
  return result;
}

/** Maps with different keys are not equal: a key whose value is null is there all the same. */
function mapsEqual(a: MapValue, b: MapValue, depth: number): boolean | null {
  checkDepth(depth);
  if (a.size !== b.size) return false;
  let result: boolean | null = true;
  for (const [key, value] of a) {
    worked(1);
    const other = b.get(key);
    // A later key may be missing in b, which outweighs what is unknown so far.
    if (other === undefined) return false;
    const equal = equalsAt(value, other, depth);
    if (equal === false) return false;
    if (equal === null) result = null;
  }
  return result;
}

/** The same entities in the same order; which way a relationship was walked shows in the nodes around it. */
function pathsEqual(a: Path, b: Path): boolean {
  if (a.nodes.length !== b.nodes.length) return false;
  for (let i = 0; i < a.nodes.length; i++) {
    if (a.nodes[i]?.id !== b.nodes[i]?.id || a.relationships[i]?.id !== b.relationships[i]?.id) return false;
  }
  return true;
}

function pointsEqual(a: Point, b: Point): boolean {
  return a.srid === b.srid && a.coordinates.every((coordinate, i) => coordinate === b.coordinates[i]);
}
