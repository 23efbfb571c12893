/**
 * How many requests a caller may send, by kind of route, when no option says otherwise. Apart from who counts them, for
 * the command line: it describes the options and shall not load a server for that.
 */

export interface Rate {
  /** What may be sustained. */
  readonly perSecond: number;
  /** What may come at once after a pause. */
  readonly burst: number;
}

/** Defaults of the ThunderDB API reference, section Rate Limiting. */
export const DEFAULT_RATES = {
  admin: { perSecond: 100, burst: 200 },
  query: { perSecond: 1_000, burst: 2_000 },
  vector: { perSecond: 500, burst: 1_000 },
  cluster: { perSecond: 50, burst: 100 },
  default: { perSecond: 500, burst: 1_000 },
} as const satisfies Readonly<Record<string, Rate>>;
