/** The constraints that a declared table becomes: its key, and a type for each column. */
import type { Definition } from '../schema/index.ts';
import { constraintType } from './column-type.ts';
import type { DeclaredColumn, DeclaredTable } from './declared-table.ts';

/** Names are the table's and the column's, so that one is found again by them. */
const constraintName = (table: string, column: string, what: 'key' | 'type'): string =>
  `table ${table}.${column} ${what}`;

type Owner = Pick<DeclaredTable, 'name' | 'kind'>;

const placeOf = ({ name, kind }: Owner): Pick<Definition, 'entity' | 'label'> => ({
  entity: kind === 'NODE' ? 'node' : 'relationship',
  label: name,
});

const keyDefinition = (table: Owner, column: string): Definition => ({
  ...placeOf(table),
  name: constraintName(table.name, column, 'key'),
  kind: 'KEY',
  properties: [column],
  propertyType: undefined,
});

export const typeDefinition = (table: Owner, { name, type }: DeclaredColumn): Definition => ({
  ...placeOf(table),
  name: constraintName(table.name, name, 'type'),
  kind: 'TYPE',
  properties: [name],
  propertyType: constraintType(type),
});

/** All constraints of a table. */
export const tableDefinitions = (table: DeclaredTable): readonly Definition[] => [
  ...(table.kind === 'NODE' ? [keyDefinition(table, table.primaryKey)] : []),
  ...table.columns.map((column) => typeDefinition(table, column)),
];

/** Those of one column: its type, and the key if it is that. */
export const columnDefinitionsOf = (table: DeclaredTable, column: DeclaredColumn): readonly Definition[] => [
  ...(table.primaryKey === column.name ? [keyDefinition(table, column.name)] : []),
  typeDefinition(table, column),
];
