/** A declared table as the catalog has it: a label with properties and a key, or a type of relationships between labels. */
import type { Cell } from '../../../engine/index.ts';
import { type ColumnType, typeOfText, typeText } from './column-type.ts';

export interface DeclaredColumn {
  readonly name: string;
  readonly type: ColumnType;
  /** An expression of Cypher; undefined: null. */
  readonly default: string | undefined;
}

export interface Connection {
  readonly from: string;
  readonly to: string;
}

/** How many relationships a node may have on either side. Kept and shown, and not enforced. */
export const MULTIPLICITIES = ['MANY_MANY', 'MANY_ONE', 'ONE_MANY', 'ONE_ONE'] as const;
export type Multiplicity = (typeof MULTIPLICITIES)[number];

export interface DeclaredTable {
  readonly name: string;
  readonly kind: 'NODE' | 'REL';
  readonly columns: readonly DeclaredColumn[];
  /** Of NODE: the column; '' for REL. */
  readonly primaryKey: string;
  /** Of REL; empty for NODE. */
  readonly connections: readonly Connection[];
  readonly multiplicity: Multiplicity;
  readonly comment: string;
}

export const columnOf = (table: DeclaredTable, name: string): DeclaredColumn | undefined =>
  table.columns.find((column) => column.name === name);

/** JSON, as the catalog keeps it. */
export function definitionText(table: DeclaredTable): string {
  const { columns, primaryKey, connections, multiplicity, comment } = table;
  return JSON.stringify({
    columns: columns.map(({ name, type, default: given }) => ({
      name,
      type: typeText(type),
      default: given,
    })),
    primaryKey,
    connections,
    multiplicity,
    comment,
  });
}

interface StoredDefinition {
  readonly columns: readonly { readonly name: string; readonly type: string; readonly default?: string }[];
  readonly primaryKey: string;
  readonly connections: readonly Connection[];
  readonly multiplicity: Multiplicity;
  readonly comment: string;
}

/** @param row name, kind, definition */
export function tableOf([name, kind, definition]: readonly Cell[]): DeclaredTable {
  const stored = JSON.parse(definition ?? '') as StoredDefinition;
  return {
    ...stored,
    name: name ?? '',
    kind: kind === 'REL' ? 'REL' : 'NODE',
    columns: stored.columns.map((column) => ({
      name: column.name,
      type: typeOfText(column.type),
      default: column.default,
    })),
  };
}
