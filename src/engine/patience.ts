/** Waiting for rows that somebody's transaction holds: for a time, on a session of its own. */
import { asFacetError, LIMITS } from '../base/index.ts';
import type { Database, OwnParameter, ResultSet, RunOptions, Statement, Transaction } from './contract.ts';
import { LOCK_MS_MIN, type LockWait, lockWaitOver } from './key-order.ts';
import { statement } from './statement.ts';

const PATIENCE = statement('engine.patience', "SELECT set_config('lock_timeout', $1, true)");

/** What the statements themselves may take in `withPatienceInAll`. */
const WORK_MS = 1_000;

/** Statements run in `transaction`, and end with `signal`. */
type PatientWork<T> = (transaction: Transaction, signal: AbortSignal | undefined) => Promise<T>;

/** Runs `work` in a transaction of its own, each statement of which waits for each lock up to `lockMs`. @throws LOCK_TIMEOUT */
export function withPatience<T>(
  database: Database,
  lockMs: number,
  signal: AbortSignal | undefined,
  work: PatientWork<T>,
): Promise<T> {
  return database.inTransaction(
    async (transaction) => {
      const patience = String(Math.max(1, Math.ceil(lockMs)));
      await database.run(PATIENCE, [patience], { transaction, signal });
      return work(transaction, signal);
    },
    { signal },
  );
}

/**
 * As `withPatience`, for short work that is known to meet a lock: `lockMs` counts for all its waits together, for who gets
 * one lock may have to wait for the next, and who stands second in PostgreSQL's queue begins anew as the first.
 * @throws LOCK_TIMEOUT
 */
export async function withPatienceInAll<T>(
  database: Database,
  lockMs: number,
  signal: AbortSignal | undefined,
  work: PatientWork<T>,
): Promise<T> {
  const over = new AbortController();
  const timer = setTimeout(() => over.abort(), lockMs + WORK_MS);
  try {
    const either = signal === undefined ? over.signal : AbortSignal.any([signal, over.signal]);
    return await withPatience(database, lockMs, either, work);
  } catch (thrown) {
    if (over.signal.aborted && signal?.aborted !== true) throw lockWaitOver(Math.ceil(lockMs));
    throw thrown;
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Runs one statement, which hardly ever meets a lock, and when it does waits up to `lockMs` in all, where nobody else has
 * to wait for it. In the caller's transaction it waits as that one does. @throws LOCK_TIMEOUT
 */
export async function runPatiently(
  database: Database,
  lockMs: number,
  statement: Statement,
  parameters: readonly OwnParameter[],
  options: Pick<RunOptions, 'transaction' | 'signal'>,
): Promise<ResultSet> {
  const { transaction, signal } = options;
  try {
    return await database.run(statement, parameters, { transaction, signal, giveUpOnLocks: true });
  } catch (thrown) {
    if (transaction !== undefined || !isLockTimeout(thrown)) throw thrown;
  }
  try {
    return await withPatienceInAll(database, lockMs, signal, (inner, ends) =>
      database.run(statement, parameters, { transaction: inner, signal: ends }),
    );
  } catch (thrown) {
    throw isLockTimeout(thrown) ? lockWaitOver(lockMs) : thrown;
  }
}

/**
 * As `withPatience`, for work that has its turn on keys: first in haste, and when it finds one of them locked it says so
 * and waits for what is left of `lockMsMax`, in all. `work` may be called twice. @throws LOCK_TIMEOUT
 */
export async function withPatienceInTurn<T>(
  database: Database,
  wait: LockWait,
  lockMsMax: number,
  signal: AbortSignal | undefined,
  work: PatientWork<T>,
): Promise<T> {
  if (!wait.locked) {
    try {
      return await withPatience(database, LIMITS.laneLockMsMax, signal, work);
    } catch (thrown) {
      if (!isLockTimeout(thrown)) throw thrown;
    }
    wait.stall();
  }
  const leftMs = wait.leftMs();
  try {
    if (leftMs >= LOCK_MS_MIN) return await withPatienceInAll(database, leftMs, signal, work);
  } catch (thrown) {
    if (!isLockTimeout(thrown)) throw thrown;
  }
  throw lockWaitOver(lockMsMax);
}

const isLockTimeout = (thrown: unknown): boolean => asFacetError(thrown).code === 'LOCK_TIMEOUT';
