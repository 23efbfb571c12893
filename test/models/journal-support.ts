/** What tests of journals compare: all that a graph is, and its entries as a file has them. */
import { type Cell, type Database, statement } from '../../src/engine/index.ts';
import {
  hexOf,
  type JournalHead,
  journalEnable,
  journalExport,
  readJournalFile,
} from '../../src/models/index.ts';
import type { Model } from './call-operation.ts';

export const ADMIN = { principal: { name: 'admin', role: 'admin' } } as const;

const DUMPS = {
  nodes: 'SELECT id, array_to_json(labels), props FROM graph.node ORDER BY id',
  relationships: 'SELECT id, type, src, dst, props FROM graph.edge ORDER BY id',
  schema: `SELECT name, kind, entity, label, array_to_json(properties), property_type
           FROM graph.schema_entry ORDER BY name`,
  tables: 'SELECT name, kind, definition FROM graph.declared_table ORDER BY name',
};

export type Dump = Readonly<Record<keyof typeof DUMPS, readonly (readonly Cell[])[]>>;

export async function dumpOf(database: Database): Promise<Dump> {
  const read = async (text: string) => (await database.run(statement('test.dump', text))).rows;
  return {
    nodes: await read(DUMPS.nodes),
    relationships: await read(DUMPS.relationships),
    schema: await read(DUMPS.schema),
    tables: await read(DUMPS.tables),
  };
}

export const databaseOf = (model: Model): Promise<Database> =>
  model.store.namespace(model.store.defaultNamespace);

export const enable = (model: Model): Promise<unknown> => model.call(journalEnable, {}, ADMIN);

/** The entries of a graph as somebody else reads them from a file. */
export async function* exported(model: Model, format: 'segments' | 'delimited' = 'segments') {
  const { chunks } = await model.call(journalExport, { format }, ADMIN);
  yield* readJournalFile(chunks, { format });
}

export const shown = ({ sequence, hash }: JournalHead): string => `${sequence} ${hexOf(hash)}`;
