/** Statements that must not write, in a transaction that may. Whoever may never write is held by its role. */
import type { OperationContext } from '../operation.ts';
import { FORBID_WRITES } from './statements.ts';

/**
 * Where `asked`, and where there is a transaction that writes, `work` runs behind a savepoint that is rolled back, so that
 * the transaction may write again afterwards.
 * @param work with the context it is to run in; without a transaction it has to ask for `readOnly` itself
 */
export async function withoutWrites<T>(
  context: OperationContext,
  asked: boolean | undefined,
  work: (inside: OperationContext) => Promise<T>,
): Promise<T> {
  const { transaction, database, signal } = context;
  if (asked !== true || transaction === undefined || transaction.readOnly) return await work(context);
  return await database.inTransaction(
    async (own) => {
      await database.run(FORBID_WRITES, [], { transaction: own, signal });
      return await work({ ...context, transaction: own });
    },
    { transaction, signal, rollback: true },
  );
}
