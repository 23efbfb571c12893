/**
 * Which snapshots are kept, by graphd's rule: the newest ones, then the newest of each of the last weeks and of each of
 * the last months that have any. Weeks are 7 days and months 30, counted from the beginning of Unix time.
 */

export interface Keep {
  /** The newest so many, whenever they were made. */
  readonly daily: number;
  /** Weeks that have a snapshot, of each the newest one. */
  readonly weekly: number;
  readonly monthly: number;
}

export const KEEP_DEFAULT: Keep = { daily: 7, weekly: 4, monthly: 3 };

/** Without leap seconds, as Unix time counts. */
const DAY_MS = 86_400_000;
const WEEK_MS = 7 * DAY_MS;
const MONTH_MS = 30 * DAY_MS;

/** Those that go. The newest one always stays. */
export function superseded<T extends { readonly timestampMs: number }>(
  snapshots: readonly T[],
  keep: Keep,
): T[] {
  const newestFirst = [...snapshots].sort((one, other) => other.timestampMs - one.timestampMs);
  const kept = new Set(newestFirst.slice(0, Math.max(1, keep.daily)));
  for (const [lengthMs, count] of [
    [WEEK_MS, keep.weekly],
    [MONTH_MS, keep.monthly],
  ] as const) {
    const seen = new Set<number>();
    for (const snapshot of newestFirst) {
      const period = Math.floor(snapshot.timestampMs / lengthMs);
      if (seen.has(period) || seen.size >= count) continue;
      seen.add(period);
      kept.add(snapshot);
    }
  }
  return newestFirst.filter((snapshot) => !kept.has(snapshot));
}
