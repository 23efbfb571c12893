/**
 * One transaction that needs the lock of a table. Waiting for it holds up all who come after, so it is asked for in short
 * turns, between which they get theirs.
 */
import { asFacetError, LIMITS, monotonicMs } from '../../base/index.ts';
import { command } from '../command.ts';
import type { Session } from '../session.ts';

const TURN_MS_FIRST = 100;
/** "tuple concurrently updated": two have altered the same table or publication. */
const UPDATED_CONCURRENTLY = 'XX000';

/**
 * @returns what `work` returns, committed
 * @throws what it throws; LOCK_TIMEOUT when the lock cannot be had in LIMITS.changeWatchLockMsMax
 */
export async function inLockTurns<T>(session: Session, work: () => Promise<T>): Promise<T> {
  const untilMs = monotonicMs() + LIMITS.changeWatchLockMsMax;
  for (let turnMs = TURN_MS_FIRST; ; turnMs = Math.min(turnMs * 2, LIMITS.changeWatchTurnMsMax)) {
    try {
      return await inOneTurn(session, turnMs, work);
    } catch (error) {
      const known = asFacetError(error);
      if (known.code !== 'LOCK_TIMEOUT' && known.sqlState !== UPDATED_CONCURRENTLY) throw error;
      if (monotonicMs() + turnMs > untilMs) throw error;
    }
  }
}

async function inOneTurn<T>(session: Session, lockMsMax: number, work: () => Promise<T>): Promise<T> {
  await command(session, `BEGIN; SET LOCAL lock_timeout = ${lockMsMax}`);
  try {
    const done = await work();
    await command(session, 'COMMIT');
    return done;
  } catch (error) {
    await command(session, 'ROLLBACK').catch(() => undefined);
    throw error;
  }
}
