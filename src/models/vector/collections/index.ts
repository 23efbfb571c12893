/** Front door of the collections: embeddings by key, each collection a table in schema `embedding`. */
export type { Comparison, Condition, Field, Scalar } from './filter.ts';
export {
  COLLECTION_OPERATIONS,
  collectionCreate,
  collectionDelete,
  collectionGet,
  collectionList,
  embeddingBuildIndex,
  embeddingCount,
  embeddingDelete,
  embeddingGet,
  embeddingList,
  embeddingSearch,
  embeddingStore,
} from './operations.ts';
export type {
  Embedding,
  GetResult as CollectionResult,
  SearchResult as EmbeddingSearchResult,
} from './schemas.ts';
