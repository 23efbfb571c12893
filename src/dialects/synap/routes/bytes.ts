/** REST routes of bitmaps, HyperLogLogs and places. */
import { verbs } from './collections.ts';
import type { RestRoute } from './rest.ts';

const BITMAP_ROUTES: readonly RestRoute[] = [
  { method: 'GET', path: '/bitmap/stats', command: 'bitmap.stats' },
  ...verbs('bitmap', 'POST', ['setbit']),
  { method: 'POST', path: '/bitmap/:key/bitfield', command: 'bitmap.bitfield', bodyAs: 'operations' },
  { method: 'GET', path: '/bitmap/:key/getbit/:offset', command: 'bitmap.getbit' },
  ...verbs('bitmap', 'GET', ['bitcount', 'bitpos']),
  { method: 'POST', path: '/bitmap/:destination/bitop', command: 'bitmap.bitop' },
];

const HYPERLOGLOG_ROUTES: readonly RestRoute[] = [
  { method: 'GET', path: '/hyperloglog/stats', command: 'hyperloglog.stats' },
  ...verbs('hyperloglog', 'POST', ['pfadd']),
  ...verbs('hyperloglog', 'GET', ['pfcount']),
  { method: 'POST', path: '/hyperloglog/:destination/pfmerge', command: 'hyperloglog.pfmerge' },
];

const GEOSPATIAL_ROUTES: readonly RestRoute[] = [
  { method: 'GET', path: '/geospatial/stats', command: 'geospatial.stats' },
  ...verbs('geospatial', 'POST', ['geoadd', 'geopos', 'geohash', 'geosearch']),
  { method: 'GET', path: '/geospatial/:key/geodist/:member1/:member2', command: 'geospatial.geodist' },
  ...verbs('geospatial', 'GET', ['georadius']),
  {
    method: 'GET',
    path: '/geospatial/:key/georadiusbymember/:member',
    command: 'geospatial.georadiusbymember',
  },
];

export const BYTE_ROUTES: readonly RestRoute[] = [
  ...BITMAP_ROUTES,
  ...HYPERLOGLOG_ROUTES,
  ...GEOSPATIAL_ROUTES,
];
