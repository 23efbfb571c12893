/** The vectors in memory against looking at everything. */
import { expect, test } from 'vitest';
import { type Metric, measureFrom } from './metric.ts';
import { Nearest } from './nearest.ts';
import { Shelf } from './shelf.ts';
import { keyText, vectorOfCell } from './vector-text.ts';

const METRICS: Metric[] = ['cosine', 'l2', 'inner_product'];
let state = 3;
const next = (): number => {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return state / 2 ** 32 - 0.5;
};
const vector = (): Float32Array => Float32Array.from({ length: 7 }, next);

test.each(METRICS)('after any changes the nearest are found, and the dead are not: %s', (metric) => {
  let shelf = new Shelf(7);
  const rows = new Map<string, Float32Array>();
  for (let step = 0; step < 5_000; step++) {
    const key = String(Math.floor((next() + 0.5) * 600));
    if (step % 3 === 0) {
      rows.delete(key);
      shelf.remove(key);
    } else {
      const value = vector();
      rows.set(key, value);
      shelf.put(key, value);
    }
    if (step % 1_500 === 1_499) shelf = shelf.compacted();
  }
  expect(shelf.rows).toBe(rows.size);
  const measure = measureFrom(metric, vector());
  const nearest = new Nearest(20);
  shelf.scan(0, shelf.slots, measure, nearest);
  const wanted = [...rows]
    .map(([key, value]) => ({ key, distance: measure(value, 0, Math.hypot(...value)) }))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, 20);
  expect(nearest.entries().map(({ slot }) => shelf.keyOf(slot))).toEqual(wanted.map(({ key }) => key));
  const some = [...rows.keys()].slice(0, 5);
  expect(shelf.nearestOf([...some, 'unknown'], measure, 10).entries()).toHaveLength(5);
  shelf.removeAll();
  expect([shelf.rows, shelf.dead]).toEqual([0, shelf.slots]);
});

test('a zero vector has no cosine distance and is never near', () => {
  const shelf = new Shelf(2);
  shelf.put('zero', new Float32Array(2));
  const nearest = new Nearest(1);
  shelf.scan(0, 1, measureFrom('cosine', Float32Array.of(1, 0)), nearest);
  expect(nearest.entries()).toEqual([]);
});

test('cells of both kinds are vectors, and others are none', () => {
  expect(vectorOfCell('{1,2.5,-3e-05}', 3)).toEqual(Float32Array.of(1, 2.5, -3e-5));
  expect(vectorOfCell('[1,2]', 2)).toEqual(Float32Array.of(1, 2));
  expect(vectorOfCell('[0:1]={1,2}', 2)).toEqual(Float32Array.of(1, 2));
  for (const cell of ['{1,2}', '{1,NULL,2}', '{1,NaN,2}', '{1,Infinity,2}', '{}'])
    expect(vectorOfCell(cell, 3)).toBeUndefined();
  expect(keyText(['1'])).toBe('1');
  expect(keyText(['a', '"'])).toBe('["a","\\""]');
  expect(keyText(['a', null])).toBeUndefined();
});
