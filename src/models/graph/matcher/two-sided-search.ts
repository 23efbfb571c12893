/**
 * Shortest ways between two nodes, searched from both of them at once, level by level, always on the side that has
 * fewer nodes to go on from: two searches of half the depth visit the roots of what one of the full depth would visit.
 * Knows identities only.
 */
import { FacetError, LIMITS } from '../../../base/index.ts';

/** From the start along the direction of the pattern, or from the end against it. */
export type Side = 'start' | 'end';

export interface Surroundings {
  /** Pairs behind one another: a node of `ids`, a node that is one step away. Pairs may come twice. */
  neighbours(side: Side, ids: readonly number[]): Promise<ArrayLike<number>>;
  /** Those that may lie on the way; undefined when each may. */
  readonly admitted: ((ids: readonly number[]) => Promise<ReadonlySet<number>>) | undefined;
  /** Called between levels; throws when the query should end. */
  checkpoint(): void;
}

/** By which nodes of the level before each node was reached: one of them, or all when all ways are wanted. */
type Parents = Map<number, number | number[]>;

/** Every shortest way goes through exactly one of the nodes where the two sides met. */
export interface Meeting {
  /** Steps of a shortest way. */
  readonly length: number;
  readonly nodes: readonly number[];
  readonly fromStart: Parents;
  readonly fromEnd: Parents;
}

/** The parent of the node that a side begins with. */
const ROOT = -1;

/**
 * Undefined when no way of at most `max` steps leads from `start` to `end`, which are two nodes.
 * @throws LIMIT_EXCEEDED when it visits too many nodes
 */
export async function meetingOf(
  surroundings: Surroundings,
  start: number,
  end: number,
  max: number,
  all: boolean,
): Promise<Meeting | undefined> {
  const [forward, backward] = [new Half('start', start), new Half('end', end)];
  for (let length = 1; length <= max; length++) {
    surroundings.checkpoint();
    const [grown, other] =
      forward.frontier.length <= backward.frontier.length ? [forward, backward] : [backward, forward];
    await grown.grow(surroundings, all, other.parents.size);
    // Both sides have seen all nodes up to their depth, so that the first ones in common are on shortest ways.
    const nodes = grown.frontier.filter((id) => other.parents.has(id));
    if (nodes.length > 0) return { length, nodes, fromStart: forward.parents, fromEnd: backward.parents };
    if (grown.frontier.length === 0) return undefined;
  }
  return undefined;
}

class Half {
  readonly parents: Parents;
  frontier: readonly number[];
  readonly #side: Side;
  readonly #refused = new Set<number>();

  constructor(side: Side, root: number) {
    this.#side = side;
    this.parents = new Map([[root, ROOT]]);
    this.frontier = [root];
  }

  /** Goes one level further. */
  async grow(surroundings: Surroundings, all: boolean, visitedElsewhere: number): Promise<void> {
    const pairs = await surroundings.neighbours(this.#side, this.frontier);
    const next: number[] = [];
    const fresh = new Set<number>();
    for (let at = 0; at < pairs.length; at += 2) {
      const [from, to] = [pairs[at] ?? ROOT, pairs[at + 1] ?? ROOT];
      const known = this.parents.get(to);
      if (known === undefined) {
        if (this.#refused.has(to)) continue;
        this.parents.set(to, from);
        next.push(to);
        if (all) fresh.add(to);
      } else if (all && fresh.has(to)) {
        if (typeof known !== 'number') known.push(from);
        else if (known !== from) this.parents.set(to, [known, from]);
      }
    }
    this.frontier =
      surroundings.admitted === undefined ? next : await this.#admit(next, surroundings.admitted);
    checkVisited(this.parents.size + this.#refused.size + visitedElsewhere);
  }

  async #admit(
    ids: readonly number[],
    admitted: NonNullable<Surroundings['admitted']>,
  ): Promise<readonly number[]> {
    const passing = await admitted(ids);
    for (const id of ids) {
      if (passing.has(id)) continue;
      this.parents.delete(id);
      this.#refused.add(id);
    }
    return ids.filter((id) => passing.has(id));
  }
}

function checkVisited(nodes: number): void {
  if (nodes <= LIMITS.graphSearchNodesMax) return;
  throw new FacetError(
    'LIMIT_EXCEEDED',
    `The search for a shortest path visited more than ${LIMITS.graphSearchNodesMax} nodes (graphSearchNodesMax)`,
    { hint: 'Name types, give a direction, or bound the length as in -[:T*..6]->.' },
  );
}

/** The nodes of each shortest way, from start to end, one way at a time. */
export function* waysOf({ nodes, fromStart, fromEnd }: Meeting): Generator<readonly number[]> {
  for (const node of nodes) {
    for (const before of chains(fromStart, node)) {
      for (const behind of chains(fromEnd, node)) yield [...before, ...behind.slice(0, -1).reverse()];
    }
  }
}

interface Link {
  readonly id: number;
  readonly next: Link | undefined;
}

/** From the root to `last`, by each way. Not by recursion, since ways may be long. */
function* chains(parents: Parents, last: number): Generator<number[]> {
  const open: Link[] = [{ id: last, next: undefined }];
  for (let link = open.pop(); link !== undefined; link = open.pop()) {
    const before = parents.get(link.id) ?? ROOT;
    if (before === ROOT) yield idsOf(link);
    else if (typeof before === 'number') open.push({ id: before, next: link });
    // Parallel relationships make the same parent several times.
    else for (const id of new Set(before)) open.push({ id, next: link });
  }
}

function idsOf(first: Link): number[] {
  const ids: number[] = [];
  for (let link: Link | undefined = first; link !== undefined; link = link.next) ids.push(link.id);
  return ids;
}
