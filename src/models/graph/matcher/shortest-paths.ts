/**
 * Shortest paths by breadth, level by level: one statement finds all relationships of a frontier, so a path of length
 * ten costs ten round trips however many paths there are. Never by enumerating paths.
 */
import type { Node, Relationship, RelationshipStep } from '../../../cypher/index.ts';
import { arrayLiteral, type Database, type RunOptions } from '../../../engine/index.ts';
import type { EntityTable } from '../entity-table.ts';
import { LOAD_NODES, RELATIONSHIPS_OF } from '../statements.ts';

interface Arrival {
  readonly from: bigint;
  readonly relationship: Relationship;
}

export class ShortestPaths {
  readonly #database: Database;
  readonly #options: RunOptions;
  readonly #entities: EntityTable;

  constructor(database: Database, options: RunOptions, entities: EntityTable) {
    this.#database = database;
    this.#options = options;
    this.#entities = entities;
  }

  /** The relationships of one shortest path, or of all of them; none when the end cannot be reached. */
  async between(
    start: Node,
    end: Node,
    step: RelationshipStep,
    all: boolean,
    usable: (relationship: Relationship) => boolean,
  ): Promise<readonly (readonly Relationship[])[]> {
    const { min, max } = step.length ?? { min: 1, max: 1 };
    if (min === 0 && start.id === end.id) return [[]];
    /** How each node was reached first, by every way of that length. */
    const arrivals = new Map<bigint, Arrival[]>();
    const seen = new Set([start.id]);
    let frontier: bigint[] = [start.id];
    for (let depth = 1; frontier.length > 0 && (max === undefined || depth <= max); depth++) {
      const level = new Map<bigint, Arrival[]>();
      for (const { from, to, relationship } of await this.#steps(frontier, step)) {
        if ((seen.has(to) && to !== end.id) || !usable(relationship)) continue;
        const known = level.get(to);
        if (known === undefined) level.set(to, [{ from, relationship }]);
        else known.push({ from, relationship });
      }
      for (const [to, ways] of level) {
        if (!arrivals.has(to)) arrivals.set(to, ways);
        seen.add(to);
      }
      const last = level.get(end.id);
      if (last !== undefined) {
        await this.#loadNodes(seen);
        return all ? waysBack(start.id, last, arrivals) : waysBack(start.id, last, arrivals).slice(0, 1);
      }
      frontier = [...level.keys()];
    }
    return [];
  }

  async #steps(
    frontier: readonly bigint[],
    step: RelationshipStep,
  ): Promise<{ from: bigint; to: bigint; relationship: Relationship }[]> {
    const inFrontier = new Set(frontier);
    const ids = arrayLiteral(frontier.map(String));
    const { rows } = await this.#database.run(RELATIONSHIPS_OF, [ids], this.#options);
    const found = new Map<bigint, Relationship>();
    for (const row of rows) {
      const relationship = this.#entities.relationship(row);
      found.set(relationship.id, relationship);
    }
    const steps: { from: bigint; to: bigint; relationship: Relationship }[] = [];
    for (const relationship of found.values()) {
      const { startId, endId } = relationship;
      if (step.direction !== 'left' && inFrontier.has(startId))
        steps.push({ from: startId, to: endId, relationship });
      if (step.direction !== 'right' && inFrontier.has(endId))
        steps.push({ from: endId, to: startId, relationship });
    }
    return steps;
  }

  async #loadNodes(ids: Iterable<bigint>): Promise<void> {
    const missing = [...ids].filter((id) => !this.#entities.nodes.has(id)).map(String);
    if (missing.length === 0) return;
    const { rows } = await this.#database.run(LOAD_NODES, [arrayLiteral(missing)], this.#options);
    for (const [id, labels, properties] of rows)
      this.#entities.node(id ?? '', labels ?? '[]', properties ?? '{}');
  }
}

/** From the end to the start, without recursion: each path that is being built waits in a list. */
function waysBack(
  startId: bigint,
  last: readonly Arrival[],
  arrivals: ReadonlyMap<bigint, readonly Arrival[]>,
): Relationship[][] {
  const done: Relationship[][] = [];
  const open = last.map(({ from, relationship }) => ({ at: from, way: [relationship] }));
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next.at === startId) {
      done.push(next.way);
      continue;
    }
    for (const { from, relationship } of arrivals.get(next.at) ?? []) {
      open.push({ at: from, way: [relationship, ...next.way] });
    }
  }
  return done;
}
