/**
 * Replication as PostgreSQL does it: how far its replicas are. Promoting one and copying anew are done where replicas
 * are run, not by a client of the primary.
 */
import { FacetError, LIMITS } from '../../base/index.ts';
import type { Database } from '../../engine/index.ts';
import type { OperationContext } from '../operation.ts';
import type { PromoteInput, ReplicationResult, ResyncInput } from './schemas.ts';
import { IN_RECOVERY, LOG_POSITION, REPLICA_LAGS } from './statements.ts';

export async function replicationStatus(context: OperationContext): Promise<ReplicationResult> {
  const { database, signal } = context;
  const [own, lags] = await Promise.all([
    database.run(LOG_POSITION, [], { signal }),
    database.run(REPLICA_LAGS, [], { signal }),
  ]);
  const [inRecovery, position] = own.rows[0] ?? [];
  return {
    role: inRecovery === 't' ? 'replica' : 'master',
    offset: position ?? '0',
    replicas: lags.rows.map(([name, state, offset, lagBytes, lagMs, connectedAt]) => ({
      id: name ?? '',
      status: state ?? '',
      offset: offset ?? '0',
      lagBytes: lagBytes ?? '0',
      lagMs: Number(lagMs ?? 0),
      connectedAt: connectedAt ?? '',
    })),
  };
}

/** Milliseconds that each replica is behind, for metrics. */
export async function replicaLags(
  database: Database,
): Promise<readonly { readonly id: string; readonly lagMs: number }[]> {
  const { rows } = await database.run(REPLICA_LAGS, [], { timeoutMs: LIMITS.probeMsMax });
  return rows.map(([name, , , , lagMs]) => ({ id: name ?? '', lagMs: Number(lagMs ?? 0) }));
}

/** @throws NOT_A_REPLICA, FEATURE_NOT_SUPPORTED on a replica */
export const replicationPromote = (context: OperationContext, _input: PromoteInput): Promise<never> =>
  refuse(context, 'promote');

/** @throws NOT_A_REPLICA, FEATURE_NOT_SUPPORTED on a replica */
export const replicationResync = (context: OperationContext, _input: ResyncInput): Promise<never> =>
  refuse(context, 'resync');

async function refuse({ database, signal }: OperationContext, what: string): Promise<never> {
  const { rows } = await database.run(IN_RECOVERY, [], { signal });
  if (rows[0]?.[0] !== 't') {
    throw new FacetError('NOT_A_REPLICA', `This server is the primary: it has nothing to ${what}`);
  }
  throw new FacetError(
    'FEATURE_NOT_SUPPORTED',
    `A replica is not ${what}d by a client: PostgreSQL's tools do that`,
  );
}
