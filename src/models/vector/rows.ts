/** Rows that a search reads by their keys, with the distances of the vectors that are in them now. */
import {
  arrayLiteral,
  type Cell,
  type Lsn,
  type Parameter,
  parseLsn,
  type ResultSet,
} from '../../engine/index.ts';
import { type Measure, norm } from './metric.ts';
import type { Selection } from './search-sql.ts';
import { keyCells } from './vector-text.ts';

export interface ReadRow {
  readonly cells: readonly Cell[];
  readonly distance: number;
}

export interface ReadRows {
  /** Ascending by distance. */
  readonly rows: readonly ReadRow[];
  /** Where the write-ahead log ended when they were read; undefined when there were none. */
  readonly lsn: Lsn | undefined;
}

/** One array for each column of the key. */
export function keyParameters(keys: readonly string[], columns: number): Parameter[] {
  if (columns === 1) return [arrayLiteral(keys)];
  const cells = keys.map((key) => keyCells(key, columns));
  return Array.from({ length: columns }, (_, at) => arrayLiteral(cells.map((row) => row[at] ?? null)));
}

/** The rows of `rowsText`. Those whose vector has another length by now, or none with a distance, are not among them. */
export function readRows(
  result: ResultSet,
  selection: Selection,
  dimensions: number,
  measure: Measure,
): ReadRows {
  const selected = selection.columns.length;
  const vectorAt = selected + selection.target.key.length;
  const rows: ReadRow[] = [];
  for (const row of result.rows) {
    const vector = sentVector(row[vectorAt] ?? '', dimensions);
    if (vector === undefined) continue;
    const distance = measure(vector, 0, norm(vector, 0, dimensions));
    if (!Number.isNaN(distance)) rows.push({ cells: row.slice(0, selected), distance });
  }
  rows.sort((a, b) => a.distance - b.distance);
  const lsn = result.rows[0]?.[vectorAt + 1];
  return { rows, lsn: typeof lsn === 'string' ? parseLsn(lsn, 'lsn') : undefined };
}

/** Digits of `\\x`, then of the dimensions, flags, type, length and first subscript of a one-dimensional array. */
const HEADER = 2 + 2 * 20;
const LENGTH_AT = 2 + 2 * 12;
/** Digits of an element: its length and its four bytes. */
const ELEMENT = 16;

/** The vector in the binary form of real[], in hexadecimal: PostgreSQL takes 13 µs to print 128 numbers, and 1 to send them. */
function sentVector(cell: string, dimensions: number): Float32Array | undefined {
  if (cell.length !== HEADER + ELEMENT * dimensions) return undefined;
  if (Number.parseInt(cell.slice(LENGTH_AT, LENGTH_AT + 8), 16) !== dimensions) return undefined;
  const bytes = Buffer.from(cell.slice(HEADER), 'hex');
  const vector = new Float32Array(dimensions);
  for (let at = 0; at < dimensions; at++) vector[at] = bytes.readFloatBE(at * 8 + 4);
  return vector;
}
