/** Changes that were taken together. All lines have the same ones, so what is made of them is made once. */
import type { Change } from '../../../engine/index.ts';
import type { RowChange } from '../row-change.ts';

/** Changes of one table, in both forms. */
export interface Batch {
  readonly changes: readonly Change[];
  readonly rows: readonly RowChange[];
  readonly bytes: number;
}

/** Puts batches together: lines that are as far as each other get the same one, whose chunks are known then. */
export class Batches {
  /** By the first of them. */
  readonly #known = new WeakMap<Batch, { readonly count: number; readonly joined: Batch }>();

  /** Undefined for none. `batches` follow each other. */
  joined(batches: readonly Batch[]): Batch | undefined {
    const [first] = batches;
    const count = batches.length;
    if (first === undefined || count === 1) return first;
    const known = this.#known.get(first);
    if (known?.count === count) return known.joined;
    const joined = {
      changes: batches.flatMap(({ changes }) => changes),
      rows: batches.flatMap(({ rows }) => rows),
      bytes: batches.reduce((sum, { bytes }) => sum + bytes, 0),
    };
    this.#known.set(first, { count, joined });
    return joined;
  }
}
