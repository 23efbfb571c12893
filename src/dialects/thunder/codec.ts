/**
 * Results of SQL -> JSON text of the ThunderDB API, by building strings. The shape is that of the reference, Query
 * Endpoints; `rows_affected` is an addition that appears where a statement changes rows.
 */
import { z } from 'zod';
import type { QueryResult, ResultColumn } from '../../models/index.ts';
import { type CellEncoder, encoderOf, rowToJson } from './cells.ts';

/** The answer's shape for the OpenAPI document: cells are already text when they get here. */
export const queryAnswer = z
  .object({
    columns: z.array(z.string()),
    column_types: z.array(z.string()).describe('Type names without modifiers, such as Int64'),
    rows: z
      .array(z.array(z.unknown()))
      .describe('One array per row, in column order. Numbers have all their digits'),
    row_count: z.int().describe('Rows in `rows`'),
    rows_affected: z.int().optional().describe('Rows changed, for statements that change rows'),
    execution_time_ms: z.number(),
  })
  .meta({ id: 'QueryResult' });

export function queryBody(result: QueryResult): string {
  const rows = rowsText(result.rows, encodersOf(result.columns));
  const affected = result.rowsAffected === null ? '' : `"rows_affected":${result.rowsAffected},`;
  return (
    `{${columnsMembers(result.columns)},"rows":[${rows}],"row_count":${result.rowCount},` +
    `${affected}"execution_time_ms":${milliseconds(result.executionTimeMs)}}`
  );
}

/** Rows as elements of a JSON array, without its brackets. */
export function rowsText(rows: QueryResult['rows'], encoders: readonly CellEncoder[]): string {
  let text = '';
  for (const row of rows) text += text === '' ? rowToJson(row, encoders) : `,${rowToJson(row, encoders)}`;
  return text;
}

export const encodersOf = (columns: readonly ResultColumn[]): CellEncoder[] =>
  columns.map((column) => encoderOf(column.type));

/** `"columns":[…],"column_types":[…]`, without braces. */
export function columnsMembers(columns: readonly ResultColumn[]): string {
  let names = '';
  let types = '';
  for (const column of columns) {
    const comma = names === '' ? '' : ',';
    names += comma + JSON.stringify(column.name);
    types += comma + JSON.stringify(column.type);
  }
  return `"columns":[${names}],"column_types":[${types}]`;
}

/** Microseconds are noise beyond three digits. */
export const milliseconds = (duration: number): number => Number(duration.toFixed(3));
