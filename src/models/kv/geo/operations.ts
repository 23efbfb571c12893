/** What the key-value model can do with places. */
import type { OperationContext } from '../../operation.ts';
import { collectionStats, command, statsResult } from '../collection.ts';
import { KIND } from '../entry.ts';
import * as places from './places.ts';
import * as schemas from './schemas.ts';
import * as search from './search.ts';

export const geospatialGeoadd = command({
  name: 'geospatial.geoadd',
  summary: 'Adds places, or moves them.',
  access: 'write',
  input: schemas.addInput,
  output: schemas.addResult,
  errors: ['VALUE_TOO_LARGE'],
  run: places.geoadd,
});
export const geospatialGeodist = command({
  name: 'geospatial.geodist',
  summary: 'Returns how far two members are from each other.',
  access: 'read',
  input: schemas.distInput,
  output: schemas.distResult,
  errors: ['VALUE_TOO_LARGE'],
  run: places.geodist,
});
export const geospatialGeopos = command({
  name: 'geospatial.geopos',
  summary: 'Returns where members are.',
  access: 'read',
  input: schemas.manyMembers,
  output: schemas.posResult,
  errors: ['VALUE_TOO_LARGE'],
  run: places.geopos,
});
export const geospatialGeohash = command({
  name: 'geospatial.geohash',
  summary: 'Returns the geohashes of members.',
  access: 'read',
  input: schemas.manyMembers,
  output: schemas.hashResult,
  errors: ['VALUE_TOO_LARGE'],
  run: places.geohash,
});
export const geospatialGeoradius = command({
  name: 'geospatial.georadius',
  summary: 'Returns what is around a point.',
  access: 'read',
  input: schemas.radiusInput,
  output: schemas.placesResult,
  run: search.georadius,
});
export const geospatialGeoradiusbymember = command({
  name: 'geospatial.georadiusbymember',
  summary: 'Returns what is around a member.',
  access: 'read',
  input: schemas.radiusByMemberInput,
  output: schemas.placesResult,
  errors: ['KEY_NOT_FOUND'],
  run: search.georadiusbymember,
});
export const geospatialGeosearch = command({
  name: 'geospatial.geosearch',
  summary: 'Returns what is in a circle or a box.',
  access: 'read',
  input: schemas.searchInput,
  output: schemas.placesResult,
  errors: ['KEY_NOT_FOUND'],
  run: search.geosearch,
});
export const geospatialStats = command({
  name: 'geospatial.stats',
  summary: 'Counts places, their members, and the commands on them.',
  access: 'read',
  input: schemas.none,
  output: statsResult,
  run: (context: OperationContext) => collectionStats(context, KIND.zset, 'geospatial.'),
});

export const GEO_OPERATIONS = [
  geospatialGeoadd,
  geospatialGeodist,
  geospatialGeopos,
  geospatialGeohash,
  geospatialGeoradius,
  geospatialGeoradiusbymember,
  geospatialGeosearch,
  geospatialStats,
] as const;
