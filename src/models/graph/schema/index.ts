/** Front door of indexes and constraints. */
export { type EntityKind, entryOf, type GraphSchema, graphSchema, type SchemaEntry } from './graph-schema.ts';
export {
  runSchemaCommand,
  type SchemaCounters,
  type SchemaOptions,
  type SchemaResult,
} from './schema-command.ts';
export { READ_ENTRIES } from './schema-statements.ts';
export { connectedByOther, endError, isUniqueViolation, isViolation, violationOf } from './violations.ts';
