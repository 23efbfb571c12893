/** Letting go of a namespace while its database is worked at, and the wait of those who come meanwhile. */
import { setTimeout as sleep } from 'node:timers/promises';
import { FacetError, LIMITS, monotonicMs } from '../../base/index.ts';
import type { Database } from '../contract.ts';
import type { OpenNamespace } from '../open-namespace.ts';
import type { Transactions } from '../transactions.ts';

/** A rollback throws away what is under way; for a copy it may end. */
export type Purpose = 'copy' | 'rollback';

/** Between two looks whether everything under way has ended. */
const REST_LOOK_MS = 5;

/** Resolves when nothing has been under way twice in a row, at the latest after LIMITS.restorePointDrainMs. */
async function atRest(database: Database): Promise<void> {
  const deadlineMs = monotonicMs() + LIMITS.restorePointDrainMs;
  for (let rests = 0; rests < 2 && monotonicMs() < deadlineMs; ) {
    const { transactionsOpen, poolInUse, poolWaiting, laneInFlight } = database.counts;
    rests = transactionsOpen + poolInUse + poolWaiting + laneInFlight === 0 ? rests + 1 : 0;
    await sleep(REST_LOOK_MS);
  }
}

/** What those get who were under way for too long, or still have the Database that was closed. */
const pauseReason = (name: string, purpose: Purpose): FacetError =>
  new FacetError(
    'UNAVAILABLE',
    purpose === 'copy'
      ? `Namespace ${name} was paused for a restore point`
      : `Namespace ${name} was rolled back to a restore point`,
    { retryAfterSeconds: 1 },
  );

/** Waits for a namespace that is paused. @throws UNAVAILABLE after LIMITS.restorePointWaitMsMax */
export async function withinPause<T>(name: string, opening: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(
        new FacetError('UNAVAILABLE', `Namespace ${name} is paused for a restore point`, {
          retryAfterSeconds: 5,
        }),
      );
    }, LIMITS.restorePointWaitMsMax);
  });
  try {
    return await Promise.race([opening, late]);
  } finally {
    clearTimeout(timer);
  }
}

export interface ClosedWork<T> {
  readonly open: OpenNamespace;
  readonly transactions: Transactions;
  readonly purpose: Purpose;
  readonly work: () => Promise<T>;
  readonly reopen: () => Promise<OpenNamespace>;
}

export type Outcome<T> = { readonly result: T } | { readonly error: unknown };

/** Closes a namespace, does the work, and opens it anew, whatever became of the work. Never rejects. */
export async function workClosed<T>({ open, transactions, purpose, work, reopen }: ClosedWork<T>): Promise<{
  readonly outcome: Outcome<T>;
  readonly reopened: Promise<OpenNamespace>;
}> {
  const { database } = open;
  let outcome: Outcome<T>;
  try {
    const ending = purpose === 'rollback' ? 'namespace rolled back' : 'paused for a restore point';
    // What they would commit is thrown away.
    if (purpose === 'rollback') await transactions.endOf(database, ending);
    await atRest(database);
    await transactions.endOf(database, ending);
    await open.stop(pauseReason(database.namespace, purpose));
    outcome = { result: await work() };
  } catch (error) {
    outcome = { error };
  }
  // In an object: a promise that is returned by itself is waited for.
  return { outcome, reopened: reopen() };
}
