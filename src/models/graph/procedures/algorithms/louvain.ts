/**
 * Communities by Louvain's method: nodes move to the neighbouring community that raises modularity most until none
 * does, then each community becomes one node of a smaller network, and so on. Directions do not count. Nodes take their
 * turns in their order, so that the same graph gives the same communities.
 */
import { type Network, renumbered } from './network.ts';
import type { Pace } from './pace.ts';
import { outwardWeights } from './page-rank.ts';

export interface LouvainOptions {
  /** Rounds of moves on each level at most. */
  readonly iterations: number;
  /** Levels at most. */
  readonly levels: number;
  /** Above 1 communities become smaller, below larger. Default: 1. */
  readonly resolution?: number | undefined;
}

/** How it ended. */
export interface Communities {
  /** The number of the community of each node, from zero, in the order of their first nodes. */
  readonly communities: Int32Array;
  /** Levels on which nodes moved. */
  readonly levels: number;
  /**
   * How much more weight lies inside of communities than if the ends of all relationships were tied at random; 0 for
   * a graph without relationships.
   */
  readonly modularity: number;
}

/** A move must raise modularity by more than this, which is less than any real gain and more than errors of rounding. */
const GAIN_MIN = 1e-13;

/** A network in which each step between two nodes is there in both directions, and loops are kept apart. */
interface Level {
  readonly network: Network;
  /** Twice the weight inside of each node. */
  readonly inside: Float64Array;
}

/** As `findCommunities`, the communities alone. */
export async function louvain(undirected: Network, options: LouvainOptions, pace: Pace): Promise<Int32Array> {
  return (await findCommunities(undirected, options, pace)).communities;
}

/** @param undirected as `networkOf` makes it */
export async function findCommunities(
  undirected: Network,
  options: LouvainOptions,
  pace: Pace,
): Promise<Communities> {
  let level = lowest(undirected);
  let communityOf = Int32Array.from({ length: undirected.nodes }, (_, node) => node);
  let levels = 0;
  while (levels < options.levels) {
    const groups = await moved(level, options, pace);
    if (groups === undefined) break;
    communityOf = communityOf.map((node) => groups[node] as number);
    level = merged(level, groups);
    levels++;
  }
  return { communities: renumbered(communityOf), levels, modularity: modularityOf(level, options) };
}

/** Of the division in which each node of the level is a community. */
function modularityOf(level: Level, { resolution = 1 }: LouvainOptions): number {
  const strength = strengthOf(level);
  const total = strength.reduce((sum, one) => sum + one, 0);
  if (total === 0) return 0;
  return strength.reduce(
    (sum, one, node) => sum + (level.inside[node] as number) / total - resolution * (one / total) ** 2,
    0,
  );
}

/** The weight of all that ends at each node, what is inside of it twice. */
const strengthOf = ({ network, inside }: Level): Float64Array =>
  outwardWeights(network).map((sum, node) => sum + (inside[node] as number));

function lowest({ nodes, offsets, targets, weights }: Network): Level {
  const bounds = new Int32Array(nodes + 1);
  const inside = new Float64Array(nodes);
  const others = new Int32Array(targets.length);
  const otherWeights = new Float64Array(targets.length);
  let size = 0;
  for (let node = 0; node < nodes; node++) {
    for (let at = offsets[node] as number; at < (offsets[node + 1] as number); at++) {
      const weight = weights === undefined ? 1 : (weights[at] as number);
      if (targets[at] === node) {
        inside[node] = (inside[node] as number) + 2 * weight;
        continue;
      }
      others[size] = targets[at] as number;
      otherWeights[size++] = weight;
    }
    bounds[node + 1] = size;
  }
  const network = {
    nodes,
    offsets: bounds,
    targets: others.slice(0, size),
    weights: otherWeights.slice(0, size),
  };
  return { network, inside };
}

/** The communities of one level, numbered from zero; undefined if no node moved. */
async function moved(
  level: Level,
  { iterations, resolution = 1 }: LouvainOptions,
  pace: Pace,
): Promise<Int32Array | undefined> {
  const { nodes, offsets, targets, weights } = level.network;
  const strength = strengthOf(level);
  const total = strength.reduce((sum, one) => sum + one, 0);
  if (total === 0) return undefined;
  const communityOf = Int32Array.from({ length: nodes }, (_, node) => node);
  const strengthInside = strength.slice();
  const shared = new Float64Array(nodes);
  // Modularity rises by 2 / total of what is compared below.
  const least = (GAIN_MIN * total) / 2;
  let moves = 0;
  for (let round = 0, before = -1; round < iterations && moves > before; round++) {
    before = moves;
    for (let node = 0; node < nodes; node++) {
      const [from, to] = [offsets[node] as number, offsets[node + 1] as number];
      if (pace.due(1 + to - from)) await pace.rest();
      const own = communityOf[node] as number;
      const mine = strength[node] as number;
      for (let at = from; at < to; at++) {
        const community = communityOf[targets[at] as number] as number;
        shared[community] = (shared[community] as number) + (weights?.[at] as number);
      }
      strengthInside[own] = (strengthInside[own] as number) - mine;
      const worth = (community: number): number =>
        (shared[community] as number) - (resolution * mine * (strengthInside[community] as number)) / total;
      const stay = worth(own);
      let [best, most] = [own, stay + least];
      for (let at = from; at < to; at++) {
        const community = communityOf[targets[at] as number] as number;
        const value = worth(community);
        if (value > most) [best, most] = [community, value];
      }
      for (let at = from; at < to; at++) shared[communityOf[targets[at] as number] as number] = 0;
      strengthInside[best] = (strengthInside[best] as number) + mine;
      if (best === own) continue;
      communityOf[node] = best;
      moves++;
    }
  }
  return moves === 0 ? undefined : renumbered(communityOf);
}

/** The network in which each community is one node. */
function merged({ network, inside }: Level, groups: Int32Array): Level {
  const { nodes, offsets, targets, weights } = network;
  const count = groups.reduce((most, group) => Math.max(most, group + 1), 0);
  const members: number[][] = Array.from({ length: count }, () => []);
  for (let node = 0; node < nodes; node++) members[groups[node] as number]?.push(node);
  const within = new Float64Array(count);
  const bounds = new Int32Array(count + 1);
  const others: number[] = [];
  const otherWeights: number[] = [];
  const sums = new Float64Array(count);
  for (const [group, nodesOfGroup] of members.entries()) {
    const reached: number[] = [];
    for (const node of nodesOfGroup) {
      within[group] = (within[group] as number) + (inside[node] as number);
      for (let at = offsets[node] as number; at < (offsets[node + 1] as number); at++) {
        const other = groups[targets[at] as number] as number;
        const weight = weights?.[at] as number;
        if (other === group) within[group] = (within[group] as number) + weight;
        else {
          if (sums[other] === 0) reached.push(other);
          sums[other] = (sums[other] as number) + weight;
        }
      }
    }
    for (const other of reached) {
      if (sums[other] === 0) continue;
      others.push(other);
      otherWeights.push(sums[other] as number);
      sums[other] = 0;
    }
    bounds[group + 1] = others.length;
  }
  return {
    network: {
      nodes: count,
      offsets: bounds,
      targets: Int32Array.from(others),
      weights: Float64Array.from(otherWeights),
    },
    inside: within,
  };
}
