/** Procedures that tell which names the graph uses. */
import { type GraphCatalog, Node, Relationship, type Run, type Value } from '../../../cypher/index.ts';
import type { ListedProcedure } from './listed-procedure.ts';

const names = (
  name: string,
  output: string,
  description: string,
  read: (catalog: GraphCatalog) => Promise<readonly string[]>,
): ListedProcedure => ({
  name,
  description,
  mode: 'READ',
  inputs: [],
  outputs: [{ name: output, type: 'STRING' }],
  call: async (_, { session }) => {
    await session.flush();
    return (await read(session.catalog)).map((one) => [one]);
  },
});

const visualization: ListedProcedure = {
  name: 'db.schema.visualization',
  description:
    'A picture of the graph: one node for each label, one relationship for each type between two of them.',
  mode: 'READ',
  inputs: [],
  outputs: [
    { name: 'nodes', type: 'LIST<NODE>' },
    { name: 'relationships', type: 'LIST<RELATIONSHIP>' },
  ],
  call: async (_, run) => [await pictureOf(run)],
};

/** What it is made of is not stored, so identities are below zero, where no stored one is. */
async function pictureOf({ session }: Run): Promise<readonly Value[]> {
  await session.flush();
  const [labels, connections] = [await session.catalog.labels(), await session.catalog.connections()];
  let identity = 0n;
  const nodes = new Map(
    labels.map((label) => [label, new Node(--identity, [label], new Map([['name', label]]))]),
  );
  const relationships = connections.flatMap(({ from, type, to, relationships: count }) => {
    const [start, end] = [nodes.get(from), nodes.get(to)];
    if (start === undefined || end === undefined) return [];
    const properties = new Map<string, Value>([
      ['name', type],
      ['count', count],
    ]);
    return [new Relationship(--identity, type, start.id, end.id, properties)];
  });
  return [[...nodes.values()], relationships];
}

export const SCHEMA_PROCEDURES: readonly ListedProcedure[] = [
  names('db.labels', 'label', 'The labels that nodes have.', (catalog) => catalog.labels()),
  names('db.relationshipTypes', 'relationshipType', 'The types that relationships have.', (catalog) =>
    catalog.relationshipTypes(),
  ),
  names('db.propertyKeys', 'propertyKey', 'The keys of properties of nodes and relationships.', (catalog) =>
    catalog.propertyKeys(),
  ),
  visualization,
];
