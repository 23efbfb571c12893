/** Reads and writes the catalog of declared tables. Whoever writes has locked the version of the schema before. */
import type { Database, RunOptions } from '../../../engine/index.ts';
import { DELETE_TABLE, INSERT_TABLE, READ_TABLES, UPDATE_TABLE } from './catalog-statements.ts';
import { type DeclaredTable, definitionText, tableOf } from './declared-table.ts';
import { noSuchTable } from './table-error.ts';

/** In the order of their declaration. */
export async function readTables(database: Database, options: RunOptions): Promise<readonly DeclaredTable[]> {
  const { rows } = await database.run(READ_TABLES, [], options);
  return rows.map(tableOf);
}

export async function addTable(database: Database, table: DeclaredTable, options: RunOptions): Promise<void> {
  await database.run(INSERT_TABLE, [table.name, table.kind, definitionText(table)], options);
}

/** @param name the one that it had */
export async function changeTable(
  database: Database,
  name: string,
  table: DeclaredTable,
  options: RunOptions,
): Promise<void> {
  await database.run(UPDATE_TABLE, [name, table.name, definitionText(table)], options);
}

export async function removeTable(database: Database, name: string, options: RunOptions): Promise<void> {
  await database.run(DELETE_TABLE, [name], options);
}

/** @throws TABLE_NOT_FOUND */
export function tableNamed(tables: readonly DeclaredTable[], name: string): DeclaredTable {
  const table = tables.find((one) => one.name === name);
  if (table === undefined) throw noSuchTable(name);
  return table;
}
