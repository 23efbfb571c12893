/** Shapes of the graph operations. Values stay Cypher's own: each dialect has its form for them. */
import { z } from 'zod';
import { LIMITS } from '../../base/index.ts';
import type { Value } from '../../cypher/index.ts';

export const queryInput = z.strictObject({
  query: z.string().describe('One Cypher query; parameters are $name'),
  params: z
    .record(z.string(), z.unknown())
    .optional()
    .describe('Values of the parameters, any JSON: integers are INTEGER with all digits, the rest is FLOAT'),
  timeoutMs: z
    .int()
    .min(1)
    .max(LIMITS.queryTimeoutMsMax)
    .optional()
    .describe(`Milliseconds after which the query is cancelled, ${LIMITS.queryTimeoutMsDefault} when absent`),
});
export type QueryInput = z.infer<typeof queryInput>;

const count = z.int().min(0);

export const counters = z.object({
  nodesCreated: count,
  nodesDeleted: count,
  relationshipsCreated: count,
  relationshipsDeleted: count,
  propertiesSet: count,
  labelsAdded: count,
  labelsRemoved: count,
});

export const schemaCounters = z.object({
  indexesAdded: count,
  indexesRemoved: count,
  constraintsAdded: count,
  constraintsRemoved: count,
});

export const queryResult = z.object({
  columns: z.array(z.string()).describe('In the order of RETURN'),
  rows: z.array(z.array(z.custom<Value>(() => true))).describe("Cypher's values, in the order of `columns`"),
  counters: counters.describe('What was done to the graph, by operation'),
  writes: z
    .boolean()
    .describe('True for a query that can change nodes or relationships, also when it did not'),
  heldBytes: z.number().describe('What the rows hold in memory, about'),
  schema: schemaCounters
    .optional()
    .describe('What a command that creates or drops indexes or constraints has done; absent for all else'),
});

/** Like `queryResult`, but read-only: rows are handed on as they were computed. */
export interface GraphQueryResult {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Value[])[];
  readonly counters: z.infer<typeof counters>;
  readonly writes: boolean;
  /** What the rows hold in memory, about. */
  readonly heldBytes: number;
  readonly schema?: z.infer<typeof schemaCounters> | undefined;
}

/** Rows in batches; the consumer's pace counts. */
export interface GraphStream {
  readonly columns: readonly string[];
  readonly batches: AsyncIterable<readonly (readonly Value[])[]>;
  /** Known when the last batch was taken: the counters of a query that can write, else undefined. */
  readonly outcome: () => z.infer<typeof counters> | undefined;
  /** As `GraphQueryResult.schema`. */
  readonly schema?: z.infer<typeof schemaCounters> | undefined;
}

export const queryStream = z.custom<GraphStream>(
  (value) => typeof value === 'object' && value !== null && 'columns' in value && 'batches' in value,
);

export const flushInput = z.strictObject({});
export const flushResult = z.object({
  tablesWritten: z
    .int()
    .min(0)
    .max(2)
    .describe('Of the tables of nodes and relationships, those that had changed since the last flush'),
  manifestVersion: z.bigint(),
});
export type FlushResult = z.infer<typeof flushResult>;

export const statusInput = z.strictObject({
  namespace: z
    .string()
    .optional()
    .describe('A namespace that is open in this process; the default one when absent'),
});
export type StatusInput = z.infer<typeof statusInput>;
export const statusResult = z.object({
  namespace: z.string(),
  manifestVersion: z.bigint().describe('Grows with committed writes, flushes and claims'),
  epoch: z.bigint().describe('How often a process has claimed the graph for writing'),
});
export type StatusResult = z.infer<typeof statusResult>;
