/** Types of columns as subscribers see them, and as SQL spells them. Looked up once per database and type. */
import { LIMITS } from '../../base/index.ts';
import { arrayLiteral, type Database } from '../../engine/index.ts';
import { builtInTypeName } from '../type-names.ts';
import { COLUMN_TYPES } from './statements.ts';

export interface ColumnType {
  /** As in results: `Int64`, `Array<Text>`. Domains go by the type that they are made of. */
  readonly name: string;
  /** For a cast, quoted and with its schema unless it is built in; domains taken off. */
  readonly sql: string;
  /** Arrays of it can be unnested to single values. Otherwise values are cast one by one. */
  readonly unnests: boolean;
}

/** A type that is gone: its values were text, and are compared as text. */
const GONE: ColumnType = { name: 'Text', sql: 'text', unnests: true };

const KNOWN = new WeakMap<Database, Map<number, ColumnType>>();

/** Those of `oids`, in order. */
export async function columnTypes(database: Database, oids: readonly number[]): Promise<ColumnType[]> {
  const known = KNOWN.get(database) ?? new Map<number, ColumnType>();
  KNOWN.set(database, known);
  const missing = [...new Set(oids)].filter((oid) => !known.has(oid));
  if (missing.length > 0) {
    if (known.size > LIMITS.typeNamesCachedMax) known.clear();
    const { rows } = await database.run(COLUMN_TYPES, [arrayLiteral(missing.map(String))], { reads: true });
    for (const [own, oid, name, elementOid, elementName, sql, unnests] of rows) {
      known.set(Number(own), {
        name:
          builtInTypeName(Number(oid)) ??
          (elementOid === null
            ? userTypeName(name)
            : `Array<${builtInTypeName(Number(elementOid)) ?? userTypeName(elementName)}>`),
        sql: sql ?? 'text',
        unnests: unnests === 't',
      });
    }
  }
  return oids.map((oid) => known.get(oid) ?? GONE);
}

/** Types may have been renamed or replaced. */
export function forgetColumnTypes(database: Database): void {
  KNOWN.delete(database);
}

/** Enums, composites and ranges are given as text; vectors of pgvector have a name of their own. */
const userTypeName = (name: string | null | undefined): string =>
  name === 'vector' || name === 'halfvec' ? 'Vector' : 'Text';
