/** Directions of places, and the distances that follow from them. */
import { expect, test } from 'vitest';
import { direction, kilometres } from './entities.ts';

const cosine = (one: readonly number[], other: readonly number[]): number =>
  one.reduce((sum, part, at) => sum + part * (other[at] ?? 0), 0);

test('directions have the length 1', () => {
  for (const [lat, lon] of [
    [0, 0],
    [90, 0],
    [-45.5, 170],
    [64, -22.6],
  ] as const) {
    const one = direction(lat, lon);
    expect(cosine(one, one)).toBeCloseTo(1, 12);
  }
});

test('near places are more similar, and their distance is that of the great circle', () => {
  const quito = direction(0, -78);
  const east = direction(0, -68);
  expect(kilometres(cosine(quito, east))).toBeCloseTo((6_371 * Math.PI * 10) / 180, 6);
  expect(cosine(quito, east)).toBeGreaterThan(cosine(quito, direction(0, -58)));
  expect(kilometres(1.000_000_1)).toBe(0);
});
