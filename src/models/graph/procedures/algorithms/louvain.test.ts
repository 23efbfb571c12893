/** Louvain's method: never better than the best of all partitions, near to it, and merging two communities is no gain. */
import { describe, expect, it } from 'vitest';
import {
  groupsOf,
  HURRY,
  KARATE,
  linksOf,
  matrixOf,
  randomLinks,
} from '../../../../../test/support/networks.ts';
import { louvain } from './louvain.ts';
import { type Links, networkOf } from './network.ts';

const FULL = { iterations: 100, levels: 20 };
const run = (links: Links): Promise<Int32Array> => louvain(networkOf(links, 'undirected'), FULL, HURRY);

/** By its definition, over all pairs of nodes. */
function modularity(links: Links, communityOf: ArrayLike<number>): number {
  const one = matrixOf(links);
  const both = one.map((row, a) => row.map((weight, b) => weight + (one[b]?.[a] as number)));
  const strength = both.map((row) => row.reduce((sum, weight) => sum + weight, 0));
  const total = strength.reduce((sum, weight) => sum + weight, 0);
  let sum = 0;
  for (const [a, row] of both.entries()) {
    for (const [b, weight] of row.entries()) {
      if (communityOf[a] !== communityOf[b]) continue;
      sum += weight - ((strength[a] as number) * (strength[b] as number)) / total;
    }
  }
  return sum / total;
}

/** Every way to put so many nodes into groups. */
function* partitions(nodes: number): Generator<number[]> {
  const open: number[][] = [[0]];
  for (let groups = open.pop(); groups !== undefined; groups = open.pop()) {
    if (groups.length === nodes) yield groups;
    else for (let group = Math.max(...groups) + 1; group >= 0; group--) open.push([...groups, group]);
  }
}

describe('small graphs, all partitions', () => {
  it.each([1, 2, 3, 4, 5, 6])('random graph %i', async (seed) => {
    const links = randomLinks(seed, 8, 12, seed % 2 === 0);
    const found = modularity(links, await run(links));
    const best = Math.max(...[...partitions(8)].map((groups) => modularity(links, groups)));
    expect(found).toBeLessThanOrEqual(best + 1e-12);
    expect(found).toBeGreaterThan(best - 0.08);
  });
});

describe('merging two communities is no gain', () => {
  it.each([KARATE, randomLinks(1, 40, 80), randomLinks(2, 40, 150, true)])('graph %#', async (links) => {
    const found = await run(links);
    const now = modularity(links, found);
    const communities = [...new Set(found)];
    for (const left of communities) {
      for (const right of communities) {
        const merged = found.map((community) => (community === right ? left : community));
        expect(modularity(links, merged)).toBeLessThanOrEqual(now + 1e-9);
      }
    }
  });
});

it('the karate club falls apart as it is known to', async () => {
  const found = await run(KARATE);
  expect(groupsOf(found)).toHaveLength(4);
  expect(modularity(KARATE, found)).toBeGreaterThan(0.415);
  expect(modularity(KARATE, found)).toBeLessThanOrEqual(0.4198);
});

it('what is not connected is not together', async () => {
  const found = await run(
    linksOf(5, [
      [0, 3],
      [1, 2],
    ]),
  );
  expect([...found]).toEqual([0, 1, 1, 0, 2]);
  expect([...(await run(linksOf(3, [])))]).toEqual([0, 1, 2]);
  expect([...(await run(linksOf(2, [[0, 1]], [0])))]).toEqual([0, 1]);
});
