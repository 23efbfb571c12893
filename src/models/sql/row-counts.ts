/**
 * How many rows tables have, as PostgreSQL last estimated it. It knows nothing of a table before the first ANALYZE: small
 * ones are counted then, all of them in one statement; for a large one the planner's guess from the size of its file has
 * to do.
 */
import { FacetError, LIMITS } from '../../base/index.ts';
import { statement } from '../../engine/index.ts';
import type { OperationContext } from '../operation.ts';
import { type QualifiedName, quotedName } from '../table-names.ts';
import { readCatalog } from './read-catalog.ts';

export interface MeasuredTable {
  /** Rows at the last ANALYZE; -1 when there was none. */
  readonly analyzedRows: number;
  readonly heapBytes: number;
  readonly locked: boolean;
  readonly table: QualifiedName;
}

/** Tables that one statement counts: their files together stay small enough for the time of one request. */
const COUNTED_TOGETHER = 50;

/** In the order of `tables`; 0 for what cannot be read at the moment. */
export async function rowCounts(
  context: OperationContext,
  tables: readonly MeasuredTable[],
): Promise<number[]> {
  const counts = tables.map(({ analyzedRows }) => Math.max(analyzedRows, 0));
  const unknown = [...tables.entries()].filter(([, table]) => table.analyzedRows < 0 && !table.locked);
  const small = unknown.filter(([, { heapBytes }]) => heapBytes <= LIMITS.rowCountScanBytesMax);
  for (let at = 0; at < small.length; at += COUNTED_TOGETHER) {
    const batch = small.slice(at, at + COUNTED_TOGETHER);
    const counted = (await countTogether(context, batch)) ?? (await countEach(context, batch));
    for (const [index, count] of counted) counts[index] = count;
  }
  for (const [index, measured] of unknown) {
    if (measured.heapBytes > LIMITS.rowCountScanBytesMax) counts[index] = await rowCount(context, measured);
  }
  return counts;
}

type Indexed = readonly [index: number, measured: MeasuredTable];

/** Undefined when one of them cannot be read: then each is tried by itself. */
async function countTogether(
  context: OperationContext,
  batch: readonly Indexed[],
): Promise<[number, number][] | undefined> {
  const counting = statement(
    'sql.tables.count_all',
    batch.map(([at, { table }]) => `SELECT ${at}, count(*) FROM ${quotedName(table)}`).join(' UNION ALL '),
  );
  const rows = await unlessUnreadable(() =>
    readCatalog(context, async (options) => (await context.database.run(counting, [], options)).rows),
  );
  return rows?.map(([at, count]) => [Number(at), Number(count)]);
}

async function countEach(context: OperationContext, batch: readonly Indexed[]): Promise<[number, number][]> {
  const counted: [number, number][] = [];
  for (const [at, measured] of batch) counted.push([at, await rowCount(context, measured)]);
  return counted;
}

/** The rows of one table. */
export async function rowCount(context: OperationContext, measured: MeasuredTable): Promise<number> {
  const { analyzedRows, heapBytes, locked, table } = measured;
  if (analyzedRows >= 0) return analyzedRows;
  if (locked) return 0;
  const small = heapBytes <= LIMITS.rowCountScanBytesMax;
  const counting = small
    ? statement('sql.tables.count', `SELECT count(*) FROM ${quotedName(table)}`)
    : statement('sql.tables.estimate', `EXPLAIN (FORMAT JSON) SELECT FROM ${quotedName(table)}`);
  const cell = await unlessUnreadable(() =>
    readCatalog(context, async (options) => {
      const { rows } = await context.database.run(counting, [], options);
      return rows[0]?.[0] ?? '';
    }),
  );
  return small ? Number(cell ?? 0) : Number(/"Plan Rows": (\d+)/.exec(cell ?? '')?.[1] ?? 0);
}

/** Dropped, locked or closed to us since: the rest of the answer is still worth having. */
async function unlessUnreadable<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    const unreadable = ['TABLE_NOT_FOUND', 'LOCK_TIMEOUT', 'PERMISSION_DENIED', 'OBJECT_IN_USE'];
    if (error instanceof FacetError && unreadable.includes(error.code)) return undefined;
    throw error;
  }
}
