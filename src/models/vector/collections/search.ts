/** Search in a collection: what is asked in the words of embeddings, answered by the search of the vector model. */
import { FacetError, LIMITS } from '../../../base/index.ts';
import { arrayLiteral } from '../../../engine/index.ts';
import type { OperationContext } from '../../operation.ts';
import type { Metric } from '../metric.ts';
import { search } from '../search.ts';
import { indexesOf } from './auto-index.ts';
import { conditionText, Parameters } from './filter.ts';
import { type FilledCollection, withCollection } from './find-collection.ts';
import { checkCollection, checkKey, checkKeys, shown, tableOf } from './names.ts';
import { assertFits, embeddingOf, read } from './read.ts';
import type { SearchInput, SearchResult } from './schemas.ts';
import { columnsOf, getText } from './statements.ts';
import { checkedVector, isZero, numbersOf } from './vectors.ts';

const LIMIT = 10;

/**
 * The embeddings that are most like a vector, or like a stored one, by score. In a collection that is not there nothing
 * is found, and by cosine nothing is like a zero vector.
 * @throws EMBEDDING_NOT_FOUND when there is none of the key, VECTOR_DIMENSION_MISMATCH, INVALID_VECTOR, INVALID_FILTER,
 *   INVALID_PARAMETER, LIMIT_EXCEEDED, RESULT_TOO_LARGE
 */
export async function searchEmbeddings(context: OperationContext, input: SearchInput): Promise<SearchResult> {
  checkCollection(input.collection);
  const count = (input.limit ?? LIMIT) + (input.offset ?? 0);
  if (count > LIMITS.vectorTopKMax) {
    throw new FacetError(
      'LIMIT_EXCEEDED',
      `Limit and offset are ${count} together, more than ${LIMITS.vectorTopKMax} (vectorTopKMax)`,
    );
  }
  if (input.keys !== undefined) checkKeys(input.keys);
  const restriction = restrictionOf(input);
  const query = queryOf(input);
  return await withCollection(
    context,
    input.collection,
    (known) => {
      if (typeof query === 'string') throw noEmbedding(query, input.collection);
      if (known?.dimension !== undefined) assertDimension(query, known.dimension, input.collection);
      return nothing(input.metric ?? known?.distance ?? 'cosine', 'the collection is empty');
    },
    async (collection) => await searchIn(context, collection, { input, count, query, restriction }),
    // Vectors of another dimension are not found: it may be a new collection that has the name.
    ({ items }) => items.length === 0,
  );
}

interface Asked {
  readonly input: SearchInput;
  /** Results including those that are passed over. */
  readonly count: number;
  /** A vector, or the key of one. */
  readonly query: Float32Array | string;
  readonly restriction: Restriction | undefined;
}

interface Restriction {
  readonly filter: string;
  readonly params: readonly string[];
}

async function searchIn(
  context: OperationContext,
  collection: FilledCollection,
  { input, count, query, restriction }: Asked,
): Promise<SearchResult> {
  const { relation, dimension } = collection;
  const metric = input.metric ?? collection.distance;
  assertFits(count, dimension, input);
  const vector = typeof query === 'string' ? await vectorOf(context, collection, query) : query;
  assertDimension(vector, dimension, input.collection);
  if (metric === 'cosine' && isZero(vector)) return nothing(metric, 'a zero vector has no direction');
  const { schema, name } = tableOf(relation);
  const found = await search(context, {
    schema,
    table: name,
    vectorColumn: 'vector',
    queryVector: Array.from(vector),
    topK: count,
    distanceMetric: metric,
    selectColumns: columnsOf(input),
    ...(input.efSearch === undefined ? {} : { efSearch: input.efSearch }),
    ...(restriction === undefined ? {} : { filter: restriction.filter, params: [...restriction.params] }),
  });
  if (context.transaction === undefined && found.plan.index === null) {
    indexesOf(context.database).consider(context, collection);
  }
  const scoreMin = input.scoreMin ?? Number.NEGATIVE_INFINITY;
  const items = found.rows
    .map((row, at) => ({ row, distance: found.distances[at] ?? 0 }))
    // Those that are as near as each other, in an order that is the same on each page.
    .sort((a, b) => a.distance - b.distance || ((a.row[0] ?? '') < (b.row[0] ?? '') ? -1 : 1))
    .slice(input.offset ?? 0)
    .map(({ row, distance }) => ({
      ...embeddingOf(row, input),
      score: scoreOf(metric, distance),
      distance,
    }))
    .filter(({ score }) => score >= scoreMin);
  return { items, metric, plan: found.plan };
}

/** Higher is more alike. */
function scoreOf(metric: Metric, distance: number): number {
  switch (metric) {
    case 'cosine':
      return 1 - distance;
    case 'l2':
      return 1 / (1 + distance);
    case 'inner_product':
      return -distance;
  }
}

/** @throws INVALID_PARAMETER, INVALID_VECTOR, LIMIT_EXCEEDED */
function queryOf({ vector, key }: SearchInput): Float32Array | string {
  if ((vector === undefined) === (key === undefined)) {
    throw new FacetError('INVALID_PARAMETER', "A search has either a 'vector' or the 'key' of one");
  }
  if (vector !== undefined) return checkedVector(vector, 'The vector of the search');
  checkKey(key ?? '');
  return key ?? '';
}

/** @throws INVALID_FILTER */
function restrictionOf({ keys, filter }: SearchInput): Restriction | undefined {
  const parameters = new Parameters();
  const conditions: string[] = [];
  if (keys !== undefined) conditions.push(`key = ANY (${parameters.add(arrayLiteral(keys))}::text[])`);
  if (filter !== undefined) conditions.push(conditionText(filter, parameters));
  if (conditions.length === 0) return undefined;
  return { filter: conditions.join(' AND '), params: parameters.values };
}

/** @throws EMBEDDING_NOT_FOUND */
async function vectorOf(
  context: OperationContext,
  { name, relation }: FilledCollection,
  key: string,
): Promise<Float32Array> {
  const { rows } = await read(context, getText(relation, { withVector: true }), [arrayLiteral([key])]);
  const cell = rows[0]?.[1];
  if (typeof cell !== 'string') throw noEmbedding(key, name);
  return Float32Array.from(numbersOf(cell));
}

const noEmbedding = (key: string, collection: string): FacetError =>
  new FacetError('EMBEDDING_NOT_FOUND', `Collection '${shown(collection)}' has no embedding '${shown(key)}'`);

/** @throws VECTOR_DIMENSION_MISMATCH */
function assertDimension({ length }: Float32Array, dimension: number, collection: string): void {
  if (length === dimension) return;
  throw new FacetError(
    'VECTOR_DIMENSION_MISMATCH',
    `The vector of the search has ${length} dimensions, those of collection '${shown(collection)}' have ${dimension}`,
  );
}

const nothing = (metric: Metric, reason: string): SearchResult => ({
  items: [],
  metric,
  plan: { strategy: 'exact', index: null, candidates: 0, pending: 0, reason },
});
