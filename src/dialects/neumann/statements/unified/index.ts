/** Statements over several models at once: embeddings, entities, and searches by filter, likeness and connection. */
import { EMBEDDING_RUNNERS } from './embeddings.ts';
import { ENTITY_RUNNERS } from './entities.ts';
import { EXPLAIN_RUNNERS } from './explain.ts';
import { FIND_RUNNERS } from './find.ts';
import { SIMILAR_RUNNERS } from './similar.ts';

export const UNIFIED_RUNNERS = {
  ...EMBEDDING_RUNNERS,
  ...ENTITY_RUNNERS,
  ...EXPLAIN_RUNNERS,
  ...FIND_RUNNERS,
  ...SIMILAR_RUNNERS,
};
