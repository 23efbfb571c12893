/** Bounds that the operator of this server has moved by options; without any, those of base/limits.ts hold. */
import { FacetError, LIMITS } from '../base/index.ts';
import type { OperationContext } from './operation.ts';

/**
 * The timeout to run a statement with, in milliseconds.
 * @throws INVALID_PARAMETER when the caller asks for more than the option query-timeout-ms-max
 */
export function allowedTimeoutMs(context: OperationContext, asked: number | undefined): number | undefined {
  const max = context.server.limits?.queryTimeoutMsMax;
  if (max === undefined) return asked;
  if (asked === undefined) return Math.min(LIMITS.queryTimeoutMsDefault, max);
  if (asked <= max) return asked;
  throw new FacetError('INVALID_PARAMETER', `The timeout is at most ${max} (query-timeout-ms-max)`);
}

/** Rows of a gathered result; undefined leaves it to the engine. */
export const allowedRowsMax = (context: OperationContext): number | undefined =>
  context.server.limits?.resultRowsMax;

/** Bytes that the vector indexes of this process take in memory together. */
export const allowedVectorMemoryBytes = (context: OperationContext): number =>
  context.server.limits?.vectorMemoryBytesMax ?? LIMITS.vectorMemoryBytesMax;
