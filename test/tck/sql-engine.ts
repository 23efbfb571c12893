/** The TCK on the graph in PostgreSQL: one embedded server, one namespace, emptied for each scenario. */
import { ignoreObservations } from '../../src/base/index.ts';
import type { Procedure } from '../../src/cypher/index.ts';
import { type Database, openStore, statement } from '../../src/engine/index.ts';
import { decodeProperties, runQuery } from '../../src/models/graph/index.ts';
import { emptyGraph } from '../support/test-graph.ts';
import { type GraphSnapshot, propertyFact, type TckEngine, type TckGraph } from './engine.ts';
import { procedureOf } from './procedures.ts';
import { describeValue, textOf } from './value-text.ts';

const NODES = statement('tck.nodes', 'SELECT id, array_to_json(labels), props FROM graph.node');
const RELATIONSHIPS = statement('tck.relationships', 'SELECT id, props FROM graph.edge');

export async function sqlEngine(): Promise<TckEngine> {
  const store = await openStore('memory://tck', { observe: ignoreObservations });
  const database = await store.namespace(store.defaultNamespace);
  return {
    async open() {
      await emptyGraph(database);
      return openGraph(database);
    },
    close: () => store.stop(),
  };
}

function openGraph(database: Database): TckGraph {
  const procedures = new Map<string, Procedure>();
  return {
    register: (procedure) => {
      procedures.set(procedure.name.toLowerCase(), procedureOf(procedure));
    },
    execute: (query, parameters) => runQuery(database, query, { parameters, procedures }),
    snapshot: () => snapshotOf(database),
    dispose: async () => {},
  };
}

async function snapshotOf(database: Database): Promise<GraphSnapshot> {
  const [nodes, relationships] = await Promise.all([database.run(NODES), database.run(RELATIONSHIPS)]);
  const labels = new Set<string>();
  const properties = new Set<string>();
  const add = (entity: 'node' | 'relationship', id: string, text: string): void => {
    for (const [key, value] of decodeProperties(text)) {
      properties.add(propertyFact(entity, BigInt(id), key, textOf(describeValue(value))));
    }
  };
  for (const [id, names, text] of nodes.rows) {
    for (const label of JSON.parse(names ?? '[]') as string[]) labels.add(label);
    add('node', id ?? '', text ?? '{}');
  }
  for (const [id, text] of relationships.rows) add('relationship', id ?? '', text ?? '{}');
  return {
    nodes: new Set(nodes.rows.map(([id]) => BigInt(id ?? ''))),
    relationships: new Set(relationships.rows.map(([id]) => BigInt(id ?? ''))),
    labels,
    properties,
  };
}
