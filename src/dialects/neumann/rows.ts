/**
 * Rows of SQL -> the bytes of neumann.v1.RowsResult and neumann.v1.RowChunk, written without objects in between. Numbers
 * and booleans are values of those kinds, everything else is PostgreSQL's text of it, and bytes are hexadecimal digits.
 */
import type { ResultColumn } from '../../models/index.ts';
import { WireWriter } from '../grpc/index.ts';
import type { EncodedRows } from './result.ts';

/** Writes the field of a Value for a cell that is not NULL. */
type CellWriter = (wire: WireWriter, text: string) => void;
type Row = readonly (string | null)[];

/** Field number and wire type. They are the same in both numberings. */
const ROW = { id: 0x08, values: 0x12 } as const;
const COLUMN_VALUE = { name: 0x0a, value: 0x12 } as const;
const VALUE = { null: 0x08, int: 0x10, float: 0x19, string: 0x22, bool: 0x28 } as const;
/** Of a RowsResult: each row. Of a RowChunk: its row. */
const FIRST = 0x0a;

/** What says which row it is, instead of being one of its values. */
const ID_COLUMN = '_id';

const string: CellWriter = (wire, text) => wire.string(VALUE.string, text);
const int: CellWriter = (wire, text) => wire.int64(VALUE.int, text);
/** NaN and the infinities are printed as JavaScript reads them. */
const float: CellWriter = (wire, text) => wire.double(VALUE.float, Number(text));
const bool: CellWriter = (wire, text) => wire.bool(VALUE.bool, text === 't');
const hex: CellWriter = (wire, text) =>
  wire.string(VALUE.string, text.startsWith('\\x') ? text.slice(2) : hexOfEscaped(text));

/** The older text form of bytes, which a transaction may ask for: those that are no letters as `\ooo`. */
function hexOfEscaped(text: string): string {
  const bytes = text.replaceAll(/\\(\\|[0-7]{3})/g, (_, escaped: string) =>
    escaped === '\\' ? '\\' : String.fromCharCode(Number.parseInt(escaped, 8)),
  );
  return Buffer.from(bytes, 'latin1').toString('hex');
}

const INTEGERS: ReadonlySet<string> = new Set(['Int16', 'Int32', 'Int64']);
const WRITERS: ReadonlyMap<string, CellWriter> = new Map([
  ...Array.from(INTEGERS, (name) => [name, int] as const),
  ['Float32', float],
  ['Float64', float],
  ['Boolean', bool],
  ['Binary', hex],
]);

/** Writes rows of one result. */
class RowWriter {
  readonly #names: readonly string[];
  readonly #writers: readonly CellWriter[];
  /** Place of the column whose value is Row.id; -1 when there is none. */
  readonly #idAt: number;

  constructor(columns: readonly ResultColumn[]) {
    this.#names = columns.map(({ name }) => name);
    this.#writers = columns.map(({ type }) => WRITERS.get(type) ?? string);
    this.#idAt = columns.findIndex(({ name, type }) => name === ID_COLUMN && INTEGERS.has(type));
  }

  /** The row as field 1 of what is being written. */
  write(wire: WireWriter, row: Row): void {
    const whole = wire.beginField(FIRST);
    const idAt = this.#idAt;
    const id = idAt === -1 ? null : (row[idAt] as string | null);
    if (id !== null) wire.int64(ROW.id, id);
    for (let at = 0; at < row.length; at++) {
      if (at === idAt) continue;
      const values = wire.beginField(ROW.values);
      wire.string(COLUMN_VALUE.name, this.#names[at] as string);
      const value = wire.beginField(COLUMN_VALUE.value);
      const cell = row[at] as string | null;
      if (cell === null) wire.bool(VALUE.null, true);
      else (this.#writers[at] as CellWriter)(wire, cell);
      wire.endField(value);
      wire.endField(values);
    }
    wire.endField(whole);
  }
}

/** Small results share memory, so that most of them take none of their own. */
let shared = new WireWriter();
/** A result beyond it had memory of its own, which is not kept for the next. */
const SHARED_BYTES_MAX = 64 * 1024;

/** A whole result. */
export function encodedRows(columns: readonly ResultColumn[], rows: readonly Row[]): EncodedRows {
  const wire = shared;
  wire.discard();
  const writer = new RowWriter(columns);
  for (const row of rows) writer.write(wire, row);
  const encoded = wire.message();
  if (encoded.length > SHARED_BYTES_MAX) shared = new WireWriter();
  return { case: 'rows', encoded, count: rows.length };
}

/** Rows of one stream, each as a neumann.v1.RowChunk. */
export class RowChunks {
  readonly #wire = new WireWriter();
  readonly #writer: RowWriter;

  constructor(columns: readonly ResultColumn[]) {
    this.#writer = new RowWriter(columns);
  }

  of(row: Row): Uint8Array {
    this.#writer.write(this.#wire, row);
    return this.#wire.message();
  }
}
