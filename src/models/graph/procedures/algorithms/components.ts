/** Connected components. Each answer has the number of a component for each node, from zero, by its first node. */
import { type Links, type Network, renumbered } from './network.ts';
import type { Pace } from './pace.ts';

/** Nodes are together if relationships connect them, whatever their direction. */
export async function weakComponents({ nodes, sources, targets }: Links, pace: Pace): Promise<Int32Array> {
  const parents = Int32Array.from({ length: nodes }, (_, node) => node);
  for (let at = 0; at < sources.length; at++) {
    if (pace.due(1)) await pace.rest();
    const left = rootOf(parents, sources[at] as number);
    const right = rootOf(parents, targets[at] as number);
    parents[Math.max(left, right)] = Math.min(left, right);
  }
  return renumbered(parents.map((_, node) => rootOf(parents, node)));
}

/** Each node on the way is moved nearer to the root, so that ways stay short. */
function rootOf(parents: Int32Array, node: number): number {
  let at = node;
  for (;;) {
    const parent = parents[at] as number;
    if (parent === at) return at;
    const above = parents[parent] as number;
    parents[at] = above;
    at = above;
  }
}

const UNSEEN = -1;

/** Nodes are together if each can be reached from the other. Tarjan's algorithm, with a stack instead of recursion. */
export async function strongComponents(network: Network, pace: Pace): Promise<Int32Array> {
  const { nodes, offsets, targets } = network;
  const order = new Int32Array(nodes).fill(UNSEEN);
  /** The earliest node, by `order`, that is known to be in the same component. */
  const earliest = new Int32Array(nodes);
  const componentOf = new Int32Array(nodes).fill(UNSEEN);
  const next = offsets.slice(0, nodes);
  /** Nodes that are seen and in no component yet, and those that are being walked through. */
  const open = new Int32Array(nodes);
  const way = new Int32Array(nodes);
  let [seen, opened, components] = [0, 0, 0];

  for (let root = 0; root < nodes; root++) {
    if (order[root] !== UNSEEN) continue;
    let depth = 0;
    const enter = (node: number): void => {
      order[node] = seen;
      earliest[node] = seen++;
      open[opened++] = node;
      way[depth++] = node;
    };
    enter(root);
    while (depth > 0) {
      if (pace.due(1)) await pace.rest();
      const node = way[depth - 1] as number;
      const at = next[node] as number;
      if (at < (offsets[node + 1] as number)) {
        next[node] = at + 1;
        const target = targets[at] as number;
        if (order[target] === UNSEEN) enter(target);
        else if (componentOf[target] === UNSEEN) {
          earliest[node] = Math.min(earliest[node] as number, order[target] as number);
        }
        continue;
      }
      depth--;
      if (depth > 0) {
        const above = way[depth - 1] as number;
        earliest[above] = Math.min(earliest[above] as number, earliest[node] as number);
      }
      if (earliest[node] !== order[node]) continue;
      for (let member = UNSEEN; member !== node; ) {
        member = open[--opened] as number;
        componentOf[member] = components;
      }
      components++;
    }
  }
  return renumbered(componentOf);
}
