/** Runs one statement on a session of the pool, which the next one gets only when no cancel request can hit it there. */
import { FacetError } from '../base/index.ts';
import type { Execution } from './execute.ts';
import type { InterruptOptions } from './interrupt.ts';
import type { Pool } from './pool.ts';
import type { Session } from './session.ts';

/** `leaves`: whether the statement may leave something in the session, asked when it has one. @throws what `Pool.acquire` throws */
export async function executeInPool(
  pool: Pool,
  within: InterruptOptions,
  leaves: () => boolean,
  run: (session: Session) => Promise<Execution>,
): Promise<Execution> {
  const session = await pool.acquire({ use: 'statement', ...within });
  const dirty = leaves();
  try {
    const execution = await run(session);
    // The cancel request may still arrive, and would hit whoever has the session next.
    if (execution.strayCancel)
      session.abandon(new FacetError('QUERY_CANCELLED', 'The statement was cancelled'));
    return execution;
  } finally {
    pool.release(session, 'statement', dirty);
  }
}
