/** The embeddings that are most alike to something: all of a collection, or only those of some keys. */
import { FacetError, LIMITS } from '../../../../base/index.ts';
import { embeddingSearch, type MetadataCondition } from '../../../../models/index.ts';
import type { Likeness, Metric } from '../../../../nql/index.ts';
import type { StatementCall } from '../../statement-call.ts';
import { ask } from '../asking.ts';

export interface Wanted {
  readonly to: Likeness;
  readonly metric: Metric;
  readonly collection: string;
  readonly filter?: MetadataCondition | undefined;
}

export interface Scored {
  readonly key: string;
  /** Higher is more alike. */
  readonly score: number;
}

const METRICS = { cosine: 'cosine', euclidean: 'l2', 'dot-product': 'inner_product' } as const;

/** @throws LIMIT_EXCEEDED */
export function assertResults(count: number): void {
  if (count <= LIMITS.vectorTopKMax) return;
  throw new FacetError(
    'LIMIT_EXCEEDED',
    `${count} results of a search by similarity are more than ${LIMITS.vectorTopKMax} (vectorTopKMax)`,
    { detail: 'What OFFSET passes over counts as well.' },
  );
}

/**
 * The best first, those that are equally good by key.
 * @param count at least 1
 * @throws EMBEDDING_NOT_FOUND, VECTOR_DIMENSION_MISMATCH, INVALID_VECTOR, INVALID_FILTER, LIMIT_EXCEEDED
 */
export async function nearest(call: StatementCall, wanted: Wanted, count: number): Promise<Scored[]> {
  assertResults(count);
  const { items } = await ask(call, embeddingSearch, { ...asked(wanted), limit: count });
  return items.map(({ key, score }) => ({ key, score }));
}

/** As `nearest`, of these keys alone: every one that has an embedding is measured. */
export async function nearestAmong(
  call: StatementCall,
  wanted: Wanted,
  count: number,
  keys: readonly string[],
): Promise<Scored[]> {
  assertResults(count);
  let best: Scored[] = [];
  let from = 0;
  // Also of no keys: a vector that does not fit the collection is refused.
  do {
    const some = keys.slice(from, from + LIMITS.embeddingsMax);
    const { items } = await ask(call, embeddingSearch, { ...asked(wanted), limit: count, keys: some });
    best = [...best, ...items.map(({ key, score }) => ({ key, score }))].sort(byScore).slice(0, count);
    from += LIMITS.embeddingsMax;
  } while (from < keys.length);
  return best;
}

const asked = ({ to, metric, collection, filter }: Wanted) => ({
  collection,
  metric: METRICS[metric],
  ...(to.by === 'key' ? { key: to.key.text } : { vector: to.vector.components }),
  ...(filter === undefined ? {} : { filter }),
});

export const byScore = (a: Scored, b: Scored): number =>
  b.score - a.score || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0);
