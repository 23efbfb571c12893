/** Shapes of the operations that run SQL text: query, stream, explain and prepared statements. Not their logic. */
import { z } from 'zod';
import { LIMITS } from '../../base/index.ts';
import type { Cell } from '../../engine/index.ts';

const sql = z.string().describe('One SQL statement; placeholders are $1, $2 …');

const params = z
  .array(z.unknown())
  .optional()
  .describe(
    'Values of the placeholders, any JSON: numbers keep their digits, arrays and objects follow the type',
  );

const timeoutMs = z
  .int()
  .min(1)
  .max(LIMITS.queryTimeoutMsMax)
  .optional()
  .describe(
    `Milliseconds after which the statement is cancelled, ${LIMITS.queryTimeoutMsDefault} when absent`,
  );

const consistency = z
  .enum(['strong', 'eventual', 'stale'])
  .optional()
  .describe('How fresh the data must be. The primary answers all three, so each is as good as `strong`');

const readOnly = z
  .boolean()
  .optional()
  .describe('Refuse writes with READ_ONLY_TRANSACTION, whatever the text says');

const preparedName = z.string().min(1).max(LIMITS.preparedNameCharactersMax);

export const queryInput = z.strictObject({ sql, params, timeoutMs, consistency, readOnly });
export type QueryInput = z.infer<typeof queryInput>;

export const resultColumn = z.object({
  name: z.string(),
  type: z.string().describe('Type name without modifiers, such as Int64'),
  typeOid: z.int().describe("PostgreSQL's number of the type"),
});
export type ResultColumn = z.infer<typeof resultColumn>;

export const queryResult = z.object({
  columns: z.array(resultColumn),
  rows: z.array(z.array(z.string().nullable())).describe("Cells in PostgreSQL's text form"),
  rowCount: z.int().describe('Rows in `rows`'),
  rowsAffected: z.int().nullable().describe('Rows changed; null for statements that change none'),
  executionTimeMs: z.number(),
});

/** Like `queryResult`, but read-only: rows are handed on as the engine made them. */
export interface QueryResult {
  readonly columns: readonly ResultColumn[];
  readonly rows: readonly (readonly Cell[])[];
  readonly rowCount: number;
  readonly rowsAffected: number | null;
  readonly executionTimeMs: number;
}

/** Rows as they arrive; the consumer's pace is PostgreSQL's. Leaving the loop cancels the statement. */
export interface QueryStream {
  /** Known before the first batch; rejects with the statement's error. */
  readonly columns: Promise<readonly ResultColumn[]>;
  readonly batches: AsyncIterable<readonly (readonly Cell[])[]>;
  /** Rows changed, once all batches were taken; null for statements that change none. */
  readonly rowsAffected: () => number | null;
}

export const queryStream = z.custom<QueryStream>(
  (value) => typeof value === 'object' && value !== null && 'columns' in value && 'batches' in value,
);

export const explainInput = z.strictObject({
  sql,
  params,
  analyze: z
    .boolean()
    .optional()
    .describe('Run the statement and report what happened; writes are rolled back'),
  verbose: z.boolean().optional().describe('Add output expressions, schemas and aliases'),
  format: z.enum(['json', 'text', 'dot']).optional().describe('Tree (when absent), text or Graphviz'),
  timeoutMs,
  readOnly,
});
export type ExplainInput = z.infer<typeof explainInput>;

/** A node of a plan. Keys that do not apply are absent; leaves have no `children`. */
export interface PlanNode {
  nodeType: string;
  output?: string[] | undefined;
  table?: string | undefined;
  schema?: string | undefined;
  alias?: string | undefined;
  index?: string | undefined;
  function?: string | undefined;
  joinType?: string | undefined;
  condition?: string | undefined;
  indexCondition?: string | undefined;
  filter?: string | undefined;
  groupBy?: string[] | undefined;
  sortKeys?: string[] | undefined;
  estimatedRows?: number | undefined;
  estimatedCost?: number | undefined;
  actualRows?: number | undefined;
  actualTimeMs?: number | undefined;
  loops?: number | undefined;
  children?: PlanNode[] | undefined;
}

const strings = z.array(z.string()).optional();

export const planNode: z.ZodType<PlanNode> = z
  .object({
    nodeType: z.string(),
    output: strings,
    table: z.string().optional(),
    schema: z.string().optional(),
    alias: z.string().optional(),
    index: z.string().optional(),
    function: z.string().optional(),
    joinType: z.string().optional(),
    condition: z.string().optional(),
    indexCondition: z.string().optional(),
    filter: z.string().optional(),
    groupBy: strings,
    sortKeys: strings,
    estimatedRows: z.number().optional(),
    estimatedCost: z.number().optional(),
    actualRows: z.number().optional(),
    actualTimeMs: z.number().optional(),
    loops: z.number().optional(),
    get children() {
      return z.array(planNode).optional();
    },
  })
  .meta({ id: 'PlanNode' });

export const explainResult = z.object({
  plan: z.union([planNode, z.string()]).describe('A tree, or text for the formats text and dot'),
  planningTimeMs: z.number(),
  executionTimeMs: z.number().optional().describe('With `analyze` only'),
});
export type ExplainResult = z.infer<typeof explainResult>;

export const prepareInput = z.strictObject({ name: preparedName, sql });
export type PrepareInput = z.infer<typeof prepareInput>;
export const prepareResult = z.object({
  name: z.string(),
  paramTypes: z.array(z.string()).describe('Type name of each placeholder, as PostgreSQL infers it'),
  created: z.literal(true),
});

export const executeInput = z.strictObject({ name: preparedName, params, timeoutMs, consistency });
export type ExecuteInput = z.infer<typeof executeInput>;

export const executeTransactionInput = z.strictObject({
  statements: z
    .array(z.strictObject({ sql, params }))
    .min(1)
    .max(LIMITS.transactionStatementsMax)
    .describe('Run in this order, in one transaction'),
  isolationLevel: z
    .enum(['read_committed', 'repeatable_read', 'serializable'])
    .optional()
    .describe('read_committed when absent'),
  timeoutMs: timeoutMs.describe(
    `Milliseconds for all statements together, ${LIMITS.queryTimeoutMsDefault} when absent`,
  ),
});
export type ExecuteTransactionInput = z.infer<typeof executeTransactionInput>;
export const executeTransactionResult = z.object({
  results: z.array(
    z.object({
      rowsAffected: z.int().describe('Rows changed, or returned by statements that change none'),
      executionTimeMs: z.number(),
    }),
  ),
  executionTimeMs: z.number().describe('From begin to commit'),
});
export type ExecuteTransactionResult = z.infer<typeof executeTransactionResult>;

export const deallocateInput = z.strictObject({ name: preparedName });
export type DeallocateInput = z.infer<typeof deallocateInput>;
export const deallocateResult = z.object({ name: z.string(), deallocated: z.literal(true) });
