/**
 * Health: each part that can fail is looked at. Unhealthy means that queries fail, degraded that they work and
 * somebody should have a look.
 */
import { statfs } from 'node:fs/promises';
import { asFacetError, LIMITS, nowMs } from '../../base/index.ts';
import type { OperationContext } from '../operation.ts';
import type { HealthResult } from './schemas.ts';
import { REPLICA_COUNT } from './statements.ts';

const OK = 'ok';

/** PostgreSQL stops when a disk is full, so the time to act is before. */
const DISK_FREE_SHARE_MIN = 0.05;

export async function health(context: OperationContext): Promise<HealthResult> {
  const { server, store } = context;
  const [postgres, disk] = await Promise.all([askPostgres(context), checkDisk(store.facts.dataDirectory)]);
  const checks = {
    postgres: postgres.check,
    disk,
    connections: checkConnections(context),
    accepting: server.accepting() ? OK : 'degraded: the server is stopping',
  };
  const well = Object.values(checks).every((check) => check === OK);
  return {
    status: postgres.check === OK ? (well ? 'healthy' : 'degraded') : 'unhealthy',
    version: server.version,
    clusterId: server.clusterId,
    uptimeSeconds: Math.max(0, Math.floor((nowMs() - server.startedAtMs) / 1_000)),
    nodeCount: 1 + postgres.replicas,
    regionCount: 1,
    checks,
  };
}

async function askPostgres(context: OperationContext): Promise<{ check: string; replicas: number }> {
  try {
    const { rows } = await context.database.run(REPLICA_COUNT, [], {
      signal: context.signal,
      timeoutMs: LIMITS.probeMsMax,
    });
    return { check: OK, replicas: Number(rows[0]?.[0]) };
  } catch (error) {
    const { code, message } = asFacetError(error);
    return { check: `unhealthy: ${code === 'INTERNAL_ERROR' ? 'no answer' : message}`, replicas: 0 };
  }
}

async function checkDisk(dataDirectory: string | undefined): Promise<string> {
  if (dataDirectory === undefined) return OK;
  try {
    const { bavail, blocks } = await statfs(dataDirectory);
    const freeShare = bavail / blocks;
    return freeShare >= DISK_FREE_SHARE_MIN
      ? OK
      : `degraded: ${(freeShare * 100).toFixed(1)} % of the disk is free`;
  } catch {
    return 'degraded: the data directory cannot be looked at';
  }
}

/** Callers that wait for a connection are a sign of statements or transactions that take too long. */
function checkConnections(context: OperationContext): string {
  const { poolWaiting } = context.database.counts;
  return poolWaiting <= POOL_WAITING_MAX ? OK : `degraded: ${poolWaiting} callers wait for a connection`;
}

const POOL_WAITING_MAX = LIMITS.poolWaitersMax / 2;
