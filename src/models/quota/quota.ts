/** The caller's plan and what is used of it. */
import { FacetError, type Plan } from '../../base/index.ts';
import type { OperationContext, Used } from '../operation.ts';
import { wholeSeconds } from './month.ts';
import type { QuotaResult } from './schemas.ts';
import { userIdOf } from './user-id.ts';

/** @throws OBJECT_NOT_FOUND when the caller has no plan */
export async function quota(context: OperationContext): Promise<QuotaResult> {
  const { principal, usage, database } = context;
  if (principal.plan === undefined || usage === undefined) {
    throw new FacetError('OBJECT_NOT_FOUND', 'These credentials have no plan: there is no quota', {
      hint: 'Plans are given to credentials in the configuration, or by a hub.',
    });
  }
  const used = await usage.used(principal, database);
  return quotaOf(principal.plan, used, principal.userId ?? userIdOf(principal.name));
}

export function quotaOf(plan: Plan, used: Used, userId: string): QuotaResult {
  const { operationsPerMonthMax } = plan;
  const connections = share(plan.connectionsMax, used.connections);
  return {
    userId,
    plan: plan.name,
    quotas: {
      storage: {
        limit: plan.storageBytesMax,
        used: used.storageBytes,
        ...share(plan.storageBytesMax, used.storageBytes),
      },
      operations:
        operationsPerMonthMax === null
          ? { limit: null, used: used.operations, available: null, percentage: 0, resetsAt: null }
          : {
              limit: operationsPerMonthMax,
              used: used.operations,
              ...share(operationsPerMonthMax, used.operations),
              resetsAt: wholeSeconds(used.operationsResetAtMs),
            },
      connections: { limit: plan.connectionsMax, active: used.connections, ...connections },
    },
    restrictions: {
      maxTtlSeconds: plan.ttlMsMax / 1_000,
      maxPayloadBytes: plan.payloadBytesMax,
      maxBatchSize: plan.batchItemsMax,
    },
  };
}

/** What is used may be more than the limit: bursts are noticed a little later, and plans change. */
const share = (limit: number, used: number) => ({
  available: Math.max(0, limit - used),
  percentage: limit === 0 ? 100 : Math.min(100, Math.round((used / limit) * 1_000) / 10),
});
