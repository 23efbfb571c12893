/** Reads that have proved to be quick share the lane of the namespace, without a transaction. */
import { asFacetError, LIMITS, monotonicMs } from '../../base/index.ts';
import type { PreparedQuery } from '../../cypher/index.ts';
import type { Database } from '../../engine/index.ts';
import type { QueryOptions } from './graph-result.ts';
import type { Pace } from './plan-cache.ts';
import { PostgresSession } from './postgres-session.ts';
import { type GatheredRows, gather, newRun } from './query-run.ts';

export interface QuickBounds {
  readonly rowsMax: number;
  readonly bytesMax: number;
}

const GATHERED: QuickBounds = { rowsMax: LIMITS.resultRowsMax, bytesMax: LIMITS.resultBytesMax };

/**
 * A read that asks PostgreSQL once needs no transaction. Undefined when it was not quick this time: then it starts
 * afresh, with a session of its own.
 * @param bounds a result beyond them is not quick either, but without bounds too large
 */
export async function runQuickly(
  database: Database,
  query: PreparedQuery,
  pace: Pace,
  options: QueryOptions,
  bounds?: QuickBounds,
): Promise<GatheredRows | undefined> {
  try {
    const timeoutMs = Math.min(options.timeoutMs ?? LIMITS.laneStatementMsMax, LIMITS.laneStatementMsMax);
    const startedMs = monotonicMs();
    const session = new PostgresSession(database, { ...options, ...bounds, timeoutMs });
    const found = await gather(query, newRun(session, options), (bounds ?? GATHERED).rowsMax);
    pace.note(monotonicMs() - startedMs);
    return found;
  } catch (thrown) {
    const { code } = asFacetError(thrown);
    // Whoever gave it no longer than this has had the time.
    const { timeoutMs = LIMITS.queryTimeoutMsDefault } = options;
    const isSlow = code === 'QUERY_TIMEOUT' && timeoutMs > LIMITS.laneStatementMsMax;
    const isLarge = code === 'RESULT_TOO_LARGE' && bounds !== undefined;
    if (!isSlow && !isLarge) throw thrown;
    pace.note(LIMITS.laneStatementMsMax);
    return undefined;
  }
}
