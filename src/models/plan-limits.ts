/**
 * What a caller's plan allows in one request: time to live, items of a batch, bytes of a body, growing at all. Models
 * ask here where they know the value. Without a plan nothing is refused.
 */
import { FacetError, type Principal } from '../base/index.ts';
import type { OperationContext } from './operation.ts';

/** @param ttlMs undefined or null: none is asked for. @throws INVALID_PARAMETER when it is longer than the plan allows */
export function assertTtl({ principal }: OperationContext, ttlMs: number | null | undefined): void {
  const { plan } = principal;
  if (plan === undefined || ttlMs === undefined || ttlMs === null || ttlMs <= plan.ttlMsMax) return;
  throw new FacetError(
    'INVALID_PARAMETER',
    `A time to live of ${ttlMs / 1_000} s is longer than the ${plan.ttlMsMax / 1_000} s of plan ${plan.name}`,
  );
}

/** @throws PAYLOAD_TOO_LARGE when one batch has more items than the plan allows */
export function assertBatch({ principal }: Pick<OperationContext, 'principal'>, items: number): void {
  const { plan } = principal;
  if (plan === undefined || items <= plan.batchItemsMax) return;
  throw new FacetError(
    'PAYLOAD_TOO_LARGE',
    `A batch of ${items} items is larger than the ${plan.batchItemsMax} items of plan ${plan.name}`,
  );
}

/** @param bytes of a request body; undefined: not known yet. @throws PAYLOAD_TOO_LARGE */
export function assertPayload({ plan }: Principal, bytes: number | undefined): void {
  if (plan === undefined || bytes === undefined || bytes <= plan.payloadBytesMax) return;
  throw new FacetError(
    'PAYLOAD_TOO_LARGE',
    `A body of ${bytes} bytes is larger than the ${plan.payloadBytesMax} bytes of plan ${plan.name}`,
  );
}

/**
 * For operations of which the gate cannot tell whether they write, such as SQL text.
 * @throws QUOTA_EXCEEDED when the namespace is as large as the plan allows
 */
export function assertRoom({ usage, principal, database }: OperationContext): void {
  if (principal.plan !== undefined) usage?.assertRoom(principal, database);
}
