/**
 * Names of types as clients write them -> the PostgreSQL type and constraint of a column. Names of the ThunderDB API
 * reference and SQL spellings, in any case: `Varchar(255)`, `character varying(255)`, `Array<Int32>`, `int[]`.
 * `Int8` is one byte here, as in that reference, not PostgreSQL's int8. Pure.
 */
import { FacetError, LIMITS } from '../../base/index.ts';
import { RANGED_INTEGERS } from '../type-names.ts';
import { dimensionsCheck, numbersCheck } from './vector-types.ts';

export interface ColumnType {
  /** Type for CREATE TABLE, safe to stand in SQL text. */
  readonly sql: string;
  /** Condition that the column must hold, given its quoted name. */
  readonly check?: ((column: string) => string) | undefined;
  /** End of the constraint's name behind that of the column, where errors are to be told apart by it. */
  readonly checkName?: string | undefined;
  /** Of vectors: what holds for each number in it. */
  readonly numbers?: ((column: string) => string) | undefined;
  /** What the columnar engine may index: it looks for the first moment, else the first integer. */
  readonly family: 'moment' | 'integer' | 'other';
}

const simple = (sql: string, family: ColumnType['family'] = 'other'): ColumnType => ({ sql, family });

/** Spellings without modifiers. */
const SIMPLE: Readonly<Record<string, ColumnType>> = {
  BOOLEAN: simple('boolean'),
  BOOL: simple('boolean'),
  INT16: simple('smallint', 'integer'),
  INT2: simple('smallint', 'integer'),
  SMALLINT: simple('smallint', 'integer'),
  INT32: simple('integer', 'integer'),
  INT4: simple('integer', 'integer'),
  INT: simple('integer', 'integer'),
  INTEGER: simple('integer', 'integer'),
  INT64: simple('bigint', 'integer'),
  BIGINT: simple('bigint', 'integer'),
  SMALLSERIAL: simple('smallserial', 'integer'),
  SERIAL: simple('serial', 'integer'),
  BIGSERIAL: simple('bigserial', 'integer'),
  FLOAT32: simple('real'),
  FLOAT4: simple('real'),
  REAL: simple('real'),
  FLOAT: simple('real'),
  FLOAT64: simple('double precision'),
  FLOAT8: simple('double precision'),
  DOUBLE: simple('double precision'),
  'DOUBLE PRECISION': simple('double precision'),
  TEXT: simple('text'),
  STRING: simple('text'),
  BINARY: simple('bytea'),
  BYTEA: simple('bytea'),
  BLOB: simple('bytea'),
  DATE: simple('date', 'moment'),
  INTERVAL: simple('interval'),
  UUID: simple('uuid'),
  JSON: simple('json'),
  JSONB: simple('jsonb'),
};

/** Spellings that may have modifiers: their SQL name, and the bounds of each modifier. */
const MODIFIED: Readonly<Record<string, Modified>> = {
  DECIMAL: { kind: 'decimal', sql: 'numeric' },
  NUMERIC: { kind: 'decimal', sql: 'numeric' },
  VARCHAR: { kind: 'length', sql: 'varchar', max: 10_485_760 },
  'CHARACTER VARYING': { kind: 'length', sql: 'varchar', max: 10_485_760 },
  CHAR: { kind: 'length', sql: 'char', max: 10_485_760 },
  CHARACTER: { kind: 'length', sql: 'char', max: 10_485_760 },
  TIME: { kind: 'precision', sql: 'time' },
  TIMESTAMP: { kind: 'precision', sql: 'timestamp', family: 'moment' },
  TIMESTAMPTZ: { kind: 'precision', sql: 'timestamptz', family: 'moment' },
  VECTOR: { kind: 'vector', sql: 'real[]' },
};

type Modified =
  | { readonly kind: 'decimal'; readonly sql: string }
  | { readonly kind: 'length'; readonly sql: string; readonly max: number }
  | { readonly kind: 'precision'; readonly sql: string; readonly family?: 'moment' }
  | { readonly kind: 'vector'; readonly sql: string };

const DECIMAL_DIGITS_MAX = 1_000;
const FRACTION_DIGITS_MAX = 6;

/**
 * The type of that name; undefined when the name is not one of those here (PostgreSQL may still know it).
 * @throws INVALID_TYPE for a known name with modifiers that it does not take
 */
export function parseTypeName(written: string): ColumnType | undefined {
  const text = written.trim().replace(/\s+/g, ' ').toUpperCase();
  const array = /^ARRAY ?<(.+)>$/.exec(text)?.[1] ?? /^(.+?) ?\[ ?\]$/.exec(text)?.[1];
  if (array !== undefined) return arrayOf(array, written);
  const zoned = /^(TIME|TIMESTAMP) ?(\( ?\d+ ?\))? (WITH|WITHOUT) TIME ZONE$/.exec(text);
  if (zoned !== null) {
    const [, base = '', precision = '', zone] = zoned;
    if (zone === 'WITHOUT') return parseTypeName(`${base}${precision}`);
    // PostgreSQL has timetz, the reference has no name for it.
    if (base === 'TIME') throw invalid(written, 'use Time or TimestampTz');
    return parseTypeName(`TIMESTAMPTZ${precision}`);
  }
  const parts = /^([A-Z][A-Z0-9 ]*?) ?(?:\( ?(\d{1,9}) ?(?:, ?(\d{1,9}) ?)?\))?$/.exec(text);
  if (parts === null) return undefined;
  const [, name = '', first, second] = parts;
  const modified = MODIFIED[name];
  if (modified !== undefined) return withModifiers(modified, numberOf(first), numberOf(second), written);
  const known = SIMPLE[name] ?? rangedInteger(name);
  if (known !== undefined && first !== undefined) throw invalid(written, `${name} takes no modifiers`);
  return known;
}

const numberOf = (digits: string | undefined): number | undefined =>
  digits === undefined ? undefined : Number(digits);

const invalid = (written: string, reason: string): FacetError =>
  new FacetError('INVALID_TYPE', `Invalid type '${written}': ${reason}`);

function arrayOf(element: string, written: string): ColumnType | undefined {
  if (/[<[]/.test(element)) throw invalid(written, 'arrays have one dimension');
  const type = parseTypeName(element);
  if (type === undefined) return undefined;
  if (type.check !== undefined || /serial$/.test(type.sql)) {
    throw invalid(written, `${element} cannot be the type of array elements`);
  }
  return simple(`${type.sql}[]`);
}

function rangedInteger(name: string): ColumnType | undefined {
  const canonical = name === 'TINYINT' ? 'INT8' : name;
  const ranged = RANGED_INTEGERS.find((candidate) => candidate.name.toUpperCase() === canonical);
  if (ranged === undefined) return undefined;
  return {
    sql: ranged.stored,
    check: (column) => `${column} >= ${ranged.low} AND ${column} <= ${ranged.high}`,
    family: 'integer',
  };
}

function withModifiers(
  type: Modified,
  first: number | undefined,
  second: number | undefined,
  written: string,
): ColumnType {
  if (second !== undefined && type.kind !== 'decimal') throw invalid(written, 'it takes one number');
  switch (type.kind) {
    case 'decimal': {
      if (first === undefined) return simple(type.sql);
      const scale = second ?? 0;
      if (first < 1 || first > DECIMAL_DIGITS_MAX)
        throw invalid(written, `1 to ${DECIMAL_DIGITS_MAX} digits`);
      if (scale > first) throw invalid(written, 'the scale must not exceed the precision');
      return simple(`${type.sql}(${first},${scale})`);
    }
    case 'length':
      if (first === undefined) return simple(type.sql);
      if (first < 1 || first > type.max) throw invalid(written, `1 to ${type.max} characters`);
      return simple(`${type.sql}(${first})`);
    case 'precision':
      if (first === undefined) return simple(type.sql, type.family);
      if (first > FRACTION_DIGITS_MAX)
        throw invalid(written, `at most ${FRACTION_DIGITS_MAX} digits of a second`);
      return simple(`${type.sql}(${first})`, type.family);
    case 'vector':
      return vector(type.sql, first, written);
  }
}

/** A list of numbers of one length, without gaps. */
function vector(sql: string, dimensions: number | undefined, written: string): ColumnType {
  if (dimensions === undefined)
    throw invalid(written, 'it needs the number of dimensions, such as Vector(768)');
  if (dimensions < 1 || dimensions > LIMITS.vectorDimensionsMax) {
    throw invalid(written, `1 to ${LIMITS.vectorDimensionsMax} dimensions`);
  }
  return {
    sql,
    check: (column) => dimensionsCheck(column, dimensions),
    checkName: `${dimensions}_vector_dimensions`,
    numbers: numbersCheck,
    family: 'other',
  };
}
