/** What COPY reads: rows of a file, of a query or of a parameter, each with the place that errors name. */
import { FacetError, LIMITS } from '../../../base/index.ts';
import type { Value } from '../../../cypher/index.ts';
import { type ColumnType, cellValue, fitted, tableError, typeText } from '../declared/index.ts';
import { CsvReader, type CsvRecord, isBlank } from './csv-reader.ts';
import type { UploadedFiles } from './define-schemas.ts';
import type { CsvOptions } from './table-command.ts';

/** What stands in one place of each row. */
export interface Field {
  readonly name: string;
  readonly type: ColumnType;
}

export interface CopyRow {
  /** By field. */
  readonly values: readonly Value[];
  /** `file person.csv on line 3` */
  readonly place: string;
}

/** @throws LIMIT_EXCEEDED, OBJECT_NOT_FOUND, INVALID_VALUE with file, line and column */
export async function* fileRows(
  names: readonly string[],
  files: UploadedFiles | undefined,
  csv: CsvOptions,
  fields: readonly Field[],
): AsyncGenerator<CopyRow> {
  let bytes = 0;
  for (const name of names) {
    if (files === undefined) {
      throw tableError('OBJECT_NOT_FOUND', 'Binder', `No file found that matches the pattern: ${name}.`);
    }
    const { size, pieces } = await files(name);
    bytes += size;
    if (bytes > LIMITS.graphCopyBytesMax) {
      throw new FacetError(
        'LIMIT_EXCEEDED',
        `COPY reads at most ${LIMITS.graphCopyBytesMax} bytes (graphCopyBytesMax), and ${name} makes it ${bytes}`,
        { hint: 'Copy several smaller files, one after the other.' },
      );
    }
    yield* rowsOfFile(name, pieces, csv, fields);
  }
}

async function* rowsOfFile(
  name: string,
  pieces: AsyncIterable<Uint8Array>,
  csv: CsvOptions,
  fields: readonly Field[],
): AsyncGenerator<CopyRow> {
  const reader = new CsvReader(csv, name);
  let toSkip = csv.skip;
  let isFirst = true;
  const rowsOf = function* (records: readonly CsvRecord[]): Generator<CopyRow> {
    for (const record of records) {
      if (toSkip > 0) {
        toSkip--;
        continue;
      }
      if (isBlank(record) && fields.length > 1) continue;
      const header = isFirst && isHeader(record, csv.header, fields, name);
      isFirst = false;
      if (!header) yield rowOf(record, csv, fields, name);
    }
  };
  for await (const piece of pieces) yield* rowsOf(reader.push(piece));
  yield* rowsOf(reader.end());
}

/**
 * Without an option a first line is a header when its cells are the names of the columns. Cells are taken by their place,
 * as everywhere; a header that names the same columns in another order is not what was meant.
 */
function isHeader(
  { cells }: CsvRecord,
  asked: boolean | undefined,
  fields: readonly Field[],
  file: string,
): boolean {
  if (asked === false) return false;
  const given = cells.map((cell) => cell.trim().toLowerCase());
  const wanted = fields.map(({ name }) => name.toLowerCase());
  if (given.length === wanted.length && given.every((name, at) => name === wanted[at])) return true;
  const isOtherOrder =
    given.length === wanted.length && [...given].sort().join('\n') === [...wanted].sort().join('\n');
  if (isOtherOrder) {
    throw tableError(
      'INVALID_VALUE',
      'Copy',
      `Error in file ${file} on line 1: the header names the columns in another order than the table has them.`,
      { hint: `Name the columns as the file has them: COPY T (${cells.join(', ')}) FROM …` },
    );
  }
  return asked === true;
}

function rowOf(record: CsvRecord, csv: CsvOptions, fields: readonly Field[], file: string): CopyRow {
  const place = `file ${file} on line ${record.line}`;
  const { cells, quoted } = record;
  if (cells.length !== fields.length) {
    throw tableError(
      'INVALID_VALUE',
      'Copy',
      `Error in ${place}: expected ${fields.length} values per row, but got ${cells.length}.`,
    );
  }
  const values = fields.map((field, at) => {
    const text = cells[at] ?? '';
    if (quoted[at] !== true && csv.nullTexts.includes(text)) return null;
    try {
      return cellValue(text, field.type);
    } catch (thrown) {
      const { message } = thrown as Error;
      throw tableError(
        'INVALID_VALUE',
        'Copy',
        `Error in ${place}, column ${at + 1} (${field.name}): ${message}`,
      );
    }
  });
  return { values, place };
}

/** Rows that are values already: of a query, or of a parameter. @throws INVALID_VALUE */
export function valueRow(given: readonly Value[], fields: readonly Field[], place: string): CopyRow {
  if (given.length !== fields.length) {
    throw tableError(
      'INVALID_VALUE',
      'Copy',
      `Error in ${place}: expected ${fields.length} values per row, but got ${given.length}.`,
    );
  }
  const values = given.map((value, at) => {
    const field = fields[at];
    const kept = field === undefined ? undefined : fitted(value, field.type);
    if (kept !== undefined) return kept;
    throw tableError(
      'INVALID_VALUE',
      'Copy',
      `Error in ${place}, column ${at + 1} (${field?.name}): the value is no ${field && typeText(field.type)}.`,
    );
  });
  return { values, place };
}

/** A list of lists, by place, or of maps, by the names of the fields. @throws INVALID_VALUE, MISSING_PARAMETER */
export function* parameterRows(
  name: string,
  given: Value | undefined,
  fields: readonly Field[],
): Generator<CopyRow> {
  if (given === undefined) throw tableError('MISSING_PARAMETER', 'Binder', `Parameter ${name} not found.`);
  if (!Array.isArray(given)) throw notRows(name);
  for (const [at, row] of given.entries()) {
    const place = `row ${at + 1} of $${name}`;
    if (Array.isArray(row)) {
      yield valueRow(row, fields, place);
      continue;
    }
    if (!(row instanceof Map)) throw notRows(name);
    const known = new Set(fields.map((field) => field.name));
    for (const key of row.keys()) {
      if (known.has(key as string)) continue;
      throw tableError('COLUMN_NOT_FOUND', 'Copy', `Error in ${place}: there is no column ${String(key)}.`);
    }
    const values = fields.map((field) => (row as ReadonlyMap<string, Value>).get(field.name) ?? null);
    yield valueRow(values, fields, place);
  }
}

const notRows = (name: string): FacetError =>
  tableError('INVALID_VALUE', 'Binder', `$${name} is no list of rows: each is a list of values, or a map.`);
