/** The TCK on a graph in memory. */
import { MemoryGraph } from '../../src/cypher/run/memory/memory-graph.ts';
import type { Procedure } from '../../src/cypher/run/plan/plan-environment.ts';
import type { MapValue, Value } from '../../src/cypher/values/value.ts';
import { type GraphSnapshot, propertyFact, type TckEngine, type TckGraph, type TckResult } from './engine.ts';
import { procedureOf } from './procedures.ts';
import { describeValue, textOf } from './value-text.ts';

/** Prepares and runs one query, all or nothing. Procedures by their names in lower case. */
export type QueryInMemory = (
  graph: MemoryGraph,
  query: string,
  parameters: ReadonlyMap<string, Value>,
  procedures: ReadonlyMap<string, Procedure>,
) => Promise<TckResult>;

export const memoryEngine = (query: QueryInMemory): TckEngine => ({
  open: async () => openGraph(query),
  close: async () => {},
});

function openGraph(run: QueryInMemory): TckGraph {
  const graph = new MemoryGraph();
  const procedures = new Map<string, Procedure>();
  return {
    register: (procedure) => {
      procedures.set(procedure.name.toLowerCase(), procedureOf(procedure));
    },
    execute: (query, parameters) => run(graph, query, parameters, procedures),
    snapshot: async () => snapshotOf(graph),
    dispose: async () => {},
  };
}

export function snapshotOf(graph: MemoryGraph): GraphSnapshot {
  const labels = new Set<string>();
  const properties = new Set<string>();
  const addProperties = (entity: 'node' | 'relationship', id: bigint, map: MapValue): void => {
    for (const [key, value] of map)
      properties.add(propertyFact(entity, id, key, textOf(describeValue(value))));
  };
  for (const node of graph.nodes.values()) {
    for (const label of node.labels) labels.add(label);
    addProperties('node', node.id, node.properties);
  }
  for (const relationship of graph.relationships.values()) {
    addProperties('relationship', relationship.id, relationship.properties);
  }
  return {
    nodes: new Set(graph.nodes.keys()),
    relationships: new Set(graph.relationships.keys()),
    labels,
    properties,
  };
}
