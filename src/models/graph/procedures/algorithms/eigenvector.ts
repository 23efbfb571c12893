/**
 * Eigenvector centrality by repetition: the score of a node is in proportion to the sum of its neighbours' scores, by
 * weight if there are weights. A node's own score is kept in the sum, which changes nothing about the proportions that
 * it ends with, and without which a graph of two sides would swing between two answers for ever.
 */
import type { Network } from './network.ts';
import type { Pace } from './pace.ts';
import type { Ranked } from './page-rank.ts';

export interface EigenvectorOptions {
  /** Rounds at most. */
  readonly iterations: number;
  /** The rounds end when the scores have moved by less than this in all. */
  readonly tolerance: number;
}

/** The squares of the scores add up to 1. */
export async function eigenvector(
  { nodes, offsets, targets, weights }: Network,
  { iterations, tolerance }: EigenvectorOptions,
  pace: Pace,
): Promise<Ranked> {
  let scores = new Float64Array(nodes).fill(1 / Math.sqrt(nodes));
  let next = new Float64Array(nodes);
  let rounds = 0;
  let moved = 0;
  let converged = nodes === 0;
  while (rounds < iterations && !converged) {
    rounds++;
    let squares = 0;
    for (let node = 0; node < nodes; node++) {
      const [from, to] = [offsets[node] as number, offsets[node + 1] as number];
      if (pace.due(1 + to - from)) await pace.rest();
      let sum = scores[node] as number;
      for (let at = from; at < to; at++) {
        const weight = weights === undefined ? 1 : (weights[at] as number);
        sum += weight * (scores[targets[at] as number] as number);
      }
      next[node] = sum;
      squares += sum * sum;
    }
    const length = Math.sqrt(squares);
    moved = 0;
    for (let node = 0; node < nodes; node++) {
      const score = (next[node] as number) / length;
      moved += Math.abs(score - (scores[node] as number));
      next[node] = score;
    }
    [scores, next] = [next, scores];
    converged = moved < tolerance;
  }
  return { scores, rounds, moved, converged };
}
