/** Shapes of the operations on tables and indexes. Not their logic. */
import { z } from 'zod';
import { pageInput, pagination } from '../pagination.ts';

const table = z.string().min(1).describe('Table name; `schema.table` works as well');
const schema = z.string().min(1).optional().describe('`public` when absent');
const engine = z.enum(['row', 'columnar']);
const indexType = z.string().describe('btree (default), hash, gin or brin; hnsw or ivf_pq for vectors');

const ifExists = z
  .boolean()
  .optional()
  .describe('Answer `dropped: false` instead of an error when it is missing');
const ifNotExists = z
  .boolean()
  .optional()
  .describe('Answer `created: false` instead of an error when it is there');

/** Bytes with all indexes; rows as estimated by the last ANALYZE, counted for small tables that had none. */
const size = {
  rowCount: z.int(),
  sizeBytes: z.int(),
};

/** RFC 3339 UTC; null for tables that were made before Facet watched the namespace. */
const moment = z.string().nullable();

export const listTablesInput = z.strictObject({
  schema,
  includeSystem: z.boolean().optional().describe("Add PostgreSQL's and Facet's own tables"),
  ...pageInput,
});
export type ListTablesInput = z.infer<typeof listTablesInput>;
export const tableSummary = z.object({
  name: z.string(),
  schema: z.string(),
  engine,
  ...size,
  createdAt: moment,
});
export type TableSummary = z.infer<typeof tableSummary>;
export const listTablesResult = z.object({ tables: z.array(tableSummary), pagination });
export type ListTablesResult = z.infer<typeof listTablesResult>;

export const describeTableInput = z.strictObject({ table, schema });
export type DescribeTableInput = z.infer<typeof describeTableInput>;
export const describeTableResult = z.object({
  name: z.string(),
  schema: z.string(),
  engine,
  columns: z.array(
    z.object({
      name: z.string(),
      type: z.string().describe('Type name with modifiers, such as Varchar(255)'),
      nullable: z.boolean(),
      primaryKey: z.boolean(),
      default: z.string().nullable().describe('SQL expression'),
    }),
  ),
  indexes: z.array(
    z.object({ name: z.string(), columns: z.array(z.string()), type: z.string(), unique: z.boolean() }),
  ),
  ...size,
  createdAt: moment,
  lastModifiedAt: moment.describe('Last change of the definition'),
});
export type DescribeTableResult = z.infer<typeof describeTableResult>;

export const describeTablesInput = z.strictObject({
  schema,
  columns: z.boolean().optional().describe('With the columns of each'),
  indexes: z.boolean().optional().describe('With the indexes of each'),
  rowCount: z.boolean().optional().describe('With the number of rows of each, as in the list of tables'),
});
export type DescribeTablesInput = z.infer<typeof describeTablesInput>;
export const describeTablesResult = z.object({
  tables: z.array(
    describeTableResult.pick({ name: true, schema: true, engine: true, sizeBytes: true }).extend({
      rowCount: z.int().optional(),
      columns: describeTableResult.shape.columns.optional(),
      indexes: describeTableResult.shape.indexes.optional(),
    }),
  ),
});
export type DescribeTablesResult = z.infer<typeof describeTablesResult>;

export const createTableInput = z.strictObject({
  name: table,
  schema,
  engine: engine.optional().describe('row (default) or columnar: declared, stored as rows with a BRIN index'),
  columns: z
    .array(
      z.strictObject({
        name: z.string().min(1),
        type: z.string().min(1).describe('Type name, such as Varchar(255), or its SQL spelling'),
        nullable: z.boolean().optional().describe('true when absent, except in a primary key'),
        primaryKey: z.boolean().optional().describe('Several columns make a composite key'),
        default: z.string().nullable().optional().describe('One SQL expression, such as now()'),
      }),
    )
    .min(1),
  ifNotExists,
});
export type CreateTableInput = z.infer<typeof createTableInput>;
export const createTableResult = z.object({
  name: z.string(),
  schema: z.string(),
  created: z.boolean(),
  message: z.string(),
});
export type CreateTableResult = z.infer<typeof createTableResult>;

export const dropTableInput = z.strictObject({
  table,
  schema,
  ifExists,
  cascade: z.boolean().optional().describe('Drop what depends on it too: views, foreign keys'),
});
export type DropTableInput = z.infer<typeof dropTableInput>;
export const dropTableResult = z.object({ name: z.string(), dropped: z.boolean(), message: z.string() });
export type DropTableResult = z.infer<typeof dropTableResult>;

export const listIndexesInput = z.strictObject({ table: table.optional(), schema, ...pageInput });
export type ListIndexesInput = z.infer<typeof listIndexesInput>;
export const indexSummary = z.object({
  name: z.string(),
  table: z.string().describe('With its schema when that is not public'),
  columns: z.array(z.string()).describe('Column names; the expression where the key is one'),
  type: z.string(),
  unique: z.boolean(),
  sizeBytes: z.int(),
  status: z.string().optional().describe('Of indexes on vectors: building, ready, exact or failed'),
  progress: z.number().optional().describe('Of indexes on vectors: from 0 to 1'),
  detail: z
    .string()
    .optional()
    .describe('Of indexes on vectors: why it is exact or failed, or where it was read from'),
});
export const listIndexesResult = z.object({ indexes: z.array(indexSummary), pagination });
export type ListIndexesResult = z.infer<typeof listIndexesResult>;

export const createIndexInput = z.strictObject({
  name: z.string().min(1),
  table,
  schema,
  columns: z.array(z.string().min(1)).min(1),
  type: indexType.optional(),
  options: z
    .record(z.string(), z.unknown())
    .optional()
    .describe(
      'fillfactor (btree, hash), fastupdate (gin), pages_per_range (brin), m, ef_construction (hnsw), nlist, nprobe, m_pq (ivf_pq), distance_metric (both)',
    ),
  unique: z.boolean().optional().describe('btree only'),
  ifNotExists,
});
export type CreateIndexInput = z.infer<typeof createIndexInput>;
export const createIndexResult = z.object({
  name: z.string(),
  table: z.string(),
  type: z.string(),
  created: z.boolean(),
  buildTimeMs: z.int(),
  note: z.string().optional().describe('How the type is served, where that is by another structure'),
});
export type CreateIndexResult = z.infer<typeof createIndexResult>;

export const dropIndexInput = z.strictObject({
  name: z.string().min(1).describe('Index name; `schema.index` works as well'),
  schema,
  ifExists,
});
export type DropIndexInput = z.infer<typeof dropIndexInput>;
export const dropIndexResult = z.object({ name: z.string(), dropped: z.boolean() });
export type DropIndexResult = z.infer<typeof dropIndexResult>;
