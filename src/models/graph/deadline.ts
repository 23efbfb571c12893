/** Ends a query that works in this process for too long: nothing else runs while it computes. */
import { FacetError, LIMITS, monotonicMs } from '../../base/index.ts';
import type { RunOptions } from '../../engine/index.ts';

/** For QueryContext.checkpoint. @throws QUERY_TIMEOUT, QUERY_CANCELLED */
export function deadlineOf({ timeoutMs, signal }: RunOptions): () => void {
  const allowedMs = timeoutMs ?? LIMITS.queryTimeoutMsDefault;
  const endMs = monotonicMs() + allowedMs;
  return () => {
    if (signal?.aborted) throw new FacetError('QUERY_CANCELLED', 'The query was cancelled');
    if (monotonicMs() <= endMs) return;
    throw new FacetError('QUERY_TIMEOUT', `The query ran longer than its timeout of ${allowedMs} ms`);
  };
}
