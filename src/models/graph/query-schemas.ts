/** Shapes of the graph operations. Values stay Cypher's own: each dialect has its form for them. */
import { z } from 'zod';
import { LIMITS } from '../../base/index.ts';
import type { Value } from '../../cypher/index.ts';
import type { GraphNotification } from './notifications.ts';
import type { PlanNode, QueryKind } from './plan-node.ts';

/** Looked into when it is turned into Cypher's values: a copy, which a record of zod makes, would be for nothing. */
const parameters = z
  .custom<Readonly<Record<string, unknown>> | ReadonlyMap<string, Value>>(
    (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
    'expected an object',
  )
  .meta({ type: 'object', additionalProperties: {} });

export const queryInput = z.strictObject({
  query: z.string().describe('One Cypher query; parameters are $name'),
  params: parameters
    .optional()
    .describe(
      "Values of the parameters, any JSON: integers are INTEGER with all digits, the rest is FLOAT; or a Map of Cypher's own values",
    ),
  timeoutMs: z
    .int()
    .min(1)
    .max(LIMITS.queryTimeoutMsMax)
    .optional()
    .describe(`Milliseconds after which the query is cancelled, ${LIMITS.queryTimeoutMsDefault} when absent`),
  readOnly: z
    .boolean()
    .optional()
    .describe('Refuses a query that can write, and a command that changes the schema, before it runs'),
  position: z
    .boolean()
    .optional()
    .describe("Tells where in PostgreSQL's log the commit of a query that writes by itself is"),
  planAsData: z
    .boolean()
    .optional()
    .describe('EXPLAIN has no rows, and PROFILE those of its query: the plan comes as data beside them'),
});
export type QueryInput = z.infer<typeof queryInput>;

const count = z.int().min(0);
const kind = z
  .enum(['read', 'write', 'read-write', 'schema'])
  .describe('`write` returns no rows; `schema` is a command that changes the schema');
const plan = z
  .custom<PlanNode>((value) => typeof value === 'object')
  .optional()
  .describe('With `planAsData`: the plan of EXPLAIN and PROFILE, its last step first');
const position = z
  .string()
  .optional()
  .describe(
    "With `position`, of a write without a transaction: of its commit in PostgreSQL's log, such as `0/16B3748`",
  );

export const counters = z.object({
  nodesCreated: count,
  nodesDeleted: count,
  relationshipsCreated: count,
  relationshipsDeleted: count,
  propertiesSet: count,
  propertiesCreated: count.describe(
    'What nodes and relationships were created with; not part of propertiesSet',
  ),
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
  kind,
  plan,
  position,
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
  readonly kind: QueryKind;
  /** With `planAsData`. */
  readonly plan?: PlanNode | undefined;
  /** With `position`, of a write that was committed by itself: of its commit in PostgreSQL's log. */
  readonly position?: string | undefined;
}

/** Rows in batches; the consumer's pace counts. */
export interface GraphStream {
  readonly columns: readonly string[];
  readonly batches: AsyncIterable<readonly (readonly Value[])[]>;
  /** Known when the last batch was taken: the counters of a query that can write, else undefined. */
  readonly outcome: () => z.infer<typeof counters> | undefined;
  /** As `GraphQueryResult.schema`. */
  readonly schema?: z.infer<typeof schemaCounters> | undefined;
  /** Known at once; `write` has no rows. */
  readonly kind: QueryKind;
  /** With `planAsData`: that of EXPLAIN at once, that of PROFILE when the last batch was taken. Else undefined. */
  readonly plan: () => PlanNode | undefined;
  /** With `position`, when the last batch was taken: as `GraphQueryResult.position`. */
  readonly position: () => string | undefined;
  /** What is to be said about the query itself, looked for when it is asked. */
  readonly notifications: () => readonly GraphNotification[];
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
