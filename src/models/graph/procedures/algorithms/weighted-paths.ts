/** Shortest paths from one node by weight: Dijkstra's algorithm. Of paths of equal weight one with the fewest steps. */
import type { Network } from './network.ts';
import { NodeHeap } from './node-heap.ts';
import type { Pace } from './pace.ts';

export interface WeightedPaths {
  /** Infinity for nodes that were not reached. */
  readonly distances: Float64Array;
  readonly hops: Int32Array;
  /** Nodes in the order in which they were reached for good, the source first. */
  readonly reached: readonly number[];
  /** The nodes of the path to one that was reached, from the source on. */
  wayTo(node: number): readonly number[];
}

/** @param target the search ends there; undefined for paths to all nodes */
export async function weightedPaths(
  network: Network,
  source: number,
  target: number | undefined,
  pace: Pace,
): Promise<WeightedPaths> {
  const { nodes, offsets, targets, weights } = network;
  const distances = new Float64Array(nodes).fill(Number.POSITIVE_INFINITY);
  const hops = new Int32Array(nodes);
  const cameFrom = new Int32Array(nodes).fill(-1);
  const reached: number[] = [];
  const waiting = new NodeHeap(nodes, (left, right) => {
    const difference = (distances[left] as number) - (distances[right] as number);
    if (difference !== 0) return difference < 0;
    const steps = (hops[left] as number) - (hops[right] as number);
    return steps !== 0 ? steps < 0 : left < right;
  });
  distances[source] = 0;
  waiting.put(source);
  for (let node = waiting.take(); node !== undefined; node = waiting.take()) {
    reached.push(node);
    if (node === target) break;
    const [from, to] = [offsets[node] as number, offsets[node + 1] as number];
    if (pace.due(1 + to - from)) await pace.rest();
    const steps = (hops[node] as number) + 1;
    for (let at = from; at < to; at++) {
      const next = targets[at] as number;
      const distance = (distances[node] as number) + (weights === undefined ? 1 : (weights[at] as number));
      const known = distances[next] as number;
      if (distance > known || (distance === known && steps >= (hops[next] as number))) continue;
      distances[next] = distance;
      hops[next] = steps;
      cameFrom[next] = node;
      waiting.put(next);
    }
  }
  const wayTo = (end: number): readonly number[] => {
    const way: number[] = [];
    for (let node = end; node !== -1; node = cameFrom[node] as number) way.push(node);
    return way.reverse();
  };
  return { distances, hops, reached, wayTo };
}
