/** Shapes of the operations on collections of embeddings. Not their logic. */
import { z } from 'zod';
import { ExactNumber, type Json, LIMITS } from '../../../base/index.ts';
import { METRICS } from '../metric.ts';
import { searchPlan } from '../schemas.ts';
import { COMPARISONS, type Condition, type Scalar } from './filter.ts';
import type { GivenVector } from './vectors.ts';

const collection = z
  .string()
  .describe(`1 to ${LIMITS.collectionNameBytesMax} bytes of UTF-8 without control characters`);
const key = z.string().describe(`1 to ${LIMITS.embeddingKeyBytesMax} bytes of UTF-8`);
const keys = z.array(key).max(LIMITS.embeddingsMax);
const distance = z.enum(METRICS);
const dimension = z.int().min(1).max(LIMITS.vectorDimensionsMax);
const givenVector = z
  .custom<GivenVector>((value) => Array.isArray(value) || value instanceof Float32Array)
  .describe('A list of finite numbers, or a Float32Array');
/** Not walked: what cannot be metadata is found when it is written as JSON. */
const givenMetadata = z
  .custom<{ readonly [name: string]: Json }>(
    (value) =>
      typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof ExactNumber),
  )
  .describe('A JSON object');
const metadata = z.custom<{ readonly [name: string]: Json }>((value) => typeof value === 'object');
const vector = z.array(z.number());
const embedding = z.object({
  key: z.string(),
  vector: vector.optional().describe('When it was asked for'),
  metadata: metadata.optional().describe('When it was asked for'),
});
export type Embedding = z.infer<typeof embedding>;

const parts = {
  withVector: z.boolean().optional().describe('false when absent'),
  withMetadata: z.boolean().optional().describe('false when absent'),
};

export const createInput = z.strictObject({
  name: collection,
  dimension: dimension.optional().describe('That of the first vector when absent'),
  distance: distance.optional().describe('cosine when absent'),
  ifNotExists: z.boolean().optional().describe('Leaves one that is there as it is'),
});
export type CreateInput = z.infer<typeof createInput>;

const facts = {
  name: z.string(),
  dimension: z.int().nullable().describe('null until the first vector is stored'),
  distance,
  declared: z.boolean().describe('False when it was made by the first vector that was stored in it'),
};
export const createResult = z.object({ ...facts, created: z.boolean() });
export type CreateResult = z.infer<typeof createResult>;

export const nameInput = z.strictObject({ name: collection });
export type NameInput = z.infer<typeof nameInput>;

export const getResult = z.object({
  ...facts,
  points: z.int().describe('Embeddings in it'),
  table: z.string().describe('Its table in SQL, as `schema.name` without quotes'),
  createdAt: z.string().describe('RFC 3339, UTC'),
  index: z
    .object({
      name: z.string(),
      status: z.enum(['building', 'ready', 'exact', 'failed']),
      progress: z.number().describe('From 0 to 1'),
      detail: z.string().nullable(),
    })
    .nullable()
    .describe('null while searches measure every vector in PostgreSQL'),
});
export type GetResult = z.infer<typeof getResult>;

export const listInput = z.strictObject({
  after: z.string().optional().describe('`next` of the page before'),
  limit: z
    .int()
    .min(1)
    .max(LIMITS.collectionsPageMax)
    .optional()
    .describe('All that one page holds when absent'),
});
export type ListInput = z.infer<typeof listInput>;
export const listResult = z.object({
  collections: z.array(z.object(facts)).describe('By the bytes of their names'),
  next: z.string().nullable().describe('null when there are no more'),
});
export type ListResult = z.infer<typeof listResult>;

export const deleteCollectionResult = z.object({ deleted: z.literal(true) });
export type DeleteCollectionResult = z.infer<typeof deleteCollectionResult>;

export const storeInput = z.strictObject({
  collection,
  points: z
    .array(z.strictObject({ key, vector: givenVector, metadata: givenMetadata.optional() }))
    .max(LIMITS.embeddingsMax)
    .describe('Of one key the last one counts. Without `metadata`, that of the stored embedding stays'),
});
export type StoreInput = z.infer<typeof storeInput>;
export const storeResult = z.object({
  stored: z.int().describe('Different keys'),
  created: z.boolean().describe('The collection was made by this call'),
});
export type StoreResult = z.infer<typeof storeResult>;

export const getEmbeddingsInput = z.strictObject({ collection, keys, ...parts });
export type GetEmbeddingsInput = z.infer<typeof getEmbeddingsInput>;
export const getEmbeddingsResult = z.object({
  embeddings: z.array(embedding).describe('In the order of the keys; keys that are not there are left out'),
});
export type GetEmbeddingsResult = z.infer<typeof getEmbeddingsResult>;

export const deleteInput = z.strictObject({ collection, keys });
export type DeleteInput = z.infer<typeof deleteInput>;
export const deleteResult = z.object({ deleted: z.int().describe('Of the keys, those that were there') });
export type DeleteResult = z.infer<typeof deleteResult>;

export const pageInput = z.strictObject({
  collection,
  after: z.string().optional().describe('Keys behind this one, by their bytes'),
  limit: z.int().min(1).max(LIMITS.embeddingPageMax).optional().describe('100 when absent'),
  ...parts,
});
export type PageInput = z.infer<typeof pageInput>;
export const pageResult = z.object({
  embeddings: z.array(embedding).describe('By the bytes of their keys'),
  next: z.string().nullable().describe('The last key of the page; null when there are no more'),
});
export type PageResult = z.infer<typeof pageResult>;

const scalar: z.ZodType<Scalar> = z.union([z.string(), z.number(), z.boolean(), z.instanceof(ExactNumber)]);
const field = z.union([z.string(), z.array(z.string()).min(1)]);
export const condition: z.ZodType<Condition> = z.lazy(() =>
  z.union([
    z.strictObject({ field, is: z.enum(COMPARISONS), value: scalar }),
    z.strictObject({ field, in: z.array(scalar) }),
    z.strictObject({ field, like: z.string() }),
    z.strictObject({ field, isNull: z.boolean() }),
    z.strictObject({ and: z.array(condition) }),
    z.strictObject({ or: z.array(condition) }),
    z.strictObject({ not: condition }),
    z.strictObject({ notTrue: condition }),
  ]),
);

export const countInput = z.strictObject({ collection, filter: condition.optional() });
export type CountInput = z.infer<typeof countInput>;
export const countResult = z.object({ count: z.int() });
export type CountResult = z.infer<typeof countResult>;

export const searchInput = z.strictObject({
  collection,
  vector: givenVector.optional().describe('This or `key`'),
  key: key
    .optional()
    .describe('Of the embedding that others are compared with; it is among the results itself'),
  limit: z.int().min(1).max(LIMITS.vectorTopKMax).optional().describe('10 when absent'),
  offset: z.int().min(0).max(LIMITS.vectorTopKMax).optional().describe('Results that are passed over'),
  scoreMin: z.number().optional().describe('Results with a lower score are left out'),
  metric: distance.optional().describe("The collection's distance when absent"),
  filter: condition.optional().describe('On the metadata'),
  keys: keys.optional().describe('Only these are looked at'),
  efSearch: z.int().min(1).max(LIMITS.vectorTopKMax).optional(),
  ...parts,
});
export type SearchInput = z.infer<typeof searchInput>;
export const searchResult = z.object({
  items: z
    .array(
      embedding.extend({
        score: z.number().describe('cosine: the cosine; l2: 1 / (1 + distance); inner_product: the product'),
        distance: z.number(),
      }),
    )
    .describe('By score, the highest first'),
  metric: distance,
  plan: searchPlan,
});
export type SearchResult = z.infer<typeof searchResult>;

export const buildInput = z.strictObject({ collection });
export type BuildInput = z.infer<typeof buildInput>;
export const buildResult = z.object({
  index: z.string(),
  created: z.boolean().describe('False when it was there'),
  points: z.int(),
  buildTimeMs: z.int(),
});
export type BuildResult = z.infer<typeof buildResult>;
