/**
 * A graph as algorithms walk it: the neighbours of all nodes behind each other in one array. Nodes are numbers from
 * zero. A node is its neighbour's neighbour only if relationships say so or if the network is undirected.
 */
export interface Network {
  readonly nodes: number;
  /** Neighbours of node n are in `targets` from `offsets[n]` up to but not including `offsets[n + 1]`. */
  readonly offsets: Int32Array;
  readonly targets: Int32Array;
  /** Beside `targets`; undefined when every step weighs 1. */
  readonly weights: Float64Array | undefined;
}

/** Relationships as lists of their two ends. */
export interface Links {
  readonly nodes: number;
  readonly sources: Int32Array;
  readonly targets: Int32Array;
  readonly weights: Float64Array | undefined;
}

/** `natural` is from start to end. */
export type Direction = 'natural' | 'reverse' | 'undirected';

/** Neighbours come in the order of the relationships. Undirected, a loop is one step and not two. */
export function networkOf({ nodes, sources, targets, weights }: Links, direction: Direction): Network {
  const [from, to] = direction === 'reverse' ? [targets, sources] : [sources, targets];
  const both = direction === 'undirected';
  const offsets = new Int32Array(nodes + 1);
  for (let at = 0; at < from.length; at++) {
    const [start, end] = [from[at] as number, to[at] as number];
    count(offsets, start);
    if (both && start !== end) count(offsets, end);
  }
  for (let node = 0; node < nodes; node++) {
    offsets[node + 1] = (offsets[node + 1] as number) + (offsets[node] as number);
  }
  const steps = offsets[nodes] as number;
  const network = {
    nodes,
    offsets,
    targets: new Int32Array(steps),
    weights: weights && new Float64Array(steps),
  };
  const next = offsets.slice();
  const add = (start: number, end: number, at: number): void => {
    const place = next[start] as number;
    next[start] = place + 1;
    network.targets[place] = end;
    if (network.weights) network.weights[place] = weights?.[at] as number;
  };
  for (let at = 0; at < from.length; at++) {
    const [start, end] = [from[at] as number, to[at] as number];
    add(start, end, at);
    if (both && start !== end) add(end, start, at);
  }
  return network;
}

const count = (offsets: Int32Array, node: number): void => {
  offsets[node + 1] = (offsets[node + 1] as number) + 1;
};

/** The same without loops, with each neighbour once, in rising order, and without weights. */
export function simpleNetwork({ nodes, offsets, targets }: Network): Network {
  const kept = new Int32Array(targets.length);
  const bounds = new Int32Array(nodes + 1);
  let size = 0;
  for (let node = 0; node < nodes; node++) {
    let last = -1;
    for (const target of targets.slice(offsets[node], offsets[node + 1]).sort()) {
      if (target === last || target === node) continue;
      kept[size++] = target;
      last = target;
    }
    bounds[node + 1] = size;
  }
  return { nodes, offsets: bounds, targets: kept.slice(0, size), weights: undefined };
}

/** Numbers the groups that `groupOf` tells apart from zero, in the order of their first node. */
export function renumbered(groupOf: Int32Array): Int32Array {
  const numbers = new Int32Array(groupOf.length).fill(-1);
  let next = 0;
  return groupOf.map((group) => {
    if (numbers[group] === -1) numbers[group] = next++;
    return numbers[group] as number;
  });
}
