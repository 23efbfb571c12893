/**
 * The vectors of an indexed column in memory, by the key of their row. Each vector that comes gets the next slot, and a
 * slot is never used again: so the graph, which holds copies, can be behind by any number of slots at its end, and an
 * entry of a row that has changed or gone is told by its slot alone. What is given up is room; `dead` says how much.
 */
import { type Measure, norm } from './metric.ts';
import { Nearest } from './nearest.ts';

/** Vectors per piece: growing never copies more than that. */
const PIECE = 1_024;

/** The slots there were at one moment. */
export interface ShelfSnapshot {
  readonly dimensions: number;
  /** Of each slot; undefined for one that was dead. */
  readonly keys: readonly (string | undefined)[];
  /** The vectors of all slots; those of later slots come behind them. */
  readonly pieces: readonly Float32Array[];
  readonly vectorsPerPiece: number;
}

export class Shelf {
  readonly dimensions: number;
  readonly #pieces: Float32Array[] = [];
  /** Of each slot; -1 for one that is dead. */
  #norms: number[] = [];
  #keys: (string | undefined)[] = [];
  readonly #slotOf = new Map<string, number>();
  #keyCharacters = 0;

  constructor(dimensions: number) {
    this.dimensions = dimensions;
  }

  /** Slots given out so far, dead ones too. */
  get slots(): number {
    return this.#keys.length;
  }

  /** Rows that have a vector. */
  get rows(): number {
    return this.#slotOf.size;
  }

  get dead(): number {
    return this.slots - this.rows;
  }

  /** Roughly, with the map. */
  get bytes(): number {
    return this.#pieces.length * PIECE * this.dimensions * 4 + this.slots * 80 + this.#keyCharacters * 2;
  }

  readonly vectorsPerPiece = PIECE;

  /** Cheap: what is in a slot never changes, so the vectors are not copied. */
  snapshot(): ShelfSnapshot {
    return {
      dimensions: this.dimensions,
      keys: [...this.#keys],
      pieces: [...this.#pieces],
      vectorsPerPiece: PIECE,
    };
  }

  /** The next slots as a snapshot had them, dead ones too. All but the last call have `vectorsPerPiece`. */
  restore(keys: readonly (string | undefined)[], vectors: Float32Array): void {
    const piece = keys.length === PIECE ? vectors : new Float32Array(PIECE * this.dimensions);
    if (piece !== vectors) piece.set(vectors);
    this.#pieces.push(piece);
    for (const [at, key] of keys.entries()) {
      this.#keys.push(key);
      this.#norms.push(key === undefined ? -1 : norm(piece, at * this.dimensions, this.dimensions));
      if (key === undefined) continue;
      this.#slotOf.set(key, this.#keys.length - 1);
      this.#keyCharacters += key.length;
    }
  }

  put(key: string, vector: Float32Array): void {
    this.remove(key);
    const slot = this.slots;
    const within = slot % PIECE;
    if (within === 0) this.#pieces.push(new Float32Array(PIECE * this.dimensions));
    const piece = this.#pieceOf(slot);
    piece.set(vector, within * this.dimensions);
    this.#keys.push(key);
    this.#norms.push(norm(piece, within * this.dimensions, this.dimensions));
    this.#slotOf.set(key, slot);
    this.#keyCharacters += key.length;
  }

  remove(key: string): void {
    const slot = this.#slotOf.get(key);
    if (slot === undefined) return;
    this.#slotOf.delete(key);
    this.#keys[slot] = undefined;
    this.#norms[slot] = -1;
    this.#keyCharacters -= key.length;
  }

  /** All rows are gone; their slots are dead. */
  removeAll(): void {
    for (const key of [...this.#slotOf.keys()]) this.remove(key);
  }

  /** A new one with the living alone, in new slots. */
  compacted(): Shelf {
    const fresh = new Shelf(this.dimensions);
    for (const [key, slot] of this.#slotOf) {
      const offset = (slot % PIECE) * this.dimensions;
      fresh.put(key, this.#pieceOf(slot).subarray(offset, offset + this.dimensions));
    }
    return fresh;
  }

  /** Undefined when the slot is dead. */
  keyOf(slot: number): string | undefined {
    return this.#keys[slot];
  }

  /** The vectors of `count` slots, one behind the other, each times what `factor` says of its length. */
  copyOf(from: number, count: number, factor: (length: number) => number): Float32Array {
    const { dimensions } = this;
    const copy = new Float32Array(count * dimensions);
    for (let at = 0; at < count; at++) {
      const piece = this.#pieceOf(from + at);
      const offset = ((from + at) % PIECE) * dimensions;
      const known = this.lengthOf(from + at);
      const by = factor(known < 0 ? norm(piece, offset, dimensions) : known);
      const to = at * dimensions;
      for (let of = 0; of < dimensions; of++) copy[to + of] = (piece[offset + of] as number) * by;
    }
    return copy;
  }

  /** Length of the vector in the slot; negative when the slot is dead. */
  lengthOf(slot: number): number {
    return this.#norms[slot] ?? -1;
  }

  /** Offers the living slots from `from` up to but not including `end`. */
  scan(from: number, end: number, measure: Measure, nearest: Nearest): void {
    for (let slot = from; slot < end; slot++) this.offer(slot, measure, nearest);
  }

  /** The nearest of those rows. Keys that are not here have no vector. */
  nearestOf(keys: Iterable<string>, measure: Measure, max: number): Nearest {
    const nearest = new Nearest(max);
    for (const key of keys) {
      const slot = this.#slotOf.get(key);
      if (slot !== undefined) this.offer(slot, measure, nearest);
    }
    return nearest;
  }

  /** False when the slot is dead. */
  offer(slot: number, measure: Measure, nearest: Nearest): boolean {
    const length = this.#norms[slot];
    if (length === undefined || length < 0) return false;
    nearest.offer(slot, measure(this.#pieceOf(slot), (slot % PIECE) * this.dimensions, length));
    return true;
  }

  #pieceOf(slot: number): Float32Array {
    return this.#pieces[Math.floor(slot / PIECE)] as Float32Array;
  }
}
