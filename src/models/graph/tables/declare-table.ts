/** CREATE NODE TABLE, CREATE REL TABLE, DROP TABLE and COMMENT ON TABLE. Each returns what it has to say. */
import {
  addTable,
  changeTable,
  type DeclaredTable,
  defaultOf,
  removeTable,
  tableDefinitions,
  tableError,
  tableNamed,
  unenforced,
} from '../declared/index.ts';
import {
  createDefinitions,
  type Definition,
  dropDefinitions,
  entryOf,
  READ_ENTRIES,
} from '../schema/index.ts';
import { countWrite, lockGraph, run, type TableChange } from './table-change.ts';
import type { CommentOnTable, CreateNodeTable, CreateRelTable, DropTable } from './table-command.ts';
import { DELETE_INTO_LABEL, DELETE_LABEL, DELETE_OUT_OF_LABEL, DELETE_TYPE } from './table-statements.ts';

/** @throws TABLE_ALREADY_EXISTS, TABLE_NOT_FOUND for the ends of a rel table, and as `createDefinitions` */
export async function createTable(
  change: TableChange,
  command: CreateNodeTable | CreateRelTable,
): Promise<string> {
  const { name, columns } = command;
  if (change.tables.some((one) => one.name === name)) {
    if (command.ifNotExists) return `${name} already exists in catalog.`;
    throw tableError('TABLE_ALREADY_EXISTS', 'Binder', `${name} already exists in catalog.`);
  }
  for (const { default: given, type } of columns) if (given !== undefined) defaultOf(given, type);
  const table: DeclaredTable = {
    name,
    kind: command.kind === 'create-node-table' ? 'NODE' : 'REL',
    columns,
    primaryKey: command.kind === 'create-node-table' ? command.primaryKey : '',
    connections: command.kind === 'create-rel-table' ? command.connections : [],
    multiplicity: command.kind === 'create-rel-table' ? command.multiplicity : 'MANY_MANY',
    comment: '',
  };
  for (const end of table.connections.flatMap(({ from, to }) => [from, to])) assertNodeTable(change, end);
  await addTable(change.database, table, change.options);
  await constrain(change, tableDefinitions(table));
  return `Table ${name} has been created.${notEnforced(table)}`;
}

/** What somebody has asked for already stays theirs. @throws as `createDefinitions` */
export async function constrain(change: TableChange, definitions: readonly Definition[]): Promise<void> {
  const { rows } = await change.database.run(READ_ENTRIES, [], change.options);
  const textOf = ({ kind, entity, label, properties, propertyType }: Definition): string =>
    JSON.stringify([kind, entity, label, properties, propertyType]);
  const there = new Set(rows.map((row) => textOf(entryOf(row))));
  const missing = definitions.filter((definition) => !there.has(textOf(definition)));
  await createDefinitions(change.database, missing, change.options);
}

/** @throws TABLE_NOT_FOUND, TYPE_MISMATCH for a rel table */
export function assertNodeTable({ tables }: Pick<TableChange, 'tables'>, name: string): void {
  if (tableNamed(tables, name).kind === 'NODE') return;
  throw tableError('TYPE_MISMATCH', 'Binder', `${name} is not of type NODE.`);
}

/** Said at once, so that nobody relies on what is only kept. */
function notEnforced({ columns, kind, multiplicity }: DeclaredTable): string {
  const notes = new Set(columns.map(({ type }) => unenforced(type)).filter((one) => one !== undefined));
  if (multiplicity !== 'MANY_MANY') notes.add(multiplicity);
  if (kind === 'REL') notes.add('the node tables of FROM and TO but by COPY');
  return notes.size === 0 ? '' : ` Kept, not enforced: ${[...notes].join('; ')}.`;
}

/** With all of its nodes, or relationships. @throws TABLE_NOT_FOUND, DEPENDENT_OBJECTS_EXIST */
export async function dropTable(change: TableChange, { name, ifExists }: DropTable): Promise<string> {
  const known = change.tables.find((one) => one.name === name);
  if (known === undefined && ifExists) return `Table ${name} does not exist.`;
  const table = tableNamed(change.tables, name);
  const user = change.tables.find(({ connections }) =>
    connections.some(({ from, to }) => from === name || to === name),
  );
  if (user !== undefined) {
    throw tableError(
      'DEPENDENT_OBJECTS_EXIST',
      'Binder',
      `Cannot delete node table ${name} because it is referenced by relationship table ${user.name}.`,
    );
  }
  await lockGraph(change);
  await dropDefinitions(
    change.database,
    tableDefinitions(table).map((one) => one.name),
    change.options,
  );
  await removeTable(change.database, name, change.options);
  await countWrite(change, await deleteAll(change, table));
  return `Table ${name} has been dropped.`;
}

async function deleteAll(
  change: TableChange,
  { name, kind }: DeclaredTable,
): Promise<{ readonly nodes: boolean; readonly relationships: boolean }> {
  if (kind === 'REL') return { nodes: false, relationships: (await run(change, DELETE_TYPE, [name])) > 0 };
  const out = await run(change, DELETE_OUT_OF_LABEL, [name]);
  const into = await run(change, DELETE_INTO_LABEL, [name]);
  return { nodes: (await run(change, DELETE_LABEL, [name])) > 0, relationships: out + into > 0 };
}

/** @throws TABLE_NOT_FOUND */
export async function commentOn(change: TableChange, { name, comment }: CommentOnTable): Promise<string> {
  const table = tableNamed(change.tables, name);
  await changeTable(change.database, name, { ...table, comment }, change.options);
  return `Table ${name} comment updated.`;
}
