/** Paths as values, of the entities that a query has come across. */
import { Node, Path, type PathStep, Relationship, type Row } from '../../../cypher/index.ts';
import type { EntityTable } from '../entity-table.ts';

/** Null where an optional part of it was not found; undefined when a node of it is gone. */
export function pathValue(path: PathStep, row: Row, entities: EntityTable): Path | null | undefined {
  const start = row[path.nodes[0]?.slot ?? 0];
  if (!(start instanceof Node)) return null;
  // Those that an earlier search has found.
  for (const { slot } of path.nodes) {
    const node = row[slot];
    if (node instanceof Node && !entities.nodes.has(node.id)) entities.nodes.set(node.id, node);
  }
  const relationships = path.relationships.flatMap(({ slot }) => {
    const value = row[slot] ?? null;
    return (Array.isArray(value) ? value : [value]).filter((one) => one instanceof Relationship);
  });
  return walkOver(start, relationships, entities);
}

/** Undefined when a node on the way is gone. */
export function walkOver(
  start: Node,
  relationships: readonly Relationship[],
  entities: EntityTable,
): Path | undefined {
  const nodes = [start];
  let last = start;
  for (const { startId, endId } of relationships) {
    const next = entities.nodes.get(startId === last.id ? endId : startId);
    if (next === undefined) return undefined;
    nodes.push(next);
    last = next;
  }
  return new Path(nodes, relationships);
}
