/** Front door of the transaction model. */
export {
  TRANSACTION_OPERATIONS,
  transactionBegin,
  transactionCommit,
  transactionRollback,
} from './operations.ts';
export type { BeginResult, CommitResult, RollbackResult } from './schemas.ts';
