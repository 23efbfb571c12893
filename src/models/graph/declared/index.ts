/** Front door of the catalog of declared tables: what they are, their types, and values that fit them. */
export { baseNamed, type ColumnType, typeText, unenforced } from './column-type.ts';
export { cellValue, fitted } from './convert.ts';
export {
  type Connection,
  columnOf,
  type DeclaredColumn,
  type DeclaredTable,
  MULTIPLICITIES,
  type Multiplicity,
} from './declared-table.ts';
export { type DefaultValue, defaultOf } from './default-value.ts';
export { noteDeclaring, writeRules } from './known-rules.ts';
export { dateAt, timestampAt } from './moments.ts';
export { addTable, changeTable, readTables, removeTable, tableNamed } from './table-catalog.ts';
export { columnDefinitionsOf, tableDefinitions, typeDefinition } from './table-constraints.ts';
export { noSuchTable, tableError } from './table-error.ts';
export type { WriteRules } from './write-rules.ts';
