/** What the vector model can do by itself: search. Its indexes are made, listed and dropped with all others. */
import { ENGINE_ERRORS } from '../../engine/index.ts';
import { operation } from '../operation.ts';
import { COLLECTION_OPERATIONS } from './collections/index.ts';
import { searchInput, searchResult } from './schemas.ts';
import { search } from './search.ts';

export const vectorSearch = operation({
  name: 'vector.search',
  summary: 'Finds the rows whose vectors are nearest to a given one.',
  input: searchInput,
  output: searchResult,
  access: 'read',
  category: 'vector',
  streams: false,
  errors: [
    ...ENGINE_ERRORS,
    'TABLE_NOT_FOUND',
    'COLUMN_NOT_FOUND',
    'NOT_A_VECTOR_COLUMN',
    'VECTOR_DIMENSION_MISMATCH',
    'INVALID_VECTOR',
    'INVALID_FILTER',
    'INVALID_VALUE',
  ],
  run: search,
});

export const VECTOR_OPERATIONS = [vectorSearch, ...COLLECTION_OPERATIONS] as const;
