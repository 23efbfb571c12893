/** What can be done with collections of embeddings by key, and what each operation may fail with. */
import { ENGINE_ERRORS } from '../../../engine/index.ts';
import { operation } from '../../operation.ts';
import * as collections from './collections.ts';
import { createCollection, deleteCollection } from './make-collection.ts';
import * as read from './read.ts';
import * as schemas from './schemas.ts';
import { searchEmbeddings } from './search.ts';
import { deleteEmbeddings, storeEmbeddings } from './store.ts';

const READ_ERRORS = [
  ...ENGINE_ERRORS,
  'INVALID_PARAMETER',
  'LIMIT_EXCEEDED',
  'COLLECTION_NOT_FOUND',
] as const;
const WRITE_ERRORS = [
  ...READ_ERRORS,
  'LOCK_TIMEOUT',
  'DEADLOCK_DETECTED',
  'SERIALIZATION_FAILURE',
  'READ_ONLY_TRANSACTION',
  'TRANSACTION_ABORTED',
] as const;

export const collectionCreate = operation({
  name: 'collection.create',
  summary: 'Makes a collection of embeddings.',
  input: schemas.createInput,
  output: schemas.createResult,
  access: 'write',
  category: 'vector',
  streams: false,
  errors: [...WRITE_ERRORS, 'COLLECTION_EXISTS', 'TABLE_ALREADY_EXISTS'],
  run: createCollection,
});

export const collectionGet = operation({
  name: 'collection.get',
  summary: 'Tells what a collection is, how many embeddings it has, and about its index.',
  input: schemas.nameInput,
  output: schemas.getResult,
  access: 'read',
  category: 'vector',
  streams: false,
  errors: READ_ERRORS,
  run: collections.getCollection,
});

export const collectionList = operation({
  name: 'collection.list',
  summary: 'Lists the collections.',
  input: schemas.listInput,
  output: schemas.listResult,
  access: 'read',
  category: 'vector',
  streams: false,
  errors: READ_ERRORS,
  run: collections.listCollections,
});

export const collectionDelete = operation({
  name: 'collection.delete',
  summary: 'Deletes a collection with all that is in it.',
  input: schemas.nameInput,
  output: schemas.deleteCollectionResult,
  access: 'write',
  category: 'vector',
  streams: false,
  errors: [...WRITE_ERRORS, 'DEPENDENT_OBJECTS_EXIST'],
  run: deleteCollection,
});

export const embeddingStore = operation({
  name: 'embedding.store',
  summary: 'Stores embeddings under their keys, all or none.',
  input: schemas.storeInput,
  output: schemas.storeResult,
  access: 'write',
  category: 'vector',
  streams: false,
  weight: ({ points }) => points.length,
  errors: [
    ...WRITE_ERRORS,
    'TABLE_ALREADY_EXISTS',
    'VECTOR_DIMENSION_MISMATCH',
    'INVALID_VECTOR',
    'VALUE_TOO_LARGE',
    'CHECK_VIOLATION',
  ],
  run: storeEmbeddings,
});

export const embeddingGet = operation({
  name: 'embedding.get',
  summary: 'Reads embeddings by their keys.',
  input: schemas.getEmbeddingsInput,
  output: schemas.getEmbeddingsResult,
  access: 'read',
  category: 'vector',
  streams: false,
  errors: READ_ERRORS,
  run: read.getEmbeddings,
});

export const embeddingDelete = operation({
  name: 'embedding.delete',
  summary: 'Deletes embeddings by their keys.',
  input: schemas.deleteInput,
  output: schemas.deleteResult,
  access: 'write',
  category: 'vector',
  streams: false,
  errors: WRITE_ERRORS,
  run: deleteEmbeddings,
});

export const embeddingList = operation({
  name: 'embedding.list',
  summary: 'Reads embeddings page by page, in the order of their keys.',
  input: schemas.pageInput,
  output: schemas.pageResult,
  access: 'read',
  category: 'vector',
  streams: false,
  errors: READ_ERRORS,
  run: read.pageOfEmbeddings,
});

export const embeddingCount = operation({
  name: 'embedding.count',
  summary: 'Counts the embeddings of a collection, or those whose metadata fulfil a condition.',
  input: schemas.countInput,
  output: schemas.countResult,
  access: 'read',
  category: 'vector',
  streams: false,
  errors: [...READ_ERRORS, 'INVALID_FILTER'],
  run: read.countEmbeddings,
});

export const embeddingSearch = operation({
  name: 'embedding.search',
  summary: 'Finds the embeddings that are most like a vector, or like a stored one.',
  input: schemas.searchInput,
  output: schemas.searchResult,
  access: 'read',
  category: 'vector',
  streams: false,
  errors: [
    ...READ_ERRORS,
    'EMBEDDING_NOT_FOUND',
    'VECTOR_DIMENSION_MISMATCH',
    'INVALID_VECTOR',
    'INVALID_FILTER',
    'NOT_A_VECTOR_COLUMN',
    'COLUMN_NOT_FOUND',
  ],
  run: searchEmbeddings,
});

export const embeddingBuildIndex = operation({
  name: 'embedding.build_index',
  summary: 'Makes the index of a collection before it gets one by itself, and waits until it is complete.',
  input: schemas.buildInput,
  output: schemas.buildResult,
  access: 'write',
  category: 'vector',
  streams: false,
  errors: [...WRITE_ERRORS, 'FEATURE_NOT_SUPPORTED', 'CHANGES_UNAVAILABLE'],
  run: collections.buildIndex,
});

export const COLLECTION_OPERATIONS = [
  collectionCreate,
  collectionGet,
  collectionList,
  collectionDelete,
  embeddingStore,
  embeddingGet,
  embeddingDelete,
  embeddingList,
  embeddingCount,
  embeddingSearch,
  embeddingBuildIndex,
] as const;
