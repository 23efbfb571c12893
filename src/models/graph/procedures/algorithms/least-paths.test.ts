/** All paths of the least weight, compared with trying every path there is. */
import { describe, expect, it } from 'vitest';
import { HURRY, linksOf, randomLinks } from '../../../../../test/support/networks.ts';
import { type Direction, type Links, leastPaths, networkOf } from './index.ts';

/** Every path that comes to no node twice, and its weight; of steps side by side the lightest. */
function everyPath(
  { nodes, sources, targets, weights }: Links,
  direction: Direction,
  source: number,
  target: number,
  stepsMax: number,
): { readonly path: readonly number[]; readonly weight: number }[] {
  const steps = new Map<number, Map<number, number>>();
  const add = (from: number, to: number, weight: number): void => {
    const known = steps.get(from) ?? new Map<number, number>();
    steps.set(from, known.set(to, Math.min(weight, known.get(to) ?? weight)));
  };
  for (const [at, from] of sources.entries()) {
    const [to = 0, weight = 1] = [targets[at], weights?.[at]];
    if (direction !== 'reverse') add(from, to, weight);
    if (direction !== 'natural') add(to, from, weight);
  }
  const found: { readonly path: readonly number[]; readonly weight: number }[] = [];
  const walk = (path: readonly number[], weight: number): void => {
    const last = path.at(-1) ?? 0;
    if (last === target) found.push({ path, weight });
    else if (path.length <= Math.min(stepsMax, nodes)) {
      for (const [next, more] of steps.get(last) ?? []) {
        if (!path.includes(next)) walk([...path, next], weight + more);
      }
    }
  };
  walk([source], 0);
  return found;
}

const texts = (paths: readonly (readonly number[])[]): string[] => paths.map(String).sort();

describe.each<Direction>(['natural', 'reverse', 'undirected'])('%s', (direction) => {
  it.each([undefined, 1, 2, 3])('at most %s steps', async (stepsMax) => {
    for (let seed = 1; seed <= 60; seed++) {
      const links = randomLinks(seed, 6, 12, seed % 2 === 0);
      const network = networkOf(links, direction);
      const all = everyPath(links, direction, 0, 5, stepsMax ?? Number.POSITIVE_INFINITY);
      const least = Math.min(...all.map(({ weight }) => weight));
      const expected = all.filter(({ weight }) => weight === least).map(({ path }) => path);
      const found = await leastPaths(network, 0, 5, { stepsMax, limit: 1_000 }, HURRY);
      expect(found?.distance, `seed ${seed}`).toBe(all.length === 0 ? undefined : least);
      expect(texts(found?.paths ?? []), `seed ${seed}`).toEqual(texts(expected));
    }
  });
});

const SQUARE = networkOf(
  linksOf(
    4,
    [
      [0, 1],
      [1, 3],
      [0, 2],
      [2, 3],
    ],
    [0.1, 0.2, 0.2, 0.1],
  ),
  'natural',
);

it('takes sums for the same that differ by rounding only', async () => {
  const found = await leastPaths(SQUARE, 0, 3, { stepsMax: undefined, limit: 10 }, HURRY);
  expect(texts(found?.paths ?? [])).toEqual(['0,1,3', '0,2,3']);
});

it('gives as many as asked for', async () => {
  const found = await leastPaths(SQUARE, 0, 3, { stepsMax: 2, limit: 1 }, HURRY);
  expect(found?.paths).toHaveLength(1);
});

it('from a node to itself, and to one that is not reached', async () => {
  const options = { stepsMax: undefined, limit: 1 };
  expect(await leastPaths(SQUARE, 2, 2, options, HURRY)).toEqual({ distance: 0, paths: [[2]] });
  expect(await leastPaths(SQUARE, 3, 0, options, HURRY)).toBeUndefined();
});
