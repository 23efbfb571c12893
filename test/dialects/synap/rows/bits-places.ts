/** Rows of the commands on bitmaps, HyperLogLogs and places. */
import type { Row } from './row.ts';

const K = { key: 'k' };
const NONE = { key: 'none' };
const bits = ['bitmap.setbit', { key: 'k', offset: 7, value: 1 }] as const;
const hll = ['hyperloglog.pfadd', { key: 'k', elements: ['a', [98]] }] as const;
const places = [
  'geospatial.geoadd',
  {
    key: 'k',
    locations: [
      { lat: 38.115556, lon: 13.361389, member: 'P' },
      { lat: 37.502669, lon: 15.087269, member: 'C' },
    ],
  },
] as const;

export const BITS_PLACES_ROWS: readonly Row[] = [
  {
    command: 'bitmap.setbit',
    payload: { key: 'k', offset: 7, value: 1 },
    answers: { key: 'k', offset: 7, old_value: 0 },
    bad: { key: 'k', offset: 7, value: 2 },
    missing: [{ key: 'none', offset: 1, value: 1 }, { old_value: 0 }],
  },
  {
    command: 'bitmap.getbit',
    before: [bits],
    payload: { key: 'k', offset: 7 },
    answers: { value: 1 },
    bad: { key: 'k', offset: -1 },
    missing: [{ key: 'none', offset: 1 }, 'KEY_NOT_FOUND'],
  },
  {
    command: 'bitmap.bitcount',
    before: [bits],
    payload: K,
    answers: { count: 1 },
    bad: { key: 'k', start: 'x' },
    missing: [NONE, 'KEY_NOT_FOUND'],
  },
  {
    command: 'bitmap.bitpos',
    before: [bits],
    payload: { key: 'k', value: 1 },
    answers: { position: 7 },
    bad: { key: 'k', value: 3 },
    missing: [{ key: 'none', value: 1 }, 'KEY_NOT_FOUND'],
  },
  {
    command: 'bitmap.bitop',
    before: [bits],
    payload: { destination: 'd', operation: 'NOT', source_keys: ['k'] },
    answers: { destination: 'd', length: 8 },
    bad: { destination: 'd', operation: 'NAND', source_keys: ['k'] },
    missing: [{ destination: 'd', operation: 'AND', source_keys: ['none'] }, { length: 0 }],
  },
  {
    command: 'bitmap.bitfield',
    before: [bits],
    payload: {
      key: 'k',
      operations: [
        { operation: 'SET', offset: 8, width: 8, value: 200 },
        { operation: 'GET', offset: 8, width: 8 },
      ],
    },
    answers: { key: 'k', results: [0, 200] },
    bad: { key: 'k', operations: [{ operation: 'GET', offset: 0, width: 65 }] },
    missing: [{ key: 'none', operations: [{ operation: 'GET', offset: 0, width: 8 }] }, { results: [0] }],
  },
  {
    command: 'bitmap.stats',
    before: [bits],
    answers: { total_bitmaps: 1 },
    bad: 'takes nothing',
    missing: 'names nothing',
  },
  {
    command: 'hyperloglog.pfadd',
    payload: { key: 'k', elements: ['a', [98, 99]] },
    answers: { key: 'k', added: true },
    bad: { key: 'k', elements: [300] },
    missing: [{ key: 'none', elements: ['a'] }, { added: true }],
  },
  {
    command: 'hyperloglog.pfcount',
    before: [hll],
    payload: K,
    answers: { key: 'k', count: 2 },
    bad: {},
    missing: [NONE, 'KEY_NOT_FOUND'],
  },
  {
    command: 'hyperloglog.pfmerge',
    before: [hll],
    payload: { destination: 'd', sources: ['k'] },
    answers: { destination: 'd', count: 2 },
    bad: { destination: 'd' },
    missing: [{ destination: 'd', sources: ['none'] }, { count: 0 }],
  },
  {
    command: 'hyperloglog.stats',
    before: [hll],
    answers: { total_hlls: 1 },
    bad: 'takes nothing',
    missing: 'names nothing',
  },
  {
    command: 'geospatial.geoadd',
    payload: places[1],
    answers: { key: 'k', added: 2 },
    bad: { key: 'k', locations: [{ lat: 91, lon: 0, member: 'x' }] },
    missing: [{ key: 'none', xx: true, locations: [{ lat: 1, lon: 1, member: 'x' }] }, { added: 0 }],
  },
  {
    command: 'geospatial.geodist',
    before: [places],
    payload: { key: 'k', member1: 'P', member2: 'C', unit: 'km' },
    answers: { unit: 'km' },
    bad: { key: 'k', member1: 'P' },
    missing: [{ key: 'none', member1: 'P', member2: 'C' }, { distance: null }],
  },
  {
    command: 'geospatial.georadius',
    before: [places],
    payload: { key: 'k', center_lat: 37, center_lon: 15, radius: 100, unit: 'km' },
    answers: { results: [{ member: 'C' }] },
    bad: { key: 'k', center_lat: 37 },
    missing: [{ key: 'none', center_lat: 37, center_lon: 15, radius: 1 }, { results: [] }],
  },
  {
    command: 'geospatial.georadiusbymember',
    before: [places],
    payload: { key: 'k', member: 'P', radius: 1, unit: 'km', with_dist: true },
    answers: { results: [{ member: 'P', distance: 0 }] },
    bad: { key: 'k', member: 'P', radius: -1 },
    missing: [{ key: 'none', member: 'P', radius: 1 }, 'KEY_NOT_FOUND'],
  },
  {
    command: 'geospatial.geosearch',
    before: [places],
    payload: { key: 'k', from_lonlat: [15, 37], by_radius: [100, 'km'], with_coord: true },
    answers: { key: 'k' },
    bad: { key: 'k', from_lonlat: [15] },
    missing: [{ key: 'none', from_lonlat: [15, 37], by_radius: [1, 'm'] }, { results: [] }],
  },
  {
    command: 'geospatial.geopos',
    before: [places],
    payload: { key: 'k', members: ['z'] },
    answers: { coordinates: [null] },
    bad: K,
    missing: [{ key: 'none', members: ['z'] }, { coordinates: [null] }],
  },
  {
    command: 'geospatial.geohash',
    before: [places],
    payload: { key: 'k', members: ['P'] },
    answers: { geohashes: ['sqc8b49rny0'] },
    bad: K,
    missing: [{ key: 'none', members: ['z'] }, { geohashes: [null] }],
  },
  {
    command: 'geospatial.stats',
    before: [places],
    answers: { total_keys: 1, total_locations: 2 },
    bad: 'takes nothing',
    missing: 'names nothing',
  },
];
