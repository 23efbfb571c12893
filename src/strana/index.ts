/** Front door of graphd's protocol: its messages, and Cypher's values in them. Who sends them is elsewhere. */
export { BackwardWriter } from './backward-writer.ts';
export {
  type BatchRequest,
  type ClientRequest,
  decodeBatch,
  decodeClientMessage,
  decodeExecute,
  type ExecuteRequest,
  type StatementRequest,
} from './client-messages.ts';
export {
  type Batch,
  BatchResultEntrySchema,
  BatchResultSchema,
  BatchSchema,
  type BatchStatement,
  BatchStatementSchema,
  type ClientMessage,
  ClientMessageSchema,
  type Execute,
  ExecuteSchema,
  type GraphValue,
  GraphValueSchema,
  type JournalEntry,
  JournalEntrySchema,
  type MapEntry,
  MapEntrySchema,
  ResultSchema,
  type ServerMessage,
  ServerMessageSchema,
  type SnapshotMeta,
  SnapshotMetaSchema,
} from './gen/graphd_pb.ts';
export { graphValueOf, type IdTable, isTemporalValue, pointMap, shownLabel } from './graph-value.ts';
export {
  decodeJournalEntry,
  decodeSnapshotMeta,
  encodeJournalEntry,
  encodeSnapshotMeta,
  type JournalRecord,
  readJournalEntry,
  type SnapshotRecord,
} from './journal.ts';
export { exactGraphValueOf, parametersOf, valueOfGraph } from './parameters.ts';
export {
  batchMessage,
  errorEntry,
  type Head,
  type Pieces,
  type ResultFrame,
  ResultMessage,
  type SmallMessage,
  serverMessage,
} from './server-messages.ts';
