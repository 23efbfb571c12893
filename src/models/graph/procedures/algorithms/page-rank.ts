/**
 * PageRank by repetition: the share of time that a reader spends at each node who follows a random relationship with
 * probability `damping`, by weight if there are weights, and otherwise goes to any node. From a node without a way out
 * any node is next. The scores add up to 1.
 */
import type { Network } from './network.ts';
import type { Pace } from './pace.ts';

export interface PageRankOptions {
  /** From 0 up to but not including 1. */
  readonly damping: number;
  /** Rounds at most. */
  readonly iterations: number;
  /** The rounds end when the scores have moved by less than this in all. */
  readonly tolerance: number;
}

/** How it ended. */
export interface Ranked {
  readonly scores: Float64Array;
  /** Rounds that were made. */
  readonly rounds: number;
  /** By how much the scores have moved in the last one, in all. */
  readonly moved: number;
  /** It ended because they moved by less than the tolerance. */
  readonly converged: boolean;
}

/** As `rankPages`, the scores alone. */
export async function pageRank(
  network: Network,
  options: PageRankOptions,
  pace: Pace,
): Promise<Float64Array> {
  return (await rankPages(network, options, pace)).scores;
}

export async function rankPages(
  network: Network,
  { damping, iterations, tolerance }: PageRankOptions,
  pace: Pace,
): Promise<Ranked> {
  const { nodes, offsets, targets, weights } = network;
  const outward = outwardWeights(network);
  let scores = new Float64Array(nodes).fill(1 / nodes);
  let next = new Float64Array(nodes);
  let rounds = 0;
  let moved = 0;
  let converged = nodes === 0;
  while (rounds < iterations && !converged) {
    rounds++;
    next.fill(0);
    let stranded = 0;
    for (let node = 0; node < nodes; node++) {
      const [from, to] = [offsets[node] as number, offsets[node + 1] as number];
      if (pace.due(1 + to - from)) await pace.rest();
      const total = outward[node] as number;
      if (total === 0) {
        stranded += scores[node] as number;
        continue;
      }
      const share = (damping * (scores[node] as number)) / total;
      for (let at = from; at < to; at++) {
        const target = targets[at] as number;
        next[target] =
          (next[target] as number) + share * (weights === undefined ? 1 : (weights[at] as number));
      }
    }
    const everywhere = (1 - damping + damping * stranded) / nodes;
    moved = 0;
    for (let node = 0; node < nodes; node++) {
      const score = (next[node] as number) + everywhere;
      moved += Math.abs(score - (scores[node] as number));
      next[node] = score;
    }
    [scores, next] = [next, scores];
    converged = moved < tolerance;
  }
  return { scores, rounds, moved, converged };
}

/** For each node the sum over its steps. */
export function outwardWeights({ nodes, offsets, weights }: Network): Float64Array {
  const sums = new Float64Array(nodes);
  for (let node = 0; node < nodes; node++) {
    const [from, to] = [offsets[node] as number, offsets[node + 1] as number];
    let sum = 0;
    if (weights === undefined) sum = to - from;
    else for (let at = from; at < to; at++) sum += weights[at] as number;
    sums[node] = sum;
  }
  return sums;
}
