/** Reading PostgreSQL's catalog: in a snapshot, and without waiting long for those who change it. */
import { LIMITS } from '../../base/index.ts';
import type { RunOptions, Transaction } from '../../engine/index.ts';
import type { OperationContext } from '../operation.ts';
import { LIMIT_LOCK_WAIT } from './statements.ts';

/** Runs `work` in a read-only transaction of its own, or in the caller's, that does not wait long for locks. */
export async function readCatalog<T>(
  context: OperationContext,
  work: (options: RunOptions) => Promise<T>,
): Promise<T> {
  const { database, transaction, signal } = context;
  return await database.inTransaction(
    async (own: Transaction) => {
      const options = { transaction: own, signal };
      // A setting of the caller's transaction is theirs.
      if (transaction === undefined)
        await database.run(LIMIT_LOCK_WAIT(LIMITS.catalogLockMsMax), [], options);
      return await work(options);
    },
    { transaction, signal, readOnly: true },
  );
}
