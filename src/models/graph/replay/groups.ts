/** Entries by the transactions that they are of, and up to where they are wanted. */
import { LIMITS } from '../../../base/index.ts';
import { type ChainedEntry, contentOf, type EntryContent } from '../journal/index.ts';

export interface ReadEntry extends Omit<EntryContent, 'parameters' | 'sequence'> {
  readonly entry: ChainedEntry;
}

/** What was committed together. */
export interface Group {
  readonly entries: readonly ReadEntry[];
  /** False: there are more than are held in memory; `rest` has them. */
  readonly complete: boolean;
  /** Of a group that is not complete: to be taken to its end. */
  readonly rest: AsyncGenerator<ReadEntry>;
}

/** A group that ends without its last entry, because the journal does, is left out: it is not whole. */
export async function* groupsOf(entries: AsyncIterator<ChainedEntry>): AsyncGenerator<Group> {
  for (;;) {
    const group: ReadEntry[] = [];
    let bytes = 0;
    for (;;) {
      const read = await readNext(entries);
      if (read === undefined) return;
      group.push(read);
      bytes += read.entry.payload.length;
      if (!read.continues || bytes >= LIMITS.journalReplayBytes) break;
    }
    const complete = group.at(-1)?.continues === false;
    yield { entries: group, complete, rest: complete ? nothing() : restOf(entries) };
  }
}

async function* nothing(): AsyncGenerator<ReadEntry> {}

/** Throws when the journal ends before the group does. */
async function* restOf(entries: AsyncIterator<ChainedEntry>): AsyncGenerator<ReadEntry> {
  for (;;) {
    const read = await readNext(entries);
    if (read === undefined) throw new EndOfJournal();
    yield read;
    if (!read.continues) return;
  }
}

/** The journal ends in the middle of a transaction. */
export class EndOfJournal extends Error {
  override readonly name = 'EndOfJournal';
}

async function readNext(entries: AsyncIterator<ChainedEntry>): Promise<ReadEntry | undefined> {
  const { done, value } = await entries.next();
  if (done === true) return undefined;
  const { query, effects, continues, begins, timestampMs } = contentOf(value.payload);
  return { query, effects, continues, begins, timestampMs, entry: value };
}

/** Up to where the graph is wanted; both ends belong to it. */
export interface Until {
  readonly sequence?: number | undefined;
  /** Unix time. */
  readonly timeMs?: number | undefined;
}

export const isWanted = ({ entry, timestampMs }: ReadEntry, { sequence, timeMs }: Until): boolean =>
  (sequence === undefined || entry.sequence <= sequence) && (timeMs === undefined || timestampMs <= timeMs);
