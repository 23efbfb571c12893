/**
 * How near each node is to all others: the mean of the inverse distances, counted in steps, where what cannot be
 * reached counts nothing (harmonic closeness). A search by breadth from every node, so it takes nodes times relationships.
 */
import { type Network, simpleNetwork } from './network.ts';
import type { Pace } from './pace.ts';

/** From 0, for nodes without neighbours, to 1, for those that have all others for neighbours. */
export async function closeness(walked: Network, pace: Pace): Promise<Float64Array> {
  const { nodes, offsets, targets } = simpleNetwork(walked);
  const scores = new Float64Array(nodes);
  const distance = new Int32Array(nodes).fill(-1);
  /** Nodes in the order in which they were reached. */
  const reached = new Int32Array(nodes);
  for (let source = 0; source < nodes; source++) {
    let size = 1;
    let steps = 1;
    let sum = 0;
    reached[0] = source;
    distance[source] = 0;
    for (let head = 0; head < size; head++) {
      const node = reached[head] as number;
      const further = (distance[node] as number) + 1;
      const [from, to] = [offsets[node] as number, offsets[node + 1] as number];
      steps += 1 + to - from;
      for (let at = from; at < to; at++) {
        const target = targets[at] as number;
        if (distance[target] !== -1) continue;
        distance[target] = further;
        reached[size++] = target;
        sum += 1 / further;
      }
    }
    for (let head = 0; head < size; head++) distance[reached[head] as number] = -1;
    scores[source] = nodes > 1 ? sum / (nodes - 1) : 0;
    if (pace.due(steps)) await pace.rest();
  }
  return scores;
}
