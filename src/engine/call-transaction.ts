/** A transaction for the length of one call of a model: short, on a pooled connection, ended by how the work ends. */
import { nowMs, randomHex } from '../base/index.ts';
import { command } from './command.ts';
import { commitScope } from './commit.ts';
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
  const use = options.streams === true ? 'stream' : 'statement';
  const session = await home.pool.acquire({ use, ...interruptOptions(options) });
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
    if (rollback) {
      await command(session, 'ROLLBACK');
      return result;
    }
    const outcome = await commitScope(scope, {
      flush: home.flush,
      position: options.position !== undefined,
      failedLate: listenerFailed,
    });
    if (outcome.kind !== 'committed') throw options.commitError?.(outcome.error) ?? outcome.error;
    scope.committed(listenerFailed);
    if (outcome.position !== undefined) options.position?.(outcome.position);
    return result;
  } catch (error) {
    if (!session.closed && session.status !== 'I') await command(session, 'ROLLBACK').catch(() => undefined);
    throw error;
  } finally {
    if (scope.ledger.schemaChange !== undefined) home.schemaChanged(scope.ledger.schemaChange);
    home.pool.release(session, use, scope.ledger.dirty);
  }
}
