/**
 * A graph rebuilt from a snapshot and the journal that goes on behind it, or from a journal alone, which also continues
 * what was rebuilt before. Everything about the files that can be wrong is found out by `planRestore`, before anything is
 * changed.
 */
import { FacetError } from '../../../base/index.ts';
import type { Database, Store } from '../../../engine/index.ts';
import { GENESIS, hexOf, type JournalHead, journalHead, journalStatus, sameBytes } from '../journal/index.ts';
import { applyEntries } from '../replay/index.ts';
import { type JournalPlan, type JournalSource, joinedJournal, planJournal } from './joined-journal.ts';
import {
  assertEmptyGraph,
  claimGraph,
  type Loaded,
  loadGraph,
  readPlace,
  type SnapshotPlace,
} from './load.ts';

export interface RestoreOptions {
  /** The content of a snapshot, unsealed; called more than once. Absent: the journal from its first entry. */
  readonly snapshot?: (() => Promise<AsyncIterable<Uint8Array>>) | undefined;
  readonly journal: readonly JournalSource[];
  /** The last entry that is wanted. */
  readonly sequence?: number | undefined;
  /** Only what was committed until then, Unix time in milliseconds. */
  readonly timeMs?: number | undefined;
  /** What the hash of the last entry must be, 32 bytes: recorded elsewhere. */
  readonly chainHash?: Uint8Array | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly progress?: ((so: RestoreProgress) => void) | undefined;
}

export type RestoreProgress =
  | { readonly phase: 'snapshot'; readonly nodes: number; readonly relationships: number }
  | { readonly phase: 'journal'; readonly entries: number; readonly entriesTotal: number };

/** What the journal is to continue. */
interface Start {
  readonly head: JournalHead;
  /** Of its last entry; 0 where there is none. */
  readonly timestampMs: number;
  /** For messages: `the snapshot`. */
  readonly what: string;
}

export interface RestorePlan {
  readonly place: SnapshotPlace | undefined;
  readonly start: Start;
  readonly journal: JournalPlan;
}

export interface Restored {
  readonly loaded: Loaded | undefined;
  readonly entries: number;
  /** Where the journal of the graph ends, as PostgreSQL has it. */
  readonly head: JournalHead;
}

const BEGINNING: Start = { head: GENESIS, timestampMs: 0, what: 'the beginning' };

/**
 * @param start for a journal alone: what `startOf` says of the graph that it goes into
 * @throws FILE_DAMAGED, JOURNAL_MISMATCH, JOURNAL_DAMAGED, INVALID_PARAMETER
 */
export async function planRestore(options: RestoreOptions, start: Start = BEGINNING): Promise<RestorePlan> {
  const { snapshot, sequence, timeMs, chainHash } = options;
  const place = snapshot === undefined ? undefined : await readPlace(await snapshot());
  const from = place === undefined ? start : startBehind(place);
  const journal = await planJournal(options.journal, {
    after: from.head,
    afterMs: from.timestampMs,
    afterWhat: from.what,
    sequence,
    timeMs,
  });
  if (chainHash !== undefined && !sameBytes(chainHash, journal.head.hash)) {
    throw new FacetError(
      'JOURNAL_MISMATCH',
      `Entry ${journal.head.sequence} has the chain hash ${hexOf(journal.head.hash)}, and ${hexOf(chainHash)} is expected`,
    );
  }
  return { place, start: from, journal };
}

const startBehind = ({ meta, facts }: SnapshotPlace): Start => ({
  head: { sequence: meta.sequence, hash: meta.chainHash },
  timestampMs: facts.journalAtMs,
  what: 'the snapshot',
});

/**
 * From where a journal alone goes on: from its beginning in an empty graph, or from where the graph stands, if its journal
 * is on and so has all that was written. @throws GRAPH_NOT_EMPTY
 */
export async function startOf(store: Store, database: Database): Promise<Start> {
  const { state, head } = await journalStatus(database);
  if (head.sequence > 0 && state === 'on') return { head, timestampMs: head.timestampMs, what: 'the graph' };
  await assertEmptyGraph(store, database, {});
  return BEGINNING;
}

/**
 * The snapshot is one transaction, the journal several: when replaying fails, the graph stands at one of its entries, and
 * a journal alone goes on from there.
 * @throws GRAPH_NOT_EMPTY, what `planRestore` throws, JOURNAL_MISMATCH when the chain does not end as it was recorded
 */
export async function restoreGraph(
  store: Store,
  database: Database,
  plan: RestorePlan,
  options: RestoreOptions,
): Promise<Restored> {
  const { signal, progress } = options;
  let loaded: Loaded | undefined;
  if (options.snapshot === undefined) await claimGraph(store, database);
  else {
    loaded = await loadGraph(store, database, await options.snapshot(), {
      signal,
      progress: (so) => progress?.({ phase: 'snapshot', ...so }),
    });
  }
  const { start, journal } = plan;
  if (journal.entries > 0) {
    const what = { after: start.head, afterWhat: start.what };
    await applyEntries(database, joinedJournal(options.journal, what), {
      until: { sequence: journal.head.sequence },
      signal,
      progress: ({ entries }) => progress?.({ phase: 'journal', entries, entriesTotal: journal.entries }),
    });
  }
  const head = await journalHead(database, { signal });
  if (head.sequence !== journal.head.sequence || !sameBytes(head.hash, journal.head.hash)) {
    throw new FacetError(
      'JOURNAL_MISMATCH',
      `The journal ends at entry ${head.sequence} with ${hexOf(head.hash)}, and entry ${journal.head.sequence} with ${hexOf(journal.head.hash)} was recorded`,
    );
  }
  return { loaded, entries: journal.entries, head };
}
