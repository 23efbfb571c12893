/**
 * All paths of the least weight between two nodes, or those of at most so many steps, one node at most once on each.
 * Sums that differ by less than rounding errors are the same.
 */
import type { Network } from './network.ts';
import type { Pace } from './pace.ts';
import { weightedPaths } from './weighted-paths.ts';

export interface LeastPathsOptions {
  /** Steps of a path at most; undefined for any number. */
  readonly stepsMax: number | undefined;
  /** Paths at most. */
  readonly limit: number;
}

export interface LeastPaths {
  readonly distance: number;
  /** Nodes from the source to the target, of each path. */
  readonly paths: readonly (readonly number[])[];
}

/** What sums of the same weights in another order may differ by, as a part of them. */
const ROUNDING = 1e-12;

const atMost = (left: number, right: number): boolean => left <= right + ROUNDING * Math.abs(right);

/** @returns undefined when there is no path */
export async function leastPaths(
  network: Network,
  source: number,
  target: number,
  { stepsMax, limit }: LeastPathsOptions,
  pace: Pace,
): Promise<LeastPaths | undefined> {
  if (limit === 0) return undefined;
  if (source === target) return { distance: 0, paths: [[source]] };
  const found =
    stepsMax === undefined
      ? await anyNumber(network, source, target, pace)
      : await withinSteps(network, source, target, stepsMax, pace);
  if (found === undefined) return undefined;
  return { distance: found.distance, paths: await ways(found, source, limit, pace) };
}

/** A place on the way back: a node, and for bounded searches after how many steps. */
interface Place {
  readonly node: number;
  readonly before: readonly Place[];
}

interface Found {
  readonly distance: number;
  /** Where paths can end. */
  readonly ends: readonly Place[];
}

/** Walks all that can be reached, since steps that weigh nothing lead to the target from nodes as far away, then connects. */
async function anyNumber(
  network: Network,
  source: number,
  target: number,
  pace: Pace,
): Promise<Found | undefined> {
  const { distances, reached } = await weightedPaths(network, source, undefined, pace);
  const distance = distances[target] as number;
  if (distance === Number.POSITIVE_INFINITY) return undefined;
  const places = new Map<number, { readonly node: number; readonly before: Place[] }>();
  const placeOf = (node: number): { readonly node: number; readonly before: Place[] } => {
    const known = places.get(node);
    if (known !== undefined) return known;
    const made = { node, before: [] };
    places.set(node, made);
    return made;
  };
  const { offsets, targets, weights } = network;
  for (const node of reached) {
    const [from, to] = [offsets[node] as number, offsets[node + 1] as number];
    if (pace.due(1 + to - from)) await pace.rest();
    for (let at = from; at < to; at++) {
      const next = targets[at] as number;
      const sum = (distances[node] as number) + (weights === undefined ? 1 : (weights[at] as number));
      if (
        next === node ||
        next === source ||
        !atMost(sum, distances[next] as number) ||
        !atMost(sum, distance)
      )
        continue;
      const { before } = placeOf(next);
      // What one node adds it adds in a row, so parallel edges are seen at the end of the list.
      if (before.at(-1)?.node !== node) before.push(placeOf(node));
    }
  }
  return { distance, ends: [placeOf(target)] };
}

interface Step extends Place {
  distance: number;
  before: Step[];
}

/** One round for each step: what was reached more cheaply, or as cheaply, is walked on from. */
async function withinSteps(
  { offsets, targets, weights, nodes }: Network,
  source: number,
  target: number,
  stepsMax: number,
  pace: Pace,
): Promise<Found | undefined> {
  const least = new Map<number, number>([[source, 0]]);
  let front: ReadonlyMap<number, Step> = new Map([[source, { node: source, distance: 0, before: [] }]]);
  const arrived: Step[] = [];
  for (let steps = 0; steps < Math.min(stepsMax, nodes - 1) && front.size > 0; steps++) {
    const next = new Map<number, Step>();
    for (const place of front.values()) {
      if (place.node === target) continue;
      const [from, to] = [offsets[place.node] as number, offsets[place.node + 1] as number];
      if (pace.due(1 + to - from)) await pace.rest();
      for (let at = from; at < to; at++) {
        const node = targets[at] as number;
        // Steps that weigh nothing may lead back to where all began.
        if (node === source) continue;
        const distance = place.distance + (weights === undefined ? 1 : (weights[at] as number));
        const goal = least.get(target) ?? Number.POSITIVE_INFINITY;
        if (!atMost(distance, least.get(node) ?? Number.POSITIVE_INFINITY) || !atMost(distance, goal))
          continue;
        const known = next.get(node);
        if (known === undefined || !atMost(known.distance, distance)) {
          next.set(node, { node, distance, before: [place] });
        } else if (known.before.at(-1) !== place) known.before.push(place);
        least.set(node, Math.min(distance, least.get(node) ?? distance));
      }
    }
    const end = next.get(target);
    if (end !== undefined) arrived.push(end);
    front = next;
  }
  const distance = least.get(target);
  if (distance === undefined) return undefined;
  return { distance, ends: arrived.filter((end) => atMost(end.distance, distance)) };
}

/** From the ends back to the source, without coming to a node twice. */
async function ways(
  { ends }: Found,
  source: number,
  limit: number,
  pace: Pace,
): Promise<readonly (readonly number[])[]> {
  const paths: (readonly number[])[] = [];
  for (const end of ends) {
    const way: { readonly place: Place; next: number }[] = [{ place: end, next: 0 }];
    const taken = new Set([end.node]);
    for (let top = way.at(-1); top !== undefined && paths.length < limit; top = way.at(-1)) {
      if (pace.due(1)) await pace.rest();
      const place = top.place.node === source ? undefined : top.place.before[top.next++];
      if (place === undefined) {
        if (top.place.node === source) paths.push(way.map((one) => one.place.node).reverse());
        way.pop();
        taken.delete(top.place.node);
      } else if (!taken.has(place.node)) {
        taken.add(place.node);
        way.push({ place, next: 0 });
      }
    }
  }
  return paths;
}
