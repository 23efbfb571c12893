/** EMBED, SHOW EMBEDDINGS, SHOW VECTOR INDEX and COUNT EMBEDDINGS: vectors by key, in collections. */
import { asFacetError, FacetError, type Json, LIMITS } from '../../../../base/index.ts';
import {
  type CollectionResult,
  collectionGet,
  embeddingBuildIndex,
  embeddingCount,
  embeddingDelete,
  embeddingGet,
  embeddingList,
  embeddingStore,
} from '../../../../models/index.ts';
import type { Name, Properties, StatementOf } from '../../../../nql/index.ts';
import { ENTITY_COLLECTION } from '../../entity-key.ts';
import type { Result } from '../../result.ts';
import type { Runners, StatementCall } from '../../statement-call.ts';
import { ask } from '../asking.ts';
import { jsonOf, vectorText } from '../values.ts';

/** The collection that a statement names, or the one of entities. */
export const collectionOf = (name: Name | undefined): string => name?.text ?? ENTITY_COLLECTION;

const value = (text: string): Result => ({ case: 'value', value: { value: text } });
const count = (number: number): Result => ({ case: 'count', value: { count: BigInt(number) } });

export const EMBEDDING_RUNNERS: Runners<
  | 'embed-store'
  | 'embed-get'
  | 'embed-delete'
  | 'embed-batch'
  | 'embed-build-index'
  | 'show-embeddings'
  | 'show-vector-index'
  | 'count-embeddings'
> = {
  'embed-store': { answers: () => 'empty', run: store },
  'embed-get': { answers: () => 'value', run: get },
  'embed-delete': { answers: () => 'count', run: remove },
  'embed-batch': { answers: () => 'count', run: storeAll },
  'embed-build-index': { answers: () => 'value', run: buildIndex },
  'show-embeddings': { answers: () => 'value', run: showKeys },
  'show-vector-index': { answers: () => 'value', run: showIndex },
  'count-embeddings': { answers: () => 'count', run: countAll },
};

async function store(statement: StatementOf<'embed-store'>, call: StatementCall): Promise<Result> {
  await storePoints(statement.collection, [statement], call);
  return { case: 'empty', value: {} };
}

async function storeAll(statement: StatementOf<'embed-batch'>, call: StatementCall): Promise<Result> {
  return count(await storePoints(statement.collection, statement.items, call));
}

/** How many different keys were stored. */
async function storePoints(
  collection: Name | undefined,
  items: StatementOf<'embed-batch'>['items'],
  call: StatementCall,
): Promise<number> {
  const points = items.map(({ key, vector, metadata }) => ({
    key: key.text,
    vector: [...vector.components],
    ...(metadata === undefined ? {} : { metadata: metadataOf(metadata) }),
  }));
  const { stored } = await ask(call, embeddingStore, { collection: collectionOf(collection), points });
  return stored;
}

const metadataOf = (properties: Properties): { readonly [name: string]: Json } =>
  Object.fromEntries([...properties].map(([name, given]) => [name, jsonOf(given)]));

/** @throws EMBEDDING_NOT_FOUND */
async function get(
  { key, collection: name }: StatementOf<'embed-get'>,
  call: StatementCall,
): Promise<Result> {
  const collection = collectionOf(name);
  const { embeddings } = await ask(call, embeddingGet, { collection, keys: [key.text], withVector: true });
  const [found] = embeddings;
  if (found === undefined) {
    throw new FacetError('EMBEDDING_NOT_FOUND', `Collection '${collection}' has no embedding '${key.text}'`);
  }
  return value(vectorText(found.vector ?? []));
}

async function remove(
  { key, collection }: StatementOf<'embed-delete'>,
  call: StatementCall,
): Promise<Result> {
  const asked = { collection: collectionOf(collection), keys: [key.text] };
  return count((await ask(call, embeddingDelete, asked)).deleted);
}

async function buildIndex(
  { collection }: StatementOf<'embed-build-index'>,
  call: StatementCall,
): Promise<Result> {
  const { points } = await ask(call, embeddingBuildIndex, { collection: collectionOf(collection) });
  return value(indexed(points));
}

const indexed = (points: number): string => `HNSW index: ${points} vectors indexed`;

/** @throws LIMIT_EXCEEDED */
async function showKeys(
  { limit, collection }: StatementOf<'show-embeddings'>,
  call: StatementCall,
): Promise<Result> {
  if (limit > LIMITS.embeddingPageMax) {
    throw new FacetError(
      'LIMIT_EXCEEDED',
      `${limit} keys are more than ${LIMITS.embeddingPageMax} (embeddingPageMax)`,
    );
  }
  const asked = { collection: collectionOf(collection), limit: Math.max(limit, 1) };
  const { embeddings } = await ask(call, embeddingList, asked);
  const keys = embeddings.slice(0, limit).map(({ key }) => JSON.stringify(key));
  return value(`Embeddings: [${keys.join(', ')}]`);
}

async function showIndex(
  { collection }: StatementOf<'show-vector-index'>,
  call: StatementCall,
): Promise<Result> {
  const found = await collectionNamed(collection, call);
  const index = found?.index ?? null;
  if (found === undefined || index === null) return value('No HNSW index built');
  switch (index.status) {
    case 'ready':
    case 'exact':
      return value(indexed(found.points));
    case 'building':
      return value(`HNSW index: building, ${Math.round(index.progress * 100)} %`);
    case 'failed':
      return value(`HNSW index: failed${index.detail === null ? '' : `, ${index.detail}`}`);
  }
}

/** Undefined for the one of entities as long as nothing is in it. @throws COLLECTION_NOT_FOUND */
async function collectionNamed(
  collection: Name | undefined,
  call: StatementCall,
): Promise<CollectionResult | undefined> {
  try {
    return await ask(call, collectionGet, { name: collectionOf(collection) });
  } catch (thrown) {
    if (collection === undefined && asFacetError(thrown).code === 'COLLECTION_NOT_FOUND') return undefined;
    throw thrown;
  }
}

async function countAll(
  { collection }: StatementOf<'count-embeddings'>,
  call: StatementCall,
): Promise<Result> {
  return count((await ask(call, embeddingCount, { collection: collectionOf(collection) })).count);
}
