/** PageRank against the same rule on a matrix, and its known numbers for the karate club. */
import { describe, expect, it } from 'vitest';
import { HURRY, KARATE, linksOf, matrixOf, randomLinks } from '../../../../../test/support/networks.ts';
import { type Links, networkOf } from './network.ts';
import { pageRank } from './page-rank.ts';

const EXACT = { damping: 0.85, iterations: 500, tolerance: 0 };

/** Each score is what flows in, by the whole matrix. */
function byMatrix(links: Links, damping: number): number[] {
  const matrix = matrixOf(links);
  const n = links.nodes;
  const sums = matrix.map((row) => row.reduce((sum, one) => sum + one, 0));
  let scores = new Array<number>(n).fill(1 / n);
  for (let round = 0; round < 500; round++) {
    scores = scores.map((_, to) => {
      const inflow = scores.reduce((sum, score, from) => {
        const total = sums[from] as number;
        return sum + score * (total === 0 ? 1 / n : (matrix[from]?.[to] as number) / total);
      }, 0);
      return (1 - damping) / n + damping * inflow;
    });
  }
  return scores;
}

const close = (found: Float64Array, wanted: readonly number[]): void => {
  expect(found).toHaveLength(wanted.length);
  for (const [node, score] of wanted.entries()) expect(found[node]).toBeCloseTo(score, 12);
};

describe('against the matrix', () => {
  it.each([1, 2, 3, 4])('random graph %i', async (seed) => {
    const links = randomLinks(seed, 25, 20 * seed);
    close(await pageRank(networkOf(links, 'natural'), EXACT, HURRY), byMatrix(links, 0.85));
  });

  it.each([5, 6])('random graph %i with weights', async (seed) => {
    const links = randomLinks(seed, 25, 60, true);
    close(
      await pageRank(networkOf(links, 'natural'), { ...EXACT, damping: 0.5 }, HURRY),
      byMatrix(links, 0.5),
    );
  });
});

it('the karate club has its known ranks', async () => {
  const scores = await pageRank(networkOf(KARATE, 'undirected'), EXACT, HURRY);
  expect(scores[33]).toBeCloseTo(0.1009, 4);
  expect(scores[0]).toBeCloseTo(0.097, 4);
  expect(scores.reduce((sum, score) => sum + score, 0)).toBeCloseTo(1, 12);
});

it('ends when it stands still, or after its rounds', async () => {
  const network = networkOf(KARATE, 'undirected');
  const [one, loose, exact] = [
    await pageRank(network, { ...EXACT, iterations: 1 }, HURRY),
    await pageRank(network, { ...EXACT, tolerance: 0.01 }, HURRY),
    await pageRank(network, EXACT, HURRY),
  ];
  expect(Math.abs((one[33] as number) - (exact[33] as number))).toBeGreaterThan(0.01);
  expect(loose[33]).not.toBe(exact[33]);
  expect(Math.abs((loose[33] as number) - (exact[33] as number))).toBeLessThan(0.01);
});

it('one node has all, no nodes have nothing', async () => {
  expect([...(await pageRank(networkOf(linksOf(1, []), 'natural'), EXACT, HURRY))]).toEqual([1]);
  expect(await pageRank(networkOf(linksOf(0, []), 'natural'), EXACT, HURRY)).toHaveLength(0);
});
