/** Shortest paths against relaxing every relationship until nothing changes. */
import { describe, expect, it } from 'vitest';
import { HURRY, linksOf, randomLinks } from '../../../../../test/support/networks.ts';
import { type Links, networkOf } from './network.ts';
import { weightedPaths } from './weighted-paths.ts';

/** The least weight, and the fewest steps of ways with it. */
function byRelaxing({ nodes, sources, targets, weights }: Links, source: number): [number, number][] {
  const best = Array.from({ length: nodes }, (_, node): [number, number] =>
    node === source ? [0, 0] : [Number.POSITIVE_INFINITY, 0],
  );
  for (let changed = true; changed; ) {
    changed = false;
    for (const [at, from] of sources.entries()) {
      const [distance, steps] = best[from] as [number, number];
      const next = distance + (weights === undefined ? 1 : (weights[at] as number));
      const known = best[targets[at] as number] as [number, number];
      if (next > known[0] || next === Infinity || (next === known[0] && steps + 1 >= known[1])) continue;
      best[targets[at] as number] = [next, steps + 1];
      changed = true;
    }
  }
  return best;
}

const weightOf = ({ sources, targets, weights }: Links, from: number, to: number): number =>
  Math.min(
    ...[...sources].flatMap((source, at) =>
      source === from && targets[at] === to ? [weights === undefined ? 1 : (weights[at] as number)] : [],
    ),
  );

describe('against relaxation', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])('random graph %i', async (seed) => {
    const links = randomLinks(seed, 40, 20 * seed, seed % 2 === 0);
    const wanted = byRelaxing(links, 7);
    const found = await weightedPaths(networkOf(links, 'natural'), 7, undefined, HURRY);
    expect([...found.distances]).toEqual(wanted.map(([distance]) => distance));
    const reached = wanted.flatMap(([distance], node) => (distance < Infinity ? [node] : []));
    expect([...found.reached].sort((a, b) => a - b)).toEqual(reached);
    for (const node of found.reached) {
      const way = found.wayTo(node);
      expect(found.hops[node]).toBe((wanted[node] as [number, number])[1]);
      expect([way[0], way.at(-1), way.length]).toEqual([7, node, (found.hops[node] as number) + 1]);
      const sum = way.slice(1).reduce((all, to, at) => all + weightOf(links, way[at] as number, to), 0);
      expect(sum).toBe(found.distances[node]);
    }
  });

  it('nodes are reached nearest first', async () => {
    const links = randomLinks(4, 40, 200, true);
    const { reached, distances } = await weightedPaths(networkOf(links, 'natural'), 0, undefined, HURRY);
    const order = reached.map((node) => distances[node] as number);
    expect(order).toEqual([...order].sort((a, b) => a - b));
  });
});

it('with a target it ends there', async () => {
  const chain = linksOf(5, [
    [0, 1],
    [1, 2],
    [2, 3],
    [3, 4],
  ]);
  const found = await weightedPaths(networkOf(chain, 'natural'), 1, 3, HURRY);
  expect(found.reached).toEqual([1, 2, 3]);
  expect(found.wayTo(3)).toEqual([1, 2, 3]);
  const away = await weightedPaths(networkOf(chain, 'natural'), 3, 0, HURRY);
  expect(away.reached).toEqual([3, 4]);
});
