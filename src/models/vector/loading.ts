/** Where an index comes from: the table, read in one snapshot, or the files that were saved of it. */
import { FacetError, LIMITS } from '../../base/index.ts';
import type { Database, Lsn, Transaction } from '../../engine/index.ts';
import { positionNow } from './feed-position.ts';
import type { GraphThread } from './graph/index.ts';
import type { SavedFiles } from './saved-files.ts';
import type { SavedManifest } from './saved-manifest.ts';
import { readShelf } from './saved-shelf.ts';
import { consumerOf } from './saving.ts';
import { Shelf } from './shelf.ts';
import { READ_ALL, READ_PIECE } from './statements.ts';
import type { Target } from './target.ts';
import { keyText, vectorOfCell } from './vector-text.ts';

/** Rows of one step of reading the table. */
const READ_ROWS = 1_000;

export interface Loaded {
  readonly shelf: Shelf;
  /** Changes that committed from there on make it current. */
  readonly from: Lsn;
  /** Of the first `entries` slots; undefined when there is none yet. */
  readonly graph: number | undefined;
  readonly entries: number;
  /** Of the files that it came from. */
  readonly manifest: SavedManifest | undefined;
}

/** @param room called now and then with what is on the shelf; it throws when there is too much */
export async function readTable(
  database: Database,
  target: Target,
  dimensions: number,
  room: (shelf: Shelf) => void,
  signal: AbortSignal,
): Promise<Loaded> {
  // First where the log is, then the rows: what commits between the two is met twice, and the second time changes nothing.
  const from = await positionNow(database, 'settled', signal);
  const { table, key, column } = target;
  const shelf = new Shelf(dimensions);
  await database.inTransaction(
    async (transaction: Transaction) => {
      const options = { transaction, signal, timeoutMs: LIMITS.queryTimeoutMsMax };
      const names = key.map(({ name }) => name);
      await database.run(READ_ALL(table, names, column), [], options);
      for (;;) {
        const { rows } = await database.run(READ_PIECE(READ_ROWS), [], options);
        if (rows.length === 0) return;
        for (const row of rows) shelve(shelf, row, key.length);
        room(shelf);
      }
    },
    { signal, readOnly: true, isolationLevel: 'repeatable_read', timeoutMs: LIMITS.queryTimeoutMsMax },
  );
  return { shelf, from, graph: undefined, entries: 0, manifest: undefined };
}

function shelve(shelf: Shelf, row: readonly (string | null)[], keyColumns: number): void {
  const key = keyText(row.slice(0, keyColumns));
  const cell = row[keyColumns];
  const vector = typeof cell === 'string' ? vectorOfCell(cell, shelf.dimensions) : undefined;
  if (key !== undefined && vector !== undefined) shelf.put(key, vector);
}

/**
 * Undefined when nothing was saved of this index, or the changes since are not kept.
 * @throws STORE_UNUSABLE for damaged files, and whatever keeps them from being read
 */
export async function readSaved(
  database: Database,
  files: SavedFiles,
  thread: GraphThread,
  signal: AbortSignal,
): Promise<Loaded | undefined> {
  const manifest = await files.read();
  if (manifest === undefined) return undefined;
  const [consumer] = await database.changes.consumers(consumerOf(files.of.index));
  // One that is ahead had newer files, and these have come back from somewhere.
  const follows = consumer?.name === consumerOf(files.of.index) && consumer.position <= manifest.lsn;
  if (!follows || !consumer.available || manifest.lsn > (await database.changes.now(signal)))
    return undefined;
  const { generation, digests, slots, entries } = manifest;
  const paths = files.generation(generation);
  const shelf = await readShelf({ ...paths, digests }, slots, files.of.dimensions);
  const graph = thread.nextGraph();
  const file = { path: paths.graph, digest: digests.graph };
  const size = await thread.do({ op: 'open', graph, shape: files.of.shape, file });
  if (size !== entries || entries > slots) {
    await thread.do({ op: 'close', graph });
    throw new FacetError('STORE_UNUSABLE', `${paths.graph} has ${size} entries instead of ${entries}`);
  }
  return { shelf, from: manifest.lsn, graph, entries, manifest };
}
