/**
 * Cells in PostgreSQL's text form -> the bytes of thunder.Value. A writer is chosen once per column, then called for every
 * row. Which kind a type has is said in thunder.proto: numbers that fit exactly are numbers, everything else is text with
 * all its digits, as REST writes it.
 */

import type { WireWriter } from '../../grpc/index.ts';
import { encoderOf } from '../cells.ts';

/** Writes one cell that is not NULL. */
export type CellWriter = (wire: WireWriter, text: string) => void;

/** Field number and wire type of the kinds of a Value. */
const TAG = {
  bool: 0x08,
  int: 0x10,
  float: 0x19,
  string: 0x22,
  bytes: 0x2a,
  null: 0x30,
  vector: 0x3a,
} as const;
/** Field 1 with a length: the values of a row, the elements of a vector. */
const FIRST = 0x0a;

const bool: CellWriter = (wire, text) => wire.bool(TAG.bool, text === 't');
const int: CellWriter = (wire, text) => wire.int64(TAG.int, text);
/** NaN and the infinities are printed as JavaScript reads them. */
const float: CellWriter = (wire, text) => wire.double(TAG.float, Number(text));
const string: CellWriter = (wire, text) => wire.string(TAG.string, text);

const base64 = encoderOf('Binary');
const binary: CellWriter = (wire, text) =>
  wire.bytes(
    TAG.bytes,
    text.startsWith('\\x')
      ? Buffer.from(text.slice(2), 'hex')
      : // The older text form, which a transaction may ask for.
        Buffer.from(base64(text).slice(1, -1), 'base64'),
  );

/** `[1,2.5]` of pgvector, `{1,2.5}` of a list: what is between the brackets. */
const vector: CellWriter = (wire, text) => {
  const field = wire.beginField(TAG.vector);
  const inside = text.slice(1, -1);
  if (inside !== '') {
    const elements = wire.beginField(FIRST);
    for (const element of inside.split(',')) wire.float(Number(element));
    wire.endField(elements);
  }
  wire.endField(field);
};

/** Lists of lists, with NULLs, or with bounds have no vector: they are JSON like other lists. */
const floats = ((json: (text: string) => string): CellWriter => {
  return (wire, text) =>
    /^\{[^{}N]*\}$/.test(text) || (text.includes('NaN') && /^\{(?:[^{}N]|NaN)*\}$/.test(text))
      ? vector(wire, text)
      : wire.string(TAG.string, json(text));
})(encoderOf('Array<Float32>'));

const BY_NAME = new Map<string, CellWriter>([
  ['Boolean', bool],
  ['Int8', int],
  ['Int16', int],
  ['Int32', int],
  ['Int64', int],
  ['Float32', float],
  ['Float64', float],
  ['Binary', binary],
  ['Vector', vector],
  ['Array<Float32>', floats],
]);

/** @param typeName ThunderDB's name without modifiers: `Int64`, `Array<Text>` */
export function cellWriterOf(typeName: string): CellWriter {
  const known = BY_NAME.get(typeName);
  if (known !== undefined) return known;
  const json = encoderOf(typeName);
  if (typeName.startsWith('Array<')) return (wire, text) => wire.string(TAG.string, json(text));
  // RFC 3339, as everywhere; neither has a letter that JSON escapes.
  if (typeName === 'Timestamp' || typeName === 'TimestampTz') {
    return (wire, text) => wire.string(TAG.string, json(text).slice(1, -1));
  }
  return string;
}

type Cells = readonly (string | null)[];

/** The `values` of a Row or a QueryRow: field 1 of both. `writers` and `row` are of equal length. */
export function writeRow(wire: WireWriter, row: Cells, writers: readonly CellWriter[]): void {
  for (let at = 0; at < row.length; at++) {
    const cell = row[at] as string | null;
    const field = wire.beginField(FIRST);
    if (cell === null) wire.bool(TAG.null, false);
    else (writers[at] as CellWriter)(wire, cell);
    wire.endField(field);
  }
}
