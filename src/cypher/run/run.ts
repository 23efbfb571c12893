/** One run of a compiled query: what its operators share. */
import { FacetError, LIMITS } from '../../base/index.ts';
import type { Meter } from '../values/meter.ts';
import type { QueryContext } from './context.ts';
import type { GraphSession } from './graph-session.ts';
import type { Profile } from './profile.ts';
import type { Row } from './row.ts';

/** What happened to the graph, counted as drivers expect it: by operation, not by the difference it made. */
export interface Counters {
  nodesCreated: number;
  nodesDeleted: number;
  relationshipsCreated: number;
  relationshipsDeleted: number;
  /** By SET, REMOVE and what replaces all properties; not those that something was created with. */
  propertiesSet: number;
  /** Properties that nodes and relationships were created with. */
  propertiesCreated: number;
  labelsAdded: number;
  labelsRemoved: number;
}

export const noCounters = (): Counters => ({
  nodesCreated: 0,
  nodesDeleted: 0,
  relationshipsCreated: 0,
  relationshipsDeleted: 0,
  propertiesSet: 0,
  propertiesCreated: 0,
  labelsAdded: 0,
  labelsRemoved: 0,
});

export interface Run {
  readonly context: QueryContext;
  readonly session: GraphSession;
  readonly counters: Counters;
  /** Present when the query is profiled. */
  readonly profile?: Profile | undefined;
}

/** Rows travel in batches, so that the cost of waiting is shared. A batch is never changed after it was handed on. */
export type Batches = AsyncIterable<readonly Row[]>;

/** Turns a stream of rows into another one. It is made once, when the query is compiled, and run many times. */
export type Operator = (input: Batches, run: Run) => Batches;

/** `operator` as a step that a Profile tells of. */
export const profiled =
  (source: object, operator: Operator): Operator =>
  (input, run) =>
    run.profile === undefined
      ? operator(input, run)
      : run.profile.stage(source, input, (watched) => operator(watched, run));

/** Rows of a batch: enough to share the cost, few enough to keep the first rows quick. */
export const BATCH_ROWS = 1_000;

export async function* onlyRow(row: Row): Batches {
  yield [row];
}

export async function* rowsOf(rows: readonly Row[]): Batches {
  for (let from = 0; from < rows.length; from += BATCH_ROWS) yield rows.slice(from, from + BATCH_ROWS);
}

/** @param holding counts them; whoever asked lets them go through `handedOn`, or releases it */
export async function collectRows(batches: Batches, holding: Holding): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const batch of batches) {
    for (const row of batch) rows.push(row);
    checkHeld(rows.length);
    holding.hold(batch);
  }
  return rows;
}

/** A row, and a slot of it with a number: more than it is for what rows share. */
const ROW_BYTES = 64;
const SLOT_BYTES = 32;

/** Rows that a clause holds, in what the meter of the query has counted. */
export class Holding {
  readonly #meter: Meter;
  /** Of the rows, and of the lists and texts that were made for them. */
  #rowBytes = 0;
  #contentBytes = 0;

  constructor({ context }: Run) {
    this.#meter = context.meter;
  }

  get bytes(): number {
    return this.#rowBytes + this.#contentBytes;
  }

  /** @throws LIMIT_EXCEEDED, UNAVAILABLE */
  hold(rows: readonly Row[]): void {
    const bytes = rows.length * (ROW_BYTES + SLOT_BYTES * (rows[0]?.length ?? 0));
    this.#rowBytes += bytes;
    this.#contentBytes += this.#meter.keep();
    this.#meter.hold(bytes);
  }

  /** Something that was counted as held already. */
  claim(bytes: number): void {
    this.#contentBytes += bytes;
  }

  /** The rows, which may be others by now, leave: what was made for them goes with them. */
  async *handedOn(rows: readonly Row[]): Batches {
    const share = (this.#contentBytes / Math.max(1, rows.length)) * BATCH_ROWS;
    try {
      for await (const batch of rowsOf(rows)) {
        const bytes = Math.min(share, this.#contentBytes);
        this.#contentBytes -= bytes;
        this.#meter.handOn(bytes);
        try {
          yield batch;
        } finally {
          this.#meter.forget(bytes);
        }
      }
    } finally {
      this.release();
    }
  }

  release(): void {
    this.#meter.release(this.#rowBytes + this.#contentBytes);
    this.#rowBytes = 0;
    this.#contentBytes = 0;
  }
}

/** @throws LIMIT_EXCEEDED when a clause holds too much */
export function checkHeld(count: number): void {
  if (count <= LIMITS.cypherRowsHeldMax) return;
  throw new FacetError(
    'LIMIT_EXCEEDED',
    `A clause of the query holds more than ${LIMITS.cypherRowsHeldMax} rows (cypherRowsHeldMax)`,
    { hint: 'Sorting, grouping, DISTINCT and updates hold their rows. Filter earlier, or work in portions.' },
  );
}
