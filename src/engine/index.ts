/** Front door of the engine: PostgreSQL behind a store URI. The only folder that knows a driver. */
export { type ArrayElement, arrayLiteral } from './array-literal.ts';
export {
  type Cell,
  type Column,
  type Database,
  ENGINE_ERRORS,
  type IsolationLevel,
  type Parameter,
  type ResultSet,
  type RowStream,
  type RunOptions,
  type Statement,
  type StatementDescription,
  type Store,
  type StoreFacts,
  type Transaction,
  type TransactionOptions,
  type UserRunOptions,
} from './contract.ts';
export type { Finding } from './embedded/index.ts';
export { quoteIdentifier, quoteLiteral } from './identifiers.ts';
export { inspectStore } from './inspect-store.ts';
export { type SqlToken, scanSql } from './sql-scanner.ts';
export { readSqlText, type SqlText } from './sql-text.ts';
export { statement } from './statement.ts';
export { openStore, type StoreOptions } from './store.ts';
export type { StoreUri } from './store-location.ts';
export { parseStoreUri } from './store-uri.ts';
