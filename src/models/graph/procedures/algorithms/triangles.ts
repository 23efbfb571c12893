/** Counts the triangles at each node: pairs of its neighbours that are neighbours themselves, directions aside. */
import { type Network, simpleNetwork } from './network.ts';
import type { Pace } from './pace.ts';

export interface Triangles {
  readonly counts: Int32Array;
  /** The part of the pairs of neighbours that are neighbours themselves; 0 for less than two neighbours. */
  readonly coefficients: Float64Array;
}

/**
 * Every triangle is found once: at its node of the lowest degree, so that hubs, whose pairs of neighbours would take
 * most of the time, are hardly looked at.
 */
export async function triangles(undirected: Network, pace: Pace): Promise<Triangles> {
  const network = simpleNetwork(undirected);
  const { nodes } = network;
  const { offsets, targets } = upward(network);
  const counts = new Int32Array(nodes);
  /** The node whose upper neighbours are marked at present, for each of them. */
  const markedBy = new Int32Array(nodes).fill(-1);
  const found = (node: number): void => {
    counts[node] = (counts[node] as number) + 1;
  };
  for (let first = 0; first < nodes; first++) {
    const [from, to] = [offsets[first] as number, offsets[first + 1] as number];
    for (let at = from; at < to; at++) markedBy[targets[at] as number] = first;
    for (let at = from; at < to; at++) {
      const second = targets[at] as number;
      const [inner, end] = [offsets[second] as number, offsets[second + 1] as number];
      if (pace.due(1 + end - inner)) await pace.rest();
      for (let third = inner; third < end; third++) {
        const node = targets[third] as number;
        if (markedBy[node] !== first) continue;
        found(first);
        found(second);
        found(node);
      }
    }
  }
  const coefficients = Float64Array.from(counts, (count, node) => {
    const degree = degreeOf(network, node);
    return degree < 2 ? 0 : (2 * count) / (degree * (degree - 1));
  });
  return { counts, coefficients };
}

const degreeOf = ({ offsets }: Network, node: number): number =>
  (offsets[node + 1] as number) - (offsets[node] as number);

/** Only the steps to nodes of a higher degree, or of the same and with a higher number. */
function upward(network: Network): Network {
  const { nodes, offsets, targets } = network;
  const bounds = new Int32Array(nodes + 1);
  const kept = new Int32Array(targets.length);
  let size = 0;
  for (let node = 0; node < nodes; node++) {
    const degree = degreeOf(network, node);
    for (let at = offsets[node] as number; at < (offsets[node + 1] as number); at++) {
      const target = targets[at] as number;
      const other = degreeOf(network, target);
      if (other > degree || (other === degree && target > node)) kept[size++] = target;
    }
    bounds[node + 1] = size;
  }
  return { nodes, offsets: bounds, targets: kept.slice(0, size), weights: undefined };
}
