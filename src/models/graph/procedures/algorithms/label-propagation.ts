/**
 * Communities by label propagation: every node begins alone and then, in turn, joins the community that most of its
 * neighbours are in, by weight. Nodes take their turns in an order that the seed decides, so that the same seed gives
 * the same communities.
 */
import { type Network, renumbered } from './network.ts';
import type { Pace } from './pace.ts';
import { shuffled } from './shuffled.ts';

export interface LabelPropagationOptions {
  /** Rounds at most; it ends sooner when no node moves. */
  readonly iterations: number;
  readonly seed: number;
}

/** How it ended. */
export interface Propagated {
  /** The number of the community of each node, from zero, in the order of their first nodes. */
  readonly communities: Int32Array;
  /** Rounds that were made, with the last one, in which no node moved. */
  readonly rounds: number;
}

/** As `propagateLabels`, the communities alone. */
export async function labelPropagation(
  network: Network,
  options: LabelPropagationOptions,
  pace: Pace,
): Promise<Int32Array> {
  return (await propagateLabels(network, options, pace)).communities;
}

export async function propagateLabels(
  network: Network,
  { iterations, seed }: LabelPropagationOptions,
  pace: Pace,
): Promise<Propagated> {
  const { nodes, offsets, targets, weights } = network;
  const communityOf = Int32Array.from({ length: nodes }, (_, node) => node);
  const pull = new Float64Array(nodes);
  const turns = shuffled(nodes, seed);
  let rounds = 0;
  for (let moved = 1; rounds < iterations && moved > 0; rounds++) {
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
  return { communities: renumbered(communityOf), rounds };
}
