/**
 * Nodes at the ends of relationships that rows have without them: programs that draw a `graph` need both. They are asked
 * for once for each batch of rows.
 */
import type { Value } from '../../../cypher/index.ts';
import { Node, Path, Relationship } from '../../../cypher/index.ts';

/** In the transaction of the rows. One that was deleted has no row. */
export const NODES_BY_ID = 'UNWIND $ids AS id MATCH (n) WHERE id(n) = id RETURN n';

/** The nodes and relationships anywhere in the values of a row, each once. */
export interface Entities {
  readonly nodes: Map<bigint, Node>;
  readonly relationships: Map<bigint, Relationship>;
}

export function entitiesIn(row: readonly Value[]): Entities {
  const nodes = new Map<bigint, Node>();
  const relationships = new Map<bigint, Relationship>();
  const collect = (value: Value): void => {
    if (typeof value !== 'object' || value === null) return;
    if (value instanceof Node) nodes.set(value.id, value);
    else if (value instanceof Relationship) relationships.set(value.id, value);
    else if (value instanceof Path) {
      for (const node of value.nodes) nodes.set(node.id, node);
      for (const step of value.relationships) relationships.set(step.id, step);
    } else if (value instanceof Map) for (const member of value.values()) collect(member);
    else if (Array.isArray(value)) for (const item of value as readonly Value[]) collect(item);
  };
  for (const value of row) collect(value);
  return { nodes, relationships };
}

/** Ids of the ends that rows do not have beside their relationships. */
export function missingEnds(rows: readonly (readonly Value[])[]): bigint[] {
  const missing = new Set<bigint>();
  for (const row of rows) {
    const { nodes, relationships } = entitiesIn(row);
    for (const { startId, endId } of relationships.values()) {
      if (!nodes.has(startId)) missing.add(startId);
      if (!nodes.has(endId)) missing.add(endId);
    }
  }
  return [...missing];
}
