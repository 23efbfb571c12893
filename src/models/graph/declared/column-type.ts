/**
 * Types of declared columns: their names, the type constraint of Cypher that each becomes, and what of a type has no
 * counterpart. Aliases are read and told as what they stand for.
 */
import { FacetError } from '../../../base/index.ts';
import { tableError } from './table-error.ts';

export type BaseName =
  | 'INT8'
  | 'INT16'
  | 'INT32'
  | 'INT64'
  | 'INT128'
  | 'UINT8'
  | 'UINT16'
  | 'UINT32'
  | 'UINT64'
  | 'SERIAL'
  | 'FLOAT'
  | 'DOUBLE'
  | 'DECIMAL'
  | 'BOOL'
  | 'STRING'
  | 'UUID'
  | 'JSON'
  | 'BLOB'
  | 'DATE'
  | 'TIMESTAMP'
  | 'TIMESTAMP_NS'
  | 'TIMESTAMP_MS'
  | 'TIMESTAMP_SEC'
  | 'TIMESTAMP_TZ'
  | 'INTERVAL';

export interface ColumnType {
  readonly base: BaseName;
  /** Of DECIMAL: `(18, 3)`; else ''. */
  readonly precision: string;
  /** For a list: its length, or 0 for any. Undefined for one value. */
  readonly list: number | undefined;
}

const BASES: Readonly<Record<BaseName, { readonly cypher: string; readonly note?: string }>> = {
  INT8: { cypher: 'INTEGER' },
  INT16: { cypher: 'INTEGER' },
  INT32: { cypher: 'INTEGER' },
  INT64: { cypher: 'INTEGER' },
  INT128: { cypher: 'INTEGER', note: '64 bits are kept' },
  UINT8: { cypher: 'INTEGER' },
  UINT16: { cypher: 'INTEGER' },
  UINT32: { cypher: 'INTEGER' },
  UINT64: { cypher: 'INTEGER', note: 'signed 64 bits are kept' },
  SERIAL: { cypher: 'INTEGER', note: 'numbers are given by COPY only' },
  FLOAT: { cypher: 'FLOAT', note: '64 bits are kept' },
  DOUBLE: { cypher: 'FLOAT' },
  DECIMAL: { cypher: 'FLOAT', note: 'kept as FLOAT' },
  BOOL: { cypher: 'BOOLEAN' },
  STRING: { cypher: 'STRING' },
  UUID: { cypher: 'STRING', note: 'kept as STRING' },
  JSON: { cypher: 'STRING', note: 'kept as STRING' },
  BLOB: { cypher: 'STRING', note: 'kept as STRING' },
  DATE: { cypher: 'DATE' },
  TIMESTAMP: { cypher: 'LOCAL DATETIME' },
  TIMESTAMP_NS: { cypher: 'LOCAL DATETIME' },
  TIMESTAMP_MS: { cypher: 'LOCAL DATETIME' },
  TIMESTAMP_SEC: { cypher: 'LOCAL DATETIME' },
  TIMESTAMP_TZ: { cypher: 'ZONED DATETIME' },
  INTERVAL: { cypher: 'DURATION' },
};

const ALIASES: Readonly<Record<string, BaseName>> = {
  BOOLEAN: 'BOOL',
  TINYINT: 'INT8',
  SMALLINT: 'INT16',
  INT: 'INT32',
  INTEGER: 'INT32',
  BIGINT: 'INT64',
  LONG: 'INT64',
  HUGEINT: 'INT128',
  REAL: 'FLOAT',
  FLOAT4: 'FLOAT',
  FLOAT8: 'DOUBLE',
  NUMERIC: 'DECIMAL',
  VARCHAR: 'STRING',
  TEXT: 'STRING',
  CHAR: 'STRING',
  BYTEA: 'BLOB',
  DATETIME: 'TIMESTAMP',
  DURATION: 'INTERVAL',
};

/** No property can hold one. */
const COMPOSITE: ReadonlySet<string> = new Set([
  'STRUCT',
  'MAP',
  'UNION',
  'NODE',
  'REL',
  'RECURSIVE_REL',
  'INTERNAL_ID',
]);

/** @throws INVALID_TYPE, FEATURE_NOT_SUPPORTED for types whose values no property can hold */
export function baseNamed(name: string): BaseName {
  const upper = name.toUpperCase();
  if (Object.hasOwn(BASES, upper)) return upper as BaseName;
  const alias = Object.hasOwn(ALIASES, upper) ? ALIASES[upper] : undefined;
  if (alias !== undefined) return alias;
  if (COMPOSITE.has(upper)) {
    throw new FacetError(
      'FEATURE_NOT_SUPPORTED',
      `A column of type ${upper} is not offered here: a property holds one value or a list of values`,
      { hint: 'Declare a column for each part, or keep it as a STRING.' },
    );
  }
  throw tableError('INVALID_TYPE', 'Catalog', `${name} is neither an internal type nor a user defined type.`);
}

/** `INT64`, `DOUBLE[]`, `FLOAT[3]`, `DECIMAL(18, 3)` */
export function typeText({ base, precision, list }: ColumnType): string {
  const suffix = list === undefined ? '' : list === 0 ? '[]' : `[${list}]`;
  return `${base}${precision}${suffix}`;
}

/** As Cypher's type constraints have it: `INTEGER`, `LIST<STRING>`. */
export function constraintType({ base, list }: ColumnType): string {
  const { cypher } = BASES[base];
  return list === undefined ? cypher : `LIST<${cypher}>`;
}

/** What of it is other than declared: `UUID (kept as STRING)`. */
export function unenforced(type: ColumnType): string | undefined {
  const { note } = BASES[type.base];
  return note === undefined ? undefined : `${typeText(type)} (${note})`;
}

const TEXT = /^(\w+?)(\([^)]*\))?(?:\[(\d*)\])?$/;

/** What `typeText` made. */
export function typeOfText(text: string): ColumnType {
  const [, base = '', precision = '', list] = TEXT.exec(text) ?? [];
  return { base: baseNamed(base), precision, list: list === undefined ? undefined : Number(list) };
}
