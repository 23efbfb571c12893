/** What an index finds: slots of its shelf are measured, and the nearest are told by the keys of their rows. */
import type { GraphShape } from './graph/index.ts';
import { isOutside } from './graph-vectors.ts';
import type { Measure, Metric } from './metric.ts';
import { Nearest } from './nearest.ts';
import type { Shelf } from './shelf.ts';

/** Vectors that are measured before others get a turn: some milliseconds. */
const SCAN_VECTORS = 16_384;

/**
 * Entries of the graph that are measured for each that is wanted, and beside those. It has them in the order of numbers
 * of two bytes: those that this puts in another place are near the ends of what is wanted.
 */
const MEASURED_EACH = 2;
const MEASURED_MORE = 12;

export interface Found {
  /** Keys of rows, nearest first. */
  readonly keys: readonly string[];
  /** Of each, to the vector in memory. */
  readonly distances: readonly number[];
  /** Vectors that were measured. */
  readonly candidates: number;
  /** Of them, those that the graph does not have, or cannot order. */
  readonly pending: number;
  /** The graph was asked. */
  readonly approximate: boolean;
}

/** Offers the slots from `from` on, a piece at a time. */
async function scan(shelf: Shelf, from: number, measure: Measure, nearest: Nearest): Promise<void> {
  const { slots } = shelf;
  for (let at = from; at < slots; at += SCAN_VECTORS) {
    if (at > from) await new Promise((resolve) => setImmediate(resolve));
    shelf.scan(at, Math.min(slots, at + SCAN_VECTORS), measure, nearest);
  }
}

/** Offers those slots, a piece at a time. */
async function scanSlots(
  shelf: Shelf,
  slots: readonly number[],
  measure: Measure,
  nearest: Nearest,
): Promise<void> {
  for (let at = 0; at < slots.length; at += SCAN_VECTORS) {
    if (at > 0) await new Promise((resolve) => setImmediate(resolve));
    for (const slot of slots.slice(at, at + SCAN_VECTORS)) shelf.offer(slot, measure, nearest);
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

/** Slots that the graph cannot order, of `count` from `from` on. */
export function outsideOf(shelf: Shelf, metric: Metric, from: number, count: number): number[] {
  const slots: number[] = [];
  for (let slot = from; slot < from + count; slot++) {
    if (isOutside(metric, shelf.lengthOf(slot))) slots.push(slot);
  }
  return slots;
}

/** What the graph says of a shelf. */
export interface Named {
  readonly shelf: Shelf;
  /** Nearest first, by its reckoning. */
  readonly slots: Uint32Array;
  /** Slots before it are in the graph. */
  readonly inGraph: number;
  /** Of them, those that it cannot order. */
  readonly outside: readonly number[];
  readonly shape: GraphShape;
  readonly metric: Metric;
}

/** The nearest of those that the graph names and those that it does not know. */
export async function measureNamed(
  { shelf, slots, inGraph, outside, shape, metric }: Named,
  measure: Measure,
  count: number,
): Promise<Found> {
  const nearest = new Nearest(count);
  const enough = count * MEASURED_EACH + MEASURED_MORE;
  let measured = 0;
  for (const slot of slots) {
    if (slot >= inGraph || isOutside(metric, shelf.lengthOf(slot))) continue;
    if (!shelf.offer(slot, measure, nearest)) continue;
    // One byte of each number says less of the order.
    if (++measured === enough && shape.scalar === 'bf16') break;
  }
  await scanSlots(shelf, outside, measure, nearest);
  await scan(shelf, inGraph, measure, nearest);
  const pending = shelf.slots - inGraph + outside.length;
  return { ...rowsOf(shelf, nearest), candidates: measured + pending, pending, approximate: true };
}

/** The nearest of all. */
export async function measureAll(shelf: Shelf, measure: Measure, count: number): Promise<Found> {
  const nearest = new Nearest(count);
  const { slots } = shelf;
  await scan(shelf, 0, measure, nearest);
  return { ...rowsOf(shelf, nearest), candidates: slots, pending: slots, approximate: false };
}
