/** What an index finds: slots of its shelf are measured, and the nearest are told by the keys of their rows. */
import type { Measure } from './metric.ts';
import type { Nearest } from './nearest.ts';
import type { Shelf } from './shelf.ts';

/** Vectors that are measured before others get a turn: some milliseconds. */
const SCAN_VECTORS = 16_384;
export interface Found {
  /** Keys of rows, nearest first. */
  readonly keys: readonly string[];
  /** Of each, to the vector in memory. */
  readonly distances: readonly number[];
  /** Vectors that were measured. */
  readonly candidates: number;
  /** Of them, those that are not in the graph yet. */
  readonly pending: number;
  /** The graph was asked. */
  readonly approximate: boolean;
}

/** Offers the slots from `from` on, a piece at a time. */
export async function scan(shelf: Shelf, from: number, measure: Measure, nearest: Nearest): Promise<void> {
  const { slots } = shelf;
  for (let at = from; at < slots; at += SCAN_VECTORS) {
    if (at > from) await new Promise((resolve) => setImmediate(resolve));
    shelf.scan(at, Math.min(slots, at + SCAN_VECTORS), measure, nearest);
  }
}

/** What a search gives of the slots that are nearest. */
export function rowsOf(shelf: Shelf, nearest: Nearest): Pick<Found, 'keys' | 'distances'> {
  const keys: string[] = [];
  const distances: number[] = [];
  for (const { slot, distance } of nearest.entries()) {
    const key = shelf.keyOf(slot);
    if (key === undefined) continue;
    keys.push(key);
    distances.push(distance);
  }
  return { keys, distances };
}
