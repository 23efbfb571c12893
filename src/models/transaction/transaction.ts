/** Begin, commit and rollback of interactive transactions. The engine keeps them; here is who may and with what. */
import { FacetError, LIMITS, timestamp } from '../../base/index.ts';
import type { IsolationLevel } from '../../engine/index.ts';
import type { OperationContext } from '../operation.ts';
import type {
  BeginInput,
  BeginResult,
  CommitInput,
  CommitResult,
  EndInput,
  RollbackResult,
} from './schemas.ts';

/** Opens a transaction that belongs to the principal. A principal that may only read gets a read-only one. */
export async function begin(context: OperationContext, input: BeginInput): Promise<BeginResult> {
  const transaction = await context.database.begin({
    owner: context.principal.name,
    isolationLevel: (input.isolationLevel ?? 'read_committed').toLowerCase() as IsolationLevel,
    readOnly: input.readOnly === true || context.principal.role === 'read',
    timeoutMs: input.timeoutMs ?? LIMITS.transactionTimeoutMsDefault,
    signal: context.signal,
  });
  if (context.signal?.aborted) {
    // Nobody will learn its id.
    await context.database.rollback(transaction);
    throw new FacetError('QUERY_CANCELLED', 'The client went away while the transaction began');
  }
  return {
    txnId: transaction.id,
    isolationLevel: transaction.isolationLevel,
    readOnly: transaction.readOnly,
    startedAt: timestamp(transaction.startedAtMs),
  };
}

/** @throws TRANSACTION_NOT_FOUND, TRANSACTION_NOT_ACTIVE, TRANSACTION_ABORTED, and what deferred constraints raise */
export async function commit(context: OperationContext, input: CommitInput): Promise<CommitResult> {
  const transaction = context.database.transaction(input.txnId, context.principal.name);
  const committed = await context.database.commit(transaction, { position: input.position });
  return {
    txnId: input.txnId,
    status: 'committed',
    committedAt: timestamp(committed.committedAtMs),
    rowsAffected: committed.rowsAffected,
    ...(committed.position === undefined ? {} : { position: committed.position }),
  };
}

/** @throws TRANSACTION_NOT_FOUND, TRANSACTION_NOT_ACTIVE */
export async function rollback(context: OperationContext, input: EndInput): Promise<RollbackResult> {
  const transaction = context.database.transaction(input.txnId, context.principal.name);
  const { rolledBackAtMs } = await context.database.rollback(transaction);
  return { txnId: input.txnId, status: 'rolled_back', rolledBackAt: timestamp(rolledBackAtMs) };
}
