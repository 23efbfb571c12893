/**
 * Shortest paths between two nodes. The search goes from both ends, knows identities only and reads indexes only; what
 * lies on the paths that it finds is loaded at the end. Conditions on each relationship or node are tested on the way,
 * where they cost the reading of these. Conditions on the whole path are asked of the shortest paths first, then of
 * all trails, the shorter ones before.
 */
import type { Node, Relationship } from '../../../cypher/index.ts';
import { type SearchGraph, stepKey, type TakenStep } from './search-graph.ts';
import { trailsBetween } from './trails.ts';
import { type Meeting, meetingOf, type Side, waysOf } from './two-sided-search.ts';

export interface Search {
  readonly min: number;
  /** Infinity for no bound. */
  readonly max: number;
  readonly all: boolean;
  /** Undefined when every relationship of the types of the pattern may be taken. */
  readonly usable: ((relationship: Relationship) => boolean) | undefined;
  /** `usable` looks at the nodes of the relationship. */
  readonly asksEnds: boolean;
  readonly visitable: ((node: Node) => boolean) | undefined;
  /** Undefined when every path will do. The nodes of the path are loaded. */
  readonly accepts: ((relationships: readonly Relationship[]) => boolean) | undefined;
  readonly checkpoint: () => void;
}

/** Ways whose relationships are loaded together. */
const WAYS_PER_STATEMENT = 500;

/**
 * The relationships of one shortest path, or of each of them; none when there is no path. All nodes on them are loaded.
 * @throws LIMIT_EXCEEDED, QUERY_TIMEOUT, QUERY_CANCELLED
 */
export async function shortestPaths(
  graph: SearchGraph,
  start: Node,
  end: Node,
  search: Search,
): Promise<readonly (readonly Relationship[])[]> {
  graph.begin();
  if (search.visitable !== undefined && !(search.visitable(start) && search.visitable(end))) return [];
  return await new PairSearch(graph, Number(start.id), Number(end.id), search).run();
}

class PairSearch {
  readonly #graph: SearchGraph;
  readonly #start: number;
  readonly #end: number;
  readonly #search: Search;
  readonly #found: (readonly Relationship[])[] = [];

  constructor(graph: SearchGraph, start: number, end: number, search: Search) {
    this.#graph = graph;
    this.#start = start;
    this.#end = end;
    this.#search = search;
  }

  async run(): Promise<readonly (readonly Relationship[])[]> {
    const { accepts, min, max } = this.#search;
    let beyond = 0;
    if (this.#start !== this.#end) {
      const meeting = await this.#meeting();
      if (meeting === undefined) return [];
      await this.#takeWays(meeting);
      beyond = meeting.length;
    } else if (min === 0) this.#take([[]]);
    if (accepts !== undefined && this.#found.length === 0) await this.#takeTrails(beyond, max);
    return this.#found;
  }

  #meeting(): Promise<Meeting | undefined> {
    const { all, accepts, max, usable, visitable, checkpoint } = this.#search;
    const surroundings = {
      neighbours: (side: Side, ids: readonly number[]) =>
        usable === undefined ? this.#graph.neighbours(side, ids) : this.#testedPairs(side, ids, usable),
      admitted:
        visitable === undefined ? undefined : (ids: readonly number[]) => this.#admitted(ids, visitable),
      checkpoint,
    };
    return meetingOf(surroundings, this.#start, this.#end, max, all || accepts !== undefined);
  }

  async #testedPairs(
    side: Side,
    ids: readonly number[],
    usable: (relationship: Relationship) => boolean,
  ): Promise<readonly number[]> {
    const steps = await this.#graph.steps(side, ids);
    if (this.#search.asksEnds) await this.#graph.nodes(steps.flatMap(({ from, to }) => [from, to]));
    return steps.filter(({ relationship }) => usable(relationship)).flatMap(({ from, to }) => [from, to]);
  }

  async #admitted(ids: readonly number[], visitable: (node: Node) => boolean): Promise<ReadonlySet<number>> {
    const nodes = await this.#graph.nodes(ids);
    return new Set([...nodes].filter(([, node]) => visitable(node)).map(([id]) => id));
  }

  /** True when no more are wanted. */
  #take(paths: Iterable<readonly Relationship[]>): boolean {
    const { accepts, all, checkpoint } = this.#search;
    for (const path of paths) {
      if (accepts !== undefined) {
        checkpoint();
        if (!accepts(path)) continue;
      }
      this.#found.push(path);
      if (!all) return true;
      this.#graph.account(path.length);
    }
    return false;
  }

  async #takeWays(meeting: Meeting): Promise<void> {
    const { all, accepts, usable, checkpoint } = this.#search;
    const isOneEnough = !all && accepts === undefined;
    let ways: (readonly number[])[] = [];
    const take = async (): Promise<boolean> => {
      checkpoint();
      await this.#graph.nodes(ways.flat());
      const between = await this.#graph.between(ways);
      return ways.some((way) => this.#take(pathsAlong(way, between, usable)));
    };
    for (const way of waysOf(meeting)) {
      ways.push(way);
      if (ways.length < WAYS_PER_STATEMENT && !isOneEnough) continue;
      if (await take()) return;
      ways = [];
    }
    if (ways.length > 0) await take();
  }

  async #takeTrails(beyond: number, max: number): Promise<void> {
    const passing = (steps: readonly TakenStep[]) => this.#passing(steps);
    const trails = trailsBetween(this.#graph, this.#start, this.#end, { beyond, max }, passing);
    for await (const ofOneLength of trails) {
      this.#take(ofOneLength);
      if (this.#found.length > 0) return;
    }
  }

  async #passing(steps: readonly TakenStep[]): Promise<readonly TakenStep[]> {
    const { usable, visitable, checkpoint } = this.#search;
    checkpoint();
    const nodes = await this.#graph.nodes(steps.map(({ to }) => to));
    return steps.filter(({ to, relationship }) => {
      const node = nodes.get(to);
      return node !== undefined && usable?.(relationship) !== false && visitable?.(node) !== false;
    });
  }
}

/** Every choice among parallel relationships. */
function* pathsAlong(
  way: readonly number[],
  between: ReadonlyMap<string, readonly Relationship[]>,
  usable: Search['usable'],
): Generator<readonly Relationship[]> {
  const choices = way.slice(1).map((to, at) => {
    const all = between.get(stepKey(way[at] ?? 0, to)) ?? [];
    return usable === undefined ? all : all.filter(usable);
  });
  if (choices.some(({ length }) => length === 0)) return;
  const chosen = choices.map(() => 0);
  for (let at = choices.length - 1; at >= 0; ) {
    yield choices.flatMap((all, index) => all[chosen[index] ?? 0] ?? []);
    // As a counter does: the last digit, and those before it when it is through.
    for (at = choices.length - 1; at >= 0; at--) {
      const next = (chosen[at] ?? 0) + 1;
      chosen[at] = next < (choices[at]?.length ?? 0) ? next : 0;
      if (chosen[at] !== 0) break;
    }
  }
}
