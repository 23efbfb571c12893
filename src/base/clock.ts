/** Time and randomness. The rest of the source asks here, so that tests can see every place that does. */
import { randomBytes } from 'node:crypto';

/** Wall clock in milliseconds since 1970. For timestamps that people and clients see. */
export const nowMs = (): number => Date.now();

/** Monotonic clock in milliseconds with a fraction. For durations and deadlines. */
export const monotonicMs = (): number => performance.now();

/** `byteCount` bytes from the system's generator, in lower-case hexadecimal. */
export const randomHex = (byteCount: number): string => randomBytes(byteCount).toString('hex');

/** RFC 3339 in UTC with milliseconds, such as `2026-01-31T09:30:00.123Z`. */
export const timestamp = (ms: number): string => new Date(ms).toISOString();
