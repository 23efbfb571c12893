/** The words of QUOTA_EXCEEDED: which quota, how much of it is used, how much there is, and when it starts anew. */
import { FacetError, type Plan } from '../../base/index.ts';
import { wholeSeconds } from './month.ts';

export function operationsUsedUp(
  plan: Plan,
  used: number,
  times: { readonly nowMs: number; readonly resetAtMs: number },
): FacetError {
  return new FacetError(
    'QUOTA_EXCEEDED',
    `Quota exceeded: ${used} of the ${plan.operationsPerMonthMax} operations per month of plan ${plan.name} are used; they start anew at ${wholeSeconds(times.resetAtMs)}`,
    { retryAfterSeconds: Math.max(1, Math.ceil((times.resetAtMs - times.nowMs) / 1_000)) },
  );
}

export function connectionsUsedUp(plan: Plan, used: number): FacetError {
  return new FacetError(
    'QUOTA_EXCEEDED',
    `Quota exceeded: ${used} of the ${plan.connectionsMax} connections of plan ${plan.name} are open; one is free again when one is closed`,
    { retryAfterSeconds: 1 },
  );
}

export function storageUsedUp(plan: Plan, used: number): FacetError {
  return new FacetError(
    'QUOTA_EXCEEDED',
    `Quota exceeded: ${used} of the ${plan.storageBytesMax} bytes of storage of plan ${plan.name} are used; there is room again when something is deleted`,
    { hint: 'Reads and deletions go on. The size is measured again within a minute.', retryAfterSeconds: 60 },
  );
}
