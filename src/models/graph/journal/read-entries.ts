/** Entries from the table, a page at a time. What was committed never changes, so pages need no common snapshot. */
import { LIMITS } from '../../../base/index.ts';
import type { Cell, Database } from '../../../engine/index.ts';
import type { ChainedEntry } from './chain.ts';
import { READ_PAGE } from './statements.ts';

export interface StoredEntry extends ChainedEntry {
  readonly timestampMs: number;
}

/** Behind `after`, up to `to`: fewer when some are missing. Each page on a session of the pool: they are not short. */
export async function* readPages(
  database: Database,
  after: number,
  to: number,
  signal?: AbortSignal,
): AsyncGenerator<readonly StoredEntry[]> {
  const [entries, bytes] = [String(LIMITS.journalPageEntries), String(LIMITS.journalPageBytes)];
  for (let last = after; last < to; ) {
    const { rows } = await database.inTransaction(
      (transaction) =>
        database.run(READ_PAGE, [String(last), String(to), entries, bytes], { transaction, signal }),
      { readOnly: true, signal },
    );
    const page = rows.map(entryOf);
    const end = page.at(-1);
    if (end === undefined) return;
    yield page;
    last = end.sequence;
  }
}

function entryOf([sequence, atMs, prevHash, hash, payload]: readonly Cell[]): StoredEntry {
  return {
    sequence: Number(sequence),
    timestampMs: Number(atMs),
    prevHash: Buffer.from(prevHash ?? '', 'hex'),
    hash: Buffer.from(hash ?? '', 'hex'),
    payload: Buffer.from(payload ?? '', 'base64'),
  };
}
