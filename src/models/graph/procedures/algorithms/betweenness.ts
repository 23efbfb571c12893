/**
 * How often each node lies between two others on a shortest path, by Brandes' algorithm: a search by breadth from every
 * node, and then back along its paths. Steps count alike, parallel ones as one. It takes nodes times relationships.
 */
import { type Network, simpleNetwork } from './network.ts';
import type { Pace } from './pace.ts';
import { shuffled } from './shuffled.ts';

export interface BetweennessOptions {
  /** Each pair is then one pair, whichever way it is walked. */
  readonly undirected: boolean;
  /** The scores are then parts of all pairs of other nodes. */
  readonly normalized: boolean;
  /** The part of the nodes that paths are looked for from, above 0; the scores are then estimates. Default: 1. */
  readonly sampling?: number | undefined;
}

/** The same nodes each time. */
const SAMPLE_SEED = 42;

/** How many nodes paths are looked for from: at least one. */
const samplesOf = (nodes: number, sampling: number): number => Math.max(1, Math.ceil(sampling * nodes));

export async function betweenness(
  walked: Network,
  { undirected, normalized, sampling = 1 }: BetweennessOptions,
  pace: Pace,
): Promise<Float64Array> {
  const network = simpleNetwork(walked);
  const { nodes, offsets, targets } = network;
  const scores = new Float64Array(nodes);
  const distance = new Int32Array(nodes).fill(-1);
  const paths = new Float64Array(nodes);
  const dependency = new Float64Array(nodes);
  /** Nodes in the order in which they were reached. */
  const reached = new Int32Array(nodes);
  const samples = samplesOf(nodes, sampling);
  const order = samples < nodes ? shuffled(nodes, SAMPLE_SEED) : undefined;
  for (let turn = 0; turn < Math.min(samples, nodes); turn++) {
    const source = order === undefined ? turn : (order[turn] as number);
    let size = 1;
    let steps = 1;
    reached[0] = source;
    distance[source] = 0;
    paths[source] = 1;
    for (let head = 0; head < size; head++) {
      const node = reached[head] as number;
      const [from, to] = [offsets[node] as number, offsets[node + 1] as number];
      steps += 2 * (1 + to - from);
      const further = (distance[node] as number) + 1;
      for (let at = from; at < to; at++) {
        const target = targets[at] as number;
        if (distance[target] === -1) {
          distance[target] = further;
          reached[size++] = target;
        }
        if (distance[target] === further) {
          paths[target] = (paths[target] as number) + (paths[node] as number);
        }
      }
    }
    for (let head = size - 1; head >= 0; head--) {
      const node = reached[head] as number;
      const further = (distance[node] as number) + 1;
      let sum = 0;
      for (let at = offsets[node] as number; at < (offsets[node + 1] as number); at++) {
        const target = targets[at] as number;
        if (distance[target] !== further) continue;
        sum += ((paths[node] as number) / (paths[target] as number)) * (1 + (dependency[target] as number));
      }
      dependency[node] = sum;
      if (node !== source) scores[node] = (scores[node] as number) + sum;
    }
    for (let head = 0; head < size; head++) {
      const node = reached[head] as number;
      distance[node] = -1;
      paths[node] = 0;
      dependency[node] = 0;
    }
    if (pace.due(steps)) await pace.rest();
  }
  // Undirected, every pair was walked from both of its ends, and there are half as many.
  const pairs = nodes > 2 ? (nodes - 1) * (nodes - 2) : 1;
  const shown = samples < nodes ? samples / nodes : 1;
  if (normalized) return scores.map((score) => score / shown / pairs);
  return scores.map((score) => score / shown / (undirected ? 2 : 1));
}
