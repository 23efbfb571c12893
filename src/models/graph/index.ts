/** Front door of the graph model. */
export { explain, type Pushdown, type Segment } from './explain.ts';
export type { GraphResult, QueryOptions } from './graph-result.ts';
export {
  type ChainedEntry,
  contentOf,
  type EntryContent,
  type FileFault,
  type FileVerdict,
  GENESIS,
  hexOf,
  JOURNAL_FORMATS,
  JournalFileError,
  type JournalFormat,
  type JournalHead,
  journalHead,
  readJournalFile,
  verifyJournal,
  verifyJournalFile,
} from './journal/index.ts';
export {
  journalBegin,
  journalDisable,
  journalEnable,
  journalExport,
  journalPrune,
  journalStatusOperation as journalStatus,
  journalVerify,
} from './journal-operations.ts';
export type { ExportResult, JournalStatusResult, VerifyStep, VerifyWalk } from './journal-schemas.ts';
export {
  GRAPH_OPERATIONS,
  graphDefine,
  graphFlush,
  graphIdentify,
  graphQuery,
  graphStatus,
  graphStream,
} from './operations.ts';
export type { PlanNode, QueryKind } from './plan-node.ts';
export { canChange, canWrite } from './prepared-plans.ts';
export { decodeProperties, encodeProperties } from './property-json.ts';
export type {
  FlushResult,
  GraphQueryResult,
  GraphStream,
  StatusResult,
} from './query-schemas.ts';
export { type Applied, type ApplyOptions, type ApplyProgress, applyEntries } from './replay/index.ts';
export { runQuery } from './run-query.ts';
export {
  type GraphSchema,
  graphSchema,
  runSchemaCommand,
  type SchemaCounters,
  type SchemaEntry,
  type SchemaOptions,
  type SchemaResult,
} from './schema/index.ts';
export {
  assertAvailable as assertCompression,
  ByteReader,
  COMPRESSION_NAMES,
  type Compression,
  isSealed,
  SEALED_MAGIC,
  seal,
  unseal,
} from './sealed/index.ts';
export {
  dumpGraph,
  fileError,
  isDump,
  type JournalSource,
  type Loaded,
  loadGraph,
  oldestSnapshot,
  planRestore,
  type Restored,
  type RestoreOptions,
  type RestorePlan,
  readFile,
  readFrames,
  restoreGraph,
  snapshotCreate,
  snapshotList,
  snapshotRead,
  startOf,
  writeWhole,
} from './snapshot/index.ts';
export { flushGraph } from './status.ts';
export { type GraphRows, streamQuery } from './stream-query.ts';
export {
  type DefineInput,
  type ExplicitText,
  explicitFunctions,
  type IdentifyResult,
  isTableCommand,
  type UploadedFile,
  type UploadedFiles,
} from './tables/index.ts';
