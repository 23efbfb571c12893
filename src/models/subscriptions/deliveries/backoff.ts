/** The pause between two tries of a delivery. Pure. */
import { LIMITS } from '../../../base/index.ts';

export interface Backoff {
  readonly backoffMs: number;
  readonly backoffMultiplier: number;
}

/**
 * After so many `tries`, milliseconds: grows from try to try, a fifth more or less at random (`fraction` of 0 to 1), so
 * that many do not come back at once. What the receiver has asked for by Retry-After is the least; an hour is the most.
 */
export function pauseMs(
  { backoffMs, backoffMultiplier }: Backoff,
  tries: number,
  askedMs: number | undefined,
  fraction: number,
): number {
  const grown = backoffMs * backoffMultiplier ** (tries - 1) * (0.8 + 0.4 * fraction);
  // Users of SQL can write a multiplier that is no number.
  if (Number.isNaN(grown)) return LIMITS.webhookBackoffMsMax;
  return Math.min(LIMITS.webhookBackoffMsMax, Math.max(grown, askedMs ?? 0));
}
