/** Calendar months in UTC: operations are counted by them. */

export interface Month {
  /** Its first day: `2026-01-01`. */
  readonly firstDay: string;
  /** When the next one begins, Unix time in milliseconds. */
  readonly endsAtMs: number;
}

export function monthOf(nowMs: number): Month {
  const now = new Date(nowMs);
  const year = now.getUTCFullYear();
  const month = now.getUTCMonth();
  return {
    firstDay: new Date(Date.UTC(year, month, 1)).toISOString().slice(0, 10),
    endsAtMs: Date.UTC(year, month + 1, 1),
  };
}

/** `2026-02-01T00:00:00Z`: the Synap API writes it without a fraction. */
export const wholeSeconds = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;
