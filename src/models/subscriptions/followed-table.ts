/** The table that somebody wants to follow: found by its name, then watched. */
import { FacetError } from '../../base/index.ts';
import type { ChangedColumn, Database } from '../../engine/index.ts';
import { type QualifiedName, qualifiedName, spelledName } from '../table-names.ts';
import { columnTypes } from './column-types.ts';
import type { SubscribedTable } from './row-change.ts';
import { FOLLOWED_TABLE } from './statements.ts';

export interface FollowedTable extends QualifiedName {
  readonly oid: number;
  readonly columns: readonly ChangedColumn[];
}

/** @throws TABLE_NOT_FOUND, INVALID_PARAMETER */
export async function findTable(
  database: Database,
  input: { readonly table: string; readonly schema?: string | undefined },
  signal: AbortSignal,
): Promise<FollowedTable> {
  const name = qualifiedName(input.table, input.schema, 'table');
  const { rows } = await database.run(FOLLOWED_TABLE, [name.schema, name.name], { reads: true, signal });
  const [oid, columns] = rows[0] ?? [];
  if (typeof oid !== 'string') throw noTable(name);
  const listed = JSON.parse(columns ?? '[]') as [string, number, number, boolean][];
  return {
    ...name,
    oid: Number(oid),
    columns: listed.map(([column, typeOid, typeModifier, key]) => ({
      name: column,
      typeOid,
      typeModifier,
      key,
    })),
  };
}

export const noTable = (table: QualifiedName): FacetError =>
  new FacetError('TABLE_NOT_FOUND', `Table '${spelledName(table)}' does not exist`);

/** Its names and types for subscribers. */
export async function describedTable(
  database: Database,
  table: Omit<FollowedTable, 'oid'>,
): Promise<SubscribedTable> {
  const types = await columnTypes(
    database,
    table.columns.map(({ typeOid }) => typeOid),
  );
  return {
    schema: table.schema,
    name: table.name,
    columns: table.columns.map(({ name, key }, at) => ({ name, key, type: types[at]?.name ?? 'Text' })),
  };
}
