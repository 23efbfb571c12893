/** The table and column that a search or an index is about, as PostgreSQL's catalog has them; remembered for a while. */
import { FacetError, LIMITS, monotonicMs } from '../../base/index.ts';
import type { Database, RunOptions } from '../../engine/index.ts';
import { type QualifiedName, spelledName } from '../table-names.ts';
import { builtInTypeName } from '../type-names.ts';
import { vectorCatalogVersion } from '../vector-catalog.ts';
import type { Metric } from './metric.ts';
import { FIND_TARGET } from './statements.ts';

export interface TableColumn {
  readonly name: string;
  /** ThunderDB's name without modifiers. */
  readonly type: string;
}

export interface IndexRow {
  readonly id: number;
  readonly name: string;
  readonly type: 'hnsw' | 'ivf_pq';
  readonly metric: Metric;
  readonly status: 'building' | 'ready' | 'exact' | 'failed';
  readonly options: Readonly<Record<string, unknown>>;
}

export interface Target {
  readonly table: QualifiedName;
  readonly relationOid: number;
  /** pg_class.relkind: `r` is an ordinary table. */
  readonly kind: string;
  /** Another one after the table was written anew: TRUNCATE, ALTER TABLE, VACUUM FULL. */
  readonly file: string;
  readonly column: string;
  readonly attribute: number;
  /** Undefined where the column takes vectors of any length. */
  readonly dimensions: number | undefined;
  /** The column has pgvector's type. */
  readonly pgvector: boolean;
  readonly columns: readonly TableColumn[];
  /** What tells rows apart: primary key, or unique and not null. Empty when there is none. */
  readonly key: readonly { readonly name: string; readonly type: string }[];
  /** The unique index that says so, undefined without one: another one may have been gone for a while. */
  readonly keyIndex: number | undefined;
  readonly indexes: readonly IndexRow[];
}

interface Known {
  /** Of the schema and of the vector indexes. */
  readonly version: number;
  readonly untilMs: number;
  readonly target: Target;
}

const KNOWN = new WeakMap<Database, Map<string, Known>>();

/**
 * Of a schema that this process changes it knows the newest state; changes by others show after vectorTargetMs.
 * @throws TABLE_NOT_FOUND, COLUMN_NOT_FOUND, NOT_A_VECTOR_COLUMN
 */
export async function findTarget(
  database: Database,
  table: QualifiedName,
  column: string,
  options: RunOptions,
): Promise<Target> {
  const known = KNOWN.get(database) ?? new Map<string, Known>();
  KNOWN.set(database, known);
  const name = JSON.stringify([table.schema, table.name, column]);
  const found = known.get(name);
  const version = database.schemaVersion + vectorCatalogVersion(database);
  // A transaction may see a schema of its own.
  const shared = options.transaction === undefined;
  if (shared && found?.version === version && monotonicMs() < found.untilMs) return found.target;
  const { rows } = await database.run(FIND_TARGET, [table.schema, table.name, column], options);
  const target = targetOf(rows[0], table, column);
  if (shared) {
    if (known.size >= LIMITS.statementCacheMax) known.clear();
    known.set(name, { version, untilMs: monotonicMs() + LIMITS.vectorTargetMs, target });
  }
  return target;
}

/** PostgreSQL gives oids from here on to what users create. */
const FIRST_USER_OID = 16_384;

type NamedColumn = readonly [string, number, string, number | null, string | null];

function targetOf(row: readonly (string | null)[] | undefined, table: QualifiedName, column: string): Target {
  if (row === undefined) {
    throw new FacetError('TABLE_NOT_FOUND', `Table '${spelledName(table)}' does not exist`);
  }
  const [oid, kind, file, attribute, typeOid, typeName, , modifier, checks, columns, key, indexes] = row;
  if (attribute === null || attribute === undefined) {
    throw new FacetError('COLUMN_NOT_FOUND', `Table '${spelledName(table)}' has no column '${column}'`);
  }
  const keys = JSON.parse(key ?? '[]') as [string, string, number][];
  const pgvector = typeName === 'vector' && Number(typeOid) >= FIRST_USER_OID;
  if (!pgvector && typeOid !== REAL_ARRAY) {
    throw new FacetError(
      'NOT_A_VECTOR_COLUMN',
      `Column '${column}' of '${spelledName(table)}' holds no vectors`,
      {
        hint: 'Vectors are columns of type Vector(n), or of real[].',
      },
    );
  }
  return {
    table,
    relationOid: Number(oid),
    kind: kind ?? '',
    file: file ?? '',
    column,
    attribute: Number(attribute),
    dimensions: pgvector ? positive(Number(modifier)) : checkedDimensions(checks),
    pgvector,
    columns: (JSON.parse(columns ?? '[]') as NamedColumn[]).map(namedColumn),
    key: keys.map(([name, type]) => ({ name, type })),
    keyIndex: keys[0]?.[2],
    indexes: (JSON.parse(indexes ?? '[]') as unknown[][]).map(indexOf),
  };
}

const REAL_ARRAY = '1021';

const positive = (modifier: number): number | undefined => (modifier > 0 ? modifier : undefined);

/** From the checks that Vector(n) makes, whichever way the column was made. */
function checkedDimensions(checks: string | null | undefined): number | undefined {
  for (const check of JSON.parse(checks ?? '[]') as string[]) {
    const dimensions = /\bcardinality\(.+?\) = (\d+)\)/.exec(check)?.[1];
    if (dimensions !== undefined) return Number(dimensions);
  }
  return undefined;
}

function namedColumn([name, oid, typeName, elementOid, elementName]: NamedColumn): TableColumn {
  if (elementOid !== null) {
    return { name, type: builtInTypeName(oid) ?? `Array<${userType(elementOid, elementName)}>` };
  }
  return { name, type: userType(oid, typeName) };
}

const userType = (oid: number, name: string | null): string =>
  builtInTypeName(oid) ?? (name === 'vector' || name === 'halfvec' ? 'Vector' : 'Text');

const indexOf = ([id, name, type, metric, status, options]: unknown[]): IndexRow =>
  ({ id, name, type, metric, status, options }) as IndexRow;
