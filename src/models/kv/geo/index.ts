/** Front door of places. */
export {
  GEO_OPERATIONS,
  geospatialGeoadd,
  geospatialGeodist,
  geospatialGeohash,
  geospatialGeopos,
  geospatialGeoradius,
  geospatialGeoradiusbymember,
  geospatialGeosearch,
  geospatialStats,
} from './operations.ts';
