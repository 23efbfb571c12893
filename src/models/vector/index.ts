/** Front door of the vector model: its operations, and the index types that it builds. */
import type { IndexBuilder } from '../index-builders.ts';
import { VECTOR_INDEX_TYPES } from './build-order.ts';
import { createVectorIndex } from './create-index.ts';

export {
  type CollectionResult,
  type Comparison,
  type Condition,
  collectionCreate,
  collectionDelete,
  collectionGet,
  collectionList,
  type Embedding,
  type EmbeddingSearchResult,
  embeddingBuildIndex,
  embeddingCount,
  embeddingDelete,
  embeddingGet,
  embeddingList,
  embeddingSearch,
  embeddingStore,
  type Field,
  type Scalar,
} from './collections/index.ts';
export { VECTOR_OPERATIONS, vectorSearch } from './operations.ts';
export { SavedVectorIndexes } from './saved-indexes.ts';
export type { SearchPlan, SearchResult as VectorSearchResult } from './schemas.ts';
export { searchPlan as vectorSearchPlan } from './schemas.ts';

export const vectorIndexes: IndexBuilder = { types: VECTOR_INDEX_TYPES, build: createVectorIndex };
