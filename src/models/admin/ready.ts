/** Readiness: can queries be taken now? PostgreSQL is asked; without an answer in time the server is not ready. */
import { asFacetError, LIMITS } from '../../base/index.ts';
import type { OperationContext } from '../operation.ts';
import type { ReadyResult } from './schemas.ts';
import { PROGRESS } from './statements.ts';

export async function ready(context: OperationContext): Promise<ReadyResult> {
  let state: Pick<ReadyResult, 'raftState' | 'lastAppliedIndex'>;
  try {
    const { rows } = await context.database.run(PROGRESS, [], {
      signal: context.signal,
      timeoutMs: LIMITS.probeMsMax,
    });
    const [inRecovery, position] = rows[0] ?? [];
    state = {
      raftState: inRecovery === 't' ? 'follower' : 'leader',
      ...(typeof position === 'string' ? { lastAppliedIndex: position } : {}),
    };
  } catch (error) {
    return { ready: false, raftState: 'unknown', storageReady: false, reason: reasonOf(error) };
  }
  if (!context.server.accepting()) {
    return { ready: false, ...state, storageReady: true, reason: 'The server is stopping' };
  }
  return { ready: true, ...state, storageReady: true };
}

/** For people who look at a probe. An internal error's own words stay inside. */
function reasonOf(error: unknown): string {
  const { code, message } = asFacetError(error);
  if (code === 'QUERY_TIMEOUT') return `PostgreSQL did not answer within ${LIMITS.probeMsMax} ms`;
  return code === 'INTERNAL_ERROR' ? 'PostgreSQL did not answer' : message;
}
