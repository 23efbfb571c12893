/** Components against reachability by brute force, and on a path that would break a recursion. */
import { describe, expect, it } from 'vitest';
import { groupsOf, HURRY, linksOf, matrixOf, randomLinks } from '../../../../../test/support/networks.ts';
import { strongComponents, weakComponents } from './components.ts';
import { type Links, networkOf } from './network.ts';

/** `reach[a][b]`: b can be reached from a. */
function reachability(links: Links, undirected: boolean): boolean[][] {
  const steps = matrixOf(links);
  const { nodes } = links;
  const all = [...Array(nodes).keys()];
  const reach = all.map((a) =>
    all.map((b) => a === b || (steps[a]?.[b] as number) > 0 || (undirected && (steps[b]?.[a] as number) > 0)),
  );
  for (const via of all)
    for (const a of all)
      for (const b of all)
        if (reach[a]?.[via] === true && reach[via]?.[b] === true) (reach[a] as boolean[])[b] = true;
  return reach;
}

const groupsByReach = (reach: boolean[][]): number[][] =>
  groupsOf(reach.map((row, a) => row.findIndex((there, b) => there && reach[b]?.[a] === true)));

const GRAPHS = [1, 2, 3, 4, 5, 6, 7, 8].map((seed) => randomLinks(seed, 30, 8 * seed));

describe('against reachability', () => {
  it.each(GRAPHS)('weak, random graph %#', async (links) => {
    expect(groupsOf(await weakComponents(links, HURRY))).toEqual(groupsByReach(reachability(links, true)));
  });

  it.each(GRAPHS)('strong, random graph %#', async (links) => {
    const found = await strongComponents(networkOf(links, 'natural'), HURRY);
    expect(groupsOf(found)).toEqual(groupsByReach(reachability(links, false)));
    const reversed = await strongComponents(networkOf(links, 'reverse'), HURRY);
    expect(reversed).toEqual(found);
  });
});

it('components are numbered from zero by their first node', async () => {
  const links = linksOf(5, [
    [4, 1],
    [2, 3],
  ]);
  expect([...(await weakComponents(links, HURRY))]).toEqual([0, 1, 2, 2, 1]);
  expect([...(await strongComponents(networkOf(links, 'natural'), HURRY))]).toEqual([0, 1, 2, 3, 4]);
});

it('a circle of 100,000 nodes is one component', async () => {
  const length = 100_000;
  const circle = linksOf(
    length,
    Array.from({ length }, (_, node) => [node, (node + 1) % length] as const),
  );
  expect(Math.max(...(await strongComponents(networkOf(circle, 'natural'), HURRY)).slice(0, 9))).toBe(0);
  expect(new Set(await strongComponents(networkOf(circle, 'natural'), HURRY)).size).toBe(1);
  expect(new Set(await weakComponents(circle, HURRY)).size).toBe(1);
});

it('no nodes have no components', async () => {
  expect(await weakComponents(linksOf(0, []), HURRY)).toHaveLength(0);
  expect(await strongComponents(networkOf(linksOf(0, []), 'natural'), HURRY)).toHaveLength(0);
});
