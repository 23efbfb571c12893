/**
 * Communities by label propagation: every node begins alone and then, in turn, joins the community that most of its
 * neighbours are in, by weight. Nodes take their turns in an order that the seed decides, so that the same seed gives
 * the same communities.
 */
import { type Network, renumbered } from './network.ts';
import type { Pace } from './pace.ts';

export interface LabelPropagationOptions {
  /** Rounds at most; it ends sooner when no node moves. */
  readonly iterations: number;
  readonly seed: number;
}

/** The number of the community of each node, from zero, in the order of their first nodes. */
export async function labelPropagation(
  network: Network,
  { iterations, seed }: LabelPropagationOptions,
  pace: Pace,
): Promise<Int32Array> {
  const { nodes, offsets, targets, weights } = network;
  const communityOf = Int32Array.from({ length: nodes }, (_, node) => node);
  const pull = new Float64Array(nodes);
  const turns = shuffled(nodes, seed);
  for (let round = 0, moved = 1; round < iterations && moved > 0; round++) {
    moved = 0;
    for (const node of turns) {
      const [from, to] = [offsets[node] as number, offsets[node + 1] as number];
      if (pace.due(1 + to - from)) await pace.rest();
      for (let at = from; at < to; at++) {
        const community = communityOf[targets[at] as number] as number;
        pull[community] = (pull[community] as number) + (weights === undefined ? 1 : (weights[at] as number));
      }
      const own = communityOf[node] as number;
      let [best, most] = [own, pull[own] as number];
      for (let at = from; at < to; at++) {
        const community = communityOf[targets[at] as number] as number;
        const force = pull[community] as number;
        // The lowest number of those that pull most, unless its own is among them.
        if (force > most || (force === most && best !== own && community < best))
          [best, most] = [community, force];
      }
      for (let at = from; at < to; at++) pull[communityOf[targets[at] as number] as number] = 0;
      if (best === own) continue;
      communityOf[node] = best;
      moved++;
    }
  }
  return renumbered(communityOf);
}

/** Zero is where the generator below would stay for ever. */
const NOT_ZERO = 0x9e3779b9;

/** The numbers from zero in an order that looks random and is the same for the same seed (xorshift, 32 bits). */
function shuffled(length: number, seed: number): Int32Array {
  const order = Int32Array.from({ length }, (_, at) => at);
  let state = (seed ^ NOT_ZERO) | 0 || NOT_ZERO;
  for (let at = length - 1; at > 0; at--) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    const other = (state >>> 0) % (at + 1);
    const moved = order[at] as number;
    order[at] = order[other] as number;
    order[other] = moved;
  }
  return order;
}
