/** Making and deleting collections: the row of the catalog and the table, together or not at all. */
import { FacetError, LIMITS } from '../../../base/index.ts';
import type { Transaction } from '../../../engine/index.ts';
import type { OperationContext } from '../../operation.ts';
import { DROP_VECTOR_INDEX, vectorCatalogChanged } from '../../vector-catalog.ts';
import type { Metric } from '../metric.ts';
import { type Collection, collectionOf } from './find-collection.ts';
import { checkCollection, indexNameOf, lockOf, noCollection, relationOf, shown, tableOf } from './names.ts';
import type { CreateInput, CreateResult, DeleteCollectionResult, NameInput } from './schemas.ts';
import * as statements from './statements.ts';

/** @throws COLLECTION_EXISTS, INVALID_PARAMETER, LIMIT_EXCEEDED, TABLE_ALREADY_EXISTS for a table that is no collection's */
export async function createCollection(context: OperationContext, input: CreateInput): Promise<CreateResult> {
  checkCollection(input.name);
  const { collection, created } = await make(context, input.name, {
    dimension: input.dimension,
    distance: input.distance ?? 'cosine',
    declared: true,
  });
  if (!created && input.ifNotExists !== true) {
    throw new FacetError('COLLECTION_EXISTS', `There is a collection '${shown(input.name)}' already`);
  }
  const { name, dimension, distance, declared } = collection;
  return { name, dimension: dimension ?? null, distance, declared, created };
}

/** The collection for a vector of so many dimensions: made if there is none, with a table if it has none. */
export const makeFor = async (context: OperationContext, name: string, dimension: number): Promise<Made> =>
  await make(context, name, { dimension, distance: 'cosine', declared: false });

interface Wanted {
  readonly dimension: number | undefined;
  readonly distance: Metric;
  readonly declared: boolean;
}

interface Made {
  readonly collection: Collection;
  /** False: it was there. */
  readonly created: boolean;
}

/** Who makes the same one at the same time waits for the other, and then finds it. */
async function make(context: OperationContext, name: string, wanted: Wanted): Promise<Made> {
  const { database, transaction, signal } = context;
  return await database.inTransaction(
    async (own: Transaction) => {
      const options = { transaction: own, signal };
      await database.run(statements.LOCK, [String(lockOf(name))], options);
      const { rows } = await database.run(statements.FIND, [name], options);
      const [row] = rows;
      const known = row === undefined ? undefined : collectionOf(row);
      if (known === undefined) await add(context, own, name, wanted);
      else if (wanted.declared || known.hasTable) return { collection: known, created: false };
      const dimension = known?.dimension ?? wanted.dimension;
      const relation = relationOf(name);
      if (dimension !== undefined) {
        if (known !== undefined) {
          await database.run(statements.FIX_DIMENSION, [name, String(dimension)], options);
        }
        await database.run(statements.createTable(relation, dimension), [], options);
        await database.run(statements.storeAsIs(relation), [], options);
      }
      const { distance, declared } = known ?? wanted;
      const collection = { name, relation, dimension, distance, declared, hasTable: dimension !== undefined };
      return { collection, created: known === undefined };
    },
    { transaction, signal },
  );
}

async function add(
  { database, signal }: OperationContext,
  transaction: Transaction,
  name: string,
  { dimension, distance, declared }: Wanted,
): Promise<void> {
  const options = { transaction, signal };
  const { rows } = await database.run(statements.COUNT_COLLECTIONS, [], options);
  if (Number(rows[0]?.[0]) >= LIMITS.collectionsMax) {
    throw new FacetError(
      'LIMIT_EXCEEDED',
      `There are ${LIMITS.collectionsMax} collections, which is the most (collectionsMax)`,
    );
  }
  try {
    const values = [dimension === undefined ? null : String(dimension), distance, String(declared)];
    await database.run(statements.ADD, [name, relationOf(name), ...values], options);
  } catch (error) {
    // The lock was waited for, so it is this transaction's snapshot that is too old to see the other's row.
    if (!(error instanceof FacetError) || error.code !== 'UNIQUE_VIOLATION') throw error;
    throw new FacetError(
      'SERIALIZATION_FAILURE',
      `The collection '${shown(name)}' was made by another transaction`,
    );
  }
}

/** @throws COLLECTION_NOT_FOUND, DEPENDENT_OBJECTS_EXIST when a view or a foreign key needs its table */
export async function deleteCollection(
  context: OperationContext,
  { name }: NameInput,
): Promise<DeleteCollectionResult> {
  checkCollection(name);
  const { database, transaction, signal } = context;
  await database.inTransaction(
    async (own: Transaction) => {
      const options = { transaction: own, signal };
      await database.run(statements.LOCK, [String(lockOf(name))], options);
      const { rows } = await database.run(statements.REMOVE, [name], options);
      const relation = rows[0]?.[0];
      if (typeof relation !== 'string') throw noCollection(name);
      await database.run(DROP_VECTOR_INDEX, [tableOf(relation).schema, indexNameOf(relation)], options);
      await database.run(statements.dropTable(relation), [], options);
      own.afterCommit(() => vectorCatalogChanged(database));
    },
    { transaction, signal },
  );
  return { deleted: true };
}
