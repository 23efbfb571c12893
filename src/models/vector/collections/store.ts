/** Storing and deleting embeddings: one statement for all of a call, so all or nothing. */
import { FacetError, LIMITS, stringifyExactJson } from '../../../base/index.ts';
import { arrayLiteral, type OwnParameter, type Statement } from '../../../engine/index.ts';
import type { OperationContext } from '../../operation.ts';
import { assertBatch } from '../../plan-limits.ts';
import { indexesOf } from './auto-index.ts';
import {
  afterFailure,
  type Collection,
  collectionOf,
  type FilledCollection,
  findCollection,
  isFilled,
  renewed,
  withCollection,
} from './find-collection.ts';
import { makeFor } from './make-collection.ts';
import { checkCollection, checkKey, checkKeys, shown } from './names.ts';
import { realArray } from './real-array.ts';
import type { DeleteInput, DeleteResult, StoreInput, StoreResult } from './schemas.ts';
import { deletePoints, FIND_AND_KEEP, type PointKinds, storePoints } from './statements.ts';
import { checkedVector } from './vectors.ts';

/** Numbers of a statement that is still short enough for the connection that all callers share. */
const SHORT_NUMBERS = 32_768;

interface Point {
  readonly key: string;
  readonly vector: Float32Array;
  /** As JSON; undefined: what is stored stays. */
  readonly metadata: string | undefined;
}

/**
 * A collection that is not there is made, with the dimension of the first vector and cosine as its distance.
 * @throws VECTOR_DIMENSION_MISMATCH, INVALID_VECTOR, INVALID_PARAMETER, VALUE_TOO_LARGE, LIMIT_EXCEEDED
 */
export async function storeEmbeddings(context: OperationContext, input: StoreInput): Promise<StoreResult> {
  checkCollection(input.collection);
  assertBatch(context, input.points.length);
  const points = checkedPoints(input);
  const dimension = points[0]?.vector.length;
  if (dimension === undefined) return { stored: 0, created: false };
  let created = false;
  for (let attempt = 1; ; attempt++) {
    const made = await collectionFor(context, input.collection, dimension);
    created ||= made.created;
    const { collection } = made;
    try {
      await write(context, collection, points);
      if (context.transaction === undefined) indexesOf(context.database).consider(context, collection);
      return { stored: points.length, created };
    } catch (error) {
      await afterFailure(context, collection, error, attempt);
    }
  }
}

interface Usable {
  readonly collection: FilledCollection;
  readonly created: boolean;
}

/** @throws VECTOR_DIMENSION_MISMATCH */
async function collectionFor(context: OperationContext, name: string, dimension: number): Promise<Usable> {
  let known = await kept(context, name);
  if (known !== undefined && isFilled(known) && known.dimension !== dimension) {
    known = context.transaction === undefined ? await renewed(context, known) : known;
  }
  const made =
    known !== undefined && isFilled(known)
      ? { collection: known, created: false }
      : await makeFor(context, name, dimension);
  const { collection, created } = made;
  if (!isFilled(collection) || collection.dimension !== dimension) {
    throw new FacetError(
      'VECTOR_DIMENSION_MISMATCH',
      `The vectors have ${dimension} dimensions, those of collection '${shown(name)}' have ${collection.dimension}`,
    );
  }
  return { collection, created };
}

/** In a transaction it stays until that ends. */
async function kept(context: OperationContext, name: string): Promise<Collection | undefined> {
  const { database, transaction, signal } = context;
  if (transaction === undefined) return await findCollection(context, name);
  const { rows } = await database.run(FIND_AND_KEEP, [name], { transaction, signal });
  return rows[0] === undefined ? undefined : collectionOf(rows[0]);
}

/** In the order of their keys, so that calls at the same time lock rows in the same order. */
function checkedPoints({ points }: StoreInput): readonly Point[] {
  const byKey = new Map<string, Point>();
  let dimension: number | undefined;
  let numbers = 0;
  for (const { key, vector: given, metadata } of points) {
    checkKey(key);
    const vector = checkedVector(given, `The vector of '${shown(key)}'`);
    dimension ??= vector.length;
    if (vector.length !== dimension) {
      throw new FacetError(
        'VECTOR_DIMENSION_MISMATCH',
        `The vector of '${shown(key)}' has ${vector.length} dimensions, the first one has ${dimension}`,
      );
    }
    numbers += dimension;
    if (numbers > LIMITS.embeddingNumbersMax) {
      throw new FacetError(
        'LIMIT_EXCEEDED',
        `The vectors have more than ${LIMITS.embeddingNumbersMax} numbers (embeddingNumbersMax)`,
      );
    }
    byKey.set(key, {
      key,
      vector,
      metadata: metadata === undefined ? undefined : metadataText(key, metadata),
    });
  }
  return [...byKey.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** NUL, or half of a surrogate pair, as JSON writes them: jsonb has neither. */
const UNSTORABLE = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/;

function metadataText(key: string, metadata: NonNullable<StoreInput['points'][number]['metadata']>): string {
  const text = stringifyExactJson(metadata);
  if (Buffer.byteLength(text) > LIMITS.embeddingMetadataBytesMax) {
    throw new FacetError(
      'VALUE_TOO_LARGE',
      `The metadata of '${shown(key)}' has more than ${LIMITS.embeddingMetadataBytesMax} bytes (embeddingMetadataBytesMax)`,
    );
  }
  if (UNSTORABLE.test(text)) {
    throw new FacetError(
      'INVALID_PARAMETER',
      `The metadata of '${shown(key)}' has a text that cannot be stored`,
    );
  }
  return text;
}

async function write(
  context: OperationContext,
  { relation, dimension }: FilledCollection,
  points: readonly Point[],
): Promise<void> {
  const bare = points.filter(({ metadata }) => metadata === undefined);
  const rich = points.filter(({ metadata }) => metadata !== undefined);
  const kinds: PointKinds = rich.length === 0 ? 'bare' : bare.length === 0 ? 'rich' : 'both';
  const parameters: OwnParameter[] = [];
  if (bare.length > 0) parameters.push(...listsOf(bare, dimension));
  if (rich.length > 0) {
    parameters.push(...listsOf(rich, dimension), arrayLiteral(rich.map(({ metadata }) => metadata ?? '{}')));
  }
  await run(context, storePoints(relation, dimension, kinds), parameters, points.length * dimension);
}

const listsOf = (points: readonly Point[], dimension: number): OwnParameter[] => [
  arrayLiteral(points.map(({ key }) => key)),
  realArray(
    points.map(({ vector }) => vector),
    dimension,
  ),
];

async function run(
  context: OperationContext,
  statement: Statement,
  parameters: readonly OwnParameter[],
  numbers: number,
): Promise<number> {
  const { database, transaction, signal } = context;
  if (transaction !== undefined || numbers <= SHORT_NUMBERS) {
    return (await database.run(statement, parameters, { transaction, signal })).affected;
  }
  return await database.inTransaction(
    async (own) => (await database.run(statement, parameters, { transaction: own, signal })).affected,
    { signal },
  );
}

/** Keys that are not there are passed over, and so is a collection that is not. @throws INVALID_PARAMETER, LIMIT_EXCEEDED */
export async function deleteEmbeddings(context: OperationContext, input: DeleteInput): Promise<DeleteResult> {
  checkCollection(input.collection);
  checkKeys(input.keys);
  assertBatch(context, input.keys.length);
  if (input.keys.length === 0) return { deleted: 0 };
  return await withCollection(
    context,
    input.collection,
    () => ({ deleted: 0 }),
    async ({ relation }) => {
      const keys = arrayLiteral([...new Set(input.keys)].sort());
      return { deleted: await run(context, deletePoints(relation), [keys], input.keys.length) };
    },
  );
}
