/** The sort that gives others their turn sorts as any other does. */
import { expect, it } from 'vitest';
import { Meter } from '../../values/meter.ts';
import { sortInSlices } from './sort-in-slices.ts';

interface Item {
  readonly key: number;
  readonly at: number;
}

const meter = new Meter(() => {});
const byKey = (a: Item, b: Item): number => a.key - b.key;

const items = (count: number, keyOf: (at: number) => number): Item[] =>
  Array.from({ length: count }, (_, at) => ({ key: keyOf(at), at }));

it.each([
  ['none', items(0, () => 0)],
  ['few', items(10, (at) => (at * 7) % 4)],
  ['many with the same key', items(9_999, (at) => (at * 7_919) % 13)],
  ['ascending ones', items(7_000, (at) => at)],
  ['descending ones', items(7_000, (at) => -at)],
  ['all the same', items(7_000, () => 1)],
])('sorts %s, and keeps the order of equal ones', async (_, given) => {
  expect(await sortInSlices(given, meter, byKey)).toEqual(given.toSorted(byKey));
});
