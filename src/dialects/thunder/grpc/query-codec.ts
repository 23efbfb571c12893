/** Results of SQL -> the bytes of thunder.QueryResponse and thunder.QueryRow, written without objects in between. */
import type { QueryResult, ResultColumn } from '../../../models/index.ts';
import { WireWriter } from '../../grpc/index.ts';
import { type CellWriter, cellWriterOf, writeRow } from './cells.ts';

/** Field number and wire type. */
const RESPONSE = {
  columns: 0x0a,
  columnTypes: 0x12,
  rows: 0x1a,
  rowCount: 0x20,
  executionTimeMs: 0x29,
} as const;
const ROW = { columns: 0x12, columnTypes: 0x1a } as const;

export const writersOf = (columns: readonly ResultColumn[]): CellWriter[] =>
  columns.map(({ type }) => cellWriterOf(type));

/** Small answers share memory, so that most of them take none of their own. */
let shared = new WireWriter();
/** An answer beyond it had memory of its own, which is not kept for the next. */
const SHARED_BYTES_MAX = 64 * 1024;

export function queryResponse(result: QueryResult): Uint8Array {
  const wire = shared;
  wire.discard();
  for (const { name } of result.columns) wire.string(RESPONSE.columns, name);
  for (const { type } of result.columns) wire.string(RESPONSE.columnTypes, type);
  const writers = writersOf(result.columns);
  for (const row of result.rows) {
    const field = wire.beginField(RESPONSE.rows);
    writeRow(wire, row, writers);
    wire.endField(field);
  }
  // There is no field for it: the rows that a statement without a result has changed.
  const rowCount = result.columns.length === 0 ? (result.rowsAffected ?? 0) : result.rowCount;
  if (rowCount > 0) wire.uint64(RESPONSE.rowCount, rowCount);
  wire.double(RESPONSE.executionTimeMs, result.executionTimeMs);
  const message = wire.message();
  if (message.length > SHARED_BYTES_MAX) shared = new WireWriter();
  return message;
}

/** Rows of one stream, each as a message; the first one has the columns, too. */
export class RowMessages {
  readonly #wire = new WireWriter();
  readonly #columns: readonly ResultColumn[];
  readonly #writers: readonly CellWriter[];
  #first = true;

  constructor(columns: readonly ResultColumn[]) {
    this.#columns = columns;
    this.#writers = writersOf(columns);
  }

  of(row: readonly (string | null)[]): Uint8Array {
    writeRow(this.#wire, row, this.#writers);
    if (this.#first) this.#head();
    return this.#wire.message();
  }

  /** What says the columns of a result without rows; undefined when a row has. */
  headAlone(): Uint8Array | undefined {
    if (!this.#first) return undefined;
    this.#head();
    return this.#wire.message();
  }

  #head(): void {
    this.#first = false;
    for (const { name } of this.#columns) this.#wire.string(ROW.columns, name);
    for (const { type } of this.#columns) this.#wire.string(ROW.columnTypes, type);
  }
}
