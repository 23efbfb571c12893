/** One run of a compiled query: what its operators share. */
import { FacetError, LIMITS } from '../../base/index.ts';
import type { QueryContext } from './context.ts';
import type { GraphSession } from './graph-session.ts';
import type { Row } from './row.ts';

/** What happened to the graph, counted as drivers expect it: by operation, not by the difference it made. */
export interface Counters {
  nodesCreated: number;
  nodesDeleted: number;
  relationshipsCreated: number;
  relationshipsDeleted: number;
  propertiesSet: number;
  labelsAdded: number;
  labelsRemoved: number;
}

export const noCounters = (): Counters => ({
  nodesCreated: 0,
  nodesDeleted: 0,
  relationshipsCreated: 0,
  relationshipsDeleted: 0,
  propertiesSet: 0,
  labelsAdded: 0,
  labelsRemoved: 0,
});

export interface Run {
  readonly context: QueryContext;
  readonly session: GraphSession;
  readonly counters: Counters;
}

/** Rows travel in batches, so that the cost of waiting is shared. A batch is never changed after it was handed on. */
export type Batches = AsyncIterable<readonly Row[]>;

/** Turns a stream of rows into another one. It is made once, when the query is compiled, and run many times. */
export type Operator = (input: Batches, run: Run) => Batches;

/** Rows of a batch: enough to share the cost, few enough to keep the first rows quick. */
export const BATCH_ROWS = 1_000;

export async function* onlyRow(row: Row): Batches {
  yield [row];
}

export async function* rowsOf(rows: readonly Row[]): Batches {
  for (let from = 0; from < rows.length; from += BATCH_ROWS) yield rows.slice(from, from + BATCH_ROWS);
}

export async function collectRows(batches: Batches): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const batch of batches) {
    for (const row of batch) rows.push(row);
    checkHeld(rows.length);
  }
  return rows;
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
