/**
 * Results as an Arrow IPC stream, for data frames. A column has the Arrow type that all of its values fit: Bool, Int64,
 * Float64, Utf8, Date32. Anything else, and columns of mixed types, are Utf8 with the JSON that /v0/cypher gives, and
 * the metadata of the field say so: `facet.encoding` is `json`.
 */
import {
  Bool,
  type DataType,
  DateDay,
  Field,
  Float64,
  Int64,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  Table,
  tableToIPC,
  Utf8,
  vectorFromArray,
} from 'apache-arrow';
import { AnswerHold, LIMITS } from '../../base/index.ts';
import { BATCH_ROWS, DateValue, type Value } from '../../cypher/index.ts';
import { ByteCount } from '../http/index.ts';
import { valueToJson } from './cells.ts';

interface Column {
  readonly type: DataType;
  readonly metadata: ReadonlyMap<string, string>;
  readonly convert: (value: Value, count: ByteCount) => unknown;
}

const PLAIN: ReadonlyMap<string, string> = new Map();
const AS_IS = (value: Value, count: ByteCount): unknown => {
  count.add(typeof value === 'string' ? value.length : CELL_BYTES);
  return value;
};
/** Of a number, with what is not there. */
const CELL_BYTES = 8;
/** JavaScript has days to the year 275,760. */
const dayOf = (value: Value): Date | undefined => {
  if (!(value instanceof DateValue)) return undefined;
  const day = new Date(value.epochDay * 86_400_000);
  return Number.isNaN(day.getTime()) ? undefined : day;
};

const COLUMNS: readonly { readonly fits: (value: Value) => boolean; readonly column: Column }[] = [
  {
    fits: (value) => typeof value === 'boolean',
    column: { type: new Bool(), metadata: PLAIN, convert: AS_IS },
  },
  {
    fits: (value) => typeof value === 'bigint',
    column: { type: new Int64(), metadata: PLAIN, convert: AS_IS },
  },
  {
    fits: (value) => typeof value === 'number',
    column: { type: new Float64(), metadata: PLAIN, convert: AS_IS },
  },
  {
    fits: (value) => typeof value === 'string',
    column: { type: new Utf8(), metadata: PLAIN, convert: AS_IS },
  },
  {
    fits: (value) => dayOf(value) !== undefined,
    column: {
      type: new DateDay(),
      metadata: PLAIN,
      convert: (value, count) => {
        count.add(CELL_BYTES);
        return dayOf(value) ?? null;
      },
    },
  },
];

const JSON_COLUMN: Column = {
  type: new Utf8(),
  metadata: new Map([['facet.encoding', 'json']]),
  convert: (value, count) => (value === null ? null : valueToJson(value, count)),
};

/** A column of nulls alone is text: nobody can tell what it would have been. */
function columnOf(rows: readonly (readonly Value[])[], at: number): Column {
  const first = rows.find((row) => (row[at] ?? null) !== null)?.[at] ?? null;
  if (first === null) return COLUMNS[3]?.column ?? JSON_COLUMN;
  const candidate = COLUMNS.find(({ fits }) => fits(first));
  if (candidate === undefined) return JSON_COLUMN;
  const all = rows.every((row) => (row[at] ?? null) === null || candidate.fits(row[at] ?? null));
  return all ? candidate.column : JSON_COLUMN;
}

/**
 * The whole stream: schema, record batches of LIMITS' batch size, end.
 * @param heldBytes what the rows hold
 * @throws RESULT_TOO_LARGE, UNAVAILABLE
 */
export async function arrowStream(
  names: readonly string[],
  rows: readonly (readonly Value[])[],
  heldBytes: number,
): Promise<Uint8Array> {
  const hold = new AnswerHold();
  try {
    if (heldBytes > LIMITS.answerBytesSmall) hold.take(heldBytes);
    return await encoded(names, rows, new ByteCount('The result', hold));
  } finally {
    hold.release();
  }
}

async function encoded(
  names: readonly string[],
  rows: readonly (readonly Value[])[],
  count: ByteCount,
): Promise<Uint8Array> {
  const columns = names.map((_, at) => columnOf(rows, at));
  const fields = names.map((name, at) => {
    const { type, metadata } = columns[at] ?? JSON_COLUMN;
    return new Field(name, type, true, new Map(metadata));
  });
  const schema = new Schema(fields);
  const batches: RecordBatch[] = [];
  for (let from = 0; from < rows.length; from += BATCH_ROWS) {
    await count.turn();
    const part = rows.slice(from, from + BATCH_ROWS);
    const children = columns.map(({ type, convert }, at) => {
      const [data] = vectorFromArray(
        part.map((row) => convert(row[at] ?? null, count)),
        type,
      ).data;
      if (data === undefined) throw new Error('a vector without data');
      return data;
    });
    batches.push(
      new RecordBatch(
        schema,
        makeData({ type: new Struct(fields), length: part.length, nullCount: 0, children }),
      ),
    );
  }
  return tableToIPC(new Table(schema, batches), 'stream');
}
