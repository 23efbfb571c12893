/** ALTER TABLE: the catalog, the constraints, and what nodes or relationships there are already. */

import { FacetError, LIMITS } from '../../../base/index.ts';
import {
  changeTable,
  columnDefinitionsOf,
  columnOf,
  type DeclaredColumn,
  type DeclaredTable,
  defaultOf,
  tableDefinitions,
  tableError,
  tableNamed,
} from '../declared/index.ts';
import { encodeKey, encodeValue } from '../property-json.ts';
import { dropDefinitions } from '../schema/index.ts';
import { assertNodeTable, constrain } from './declare-table.ts';
import { countWrite, lockGraph, run, type TableChange } from './table-change.ts';
import type { AlterChange, AlterTable } from './table-command.ts';
import {
  COUNT_EDGE_KEYS,
  COUNT_NODE_KEYS,
  FILL_EDGE_KEY,
  FILL_NODE_KEY,
  REMOVE_EDGE_KEY,
  REMOVE_NODE_KEY,
  RENAME_EDGE_KEY,
  RENAME_LABEL,
  RENAME_NODE_KEY,
  RENAME_TYPE,
} from './table-statements.ts';

type Of<What extends AlterChange['do']> = Extract<AlterChange, { readonly do: What }>;

/** @throws TABLE_NOT_FOUND, TABLE_ALREADY_EXISTS, COLUMN_NOT_FOUND, DUPLICATE_COLUMN, DEPENDENT_OBJECTS_EXIST */
export async function alterTable(change: TableChange, { name, change: wanted }: AlterTable): Promise<string> {
  const table = tableNamed(change.tables, name);
  switch (wanted.do) {
    case 'add-column':
      return addColumn(change, table, wanted);
    case 'drop-column':
      return dropColumn(change, table, wanted);
    case 'rename-column':
      return renameColumn(change, table, wanted);
    case 'rename-table':
      return renameTable(change, table, wanted.to);
    default:
      return changeConnections(change, table, wanted);
  }
}

async function addColumn(
  change: TableChange,
  table: DeclaredTable,
  { column, ifNotExists }: Of<'add-column'>,
): Promise<string> {
  if (columnOf(table, column.name) !== undefined) {
    const message = `${table.name} table already has property ${column.name}.`;
    if (ifNotExists) return message;
    throw tableError('DUPLICATE_COLUMN', 'Binder', message);
  }
  if (table.columns.length >= LIMITS.graphColumnsMax) {
    throw tableError(
      'LIMIT_EXCEEDED',
      'Binder',
      `A table has at most ${LIMITS.graphColumnsMax} columns (graphColumnsMax).`,
    );
  }
  await lockGraph(change);
  await fill(change, table, column);
  await replace(change, table, { ...table, columns: [...table.columns, column] });
  await constrain(change, columnDefinitionsOf(table, column));
  return `Property ${column.name} added to table ${table.name}.`;
}

/** What is there already gets the default. */
async function fill(change: TableChange, table: DeclaredTable, column: DeclaredColumn): Promise<void> {
  if (column.default === undefined) return;
  const { make, changes } = defaultOf(column.default, column.type);
  if (changes) {
    throw new FacetError(
      'FEATURE_NOT_SUPPORTED',
      `A column cannot be added with the default ${column.default}: every row would have its own`,
      { hint: 'Add it without a default and set it.' },
    );
  }
  const value = make();
  if (value === null) return;
  const isNode = table.kind === 'NODE';
  const parameters = [table.name, encodeKey(column.name), encodeValue(value)];
  const filled = await run(change, isNode ? FILL_NODE_KEY : FILL_EDGE_KEY, parameters);
  await count(change, table, filled);
}

const count = (change: TableChange, { kind }: DeclaredTable, affected: number): Promise<void> =>
  countWrite(change, {
    nodes: kind === 'NODE' && affected > 0,
    relationships: kind === 'REL' && affected > 0,
  });

const replace = (change: TableChange, before: DeclaredTable, after: DeclaredTable): Promise<void> =>
  changeTable(change.database, before.name, after, change.options);

const noSuchColumn = (table: DeclaredTable, column: string): FacetError =>
  tableError('COLUMN_NOT_FOUND', 'Binder', `${table.name} table does not have property ${column}.`);

async function dropColumn(
  change: TableChange,
  table: DeclaredTable,
  { column: name, ifExists }: Of<'drop-column'>,
): Promise<string> {
  const column = columnOf(table, name);
  if (column === undefined) {
    if (ifExists) return `${table.name} table does not have property ${name}.`;
    throw noSuchColumn(table, name);
  }
  if (table.primaryKey === name) {
    throw tableError(
      'DEPENDENT_OBJECTS_EXIST',
      'Binder',
      `Cannot drop property ${name} in table ${table.name} because it is used as primary key.`,
    );
  }
  await lockGraph(change);
  const names = columnDefinitionsOf(table, column).map((one) => one.name);
  await dropDefinitions(change.database, names, change.options);
  await replace(change, table, { ...table, columns: table.columns.filter((one) => one !== column) });
  const removed = table.kind === 'NODE' ? REMOVE_NODE_KEY : REMOVE_EDGE_KEY;
  await count(change, table, await run(change, removed, [table.name, encodeKey(name)]));
  return `Property ${name} dropped from table ${table.name}.`;
}

async function renameColumn(
  change: TableChange,
  table: DeclaredTable,
  { column: name, to }: Of<'rename-column'>,
): Promise<string> {
  const column = columnOf(table, name);
  if (column === undefined) throw noSuchColumn(table, name);
  if (columnOf(table, to) !== undefined) {
    throw tableError('DUPLICATE_COLUMN', 'Binder', `Property ${to} already exists in table ${table.name}.`);
  }
  await lockGraph(change);
  await assertNobodyHas(change, table, name, to);
  const after = { ...column, name: to };
  const renamed: DeclaredTable = {
    ...table,
    columns: table.columns.map((one) => (one === column ? after : one)),
    primaryKey: table.primaryKey === name ? to : table.primaryKey,
  };
  const before = columnDefinitionsOf(table, column).map((one) => one.name);
  await dropDefinitions(change.database, before, change.options);
  const keys = [table.name, encodeKey(name), encodeKey(to)];
  await count(
    change,
    table,
    await run(change, table.kind === 'NODE' ? RENAME_NODE_KEY : RENAME_EDGE_KEY, keys),
  );
  await replace(change, table, renamed);
  await constrain(change, columnDefinitionsOf(renamed, after));
  return `Property ${name} renamed to ${to} in table ${table.name}.`;
}

/** Properties need no declaration: one of the new name may be there. @throws DUPLICATE_COLUMN */
async function assertNobodyHas(
  { database, options }: TableChange,
  { name: table, kind }: DeclaredTable,
  from: string,
  to: string,
): Promise<void> {
  const count = kind === 'NODE' ? COUNT_NODE_KEYS : COUNT_EDGE_KEYS;
  const { rows } = await database.run(count, [table, encodeKey(from), encodeKey(to)], options);
  const found = Number(rows[0]?.[0]);
  if (found === 0) return;
  throw tableError(
    'DUPLICATE_COLUMN',
    'Binder',
    `Property ${to} is not declared in table ${table}, but ${found} of ${table} ${found === 1 ? 'has' : 'have'} it beside ${from}, and would lose one of the two.`,
    { hint: `Remove or rename it there first: MATCH … REMOVE x.${to}` },
  );
}

async function renameTable(change: TableChange, table: DeclaredTable, to: string): Promise<string> {
  const { database, options, tables } = change;
  if (tables.some(({ name }) => name === to)) {
    throw tableError('TABLE_ALREADY_EXISTS', 'Binder', `${to} already exists in catalog.`);
  }
  await lockGraph(change);
  const renamed = { ...table, name: to };
  await dropDefinitions(
    database,
    tableDefinitions(table).map(({ name }) => name),
    options,
  );
  await count(
    change,
    table,
    await run(change, table.kind === 'NODE' ? RENAME_LABEL : RENAME_TYPE, [table.name, to]),
  );
  await replace(change, table, renamed);
  const end = (name: string): string => (name === table.name ? to : name);
  for (const user of tables) {
    if (!user.connections.some((one) => one.from === table.name || one.to === table.name)) continue;
    const connections = user.connections.map((one) => ({ from: end(one.from), to: end(one.to) }));
    await replace(change, user, { ...user, connections });
  }
  await constrain(change, tableDefinitions(renamed));
  return `Table ${table.name} renamed to ${to}.`;
}

async function changeConnections(
  change: TableChange,
  table: DeclaredTable,
  wanted: Of<'add-connection'> | Of<'drop-connection'>,
): Promise<string> {
  const { from, to } = wanted.connection;
  if (table.kind !== 'REL') throw tableError('TYPE_MISMATCH', 'Binder', `${table.name} is not of type REL.`);
  const isThere = table.connections.some((one) => one.from === from && one.to === to);
  const pair = `${from}->${to}`;
  if (wanted.do === 'add-connection') {
    if (isThere) {
      if (wanted.ifNotExists) return `${pair} already exists in ${table.name} table.`;
      throw tableError('OBJECT_ALREADY_EXISTS', 'Binder', `${pair} already exists in ${table.name} table.`);
    }
    assertNodeTable(change, from);
    assertNodeTable(change, to);
    await replace(change, table, { ...table, connections: [...table.connections, { from, to }] });
    return `${pair} added to table ${table.name}.`;
  }
  if (!isThere) {
    if (wanted.ifExists) return `${pair} does not exist in ${table.name} table.`;
    throw tableError('OBJECT_NOT_FOUND', 'Binder', `${pair} does not exist in ${table.name} table.`);
  }
  if (table.connections.length === 1) {
    throw tableError(
      'DEPENDENT_OBJECTS_EXIST',
      'Binder',
      `${pair} is the last pair of ${table.name}: drop the table.`,
    );
  }
  const connections = table.connections.filter((one) => one.from !== from || one.to !== to);
  await replace(change, table, { ...table, connections });
  return `${pair} dropped from table ${table.name}.`;
}
