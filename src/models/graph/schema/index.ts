/** Front door of indexes and constraints. */

export type { Definition } from './definitions.ts';
export {
  type EntityKind,
  entryOf,
  forgetGraphSchema,
  type GraphSchema,
  graphSchema,
  type SchemaEntry,
} from './graph-schema.ts';
export {
  createDefinitions,
  dropDefinitions,
  runSchemaCommand,
  type SchemaCounters,
  type SchemaOptions,
  type SchemaResult,
} from './schema-command.ts';
export { READ_ENTRIES } from './schema-statements.ts';
export { connectedByOther, endError, isUniqueViolation, isViolation, violationOf } from './violations.ts';
