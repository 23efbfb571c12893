/** Front door of the graph model. */
export { explain, type Pushdown, type Segment } from './explain.ts';
export type { GraphResult, QueryOptions } from './graph-result.ts';
export { GRAPH_OPERATIONS, graphFlush, graphQuery, graphStatus, graphStream } from './operations.ts';
export { decodeProperties, encodeProperties } from './property-json.ts';
export type {
  FlushResult,
  GraphQueryResult,
  GraphStream,
  StatusResult,
} from './query-schemas.ts';
export { canWrite, runQuery, streamQuery } from './run-query.ts';
export {
  type GraphSchema,
  graphSchema,
  runSchemaCommand,
  type SchemaCounters,
  type SchemaEntry,
  type SchemaOptions,
  type SchemaResult,
} from './schema/index.ts';
export { flushGraph } from './status.ts';
