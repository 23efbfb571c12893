/** Places: distances and geohashes that are known, searches against looking at every place. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as kv from '../../src/models/index.ts';
import { openTestStore, type TestStore } from '../support/test-store.ts';
import { beginOn, type Caller, callerOn, codeOf } from './kv-support.ts';

let test: TestStore;
let call: Caller;

beforeAll(async () => {
  test = await openTestStore();
  call = callerOn(test.store, test.database);
});
afterAll(() => test.close());

const PALERMO = { member: 'Palermo', lat: 38.115556, lon: 13.361389 };
const CATANIA = { member: 'Catania', lat: 37.502669, lon: 15.087269 };
const add = (key: string, ...locations: { member: string; lat: number; lon: number }[]) =>
  call(kv.geospatialGeoadd, { key, locations });

describe('places', () => {
  it('have the scores, distances and geohashes of Redis', async () => {
    expect(await add('sicily', PALERMO, CATANIA)).toEqual({ added: 2, changed: 0 });
    const members = ['Palermo', 'Catania', 'none'];
    expect((await call(kv.sortedsetZmscore, { key: 'sicily', members })).scores).toEqual([
      3_479_099_956_230_698,
      3_479_447_370_796_909,
      null,
    ]);
    const distance = async (unit?: string) =>
      (
        await call(kv.geospatialGeodist, {
          key: 'sicily',
          from: 'Palermo',
          to: 'Catania',
          ...(unit ? { unit } : {}),
        })
      ).distance;
    expect(await distance()).toBeCloseTo(166_274.1516, 3);
    expect(await distance('km')).toBeCloseTo(166.2742, 3);
    expect(await distance('mi')).toBeCloseTo(103.3182, 3);
    expect(await distance('ft')).toBeCloseTo(545_518.8699, 2);
    expect(await call(kv.geospatialGeohash, { key: 'sicily', members })).toEqual({
      geohashes: ['sqc8b49rny0', 'sqdtr74hyu0', null],
    });
    const { coordinates } = await call(kv.geospatialGeopos, { key: 'sicily', members });
    expect(coordinates[0]?.lat).toBeCloseTo(PALERMO.lat, 5);
    expect(coordinates[0]?.lon).toBeCloseTo(PALERMO.lon, 5);
    expect(coordinates[2]).toBeNull();
    expect(
      (await call(kv.geospatialGeodist, { key: 'sicily', from: 'Palermo', to: 'x' })).distance,
    ).toBeNull();
  });

  it('are found around a point, a member, and in a box', async () => {
    const center = { lat: 37, lon: 15 };
    const around = await call(kv.geospatialGeoradius, {
      key: 'sicily',
      center,
      radius: 200,
      unit: 'km',
      sort: 'asc',
    });
    expect(around.places.map(({ member }) => member)).toEqual(['Catania', 'Palermo']);
    expect(around.places[0]?.distance).toBeCloseTo(56.4413, 3);
    const one = await call(kv.geospatialGeoradius, {
      key: 'sicily',
      center,
      radius: 200,
      unit: 'km',
      count: 1,
    });
    expect(one.places.map(({ member }) => member)).toEqual(['Catania']);
    const near = { key: 'sicily', member: 'Palermo', radius: 1 };
    expect((await call(kv.geospatialGeoradiusbymember, near)).places).toHaveLength(1);
    const missing = call(kv.geospatialGeoradiusbymember, { ...near, member: 'x' });
    expect(await codeOf(missing)).toBe('KEY_NOT_FOUND');
    const box = { key: 'sicily', center, box: { width: 400, height: 400 }, unit: 'km', sort: 'desc' };
    expect((await call(kv.geospatialGeosearch, box)).places.map(({ member }) => member)).toEqual([
      'Palermo',
      'Catania',
    ]);
    await expect(call(kv.geospatialGeosearch, { key: 'sicily', center })).rejects.toThrow('radius');
  });

  it('are found wherever they are: the same as looking at each of them', async () => {
    const lat = fc.double({ min: -85, max: 85, noNaN: true });
    const lon = fc.oneof(
      fc.double({ min: -180, max: 180, noNaN: true }),
      fc.double({ min: 179.5, max: 180, noNaN: true }),
      fc.double({ min: -180, max: -179.5, noNaN: true }),
    );
    const [locations = []] = fc.sample(
      fc.array(fc.record({ lat, lon }), { minLength: 300, maxLength: 300 }),
      {
        numRuns: 1,
        seed: 42,
      },
    );
    await add('world', ...locations.map((location, n) => ({ member: `m${n}`, ...location })));
    const everything = await call(kv.geospatialGeoradius, {
      key: 'world',
      center: { lat: 0, lon: 0 },
      radius: 30_000,
      unit: 'km',
    });
    expect(everything.places).toHaveLength(300);
    const radius = fc.oneof(
      fc.double({ min: 0, max: 900, noNaN: true }),
      fc.double({ min: 900, max: 21_000, noNaN: true }),
    );
    await fc.assert(
      fc.asyncProperty(lat, lon, radius, async (centerLat, centerLon, km) => {
        const key = 'one';
        await call(kv.kvDel, { keys: [key] });
        await add(key, { member: 'center', lat: centerLat, lon: centerLon });
        const [center] = (await call(kv.geospatialGeopos, { key, members: ['center'] })).coordinates;
        const { places } = await call(kv.geospatialGeoradius, {
          key: 'world',
          center,
          radius: km,
          unit: 'km',
        });
        const expected = everything.places
          .filter((place) => great(place, { lat: center?.lat ?? 0, lon: center?.lon ?? 0 }) <= km)
          .map(({ member }) => member);
        expect(places.map(({ member }) => member).sort()).toEqual(expected.sort());
      }),
      { numRuns: 60 },
    );
  }, 60_000);

  it('refuse what is no place, other kinds, and are rolled back', async () => {
    for (const [lat, lon] of [
      [91, 0],
      [-85.06, 0],
      [0, 180.1],
    ] as const) {
      expect(await codeOf(add('bad', { member: 'm', lat, lon }))).toBe('INVALID_PARAMETER');
    }
    await call(kv.kvSet, { key: 'text', valueJson: '1' });
    expect(await codeOf(add('text', PALERMO))).toBe('WRONG_TYPE');
    const center = { lat: 0, lon: 0 };
    expect(await codeOf(call(kv.geospatialGeoradius, { key: 'text', center, radius: 1 }))).toBe('WRONG_TYPE');
    expect((await call(kv.geospatialGeoradius, { key: 'none', center, radius: 1 })).places).toEqual([]);
    const transaction = await beginOn(test.database);
    await call(kv.geospatialGeoadd, { key: 'tx', locations: [PALERMO] }, transaction);
    await test.database.rollback(transaction);
    expect((await call(kv.keyExists, { key: 'tx' })).exists).toBe(false);
    const xx = await call(kv.geospatialGeoadd, {
      key: 'sicily',
      locations: [{ ...PALERMO, lat: 38.2 }],
      nx: true,
    });
    expect(xx).toEqual({ added: 0, changed: 0 });
    expect((await call(kv.geospatialStats, {})).operations.geoadd).toBeGreaterThan(2);
  });
});

/** Kilometres by the spherical law of cosines in its stable form, written apart from the code under test. */
function great(a: { lat: number; lon: number }, b: { lat: number; lon: number }): number {
  const [p, q, d] = [a.lat, b.lat, b.lon - a.lon].map((degrees) => (degrees * Math.PI) / 180) as [
    number,
    number,
    number,
  ];
  const x = Math.cos(q) * Math.sin(d);
  const y = Math.cos(p) * Math.sin(q) - Math.sin(p) * Math.cos(q) * Math.cos(d);
  const z = Math.sin(p) * Math.sin(q) + Math.cos(p) * Math.cos(q) * Math.cos(d);
  return 6372.797560856 * Math.atan2(Math.hypot(x, y), z);
}
