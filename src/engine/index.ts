/** Front door of the engine: PostgreSQL behind a store URI. The only folder that knows a driver. */
export { type ArrayElement, arrayLiteral } from './array-literal.ts';
export type { BatcherOptions } from './batch-options.ts';
export { Batcher } from './batcher.ts';
export { byteaArray } from './bytea-array.ts';
export type {
  Change,
  ChangeCommit,
  ChangeConsumer,
  ChangeCursor,
  ChangedColumn,
  ChangedTable,
  ChangeFeed,
  ChangeFeedFacts,
  ChangeItem,
  ChangeKind,
  ChangePositions,
  ChangeTransaction,
  CursorOptions,
  Lsn,
  TableName,
} from './change-contract.ts';
export { lsnText, parseLsn } from './changes/index.ts';
export {
  type Cell,
  type ChannelListener,
  type Column,
  type CommitOptions,
  type Committed,
  type CursorRunOptions,
  type Database,
  ENGINE_ERRORS,
  type InTransactionOptions,
  type IsolationLevel,
  type ModelState,
  type OwnParameter,
  type OwnRunOptions,
  type Parameter,
  type Participant,
  type ResultSet,
  type RowStream,
  type RunOptions,
  type Statement,
  type StatementDescription,
  type Store,
  type StoreFacts,
  type Subscription,
  type Transaction,
  type TransactionOptions,
  type UserRunOptions,
} from './contract.ts';
export type { Finding } from './embedded/index.ts';
export { quoteIdentifier, quoteLiteral } from './identifiers.ts';
export { inspectStore } from './inspect-store.ts';
export { KeyOrder, type LockWait, lockWaitOver } from './key-order.ts';
export { runPatiently, withPatience, withPatienceInAll, withPatienceInTurn } from './patience.ts';
export type { MadeRestorePoint, RestorePoint, RestorePoints, RolledBack } from './restore-point-contract.ts';
export { readTokens, type SqlPiece } from './sql-pieces.ts';
export { type SqlToken, scanSql } from './sql-scanner.ts';
export { sqlTextOf } from './sql-shape.ts';
export { readSqlText, type SqlText } from './sql-text.ts';
export { statement } from './statement.ts';
export { openStore, type StoreOptions } from './store.ts';
export type { StoreUri } from './store-location.ts';
export { parseStoreUri } from './store-uri.ts';
