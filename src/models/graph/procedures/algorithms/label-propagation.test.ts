/** Label propagation: what it must find, and that what it ends with stands still. */
import { describe, expect, it } from 'vitest';
import {
  groupsOf,
  HURRY,
  KARATE,
  linksOf,
  matrixOf,
  randomLinks,
} from '../../../../../test/support/networks.ts';
import { labelPropagation } from './label-propagation.ts';
import { type Links, networkOf } from './network.ts';

const LONG = { iterations: 1_000, seed: 0 };

/** Two groups of five in which all know each other, and one acquaintance between them. */
const CLIQUES = linksOf(10, [
  ...[0, 5].flatMap((first) =>
    [0, 1, 2, 3, 4].flatMap((a) =>
      [0, 1, 2, 3, 4].flatMap((b) => (a < b ? [[first + a, first + b] as const] : [])),
    ),
  ),
  [4, 5],
]);

/** The weight with which a node is drawn to each community. */
function pulls(links: Links, communityOf: Int32Array, node: number): Map<number, number> {
  const matrix = matrixOf(links);
  const sums = new Map<number, number>();
  for (const [other, community] of communityOf.entries()) {
    const loop = other === node;
    const weight = (matrix[node]?.[other] as number) + (loop ? 0 : (matrix[other]?.[node] as number));
    if (weight > 0) sums.set(community, (sums.get(community) ?? 0) + weight);
  }
  return sums;
}

it.each([0, 1, 2, 3])('finds two cliques, seed %i', async (seed) => {
  const found = await labelPropagation(networkOf(CLIQUES, 'undirected'), { ...LONG, seed }, HURRY);
  expect(groupsOf(found)).toEqual([
    [0, 1, 2, 3, 4],
    [5, 6, 7, 8, 9],
  ]);
});

describe('ends where no node wants to move', () => {
  it.each([
    KARATE,
    randomLinks(1, 30, 60),
    randomLinks(2, 30, 100, true),
    randomLinks(3, 30, 20),
  ])('graph %#', async (links) => {
    const found = await labelPropagation(networkOf(links, 'undirected'), LONG, HURRY);
    for (const [node, community] of found.entries()) {
      const sums = pulls(links, found, node);
      if (sums.size > 0) expect(sums.get(community) ?? 0).toBe(Math.max(...sums.values()));
    }
  });
});

it('the same seed gives the same communities, another one may not', async () => {
  const network = networkOf(randomLinks(9, 60, 130), 'undirected');
  const run = async (seed: number): Promise<string> =>
    String(await labelPropagation(network, { iterations: 10, seed }, HURRY));
  expect(await run(7)).toBe(await run(7));
  const seeds = [0, 1, 2, 3, 4, 5, 6, 7];
  expect(new Set(await Promise.all(seeds.map(run))).size).toBeGreaterThan(1);
});

it('a weight can outvote numbers', async () => {
  const pairs = [
    [0, 1],
    [0, 2],
    [1, 2],
    [2, 3],
  ] as const;
  const network = networkOf(linksOf(4, pairs, [1, 1, 1, 9]), 'undirected');
  const found = await labelPropagation(network, LONG, HURRY);
  expect(found[3]).toBe(found[2]);
});
