/** Which collection a name means, as the catalog has it; remembered for a while. */
import { FacetError, LIMITS, monotonicMs } from '../../../base/index.ts';
import type { Cell, Database } from '../../../engine/index.ts';
import type { OperationContext } from '../../operation.ts';
import { vectorCatalogChanged, vectorCatalogVersion } from '../../vector-catalog.ts';
import type { Metric } from '../metric.ts';
import { noCollection } from './names.ts';
import { FIND } from './statements.ts';

export interface Collection {
  readonly name: string;
  /** Its table in schema embedding. */
  readonly relation: string;
  /** Undefined until the first vector is stored, where it was not given. */
  readonly dimension: number | undefined;
  readonly distance: Metric;
  /** False: the first vector made it. */
  readonly declared: boolean;
  /** The table is there: not before the dimension is known, nor after somebody has dropped it by SQL. */
  readonly hasTable: boolean;
}

/** One that vectors can be in. */
export interface FilledCollection extends Collection {
  readonly dimension: number;
  readonly hasTable: true;
}

interface Known {
  readonly version: number;
  readonly untilMs: number;
  readonly collection: Collection;
}

const KNOWN = new WeakMap<Database, Map<string, Known>>();

/** Names that are remembered of one namespace. */
const KNOWN_MAX = 1_000;

/**
 * Of what this process changes it knows the newest state; changes by others show after LIMITS.vectorTargetMs, or when
 * they make a statement fail (see `withCollection`).
 */
export async function findCollection(
  context: OperationContext,
  name: string,
): Promise<Collection | undefined> {
  const { database, transaction } = context;
  // A transaction may see collections of its own.
  if (transaction !== undefined) return await readCollection(context, name);
  const found = KNOWN.get(database)?.get(name);
  const version = versionOf(database);
  if (found?.version === version && monotonicMs() < found.untilMs) return found.collection;
  const collection = await readCollection(context, name);
  if (collection !== undefined) remember(database, version, collection);
  return collection;
}

/** As the catalog has it now. */
export async function readCollection(
  { database, transaction, signal }: OperationContext,
  name: string,
): Promise<Collection | undefined> {
  const { rows } = await database.run(FIND, [name], { transaction, signal, reads: true });
  return rows[0] === undefined ? undefined : collectionOf(rows[0]);
}

export function collectionOf(row: readonly Cell[]): Collection {
  const [name, relation, dimension, distance, declared, hasTable] = row;
  return {
    name: name ?? '',
    relation: relation ?? '',
    dimension: typeof dimension === 'string' ? Number(dimension) : undefined,
    distance: distance as Metric,
    declared: declared === 't',
    hasTable: hasTable === 't',
  };
}

export const isFilled = (collection: Collection): collection is FilledCollection =>
  collection.hasTable && collection.dimension !== undefined;

/** Somebody deletes the collection and makes it anew, again and again. */
const ATTEMPTS = 5;

/**
 * What `work` makes of the collection; `none` when there is none, or none with a table. When it fails because of what was
 * remembered, or because the collection goes meanwhile, or its result is doubtful, it is done once more with what is there
 * now.
 */
export async function withCollection<T>(
  context: OperationContext,
  name: string,
  none: (collection: Collection | undefined) => T,
  work: (collection: FilledCollection) => Promise<T>,
  isDoubtful: (result: T) => boolean = () => false,
): Promise<T> {
  let found = await findCollection(context, name);
  for (let attempt = 1; ; attempt++) {
    const collection = found;
    if (collection === undefined || !isFilled(collection)) return none(collection);
    try {
      const result = await work(collection);
      if (context.transaction !== undefined || !isDoubtful(result)) return result;
      const now = await renewed(context, collection);
      if (now === collection || attempt === ATTEMPTS) return result;
      found = now;
    } catch (error) {
      found = await afterFailure(context, collection, error, attempt);
    }
  }
}

/**
 * What to try again with, after statements have failed on the collection.
 * @throws `error` when that would fail as well, COLLECTION_NOT_FOUND in a transaction that cannot try
 */
export async function afterFailure(
  context: OperationContext,
  collection: Collection,
  error: unknown,
  attempt: number,
): Promise<Collection | undefined> {
  const gone = isGone(error);
  if (!gone && !isStale(error)) throw error;
  if (context.transaction !== undefined || attempt === ATTEMPTS) {
    throw gone ? noCollection(collection.name) : error;
  }
  const now = await renewed(context, collection);
  // A table that has gone may be there again, just as it was.
  if (now === collection && !gone) throw error;
  return now;
}

/** The collection of that name as it is now: `collection` itself when nothing is different. */
export async function renewed(
  context: OperationContext,
  collection: Collection,
): Promise<Collection | undefined> {
  const now = await readCollection(context, collection.name);
  if (now !== undefined && isSame(now, collection)) return collection;
  const { database } = context;
  KNOWN.get(database)?.delete(collection.name);
  // What searches remember of the table is as old.
  vectorCatalogChanged(database);
  return now;
}

const isSame = (a: Collection, b: Collection): boolean =>
  a.relation === b.relation &&
  a.dimension === b.dimension &&
  a.distance === b.distance &&
  a.declared === b.declared &&
  a.hasTable === b.hasTable;

/** What a statement fails with when the collection is another one by now. */
const STALE: ReadonlySet<string> = new Set([
  'COLUMN_NOT_FOUND',
  'NOT_A_VECTOR_COLUMN',
  'VECTOR_DIMENSION_MISMATCH',
  'CHECK_VIOLATION',
]);

const isStale = (error: unknown): boolean => error instanceof FacetError && STALE.has(error.code);

/** The table is not there; or it was when the statement was planned, and not any more when it ran. */
function isGone(error: unknown): boolean {
  if (!(error instanceof FacetError)) return false;
  if (error.code === 'TABLE_NOT_FOUND') return true;
  const { sqlState, cause } = error;
  return sqlState === 'XX000' && cause instanceof Error && /^could not open relation/.test(cause.message);
}

const versionOf = (database: Database): number => database.schemaVersion + vectorCatalogVersion(database);

function remember(database: Database, version: number, collection: Collection): void {
  const known = KNOWN.get(database) ?? new Map<string, Known>();
  KNOWN.set(database, known);
  if (known.size >= KNOWN_MAX) known.clear();
  known.set(collection.name, { version, untilMs: monotonicMs() + LIMITS.vectorTargetMs, collection });
}
