/**
 * Points on a plane, in space and on the earth: making them from a map, their components, distances and boxes. Rules
 * follow the point functions that graph databases share; openCypher itself has none.
 */
import { argumentError, type CypherError } from '../cypher-error.ts';
import { isNumber } from './kinds.ts';
import {
  CARTESIAN,
  CARTESIAN_3D,
  crsName,
  dimensionsOf,
  isGeographic,
  SRID_OF_NAME,
  WGS84,
  WGS84_3D,
} from './point-text.ts';
import { shown } from './text.ts';
import { type MapValue, Point, type Srid, type Value } from './value.ts';

/** The equatorial radius in metres that other graph databases compute with. */
const EARTH_RADIUS_METRES = 6_378_140;
const LATITUDE_DEGREES_LIMIT = 90;
const HALF_CIRCLE_DEGREES = 180;
const CIRCLE_DEGREES = 360;

const COORDINATE_KEYS = ['x', 'y', 'z', 'longitude', 'latitude', 'height', 'crs', 'srid'];

/**
 * `point({x, y, z?})`, `point({longitude, latitude, height?})`, either with `crs` or `srid`. Null if one of these is
 * null. A longitude beyond 180 degrees goes on around the earth. Other keys mean nothing here, so that a map of all
 * properties will do.
 * @throws ArgumentError InvalidArgumentValue for missing or contradicting coordinates and for a wrong latitude
 */
export function makePoint(map: MapValue): Point | null {
  if (COORDINATE_KEYS.some((key) => map.get(key) === null)) return null;
  const isByDegrees = map.has('longitude') || map.has('latitude');
  if (isByDegrees && (map.has('x') || map.has('y'))) {
    throw wrong(map, 'it has both x or y and longitude or latitude');
  }
  const first = coordinate(map, isByDegrees ? 'longitude' : 'x');
  const second = coordinate(map, isByDegrees ? 'latitude' : 'y');
  const thirdKey = map.has('height') ? 'height' : map.has('z') ? 'z' : undefined;
  const third = thirdKey === undefined ? undefined : coordinate(map, thirdKey);
  const isFlat = third === undefined;
  const srid =
    statedSrid(map) ??
    (isByDegrees || thirdKey === 'height' ? (isFlat ? WGS84 : WGS84_3D) : isFlat ? CARTESIAN : CARTESIAN_3D);
  if (isByDegrees && !isGeographic(srid)) {
    throw wrong(map, `longitude and latitude do not fit ${crsName(srid)}`);
  }
  if (thirdKey === 'height' && !isGeographic(srid)) throw wrong(map, `height does not fit ${crsName(srid)}`);
  const coordinates = isFlat ? [first, second] : [first, second, third];
  if (coordinates.length !== dimensionsOf(srid)) {
    throw wrong(map, `${crsName(srid)} has ${dimensionsOf(srid)} coordinates, not ${coordinates.length}`);
  }
  if (isGeographic(srid)) {
    if (!(Math.abs(second) <= LATITUDE_DEGREES_LIMIT)) throw wrong(map, 'a latitude is between -90 and 90');
    coordinates[0] = aroundTheEarth(first);
  }
  return new Point(srid, coordinates);
}

function coordinate(map: MapValue, key: string): number {
  const value = map.get(key);
  if (value === undefined) throw wrong(map, `it has no ${key}`);
  if (!isNumber(value)) throw wrong(map, `${key} is ${shown(value)}, not a number`);
  const number = Number(value);
  if (!Number.isFinite(number)) throw wrong(map, `${key} is not finite`);
  return number;
}

function statedSrid(map: MapValue): Srid | undefined {
  const name = map.get('crs');
  const number = map.get('srid');
  if (name === undefined && number === undefined) return undefined;
  if (name !== undefined && number !== undefined) throw wrong(map, 'it has both crs and srid');
  const srid =
    typeof name === 'string'
      ? SRID_OF_NAME.get(name.toLowerCase())
      : [...SRID_OF_NAME.values()].find((known) => number === BigInt(known));
  if (srid === undefined) {
    const known = [...SRID_OF_NAME].map(([crs, code]) => `${crs} (${code})`).join(', ');
    throw wrong(map, `${shown(name ?? number ?? null)} is no coordinate system; there are ${known}`);
  }
  return srid;
}

const aroundTheEarth = (longitude: number): number =>
  Math.abs(longitude) <= HALF_CIRCLE_DEGREES
    ? longitude
    : longitude - CIRCLE_DEGREES * Math.floor((longitude + HALF_CIRCLE_DEGREES) / CIRCLE_DEGREES);

const wrong = (map: MapValue, why: string): CypherError =>
  argumentError('InvalidArgumentValue', `Cannot make a point of ${shown(map)}: ${why}`);

/** x, y, z, longitude, latitude, height, crs, srid. Undefined for a component that this point does not have. */
export function pointComponent(point: Point, key: string): Value | undefined {
  switch (key) {
    case 'x':
    case 'y':
    case 'z':
      return point.coordinates[key === 'x' ? 0 : key === 'y' ? 1 : 2];
    case 'longitude':
    case 'latitude':
    case 'height':
      if (!isGeographic(point.srid)) return undefined;
      return point.coordinates[key === 'longitude' ? 0 : key === 'latitude' ? 1 : 2];
    case 'crs':
      return crsName(point.srid);
    case 'srid':
      return BigInt(point.srid);
    default:
      return undefined;
  }
}

/**
 * Straight on a plane, and along the surface on the earth: metres by the haversine formula, at the mean height of the
 * two points, and the difference of heights by Pythagoras. Null for points of different coordinate systems.
 */
export function distance(a: Point, b: Point): number | null {
  if (a.srid !== b.srid) return null;
  if (!isGeographic(a.srid)) return Math.hypot(...a.coordinates.map((x, i) => x - (b.coordinates[i] ?? x)));
  const [, , aHeight = 0] = a.coordinates;
  const [, , bHeight = 0] = b.coordinates;
  const onSurface = centralAngle(a, b) * (EARTH_RADIUS_METRES + (aHeight + bHeight) / 2);
  return Math.hypot(onSurface, aHeight - bHeight);
}

/** In radians, between two points of the earth as seen from its centre. */
function centralAngle(a: Point, b: Point): number {
  const [aLongitude = 0, aLatitude = 0] = a.coordinates.map(radians);
  const [bLongitude = 0, bLatitude = 0] = b.coordinates.map(radians);
  const haversine =
    Math.sin((bLatitude - aLatitude) / 2) ** 2 +
    Math.cos(aLatitude) * Math.cos(bLatitude) * Math.sin((bLongitude - aLongitude) / 2) ** 2;
  // Rounding can carry antipodes a little above 1, whose arcsine would be NaN.
  return 2 * Math.asin(Math.min(1, Math.sqrt(haversine)));
}

const radians = (degrees: number): number => (degrees * Math.PI) / HALF_CIRCLE_DEGREES;

/**
 * True if the point lies in the box, edges included. On the earth a box whose left edge is east of its right edge crosses
 * the 180th meridian. Null for different coordinate systems.
 */
export function withinBBox(point: Point, lowerLeft: Point, upperRight: Point): boolean | null {
  if (point.srid !== lowerLeft.srid || point.srid !== upperRight.srid) return null;
  return point.coordinates.every((coordinate, i) => {
    const low = lowerLeft.coordinates[i] ?? coordinate;
    const high = upperRight.coordinates[i] ?? coordinate;
    if (i === 0 && low > high && isGeographic(point.srid)) return coordinate >= low || coordinate <= high;
    return coordinate >= low && coordinate <= high;
  });
}
