/**
 * Tables of the graph's catalog that a dump has with all of their rows: what is declared beside indexes and constraints.
 * They are small, and go as PostgreSQL's own JSON of their rows.
 */
import { type Statement, statement } from '../../../engine/index.ts';

/** In the order in which they are filled: what others refer to comes first. */
export const DUMPED_TABLES = ['graph.name_number', 'graph.declared_table'] as const;
export type DumpedTable = (typeof DUMPED_TABLES)[number];

/** Rows of theirs mean nothing without a graph, so that a graph with some still is an empty one. */
export const CLEARED_TABLES: readonly DumpedTable[] = ['graph.name_number'];

export const isDumpedTable = (name: unknown): name is DumpedTable =>
  DUMPED_TABLES.some((table) => table === name);

export const tableDump = (table: DumpedTable): Statement =>
  statement('graph.dump_table', `SELECT coalesce(json_agg(to_jsonb(t)), '[]') FROM ${table} AS t`);

export const tableIsEmpty = (table: DumpedTable): Statement =>
  statement('graph.restore_table_is_empty', `SELECT NOT EXISTS (SELECT FROM ${table})`);

export const tableClear = (table: DumpedTable): Statement =>
  statement('graph.restore_table_clear', `DELETE FROM ${table}`);

export const tableLoad = (table: DumpedTable): Statement =>
  statement(
    'graph.restore_table',
    `INSERT INTO ${table} OVERRIDING SYSTEM VALUE
     SELECT * FROM jsonb_populate_recordset(NULL::${table}, $1::jsonb)`,
  );
