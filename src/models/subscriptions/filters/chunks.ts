/** Which changes are evaluated together: each has a place in a chunk, for as long as anybody has the change. */
import { type FacetError, LIMITS } from '../../../base/index.ts';
import type { Change } from '../../../engine/index.ts';

/** Which of the changes match; or why the condition can no longer be evaluated. */
export type Matches = Uint8Array | FacetError;

/** Changes that were evaluated together. */
export interface Chunk {
  readonly changes: readonly Change[];
  readonly matches: Map<string, Promise<Matches>>;
}

interface Place {
  readonly chunk: Chunk;
  readonly index: number;
}

/** Changes from `at` on that have the places from `index` on in a chunk. */
export interface Stretch {
  readonly chunk: Chunk;
  readonly at: number;
  readonly index: number;
  length: number;
}

export class Chunks {
  readonly #places = new WeakMap<Change, Place>();
  /** By the very list that was asked for: nearly always many conditions ask for the same one. */
  readonly #stretches = new WeakMap<readonly Change[], readonly Stretch[]>();

  /** What stands together in `changes` and in a chunk; those that are new get chunks of their own. */
  stretchesOf(changes: readonly Change[]): readonly Stretch[] {
    const known = this.#stretches.get(changes) ?? this.#stretchesIn(changes);
    this.#stretches.set(changes, known);
    return known;
  }

  #stretchesIn(changes: readonly Change[]): readonly Stretch[] {
    this.#chunk(changes);
    const stretches: Stretch[] = [];
    for (const [at, change] of changes.entries()) {
      const place = this.#places.get(change);
      if (place === undefined) continue;
      const last = stretches.at(-1);
      if (last?.chunk === place.chunk && last.index + last.length === place.index) last.length++;
      else stretches.push({ chunk: place.chunk, at, index: place.index, length: 1 });
    }
    return stretches;
  }

  /** Gives every change a place, those that are new together as far as a statement takes them. */
  #chunk(changes: readonly Change[]): void {
    let fresh: Change[] = [];
    let bytes = 0;
    const close = (): void => {
      if (fresh.length === 0) return;
      const chunk: Chunk = { changes: fresh, matches: new Map() };
      for (const [index, change] of fresh.entries()) this.#places.set(change, { chunk, index });
      fresh = [];
      bytes = 0;
    };
    for (const change of changes) {
      if (this.#places.has(change)) continue;
      const last = fresh.at(-1);
      const full =
        fresh.length >= LIMITS.filterBatchRowsMax || bytes + change.bytes > LIMITS.filterBatchBytesMax;
      if (full || (last !== undefined && last.table !== change.table)) close();
      fresh.push(change);
      bytes += change.bytes;
    }
    close();
  }
}
