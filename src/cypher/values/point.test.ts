/** Points: making them, distances that can be checked by hand, boxes. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mapOf } from '../../../test/support/cypher-values.ts';
import { distance, makePoint, withinBBox } from './point.ts';
import { type MapValue, Point } from './value.ts';

describe('makePoint', () => {
  it.each<[MapValue, Point]>([
    [mapOf({ x: 1n, y: 2.5 }), new Point(7203, [1, 2.5])],
    [mapOf({ x: 1n, y: 2n, z: 3n }), new Point(9157, [1, 2, 3])],
    [mapOf({ longitude: 12.5, latitude: 56n }), new Point(4326, [12.5, 56])],
    [mapOf({ longitude: 12.5, latitude: 56n, height: 100n }), new Point(4979, [12.5, 56, 100])],
    [mapOf({ longitude: 12.5, latitude: 56n, z: 100n }), new Point(4979, [12.5, 56, 100])],
    [mapOf({ x: 1n, y: 2n, crs: 'WGS-84' }), new Point(4326, [1, 2])],
    [mapOf({ x: 1n, y: 2n, srid: 4326n }), new Point(4326, [1, 2])],
    [mapOf({ x: 1n, y: 2n, z: 3n, crs: 'cartesian-3d' }), new Point(9157, [1, 2, 3])],
    [mapOf({ x: 1n, y: 2n, height: 3n }), new Point(4979, [1, 2, 3])],
    [mapOf({ longitude: 190n, latitude: 0n }), new Point(4326, [-170, 0])],
    [mapOf({ longitude: -540n, latitude: 0n }), new Point(4326, [-180, 0])],
    [mapOf({ longitude: 180n, latitude: -90n }), new Point(4326, [180, -90])],
    [mapOf({ x: 1n, y: 2n, name: 'ignored' }), new Point(7203, [1, 2])],
  ])('case %#', (map, expected) => {
    expect(makePoint(map)).toEqual(expected);
  });

  it('is null if a coordinate or the system is', () => {
    expect(makePoint(mapOf({ x: 1n, y: null }))).toBeNull();
    expect(makePoint(mapOf({ x: 1n, y: 2n, z: null }))).toBeNull();
    expect(makePoint(mapOf({ x: 1n, y: 2n, crs: null }))).toBeNull();
    expect(makePoint(mapOf({ x: 1n, y: 2n, name: null }))).not.toBeNull();
  });

  it.each<[MapValue, RegExp]>([
    [mapOf({}), /it has no x/],
    [mapOf({ x: 1n }), /it has no y/],
    [mapOf({ latitude: 1n }), /it has no longitude/],
    [mapOf({ x: 1n, y: 2n, latitude: 3n }), /both x or y and longitude or latitude/],
    [mapOf({ x: '1', y: 2n }), /x is String '1', not a number/],
    [mapOf({ x: Number.NaN, y: 2n }), /x is not finite/],
    [mapOf({ x: 1n, y: 2n, crs: 'mars' }), /String 'mars' is no coordinate system/],
    [mapOf({ x: 1n, y: 2n, srid: 1n }), /Integer 1 is no coordinate system/],
    [mapOf({ x: 1n, y: 2n, crs: 'cartesian', srid: 7203n }), /both crs and srid/],
    [mapOf({ x: 1n, y: 2n, crs: 'cartesian-3d' }), /cartesian-3d has 3 coordinates, not 2/],
    [mapOf({ x: 1n, y: 2n, z: 3n, crs: 'wgs-84' }), /wgs-84 has 2 coordinates, not 3/],
    [mapOf({ longitude: 1n, latitude: 2n, crs: 'cartesian' }), /do not fit cartesian/],
    [mapOf({ longitude: 1n, latitude: 90.5 }), /a latitude is between -90 and 90/],
  ])('refuses case %#', (map, message) => {
    expect(() => makePoint(map)).toThrow(message);
    expect(() => makePoint(map)).toThrow(
      expect.objectContaining({ type: 'ArgumentError', reason: 'InvalidArgumentValue' }),
    );
  });
});

describe('distance', () => {
  it('is Pythagoras on a plane and in space', () => {
    expect(distance(new Point(7203, [0, 0]), new Point(7203, [3, 4]))).toBe(5);
    expect(distance(new Point(9157, [1, 1, 1]), new Point(9157, [2, 3, 3]))).toBe(3);
  });

  it('follows the surface of the earth', () => {
    const quarter = (Math.PI / 2) * 6_378_140;
    expect(distance(new Point(4326, [0, 0]), new Point(4326, [90, 0]))).toBeCloseTo(quarter, 5);
    expect(distance(new Point(4326, [17, 90]), new Point(4326, [0, 0]))).toBeCloseTo(quarter, 5);
    expect(distance(new Point(4326, [0, 0]), new Point(4326, [180, 0]))).toBeCloseTo(2 * quarter, 5);
    expect(distance(new Point(4326, [179, 0]), new Point(4326, [-179, 0]))).toBeCloseTo(quarter / 45, 5);
    expect(distance(new Point(4979, [1, 2, 0]), new Point(4979, [1, 2, 30]))).toBeCloseTo(30, 9);
  });

  it('is null between different systems', () => {
    expect(distance(new Point(7203, [0, 0]), new Point(4326, [0, 0]))).toBeNull();
    expect(distance(new Point(4979, [0, 0, 0]), new Point(4326, [0, 0]))).toBeNull();
  });

  it('is symmetric and zero only to the same place', () => {
    const place = fc
      .tuple(fc.integer({ min: -180, max: 180 }), fc.integer({ min: -90, max: 90 }))
      .map((coordinates) => new Point(4326, coordinates));
    void fc.assert(
      fc.property(place, place, (a, b) => {
        expect(distance(a, a)).toBe(0);
        expect(distance(a, b)).toBeCloseTo(distance(b, a) ?? Number.NaN, 5);
        expect(distance(a, b)).toBeLessThanOrEqual(Math.PI * 6_378_140 + 1e-6);
      }),
    );
  });
});

describe('withinBBox', () => {
  const flat = (x: number, y: number): Point => new Point(7203, [x, y]);
  const earth = (longitude: number, latitude: number): Point => new Point(4326, [longitude, latitude]);

  it('includes the edges', () => {
    expect(withinBBox(flat(1, 1), flat(0, 0), flat(2, 2))).toBe(true);
    expect(withinBBox(flat(0, 2), flat(0, 0), flat(2, 2))).toBe(true);
    expect(withinBBox(flat(0, 2.1), flat(0, 0), flat(2, 2))).toBe(false);
    expect(withinBBox(flat(1, 1), flat(2, 0), flat(0, 2))).toBe(false);
  });

  it('crosses the 180th meridian', () => {
    expect(withinBBox(earth(179, 0), earth(170, -10), earth(-170, 10))).toBe(true);
    expect(withinBBox(earth(-175, 0), earth(170, -10), earth(-170, 10))).toBe(true);
    expect(withinBBox(earth(0, 0), earth(170, -10), earth(-170, 10))).toBe(false);
    expect(withinBBox(earth(179, 0), earth(170, 10), earth(-170, -10))).toBe(false);
  });

  it('is null for different systems', () => {
    expect(withinBBox(flat(1, 1), earth(0, 0), earth(2, 2))).toBeNull();
  });
});
