/** Makes an index on vectors, and waits until it is complete: on our own structure, or by pgvector where that is there. */
import { FacetError, LIMITS, monotonicMs } from '../../base/index.ts';
import { statement, type Transaction } from '../../engine/index.ts';
import type { BuiltIndex, IndexOrder } from '../index-builders.ts';
import type { OperationContext } from '../operation.ts';
import { allowedVectorMemoryBytes } from '../operator-limits.ts';
import {
  assertUserSchema,
  checkedName,
  type QualifiedName,
  qualifiedName,
  spelledName,
} from '../table-names.ts';
import { vectorCatalogChanged } from '../vector-catalog.ts';
import { type BuildOrder, buildOrder, VECTOR_INDEX_TYPES, type VectorIndexType } from './build-order.ts';
import { keeperOf } from './keeper.ts';
import { createIndexText } from './pgvector.ts';
import { ADD_INDEX, FORGET_ORPHANS, NAME_TAKEN, REMOVE_INDEX } from './statements.ts';
import { findTarget, type Target } from './target.ts';

const COMPACT_NOTE =
  'ivf_pq is served by an hnsw graph over numbers of one or two bytes; nlist and m_pq change nothing';

/** An index that is to be made. */
interface Wanted {
  readonly name: QualifiedName;
  readonly target: Target;
  readonly order: BuildOrder;
  readonly dimensions: number;
}

/**
 * @throws TABLE_NOT_FOUND, COLUMN_NOT_FOUND, NOT_A_VECTOR_COLUMN, INDEX_ALREADY_EXISTS, INVALID_INDEX_OPTION,
 *   FEATURE_NOT_SUPPORTED for tables that cannot have one, LIMIT_EXCEEDED when there is no memory for it
 */
export async function createVectorIndex(context: OperationContext, order: IndexOrder): Promise<BuiltIndex> {
  const startedAtMs = monotonicMs();
  const table = qualifiedName(order.table, order.schema, 'table');
  assertUserSchema(table);
  const name: QualifiedName = { schema: table.schema, name: checkedName(order.name, 'name') };
  const type = VECTOR_INDEX_TYPES.find((known) => known === order.type?.toLowerCase()) ?? 'hnsw';
  const [column, ...others] = order.columns;
  if (column === undefined || others.length > 0 || order.unique === true) {
    throw new FacetError('INVALID_INDEX_OPTION', `An index of type ${type} has one column and is not unique`);
  }
  const { database, signal, transaction } = context;
  const target = await findTarget(database, table, column, { signal, transaction });
  const dimensions = dimensionsOf(target);
  const build = buildOrder(type, order.options ?? {}, dimensions);
  const answer = {
    name: name.name,
    table: order.table,
    type,
    ...(type === 'ivf_pq' && !target.pgvector ? { note: COMPACT_NOTE } : {}),
  };
  const wanted = { name, target, order: build, dimensions };
  const made = target.pgvector ? await byPgvector(context, wanted) : await bySelf(context, wanted);
  if (!made && order.ifNotExists !== true) throw alreadyExists(name);
  return { ...answer, created: made, buildTimeMs: made ? Math.round(monotonicMs() - startedAtMs) : 0 };
}

function dimensionsOf({ dimensions, column, table }: Target): number {
  if (dimensions !== undefined) return dimensions;
  throw new FacetError(
    'FEATURE_NOT_SUPPORTED',
    `Column '${column}' of '${spelledName(table)}' takes vectors of any length, and an index is of one`,
    { hint: 'Give the column the type VECTOR(n).' },
  );
}

/** False when the name is taken. */
async function bySelf(context: OperationContext, wanted: Wanted): Promise<boolean> {
  const { name, target, order, dimensions } = wanted;
  const { database, signal } = context;
  assertIndexable(context, target, order.type);
  const id = await enter(context, wanted);
  if (id === undefined) return false;
  vectorCatalogChanged(database);
  const row = {
    id,
    name: name.name,
    type: order.type,
    metric: order.metric,
    status: 'building',
    options: order.options,
  } as const;
  const keeper = keeperOf(database, allowedVectorMemoryBytes(context));
  try {
    await unlessAborted(keeper.build(row, target, dimensions), signal);
  } catch (error) {
    await database.run(REMOVE_INDEX, [String(id)]).catch(() => undefined);
    vectorCatalogChanged(database);
    keeper.drop(id);
    throw error;
  }
  return true;
}

function assertIndexable(context: OperationContext, target: Target, type: VectorIndexType): void {
  if (context.transaction !== undefined) {
    throw new FacetError('FEATURE_NOT_SUPPORTED', `An index of type ${type} is not made in a transaction`);
  }
  if (target.kind !== 'r') {
    throw new FacetError(
      'FEATURE_NOT_SUPPORTED',
      `'${spelledName(target.table)}' cannot have an index of type ${type}: it is no ordinary table`,
    );
  }
  if (target.key.length === 0) {
    throw new FacetError(
      'FEATURE_NOT_SUPPORTED',
      `'${spelledName(target.table)}' cannot have an index of type ${type}: nothing tells its rows apart`,
      { hint: 'Give it a primary key, or a unique index of columns that are NOT NULL.' },
    );
  }
}

/** Its row in the catalog; undefined when the name is taken. */
async function enter(
  context: OperationContext,
  { name, target, order, dimensions }: Wanted,
): Promise<number | undefined> {
  const { database, signal } = context;
  try {
    return await database.inTransaction(
      async (transaction: Transaction) => {
        const options = { transaction, signal };
        await database.run(FORGET_ORPHANS, [], options);
        const taken = await database.run(NAME_TAKEN, [name.schema, name.name], options);
        if (taken.rows[0]?.[0] === 't') return undefined;
        const { rows } = await database.run(
          ADD_INDEX,
          [
            name.schema,
            name.name,
            String(target.relationOid),
            String(target.attribute),
            String(dimensions),
            order.type,
            order.metric,
            JSON.stringify(order.options),
          ],
          options,
        );
        return Number(rows[0]?.[0]);
      },
      { signal },
    );
  } catch (error) {
    if (error instanceof FacetError && error.code === 'UNIQUE_VIOLATION') return undefined;
    throw error;
  }
}

/** False when the name is taken. */
async function byPgvector(
  context: OperationContext,
  { name, target, order, dimensions }: Wanted,
): Promise<boolean> {
  const { database, transaction, signal } = context;
  const timeoutMs = LIMITS.queryTimeoutMsMax;
  const creation = statement('vector.index.create', createIndexText(name.name, target, order, dimensions));
  try {
    await database.inTransaction(
      async (own: Transaction) => {
        await database.run(creation, [], { transaction: own, signal, timeoutMs });
      },
      { transaction, signal, timeoutMs },
    );
    return true;
  } catch (error) {
    const taken = ['TABLE_ALREADY_EXISTS', 'INDEX_ALREADY_EXISTS', 'OBJECT_ALREADY_EXISTS'];
    if (error instanceof FacetError && taken.includes(error.code)) return false;
    throw error;
  }
}

const alreadyExists = (name: QualifiedName): FacetError =>
  new FacetError('INDEX_ALREADY_EXISTS', `Index '${spelledName(name)}' already exists`, {
    hint: 'Names of tables and indexes are unique within a schema. Ask for it only if it does not exist to leave it as it is.',
  });

/** The client that waited has gone: what it wanted is given up. */
export async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const cancelled = new FacetError('QUERY_CANCELLED', 'The build of the index was cancelled');
  // Nobody waits for it any more once this has thrown.
  work.catch(() => undefined);
  if (signal.aborted) throw cancelled;
  let abort = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(cancelled);
    signal.addEventListener('abort', abort);
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
