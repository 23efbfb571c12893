/**
 * Shortest paths by breadth: all trails from the start, level after level. When it does not matter by which way a node
 * is reached, only the ways that reach it first are followed.
 */
import type { Node, Relationship } from '../../values/value.ts';

export interface Step {
  readonly relationship: Relationship;
  readonly to: Node;
}

export interface FoundPath {
  readonly nodes: readonly Node[];
  readonly relationships: readonly Relationship[];
}

export interface Wanted {
  readonly min: number;
  readonly max: number | undefined;
  readonly all: boolean;
  /** The relationships that may be taken from a node, and where they lead. */
  readonly steps: (node: Node) => readonly Step[];
  /** A path that this is false of is none. */
  readonly accepts: ((path: FoundPath) => boolean) | undefined;
}

export function shortestPaths(start: Node, end: Node, wanted: Wanted): FoundPath[] {
  const { min, max, all, steps, accepts } = wanted;
  let level: FoundPath[] = [{ nodes: [start], relationships: [] }];
  const seen = new Set([start.id]);
  for (let depth = 0; level.length > 0; depth++) {
    const arrived = level.filter((path) => depth >= min && path.nodes.at(-1)?.id === end.id);
    const accepted = accepts === undefined ? arrived : arrived.filter(accepts);
    if (accepted.length > 0) return all ? accepted : accepted.slice(0, 1);
    if (max !== undefined && depth >= max) break;
    const next = level.flatMap((path) => longer(path, steps));
    level = accepts === undefined ? next.filter(({ nodes }) => !seen.has(nodes.at(-1)?.id ?? -1n)) : next;
    for (const { nodes } of level) for (const { id } of nodes) seen.add(id);
  }
  return [];
}

/** No relationship is used twice, a node may be met again. */
function longer(path: FoundPath, steps: Wanted['steps']): FoundPath[] {
  const last = path.nodes.at(-1);
  if (last === undefined) return [];
  const next = steps(last).filter(({ relationship }) => !path.relationships.includes(relationship));
  return next.map(({ relationship, to }) => ({
    nodes: [...path.nodes, to],
    relationships: [...path.relationships, relationship],
  }));
}
