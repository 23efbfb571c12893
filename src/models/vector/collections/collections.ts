/** Looking at collections, and having one indexed. */
import { FacetError, LIMITS } from '../../../base/index.ts';
import type { OperationContext } from '../../operation.ts';
import { spelledName } from '../../table-names.ts';
import { indexesOf } from './auto-index.ts';
import { type Collection, collectionOf, withCollection } from './find-collection.ts';
import { checkCollection, indexNameOf, noCollection, relationOf, shown, tableOf } from './names.ts';
import { countEmbeddings } from './read.ts';
import type { BuildInput, BuildResult, GetResult, ListInput, ListResult, NameInput } from './schemas.ts';
import { DESCRIBE, LIST } from './statements.ts';

type Facts = Pick<GetResult, 'name' | 'dimension' | 'distance' | 'declared'>;

const factsOf = ({ name, dimension, distance, declared }: Collection): Facts => ({
  name,
  dimension: dimension ?? null,
  distance,
  declared,
});

/** @throws COLLECTION_NOT_FOUND */
export async function getCollection(context: OperationContext, { name }: NameInput): Promise<GetResult> {
  checkCollection(name);
  const { database, transaction, signal } = context;
  const relation = relationOf(name);
  const { rows } = await database.run(DESCRIBE, [name, indexNameOf(relation)], {
    transaction,
    signal,
    reads: true,
  });
  const [row] = rows;
  if (row === undefined) throw noCollection(name);
  const collection = collectionOf(row);
  const [createdAt, index, status, progress, detail] = row.slice(6);
  const { count } = collection.hasTable ? await countEmbeddings(context, { collection: name }) : { count: 0 };
  return {
    ...factsOf(collection),
    points: count,
    table: spelledName(tableOf(relation)),
    createdAt: createdAt ?? '',
    index:
      typeof index === 'string'
        ? {
            name: index,
            status: status as NonNullable<GetResult['index']>['status'],
            progress: Number(progress),
            detail: detail ?? null,
          }
        : null,
  };
}

export async function listCollections(context: OperationContext, input: ListInput): Promise<ListResult> {
  const { database, transaction, signal } = context;
  if (input.after !== undefined && input.after !== '') checkCollection(input.after);
  const limit = input.limit ?? LIMITS.collectionsPageMax;
  const { rows } = await database.run(LIST, [input.after ?? '', String(limit + 1)], {
    transaction,
    signal,
    reads: true,
  });
  const collections = rows.slice(0, limit).map((row) => factsOf(collectionOf(row)));
  return { collections, next: rows.length > limit ? (collections.at(-1)?.name ?? null) : null };
}

/**
 * Makes the index that a large collection gets by itself, and waits until it is complete.
 * @throws COLLECTION_NOT_FOUND, INVALID_PARAMETER when nothing was stored yet, and as the creation of an index does
 */
export async function buildIndex(context: OperationContext, input: BuildInput): Promise<BuildResult> {
  checkCollection(input.collection);
  return await withCollection(
    context,
    input.collection,
    (known): BuildResult => {
      if (known === undefined) throw noCollection(input.collection);
      throw new FacetError(
        'INVALID_PARAMETER',
        `Collection '${shown(input.collection)}' has no vectors that an index could be of`,
      );
    },
    async (collection) => {
      const built = await indexesOf(context.database).build(context, collection);
      const { count } = await countEmbeddings(context, { collection: collection.name });
      return { index: built.name, created: built.created, points: count, buildTimeMs: built.buildTimeMs };
    },
  );
}
