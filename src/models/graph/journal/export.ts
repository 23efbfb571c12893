/** Entries as the bytes of a file, at the pace of whoever takes them. */
import { FacetError } from '../../../base/index.ts';
import type { Database } from '../../../engine/index.ts';
import { type JournalHead, sameBytes } from './chain.ts';
import { delimitedOf } from './delimited.ts';
import type { JournalFormat } from './journal-file.ts';
import { readPages } from './read-entries.ts';
import { segmentOf } from './segment.ts';
import { journalStatus } from './state.ts';
import { READ_HASH } from './statements.ts';

export interface ExportOptions {
  /** The first entry. Default: the first that is kept. */
  readonly from?: number | undefined;
  /** The last entry. Default: the last there is. */
  readonly to?: number | undefined;
  /** Default: segments. */
  readonly format?: JournalFormat | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface JournalExport {
  /** What the first entry stands behind. */
  readonly after: JournalHead;
  /** The last entry. */
  readonly head: JournalHead;
  readonly format: JournalFormat;
  /**
   * A page of entries each. Rejects with JOURNAL_DAMAGED when one is missing or not chained to the one before, and with
   * JOURNAL_NOT_KEPT when it is because they were removed meanwhile.
   */
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** @throws JOURNAL_NOT_KEPT when `from` was removed or `to` has yet to come, INVALID_PARAMETER */
export async function exportJournal(database: Database, options: ExportOptions): Promise<JournalExport> {
  const { base, head: end } = await journalStatus(database, { signal: options.signal });
  const { from = base.sequence + 1, to = end.sequence, format = 'segments' } = options;
  if (from <= base.sequence || to > end.sequence) {
    throw new FacetError(
      'JOURNAL_NOT_KEPT',
      `The journal has the entries ${base.sequence + 1} to ${end.sequence}, and ${from} to ${to} are asked for`,
    );
  }
  if (to < from - 1) throw new FacetError('INVALID_PARAMETER', `There are no entries from ${from} to ${to}`);
  const [after, head] = await Promise.all([from - 1, to].map((sequence) => headAt(database, sequence)));
  if (after === undefined || head === undefined) {
    throw new FacetError(
      'JOURNAL_DAMAGED',
      `Entry ${after === undefined ? from - 1 : to} of the journal is missing`,
    );
  }
  return { after, head, format, chunks: chunksOf(database, after, head, format, options.signal) };
}

async function headAt(database: Database, sequence: number): Promise<JournalHead | undefined> {
  const hash = await hashAt(database, sequence);
  return hash === undefined ? undefined : { sequence, hash };
}

/** Of an entry that is kept, or of the last that was removed. */
export async function hashAt(database: Database, sequence: number): Promise<Uint8Array | undefined> {
  const { rows } = await database.run(READ_HASH, [String(sequence)]);
  const hash = rows[0]?.[0];
  return typeof hash === 'string' ? Buffer.from(hash, 'hex') : undefined;
}

async function* chunksOf(
  database: Database,
  after: JournalHead,
  head: JournalHead,
  format: JournalFormat,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  const bytesOf = format === 'segments' ? segmentOf : delimitedOf;
  let last = after;
  for await (const page of readPages(database, after.sequence, head.sequence, signal)) {
    for (const entry of page) {
      if (entry.sequence !== last.sequence + 1 || !sameBytes(entry.prevHash, last.hash)) {
        throw await broken(database, last);
      }
      last = { sequence: entry.sequence, hash: entry.hash };
    }
    yield Buffer.concat(page.map(bytesOf));
  }
  if (last.sequence !== head.sequence) throw await broken(database, last);
}

async function broken(database: Database, { sequence }: JournalHead): Promise<FacetError> {
  const { base } = await journalStatus(database);
  if (base.sequence > sequence) {
    return new FacetError(
      'JOURNAL_NOT_KEPT',
      `The entries up to ${base.sequence} were removed while they were read`,
    );
  }
  return new FacetError(
    'JOURNAL_DAMAGED',
    `Entry ${sequence + 1} of the journal is missing, or not chained to the one before`,
    {
      hint: 'journal.verify says what is wrong.',
    },
  );
}
