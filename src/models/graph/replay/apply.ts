/**
 * Rebuilds a graph from the entries of its journal: in order, in transactions of many, and never up to the middle of what
 * was committed together. The entries become the journal of the graph, which so ends with the hash that was recorded.
 */
import { FacetError, LIMITS } from '../../../base/index.ts';
import type { Database, Transaction } from '../../../engine/index.ts';
import {
  type ChainedEntry,
  chainHash,
  continueJournal,
  hexOf,
  type JournalHead,
  journalHead,
  sameBytes,
} from '../journal/index.ts';
import { CLAIM_PATIENCE, LOCK_JOURNAL_STATE } from '../writer-statements.ts';
import { ReplayBatch } from './batch.ts';
import { EndOfJournal, type Group, groupsOf, isWanted, type ReadEntry, type Until } from './groups.ts';

export interface ApplyProgress {
  /** The last entry that was applied. */
  readonly sequence: number;
  readonly entries: number;
  /** Of that entry. */
  readonly timestampMs: number;
}

export interface ApplyOptions {
  /** Default: all of them. */
  readonly until?: Until | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called after each commit. */
  readonly progress?: ((progress: ApplyProgress) => void) | undefined;
}

export interface Applied {
  /** Where the graph's journal ends now. */
  readonly head: JournalHead;
  readonly entries: number;
  /** Of the last entry that was applied, Unix time in milliseconds. */
  readonly timestampMs: number | undefined;
  /** There was an entry behind it that is not wanted; false: the entries ended first. */
  readonly stopped: boolean;
}

/**
 * Entries that the graph's journal has already are passed over, if its last one is among them.
 * @throws JOURNAL_MISMATCH when they do not continue the graph's journal, or cannot be run again; JOURNAL_DAMAGED when
 *   they are not chained; LOCK_TIMEOUT while others write
 */
export async function applyEntries(
  database: Database,
  entries: AsyncIterable<ChainedEntry>,
  options: ApplyOptions = {},
): Promise<Applied> {
  const head = await journalHead(database, { signal: options.signal });
  const source = continuing(entries, head);
  const replay = new Replay(database, head, options);
  try {
    for await (const group of groupsOf(source)) {
      options.signal?.throwIfAborted();
      if (!(await replay.take(group))) break;
    }
    await replay.commit();
  } finally {
    await source.return(undefined);
  }
  return {
    head: replay.head,
    entries: replay.applied,
    timestampMs: replay.timestampMs,
    stopped: replay.stopped,
  };
}

class Replay {
  head: JournalHead;
  applied = 0;
  timestampMs: number | undefined = undefined;
  stopped = false;
  readonly #database: Database;
  readonly #options: ApplyOptions;
  readonly #until: Until;
  #waiting: ReadEntry[] = [];
  #bytes = 0;

  constructor(database: Database, head: JournalHead, options: ApplyOptions) {
    this.#database = database;
    this.head = head;
    this.#options = options;
    this.#until = options.until ?? {};
  }

  /** False when it is not wanted, nor what follows. */
  async take(group: Group): Promise<boolean> {
    if (!group.complete) return this.#takeLarge(group);
    if (!group.entries.every((read) => isWanted(read, this.#until))) {
      this.stopped = true;
      return false;
    }
    for (const read of group.entries) {
      this.#waiting.push(read);
      this.#bytes += read.entry.payload.length;
    }
    const full =
      this.#waiting.length >= LIMITS.journalReplayEntries || this.#bytes >= LIMITS.journalReplayBytes;
    if (full) await this.commit();
    return true;
  }

  async commit(): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#bytes = 0;
    if (waiting.length === 0) return;
    await this.#inBatch(async (add) => {
      for (const read of waiting) await add(read);
    });
  }

  /** A transaction that is not held in memory: it is undone when its end is not wanted, or missing. */
  async #takeLarge(group: Group): Promise<boolean> {
    await this.commit();
    const add = async (into: (read: ReadEntry) => Promise<void>, read: ReadEntry): Promise<void> => {
      if (!isWanted(read, this.#until)) throw new NotWanted();
      await into(read);
    };
    try {
      await this.#inBatch(async (into) => {
        for (const read of group.entries) await add(into, read);
        for await (const read of group.rest) await add(into, read);
      });
      return true;
    } catch (thrown) {
      if (thrown instanceof EndOfJournal) return false;
      if (!(thrown instanceof NotWanted)) throw thrown;
      this.stopped = true;
      return false;
    }
  }

  async #inBatch(work: (add: (read: ReadEntry) => Promise<void>) => Promise<void>): Promise<void> {
    const { signal, progress } = this.#options;
    let last: ReadEntry | undefined;
    let count = 0;
    const head = await this.#database.inTransaction(
      async (transaction: Transaction) => {
        await this.#database.run(CLAIM_PATIENCE, [], { transaction });
        await this.#database.run(LOCK_JOURNAL_STATE, [], { transaction });
        const batch = await ReplayBatch.begin(this.#database, transaction, this.head, signal);
        await work((read) => {
          last = read;
          count++;
          return batch.add(read);
        });
        const end = await batch.end();
        // With the first ones already: if replaying breaks off, what is written then is in the journal.
        if (this.applied === 0) await continueJournal(this.#database, transaction);
        return end;
      },
      { signal },
    );
    this.head = head;
    this.applied += count;
    this.timestampMs = last?.timestampMs ?? this.timestampMs;
    progress?.({ sequence: head.sequence, entries: this.applied, timestampMs: this.timestampMs ?? 0 });
  }
}

class NotWanted extends Error {
  override readonly name = 'NotWanted';
}

/** The entries behind `head`, each chained to the one before. */
async function* continuing(
  entries: AsyncIterable<ChainedEntry>,
  head: JournalHead,
): AsyncGenerator<ChainedEntry> {
  let last: JournalHead | undefined;
  for await (const entry of entries) {
    if (last === undefined && entry.sequence > head.sequence + 1) {
      throw mismatch(
        `The graph stands at entry ${head.sequence} of its journal, and these entries begin with ${entry.sequence}`,
      );
    }
    if (last !== undefined && entry.sequence !== last.sequence + 1) {
      throw mismatch(
        `Entry ${entry.sequence} follows entry ${last.sequence}: those between them are missing`,
      );
    }
    const before = entry.sequence === head.sequence + 1 ? head : last;
    if (before !== undefined && !sameBytes(entry.prevHash, before.hash)) {
      throw mismatch(
        `Entry ${entry.sequence} follows one with hash ${hexOf(entry.prevHash)}, and entry ${before.sequence} has ${hexOf(before.hash)}`,
      );
    }
    if (!sameBytes(chainHash(entry.prevHash, entry.payload), entry.hash)) {
      throw new FacetError(
        'JOURNAL_DAMAGED',
        `Entry ${entry.sequence} does not have the hash that it came with`,
      );
    }
    last = { sequence: entry.sequence, hash: entry.hash };
    if (entry.sequence === head.sequence && !sameBytes(entry.hash, head.hash)) {
      throw mismatch(
        `Entry ${entry.sequence} has hash ${hexOf(entry.hash)}, and the journal of the graph ends there with ${hexOf(head.hash)}`,
      );
    }
    if (entry.sequence > head.sequence) yield entry;
  }
  if (last !== undefined && last.sequence < head.sequence) {
    throw mismatch(
      `These entries end with ${last.sequence}, and the graph stands at entry ${head.sequence} of its journal`,
    );
  }
}

const mismatch = (message: string): FacetError => new FacetError('JOURNAL_MISMATCH', message);
