/** A transaction for the length of one call of a model: short, on a pooled connection, ended by how the work ends. */
import { FacetError, nowMs, randomHex } from '../base/index.ts';
import { command } from './command.ts';
import type { InTransactionOptions, Transaction } from './contract.ts';
import { interruptOptions } from './interrupt.ts';
import { Scope } from './scope.ts';
import { beginCommand, type TransactionHome } from './transactions.ts';

/** Runs `work` in it; `listenerFailed` hears of listeners to the commit that throw. */
export async function inCallTransaction<T>(
  home: TransactionHome,
  work: (transaction: Transaction) => Promise<T>,
  options: InTransactionOptions,
  listenerFailed: (error: unknown) => void,
): Promise<T> {
  const rollback = options.rollback === true;
  const readOnly = options.readOnly === true;
  const session = await home.pool.acquire({ use: 'statement', ...interruptOptions(options) });
  const facts = {
    id: `txn_${randomHex(6)}`,
    owner: '',
    isolationLevel: options.isolationLevel ?? 'read_committed',
    readOnly,
    startedAtMs: nowMs(),
  } as const;
  const scope = new Scope(facts, session, home);
  // Not awaited: it travels with the first statement, and a failure shows in that one.
  const begun = command(session, beginCommand(facts));
  begun.catch(() => {});
  try {
    let result: T;
    try {
      result = await work(scope);
      await begun;
    } finally {
      await scope.settle();
    }
    const [tag] = await command(session, rollback ? 'ROLLBACK' : 'COMMIT').catch((error: FacetError) => {
      throw options.commitError?.(error) ?? error;
    });
    if (!rollback && tag !== 'COMMIT') {
      throw new FacetError(
        'TRANSACTION_ABORTED',
        'The transaction was rolled back, because a statement in it failed',
      );
    }
    if (!rollback) scope.committed(listenerFailed);
    return result;
  } catch (error) {
    if (!session.closed && session.status !== 'I') await command(session, 'ROLLBACK').catch(() => undefined);
    throw error;
  } finally {
    if (scope.ledger.schemaChange !== undefined) home.schemaChanged(scope.ledger.schemaChange);
    home.pool.release(session, 'statement', scope.ledger.dirty);
  }
}
