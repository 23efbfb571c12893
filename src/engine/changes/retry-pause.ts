/** How long a reader waits before it connects again: the pauses grow, and are not the same for all who were cut off. */
import { LIMITS, randomFraction } from '../../base/index.ts';

/** The pause after the first failed attempt; it doubles from there. */
const FIRST_MS = 100;
const DOUBLINGS_MAX = 16;

/** @param attempts that have failed, 1 or more. @returns milliseconds */
export function retryPauseMs(attempts: number): number {
  const pauseMs = Math.min(LIMITS.listenRetryMsMax, FIRST_MS * 2 ** Math.min(attempts - 1, DOUBLINGS_MAX));
  return pauseMs * (0.5 + randomFraction() / 2);
}
