/** Shapes of the operations on vectors. Not their logic. */
import { z } from 'zod';
import { LIMITS } from '../../base/index.ts';
import type { Cell } from '../../engine/index.ts';
import { METRICS, type Metric } from './metric.ts';
import type { TableColumn } from './target.ts';

/** Clusters that pgvector can look into. */
const NPROBE_MAX = 32_768;

export const searchInput = z.strictObject({
  table: z.string().min(1).describe('Table name; `schema.table` works as well'),
  schema: z.string().min(1).optional().describe('`public` when absent'),
  vectorColumn: z.string().min(1),
  queryVector: z.array(z.unknown()).describe('A number for each dimension of the column'),
  topK: z.int().min(1).max(LIMITS.vectorTopKMax).optional().describe('Most results, 10 when absent'),
  distanceMetric: z.enum(METRICS).optional().describe('cosine when absent'),
  efSearch: z
    .int()
    .min(1)
    .max(LIMITS.vectorTopKMax)
    .optional()
    .describe('Breadth of the search in an hnsw index, 64 when absent'),
  nprobe: z
    .int()
    .min(1)
    .max(NPROBE_MAX)
    .optional()
    .describe('Breadth of the search in an ivf_pq index, 10 when absent'),
  filter: z
    .string()
    .optional()
    .describe('SQL condition that results fulfil, such as `published AND year > 2020`'),
  params: z.array(z.unknown()).optional().describe('Values of `$1`, `$2` … in the filter'),
  selectColumns: z.array(z.string().min(1)).min(1).optional().describe('All columns when absent'),
});
export type SearchInput = z.infer<typeof searchInput>;

export const STRATEGIES = ['exact', 'index', 'index_filtered', 'pgvector'] as const;

export const searchPlan = z.object({
  strategy: z
    .enum(STRATEGIES)
    .describe('exact: every row that passes the filter was measured; the others ask an index'),
  index: z.string().nullable().describe('The index that was asked, or whose vectors were measured'),
  candidates: z.int().nullable().describe('Vectors that were measured; null where PostgreSQL did it'),
  pending: z
    .int()
    .describe('Vectors that the index does not have yet, or cannot order, and that were measured one by one'),
  reason: z.string().nullable().describe('Why no index was asked'),
});
export type SearchPlan = z.infer<typeof searchPlan>;

/** Rows in order of their distance; cells in PostgreSQL's text form. */
export interface SearchResult {
  readonly columns: readonly TableColumn[];
  readonly rows: readonly (readonly Cell[])[];
  /** One for each row, ascending. */
  readonly distances: readonly number[];
  readonly distanceMetric: Metric;
  readonly executionTimeMs: number;
  readonly plan: SearchPlan;
}

export const searchResult = z.object({
  columns: z.array(z.object({ name: z.string(), type: z.string() })),
  rows: z.array(z.array(z.string().nullable())).describe("Cells in PostgreSQL's text form"),
  distances: z.array(z.number()).describe('Of each row; inner_product is negative'),
  distanceMetric: z.enum(METRICS),
  executionTimeMs: z.number(),
  plan: searchPlan,
});
