/** What tests of vectors ask again and again: numbers by chance, an index by l2, and what is nearest by it. */
import { sqlCreateIndex, type VectorSearchResult } from '../../src/models/index.ts';
import type { Model } from './call-operation.ts';
import { timelySearch } from './timely-search.ts';

/** The same numbers at each run, from `least` up to 1 more. */
export function numbers(seed: number, least = 0): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32 + least;
  };
}

/** Index `<table>_v` on the column `v`. */
export async function createL2Index({ call }: Model, table: string): Promise<void> {
  const index = { name: `${table}_v`, table, columns: ['v'], type: 'hnsw' };
  await call(sqlCreateIndex, { ...index, options: { distance_metric: 'l2' } });
}

/** Rows of `table` by the l2 distance of their column `v`. */
export async function searchL2(
  model: Model,
  table: string,
  queryVector: readonly number[],
  more: object = {},
): Promise<VectorSearchResult> {
  return await timelySearch(model, {
    table,
    vectorColumn: 'v',
    queryVector,
    distanceMetric: 'l2',
    ...more,
  });
}

/** The strategy, then the ids of the two rows nearest to [0, 0]. */
export async function foundIn(model: Model, table: string, more: object = {}): Promise<unknown[]> {
  const { rows, plan } = await searchL2(model, table, [0, 0], { topK: 2, selectColumns: ['id'], ...more });
  return [plan.strategy, ...rows.map(([id]) => Number(id))];
}
