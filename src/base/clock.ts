/** Time and randomness. The rest of the source asks here, so that tests can see every place that does. */
import { randomBytes } from 'node:crypto';

/** Wall clock in milliseconds since 1970. For timestamps that people and clients see. */
export const nowMs = (): number => Date.now();

/** Monotonic clock in milliseconds with a fraction. For durations and deadlines. */
export const monotonicMs = (): number => performance.now();

/** Milliseconds that the processor has worked for this process, all threads together. A call takes some microseconds. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

/** One call of the generator costs 3 µs however few bytes it gives, and every request wants four for its id. */
const POOL_BYTES = 4_096;
let pool = Buffer.alloc(0);
let poolUsed = 0;

/** `byteCount` bytes from the system's generator, in lower-case hexadecimal. None is given out twice. */
export function randomHex(byteCount: number): string {
  if (byteCount > POOL_BYTES) return randomBytes(byteCount).toString('hex');
  if (poolUsed + byteCount > pool.length) {
    pool = randomBytes(POOL_BYTES);
    poolUsed = 0;
  }
  const from = poolUsed;
  poolUsed += byteCount;
  return pool.toString('hex', from, poolUsed);
}

/** RFC 3339 in UTC with milliseconds, such as `2026-01-31T09:30:00.123Z`. */
export const timestamp = (ms: number): string => new Date(ms).toISOString();

/** Evenly distributed from 0 up to but not including 1. Not for secrets. */
export const randomFraction = (): number => Math.random();
