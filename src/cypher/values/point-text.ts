/** The names of coordinate systems and their coordinates, and the text of a point. Geometry is in point.ts. */
import { floatLiteral } from './float-text.ts';
import type { Point, Srid } from './value.ts';

/** x and y on a plane without unit. */
export const CARTESIAN: Srid = 7203;
/** x, y and z. */
export const CARTESIAN_3D: Srid = 9157;
/** Longitude and latitude in degrees. */
export const WGS84: Srid = 4326;
/** Longitude and latitude in degrees, height in metres. */
export const WGS84_3D: Srid = 4979;

const NAME_OF_SRID: ReadonlyMap<Srid, string> = new Map([
  [CARTESIAN, 'cartesian'],
  [CARTESIAN_3D, 'cartesian-3d'],
  [WGS84, 'wgs-84'],
  [WGS84_3D, 'wgs-84-3d'],
]);

export const SRID_OF_NAME: ReadonlyMap<string, Srid> = new Map(
  [...NAME_OF_SRID].map(([srid, name]) => [name, srid]),
);

/** `cartesian`, `cartesian-3d`, `wgs-84` or `wgs-84-3d`. */
export const crsName = (srid: Srid): string => NAME_OF_SRID.get(srid) ?? '';

export const isGeographic = (srid: Srid): boolean => srid === WGS84 || srid === WGS84_3D;

export const dimensionsOf = (srid: Srid): number => (srid === CARTESIAN_3D || srid === WGS84_3D ? 3 : 2);

const PLAIN_KEYS = ['x', 'y', 'z'];
const GEOGRAPHIC_KEYS = ['longitude', 'latitude', 'height'];

/** `point({x: 1.0, y: 2.0, crs: 'cartesian'})`, which reads back as the same point. */
export function pointLiteral(point: Point): string {
  const keys = isGeographic(point.srid) ? GEOGRAPHIC_KEYS : PLAIN_KEYS;
  const coordinates = point.coordinates.map((coordinate, i) => `${keys[i]}: ${floatLiteral(coordinate)}`);
  return `point({${coordinates.join(', ')}, crs: '${crsName(point.srid)}'})`;
}
