/** Eigenvector centrality of small networks, worked out by hand. */
import { describe, expect, it } from 'vitest';
import { HURRY, linksOf } from '../../../../../test/support/networks.ts';
import { eigenvector, networkOf } from './index.ts';

const ROUNDS = { iterations: 1_000, tolerance: 1e-12 };
const LINE = linksOf(3, [
  [0, 1],
  [1, 2],
]);

describe('eigenvector', () => {
  it('of a line: the middle has the square root of 2 of its ends', async () => {
    const { scores, converged } = await eigenvector(networkOf(LINE, 'undirected'), ROUNDS, HURRY);
    expect(converged).toBe(true);
    expect(scores[0]).toBeCloseTo(0.5, 9);
    expect(scores[1]).toBeCloseTo(Math.SQRT1_2, 9);
  });

  it('goes by weight', async () => {
    const links = linksOf(
      3,
      [
        [0, 1],
        [1, 2],
      ],
      [3, 4],
    );
    const { scores } = await eigenvector(networkOf(links, 'undirected'), ROUNDS, HURRY);
    // Of the matrix with 3 and 4 beside the diagonal: (3, 5, 4) with the root 5.
    expect((scores[0] ?? 0) / (scores[1] ?? 1)).toBeCloseTo(0.6, 9);
    expect((scores[2] ?? 0) / (scores[1] ?? 1)).toBeCloseTo(0.8, 9);
  });

  it('ends after its rounds, and without nodes before the first', async () => {
    expect(
      await eigenvector(networkOf(LINE, 'undirected'), { iterations: 3, tolerance: 1e-12 }, HURRY),
    ).toMatchObject({
      rounds: 3,
      converged: false,
    });
    expect(await eigenvector(networkOf(linksOf(0, []), 'natural'), ROUNDS, HURRY)).toMatchObject({
      rounds: 0,
      converged: true,
    });
  });
});
