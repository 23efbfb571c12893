/** Functions of points. What they compute is in values/point.ts. */
import { isEntity, isMap } from '../../values/kinds.ts';
import { distance, makePoint, withinBBox } from '../../values/point.ts';
import { Point, type Value } from '../../values/value.ts';
import { binary, type ScalarFunction, unary, variadic, wrongArgument } from './function.ts';

/** Of a node or relationship the properties with the names of coordinates are taken. */
function point(value: Value): Value {
  if (isMap(value)) return makePoint(value);
  if (isEntity(value)) return makePoint(value.properties);
  throw wrongArgument('point', 'a Map, a Node or a Relationship', value);
}

/** What is no point has no distance: null, as other graph databases have it. */
const distanceOf = (first: Value, second: Value): Value =>
  first instanceof Point && second instanceof Point ? distance(first, second) : null;

const within = ([value, lowerLeft, upperRight]: readonly Value[]): Value =>
  value instanceof Point && lowerLeft instanceof Point && upperRight instanceof Point
    ? withinBBox(value, lowerLeft, upperRight)
    : null;

export const SPATIAL: readonly ScalarFunction[] = [
  unary('point', point),
  binary('point.distance', distanceOf),
  binary('distance', distanceOf),
  variadic('point.withinBBox', [3, 3], within),
];
