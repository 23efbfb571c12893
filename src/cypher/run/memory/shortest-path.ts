/** Shortest paths by breadth: level after level from the start, with every parent kept for all shortest paths. */
import type { Node, Relationship } from '../../values/value.ts';

export interface Step {
  readonly relationship: Relationship;
  readonly to: Node;
}

export interface FoundPath {
  readonly nodes: readonly Node[];
  readonly relationships: readonly Relationship[];
}

/**
 * @param min 0 or 1. A start that is the end is a path of length zero, and with `min` 1 the shortest way round to itself
 */
export function shortestPaths(
  start: Node,
  end: Node,
  steps: (node: Node) => readonly Step[],
  min: number,
  max: number | undefined,
  all: boolean,
): FoundPath[] {
  if (min === 0 && start.id === end.id) return [{ nodes: [start], relationships: [] }];
  let level: FoundPath[] = [{ nodes: [start], relationships: [] }];
  const seen = new Set([start.id]);
  for (let depth = 1; level.length > 0 && (max === undefined || depth <= max); depth++) {
    const next: FoundPath[] = [];
    const arrived: FoundPath[] = [];
    const seenHere = new Set<bigint>();
    for (const path of level) {
      const last = path.nodes.at(-1);
      if (last === undefined) continue;
      for (const { relationship, to } of steps(last)) {
        if (path.relationships.some(({ id }) => id === relationship.id)) continue;
        const longer = { nodes: [...path.nodes, to], relationships: [...path.relationships, relationship] };
        if (to.id === end.id) arrived.push(longer);
        else if (!seen.has(to.id)) {
          next.push(longer);
          seenHere.add(to.id);
        }
      }
    }
    if (arrived.length > 0) return all ? arrived : arrived.slice(0, 1);
    for (const id of seenHere) seen.add(id);
    level = all ? next : oneEach(next);
  }
  return [];
}

/** For a single path one way to each node is enough. */
function oneEach(paths: readonly FoundPath[]): FoundPath[] {
  const byEnd = new Map<bigint, FoundPath>();
  for (const path of paths) {
    const id = path.nodes.at(-1)?.id;
    if (id !== undefined && !byEnd.has(id)) byEnd.set(id, path);
  }
  return [...byEnd.values()];
}
