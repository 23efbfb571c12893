/** Betweenness against its definition over all pairs, and its known numbers for the karate club. */
import { describe, expect, it } from 'vitest';
import { HURRY, KARATE, linksOf, matrixOf, randomLinks } from '../../../../../test/support/networks.ts';
import { betweenness } from './betweenness.ts';
import { type Links, networkOf } from './network.ts';

/** Distances and numbers of shortest paths from one node, level by level. */
function search(near: readonly (readonly number[])[], source: number): { far: number[]; ways: number[] } {
  const far = near.map(() => Number.POSITIVE_INFINITY);
  const ways = near.map(() => 0);
  far[source] = 0;
  ways[source] = 1;
  for (let level = [source], depth = 1; level.length > 0; depth++) {
    const next = new Set<number>();
    for (const node of level) {
      for (const target of near[node] ?? []) {
        if ((far[target] as number) < depth) continue;
        far[target] = depth;
        ways[target] = (ways[target] as number) + (ways[node] as number);
        next.add(target);
      }
    }
    level = [...next];
  }
  return { far, ways };
}

function byDefinition(links: Links, undirected: boolean): number[] {
  const matrix = matrixOf(links);
  const all = [...Array(links.nodes).keys()];
  const near = all.map((a) =>
    all.filter(
      (b) => a !== b && ((matrix[a]?.[b] as number) > 0 || (undirected && (matrix[b]?.[a] as number) > 0)),
    ),
  );
  const from = all.map((node) => search(near, node));
  const far = (a: number, b: number): number => from[a]?.far[b] as number;
  const ways = (a: number, b: number): number => from[a]?.ways[b] as number;
  return all.map((middle) => {
    let score = 0;
    for (const start of all) {
      for (const end of all) {
        if (start === end || start === middle || end === middle || far(start, end) === Infinity) continue;
        if (far(start, middle) + far(middle, end) !== far(start, end)) continue;
        score += (ways(start, middle) * ways(middle, end)) / ways(start, end);
      }
    }
    return undirected ? score / 2 : score;
  });
}

const close = (found: Float64Array, wanted: readonly number[]): void => {
  for (const [node, score] of wanted.entries()) expect(found[node]).toBeCloseTo(score, 9);
};

describe('against its definition', () => {
  it.each([1, 2, 3, 4])('random graph %i', async (seed) => {
    const links = randomLinks(seed, 20, 18 * seed);
    const plain = { normalized: false };
    close(
      await betweenness(networkOf(links, 'natural'), { undirected: false, ...plain }, HURRY),
      byDefinition(links, false),
    );
    close(
      await betweenness(networkOf(links, 'undirected'), { undirected: true, ...plain }, HURRY),
      byDefinition(links, true),
    );
  });
});

it('the karate club has its known scores', async () => {
  const network = networkOf(KARATE, 'undirected');
  const scores = await betweenness(network, { undirected: true, normalized: true }, HURRY);
  expect(scores[0]).toBeCloseTo(0.437635, 6);
  expect(scores[33]).toBeCloseTo(0.304075, 6);
});

it('the middle of a path is all between, as a part of all pairs', async () => {
  const path = linksOf(3, [
    [0, 1],
    [1, 2],
  ]);
  const scores = await betweenness(
    networkOf(path, 'natural'),
    { undirected: false, normalized: true },
    HURRY,
  );
  expect([...scores]).toEqual([0, 0.5, 0]);
});
