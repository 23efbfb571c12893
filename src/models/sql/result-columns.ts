/** Columns of a result by name and type name. Types that a user created are looked up once per database. */
import { LIMITS } from '../../base/index.ts';
import { arrayLiteral, type Column, type Database, type RunOptions } from '../../engine/index.ts';
import { builtInTypeName } from '../type-names.ts';
import type { ResultColumn } from './statement-schemas.ts';
import { TYPE_NAMES } from './statements.ts';

const KNOWN = new WeakMap<Database, Map<number, string>>();

/** The columns at once when all their types are built in or known, as they are for nearly every result. */
export function resultColumns(database: Database, columns: readonly Column[]): ResultColumn[] | undefined {
  const result: ResultColumn[] = [];
  for (const { name, typeOid } of columns) {
    const type = builtInTypeName(typeOid) ?? KNOWN.get(database)?.get(typeOid);
    if (type === undefined) return undefined;
    result.push({ name, type, typeOid });
  }
  return result;
}

/** The columns, after asking PostgreSQL for the types that are not known yet. */
export async function lookedUpColumns(
  database: Database,
  columns: readonly Column[],
  options: RunOptions,
): Promise<ResultColumn[]> {
  const names = await typeNames(
    database,
    columns.map(({ typeOid }) => typeOid),
    options,
  );
  return columns.map(({ name, typeOid }, at) => ({ name, type: names[at] ?? 'Text', typeOid }));
}

/** Bare names for type oids, in order. A type that is not visible (any more) is `Text`, as its values are. */
export async function typeNames(
  database: Database,
  oids: readonly number[],
  options: RunOptions,
): Promise<string[]> {
  const known = KNOWN.get(database) ?? new Map<number, string>();
  KNOWN.set(database, known);
  const missing = oids.filter((oid) => builtInTypeName(oid) === undefined && !known.has(oid));
  if (missing.length > 0) {
    if (known.size > LIMITS.typeNamesCachedMax) known.clear();
    const { rows } = await database.run(
      TYPE_NAMES,
      [arrayLiteral([...new Set(missing)].map(String))],
      options,
    );
    for (const [oid, name, elementOid, elementName] of rows) {
      known.set(
        Number(oid),
        elementOid === null ? userTypeName(name) : `Array<${elementText(elementOid, elementName)}>`,
      );
    }
  }
  return oids.map((oid) => builtInTypeName(oid) ?? known.get(oid) ?? 'Text');
}

const elementText = (oid: string | null | undefined, name: string | null | undefined): string =>
  builtInTypeName(Number(oid)) ?? userTypeName(name);

/** Enums, composites and ranges are given as text; vectors of pgvector have a name of their own. */
const userTypeName = (name: string | null | undefined): string =>
  name === 'vector' || name === 'halfvec' ? 'Vector' : 'Text';
