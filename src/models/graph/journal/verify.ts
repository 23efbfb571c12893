/**
 * Walks the journal and says the first entry that is not as it was written: numbers without gaps, each entry chained to
 * the one before, its payload that of the hash, its number and time those of the payload. Who can write to the table can
 * compute a whole new chain: that is found by comparing with a hash that is kept elsewhere, in a snapshot or an export.
 */
import { asFacetError, FacetError } from '../../../base/index.ts';
import type { Database } from '../../../engine/index.ts';
import { chained, hexOf, type JournalHead, sameBytes } from './chain.ts';
import { contentOf } from './entry.ts';
import { readPages, type StoredEntry } from './read-entries.ts';
import { journalStatus } from './state.ts';
import { READ_PLACES } from './statements.ts';

export interface VerifyProgress {
  /** The last entry that was looked at. */
  readonly sequence: number;
  readonly entries: number;
  readonly entriesTotal: number;
}

export interface JournalFault {
  /** The entry that is wrong; of `missing` the first that is. */
  readonly sequence: number;
  readonly kind: 'missing' | 'changed' | 'chain broken' | 'head';
  readonly message: string;
}

export interface Verdict {
  /** Entries that were looked at. */
  readonly entries: number;
  /** Where the walk began. */
  readonly after: JournalHead;
  /** The last entry that is right. */
  readonly head: JournalHead;
  readonly fault?: JournalFault | undefined;
}

export interface VerifyOptions {
  readonly signal?: AbortSignal | undefined;
  readonly progress?: ((progress: VerifyProgress) => void) | undefined;
}

/** Walks to the end. */
export async function verifyJournal(database: Database, options: VerifyOptions = {}): Promise<Verdict> {
  const steps = verifySteps(database, options.signal);
  for (;;) {
    const { done, value } = await steps.next();
    if (done === true) return value;
    options.progress?.(value);
  }
}

/** A step for each page of entries; in the end what was found. Memory is that of a page. */
export async function* verifySteps(
  database: Database,
  signal?: AbortSignal,
): AsyncGenerator<VerifyProgress, Verdict> {
  const { base, head: end } = await journalStatus(database, { signal });
  let head: JournalHead = { sequence: base.sequence, hash: base.hash };
  let entries = 0;
  const verdict = (fault?: JournalFault): Verdict => ({
    entries,
    after: { sequence: base.sequence, hash: base.hash },
    head,
    fault,
  });
  for await (const page of readPages(database, base.sequence, end.sequence, signal)) {
    head = await afterPruning(database, head, page, signal);
    for (const entry of page) {
      entries++;
      const fault = faultOf(entry, head);
      if (fault !== undefined) return verdict(fault);
      head = { sequence: entry.sequence, hash: entry.hash };
    }
    yield { sequence: head.sequence, entries, entriesTotal: end.sequence - base.sequence };
  }
  return verdict(await endFault(database, head, signal));
}

/** What the page stands behind, when what was before it has been removed since the last page. */
async function afterPruning(
  database: Database,
  head: JournalHead,
  [first]: readonly StoredEntry[],
  signal: AbortSignal | undefined,
): Promise<JournalHead> {
  if (first === undefined || first.sequence === head.sequence + 1) return head;
  const { base } = await journalStatus(database, { signal });
  const before = first.sequence - 1;
  if (base.sequence < before) return head;
  // When the page itself is being removed, only the chain behind it is left to look at.
  return { sequence: before, hash: base.sequence === before ? base.hash : first.prevHash };
}

function faultOf(entry: StoredEntry, head: JournalHead): JournalFault | undefined {
  const { sequence } = entry;
  const wanted = head.sequence + 1;
  const fault = (kind: JournalFault['kind'], at: number, message: string): JournalFault => ({
    kind,
    sequence: at,
    message: `Entry ${at} of the journal ${message}`,
  });
  if (sequence !== wanted) {
    const last = sequence - 1;
    return fault('missing', wanted, wanted === last ? 'is missing' : `and those up to ${last} are missing`);
  }
  const right = chained(head, entry.payload);
  const fits = sameBytes(entry.hash, right.hash);
  if (!sameBytes(entry.prevHash, head.hash)) {
    const why = `names ${hexOf(entry.prevHash)} as the hash before it, which is ${hexOf(head.hash)}`;
    return fault('chain broken', sequence, why);
  }
  if (!fits) return fault('changed', sequence, 'is not what was written: its hash is another');
  try {
    const content = contentOf(entry.payload);
    if (content.sequence === sequence && content.timestampMs === entry.timestampMs) return undefined;
    return fault('changed', sequence, `says of itself that it is entry ${content.sequence}`);
  } catch (thrown) {
    return fault('changed', sequence, `cannot be read: ${asFacetError(thrown).message}`);
  }
}

/**
 * What is appended next goes behind the end that PostgreSQL keeps beside the entries. When the last entry was removed,
 * this is what shows it.
 */
async function endFault(
  database: Database,
  head: JournalHead,
  signal: AbortSignal | undefined,
): Promise<JournalFault | undefined> {
  // The lock that this takes keeps others from appending, so it is not held for longer than this.
  const places = await database
    .inTransaction((transaction) => database.run(READ_PLACES, [], { transaction, signal }), {
      signal,
      rollback: true,
    })
    .catch((thrown: unknown) => {
      const { code, sqlState, message } = asFacetError(thrown);
      // A standby appends nothing. The end that it knows of may be ahead of the entries that it has got.
      if (code === 'READ_ONLY_TRANSACTION') return undefined;
      if (sqlState !== '55000') throw thrown;
      return message;
    });
  if (places === undefined) return undefined;
  if (typeof places === 'string') return { kind: 'head', sequence: head.sequence, message: places };
  const [[sequence, hash] = []] = places.rows;
  const end = Number(sequence);
  if (end < head.sequence || (end === head.sequence && hash !== hexOf(head.hash))) {
    const message = `The journal is known to end at entry ${end} with hash ${hash}, and its last entry is ${head.sequence} with ${hexOf(head.hash)}`;
    return { kind: 'head', sequence: end, message };
  }
  if (end === head.sequence) return undefined;
  // Those that came while we walked are there; they are not looked at.
  const { head: now } = await journalStatus(database, { signal });
  if (now.sequence >= end) return undefined;
  return {
    kind: 'missing',
    sequence: now.sequence + 1,
    message: `Entry ${now.sequence + 1} of the journal and those up to ${end} are missing`,
  };
}

/** @throws JOURNAL_DAMAGED */
export function assertSound({ fault }: Verdict): void {
  if (fault !== undefined) throw new FacetError('JOURNAL_DAMAGED', fault.message);
}
