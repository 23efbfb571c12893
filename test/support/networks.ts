/** Graphs that the tests of algorithms share: random ones from a seed, and the karate club that everybody knows. */
import type { Links } from '../../src/models/graph/procedures/algorithms/index.ts';
import type { Pace } from '../../src/models/graph/procedures/algorithms/pace.ts';

/** Never rests. */
export const HURRY: Pace = { due: () => false, rest: async () => {} };

/** Numbers from 0 up to but not including 1, the same for the same seed. */
export function randomNumbers(seed: number): () => number {
  let state = (seed * 2_654_435_761) >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

export function linksOf(
  nodes: number,
  pairs: readonly (readonly [number, number])[],
  weights?: readonly number[],
): Links {
  return {
    nodes,
    sources: Int32Array.from(pairs, ([source]) => source),
    targets: Int32Array.from(pairs, ([, target]) => target),
    weights: weights && Float64Array.from(weights),
  };
}

/** With loops and parallel relationships, now and then. Weights are whole numbers, so that sums are exact. */
export function randomLinks(seed: number, nodes: number, relationships: number, weighted = false): Links {
  const random = randomNumbers(seed);
  const node = (): number => Math.floor(random() * nodes);
  const pairs = Array.from({ length: relationships }, () => [node(), node()] as const);
  return linksOf(nodes, pairs, weighted ? pairs.map(() => Math.floor(random() * 10)) : undefined);
}

/** `matrix[a][b]`: relationships from a to b, or the sum of their weights. */
export function matrixOf({ nodes, sources, targets, weights }: Links): number[][] {
  const matrix = Array.from({ length: nodes }, () => new Array<number>(nodes).fill(0));
  for (const [at, source] of sources.entries()) {
    const row = matrix[source] as number[];
    const target = targets[at] as number;
    row[target] = (row[target] as number) + (weights === undefined ? 1 : (weights[at] as number));
  }
  return matrix;
}

/** Zachary's karate club: 34 members, 78 friendships. */
const FRIENDS: readonly (readonly number[])[] = [
  [1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 17, 19, 21, 31],
  [2, 3, 7, 13, 17, 19, 21, 30],
  [3, 7, 8, 9, 13, 27, 28, 32],
  [7, 12, 13],
  [6, 10],
  [6, 10, 16],
  [16],
  [],
  [30, 32, 33],
  [33],
  [],
  [],
  [],
  [33],
  [32, 33],
  [32, 33],
  [],
  [],
  [32, 33],
  [33],
  [32, 33],
  [],
  [32, 33],
  [25, 27, 29, 32, 33],
  [25, 27, 31],
  [31],
  [29, 33],
  [33],
  [31, 33],
  [32, 33],
  [32, 33],
  [32, 33],
  [33],
  [],
];

export const KARATE: Links = linksOf(
  FRIENDS.length,
  FRIENDS.flatMap((friends, member) => friends.map((friend) => [member, friend] as const)),
);

/** Groups by their members, in a form that does not depend on how groups are numbered. */
export function groupsOf(groupOf: ArrayLike<number>): number[][] {
  const groups = new Map<number, number[]>();
  for (let node = 0; node < groupOf.length; node++) {
    const group = groupOf[node] as number;
    groups.set(group, [...(groups.get(group) ?? []), node]);
  }
  return [...groups.values()];
}
