/**
 * Fills the demo's tables through the server's public API, in one transaction: other clients see either what was
 * there before or all of the new rows, and a load that is broken off leaves nothing behind.
 *
 * Rows go in batches, one array per column. A few batches are under way at once; the server runs the statements of
 * a transaction one after the other, so that only reading and sending overlap with inserting.
 */
import { LIMITS } from '../../base/index.ts';
import type { ServerClient } from '../client.ts';
import type { Cleaned, Row } from './clean.ts';
import { type DemoTable, DROP_TABLES, FIND_TABLES, FINISH, TABLE_COMMENT, TABLES } from './tables.ts';

/** From begin to commit: minutes on a very slow machine, seconds on others. */
export const LOAD_MS_MAX = 600_000;

export type DemoData = Readonly<Record<DemoTable['name'], Cleaned>>;

/** What the loader does, as it does it. */
export interface LoadProgress {
  rows(table: DemoTable['name'], loaded: number, total: number): void;
  finishing(): void;
}

/** A table of the user's own has a name that the demo needs. */
export class TableTakenError extends Error {
  override readonly name = 'TableTakenError';
  constructor(tables: readonly string[]) {
    super(
      `${tables.join(', ')}: a table of this name exists and was not made by the demo. ` +
        'Rename it, or run the demo on another store.',
    );
  }
}

/** Names of the demo's tables that are there. @throws TableTakenError when one of them is somebody's own */
export async function loadedTables(client: ServerClient): Promise<string[]> {
  const found = await client.query(FIND_TABLES, { params: [TABLE_COMMENT] });
  const foreign = found.rows.filter((row) => row[1] !== true).map((row) => String(row[0]));
  if (foreign.length > 0) throw new TableTakenError(foreign);
  return found.rows.map((row) => String(row[0]));
}

/** Replaces the demo's tables. @throws TableTakenError, ServerError */
export async function loadTables(
  client: ServerClient,
  data: DemoData,
  progress: LoadProgress,
): Promise<void> {
  await loadedTables(client);
  const transactionId = await client.begin(LOAD_MS_MAX);
  const run = async (sql: string, params?: (string | null)[][]): Promise<void> => {
    await client.query(sql, {
      transactionId,
      timeoutMs: LOAD_MS_MAX,
      ...(params === undefined ? {} : { params }),
    });
  };
  try {
    await run(DROP_TABLES);
    for (const table of TABLES) {
      await run(table.create);
      await insertRows(table, data[table.name].rows, run, progress);
    }
    progress.finishing();
    for (const statement of FINISH) await run(statement);
    await client.commit(transactionId);
  } catch (error) {
    // The first error is the one to tell; without this call the deadline would roll back.
    await client.rollback(transactionId).catch(() => undefined);
    throw error;
  }
}

async function insertRows(
  table: DemoTable,
  rows: readonly Row[],
  run: (sql: string, params: (string | null)[][]) => Promise<void>,
  progress: LoadProgress,
): Promise<void> {
  const batches = Array.from({ length: Math.ceil(rows.length / LIMITS.demoRowsPerBatch) }, (_, number) =>
    rows.slice(number * LIMITS.demoRowsPerBatch, (number + 1) * LIMITS.demoRowsPerBatch),
  );
  let loaded = 0;
  progress.rows(table.name, 0, rows.length);
  await eachBounded(batches, LIMITS.demoBatchesInFlight, async (batch) => {
    await run(table.insert, columnsOf(batch));
    loaded += batch.length;
    progress.rows(table.name, loaded, rows.length);
  });
}

/** Rows turned into one array per column. */
function columnsOf(rows: readonly Row[]): (string | null)[][] {
  const width = rows[0]?.length ?? 0;
  return Array.from({ length: width }, (_, at) => rows.map((row) => row[at] ?? null));
}

/** Runs `work` on every item, at most `inFlightMax` at a time. After a failure no new ones start; it is thrown once all ended. */
export async function eachBounded<T>(
  items: readonly T[],
  inFlightMax: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const failures: unknown[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length && failures.length === 0) {
      const item = items[next++] as T;
      try {
        await work(item);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: inFlightMax }, worker));
  if (failures.length > 0) throw failures[0];
}
