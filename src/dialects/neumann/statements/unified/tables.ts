/** Tables as entities see them: by which column a row is told from the others, and how SQL asks for rows of given ids. */
import { ExactNumber, FacetError } from '../../../../base/index.ts';
import { foldedName, type Name, sqlName, type Value } from '../../../../nql/index.ts';
import type { StatementCall } from '../../statement-call.ts';
import { askSql } from '../asking.ts';

/** Where the tables are whose rows belong to entities. */
const SCHEMA = 'public';

export interface Table {
  /** Quoted, with its schema if it was given. */
  readonly sql: string;
  /** As it is in PostgreSQL. */
  readonly name: string;
  /** Undefined for tables without a primary key, and for keys of several columns. */
  readonly primaryKey: PrimaryKey | undefined;
  /** Entity keys begin with its name. */
  readonly isOfEntities: boolean;
}

export interface PrimaryKey {
  /** Quoted. */
  readonly column: string;
  /** As PostgreSQL spells it, without modifiers. */
  readonly type: string;
}

export const quotedName = (text: string): string => sqlName({ text, isQuoted: true });

/** @throws TABLE_NOT_FOUND */
export async function tableNamed(call: StatementCall, name: Name, schema: Name | undefined): Promise<Table> {
  const sql = schema === undefined ? sqlName(name) : `${sqlName(schema)}.${sqlName(name)}`;
  const { rows } = await askSql(call, FIND_TABLE, [sql]);
  const [row] = rows;
  if (row === undefined) throw new FacetError('TABLE_NOT_FOUND', `There is no table ${sql}`);
  const [place, column, type] = row;
  const primaryKey =
    typeof column === 'string' && typeof type === 'string' ? { column: quotedName(column), type } : undefined;
  return {
    sql,
    name: foldedName(name),
    primaryKey,
    isOfEntities: primaryKey !== undefined && place === SCHEMA,
  };
}

/** The table whose rows' keys begin with `name`; undefined when there is none with a primary key of one column. */
export async function entityTable(call: StatementCall, name: string): Promise<Table | undefined> {
  const sql = `${quotedName(SCHEMA)}.${quotedName(name)}`;
  const { rows } = await askSql(call, FIND_TABLE, [sql]);
  const [, column, type, there] = rows[0] ?? [];
  // PostgreSQL cuts longer names than its own can be, and finds another table by what is left.
  if (there !== name || typeof column !== 'string' || typeof type !== 'string') return undefined;
  return { sql, name, primaryKey: { column: quotedName(column), type }, isOfEntities: true };
}

/** $1: a quoted name -> its schema, name and type of the column that is its primary key, and its own name. */
const FIND_TABLE = `
  SELECT n.nspname, a.attname, pg_catalog.format_type(a.atttypid, NULL), c.relname
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_catalog.pg_index i ON i.indrelid = c.oid AND i.indisprimary AND i.indnkeyatts = 1
  LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
  WHERE c.oid = pg_catalog.to_regclass($1::text) AND c.relkind IN ('r', 'p', 'v', 'm', 'f')`;

/** Types whose values have one spelling each that their column's index can be asked by, and what it looks like. */
const INDEXED: ReadonlyMap<string, { readonly cast: string; readonly spelling: RegExp }> = new Map([
  ['smallint', { cast: 'bigint[]', spelling: /^(?:0|-?[1-9]\d{0,17})$/ }],
  ['integer', { cast: 'bigint[]', spelling: /^(?:0|-?[1-9]\d{0,17})$/ }],
  ['bigint', { cast: 'bigint[]', spelling: /^(?:0|-?[1-9]\d{0,17})$/ }],
  ['text', { cast: 'text[]', spelling: /^/ }],
  ['character varying', { cast: 'text[]', spelling: /^/ }],
  ['uuid', { cast: 'uuid[]', spelling: /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/ }],
]);

/** SQL that is true of rows whose primary key, as text, is among `ids`. Its parameter comes behind those that are there. */
export function keyAmong({ column, type }: PrimaryKey, ids: readonly string[], parameters: Value[]): string {
  const indexed = INDEXED.get(type);
  // What has another spelling is the id of no row.
  const fitting = indexed === undefined ? ids : ids.filter((id) => indexed.spelling.test(id));
  const place = `$${parameters.push(fitting)}`;
  if (indexed === undefined) return `${column}::text = ANY (${place}::text[])`;
  return `${column} = ANY (${place}::${indexed.cast})`;
}

/** As SQL takes it. */
export function sqlParameter(value: Value): unknown {
  if (typeof value === 'bigint') return new ExactNumber(String(value));
  return typeof value === 'object' && value !== null ? value.map(sqlParameter) : value;
}
