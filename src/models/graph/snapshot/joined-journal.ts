/**
 * Files of a journal as one journal behind a known place, usually that of a snapshot. Files may be given in any order and
 * overlap; what lies before the place is passed over, but has to lead to it.
 */
import { FacetError } from '../../../base/index.ts';
import {
  type ChainedEntry,
  contentOf,
  hexOf,
  JournalFileError,
  type JournalHead,
  readJournalFile,
  sameBytes,
} from '../journal/index.ts';

export interface JournalSource {
  /** For messages. */
  readonly name: string;
  /** The bytes from the beginning; called more than once. */
  open(): Promise<AsyncIterable<Uint8Array>>;
}

/** What is rebuilt before the first entry, and where it is wanted to end. */
export interface JournalAim {
  readonly after: JournalHead;
  /** Of the last entry before; 0 at the beginning of the journal. */
  readonly afterMs: number;
  /** For messages: `the snapshot`. */
  readonly afterWhat: string;
  /** The last entry that is wanted. Absent: the last there is. */
  readonly sequence?: number | undefined;
  /** Only entries that are not later, Unix time in milliseconds. */
  readonly timeMs?: number | undefined;
}

export interface JournalPlan {
  /** The last entry that will be replayed; that of the beginning when there is nothing to replay. */
  readonly head: JournalHead;
  readonly entries: number;
  /** Of the last entry; undefined when there is none. */
  readonly timestampMs: number | undefined;
  /** The entry that was asked for is in the middle of a transaction, which is left out as a whole. */
  readonly withinTransaction: boolean;
}

/** All entries behind `after`. @throws JOURNAL_MISMATCH, JOURNAL_DAMAGED with the name of the file, and what opening one throws */
export async function* joinedJournal(
  sources: readonly JournalSource[],
  { after, afterWhat }: Pick<JournalAim, 'after' | 'afterWhat'>,
): AsyncGenerator<ChainedEntry> {
  let last = after;
  let seen = false;
  for (const { source, begins } of await inOrder(sources)) {
    const options = begins === undefined ? ({ format: 'delimited', after: last } as const) : {};
    let end: number | undefined;
    try {
      for await (const entry of readJournalFile(await source.open(), options)) {
        end = entry.sequence;
        if (entry.sequence > last.sequence) {
          assertFollows(entry, last, source, last === after ? afterWhat : 'the file before');
          yield entry;
          last = { sequence: entry.sequence, hash: entry.hash };
        } else if (entry.sequence === last.sequence && !sameBytes(entry.hash, last.hash)) {
          throw mismatch(
            `${source.name} is of another history: its entry ${entry.sequence} has the hash ${hexOf(entry.hash)}, and ${afterWhat} has ${hexOf(last.hash)}`,
          );
        }
      }
    } catch (error) {
      throw inFile(error, source);
    }
    seen ||= end !== undefined && end >= after.sequence;
  }
  if (!seen && sources.length > 0) {
    throw mismatch(`The journal ends before entry ${after.sequence}, at which ${afterWhat} was taken`);
  }
}

/**
 * Reads all that will be replayed, so that whatever is wrong is known before anything was changed.
 * @throws as `joinedJournal`; INVALID_PARAMETER for an end that the journal does not have
 */
export async function planJournal(sources: readonly JournalSource[], aim: JournalAim): Promise<JournalPlan> {
  const { after, afterMs, afterWhat, sequence, timeMs } = aim;
  if (sequence !== undefined && sequence < after.sequence) {
    throw beyond(`Entry ${sequence} is before ${afterWhat}, which is of entry ${after.sequence}`);
  }
  if (timeMs !== undefined && timeMs < afterMs) {
    throw beyond(
      `${new Date(timeMs).toISOString()} is before the last entry in ${afterWhat}, of ${new Date(afterMs).toISOString()}`,
    );
  }
  let plan: JournalPlan = { head: after, entries: 0, timestampMs: undefined, withinTransaction: false };
  let read = after.sequence;
  let readMs = afterMs;
  let pending = 0;
  let isPast = false;
  for await (const entry of joinedJournal(sources, aim)) {
    const { begins, continues, timestampMs } = contentOf(entry.payload);
    isPast = entry.sequence > (sequence ?? entry.sequence) || timestampMs > (timeMs ?? timestampMs);
    if (isPast) break;
    if (begins) throw withoutPast(entry.sequence, afterWhat);
    pending++;
    read = entry.sequence;
    readMs = timestampMs;
    if (continues) continue;
    const head = { sequence: entry.sequence, hash: entry.hash };
    plan = { head, entries: plan.entries + pending, timestampMs, withinTransaction: false };
    pending = 0;
  }
  if (!isPast && sequence !== undefined && sequence > read) {
    throw beyond(`The journal ends with entry ${read}, before entry ${sequence}`);
  }
  if (!isPast && timeMs !== undefined && timeMs > readMs) {
    throw beyond(
      `The last entry of the journal is of ${new Date(readMs).toISOString()}, before ${new Date(timeMs).toISOString()}`,
      'What came between the two is not in these files. To restore all that is, give no time.',
    );
  }
  return { ...plan, withinTransaction: pending > 0 };
}

interface Ordered {
  readonly source: JournalSource;
  /** Undefined: only what stands before it can tell. */
  readonly begins: number | undefined;
}

/** By their first entries; those that say nothing of theirs behind all others, as they were given. */
async function inOrder(sources: readonly JournalSource[]): Promise<readonly Ordered[]> {
  const ordered: Ordered[] = [];
  for (const source of sources) ordered.push({ source, begins: await firstOf(source) });
  const place = ({ begins }: Ordered): number => begins ?? Number.POSITIVE_INFINITY;
  return ordered.sort((one, other) => (place(one) < place(other) ? -1 : place(one) > place(other) ? 1 : 0));
}

async function firstOf(source: JournalSource): Promise<number | undefined> {
  try {
    for await (const { sequence } of readJournalFile(await source.open())) return sequence;
    throw mismatch(`${source.name} has no entries`);
  } catch (error) {
    // Delimited entries in the middle of a journal: there are no hashes in them.
    if (error instanceof JournalFileError && error.fault.kind === 'sequence') return undefined;
    throw inFile(error, source);
  }
}

function assertFollows(entry: ChainedEntry, last: JournalHead, source: JournalSource, what: string): void {
  if (entry.sequence > last.sequence + 1) {
    const missing =
      entry.sequence === last.sequence + 2
        ? `entry ${last.sequence + 1} is`
        : `entries ${last.sequence + 1} to ${entry.sequence - 1} are`;
    throw mismatch(
      `${source.name} begins with entry ${entry.sequence}, and ${what} ends with entry ${last.sequence}: ${missing} missing`,
    );
  }
  if (sameBytes(entry.prevHash, last.hash)) return;
  throw mismatch(
    `${source.name} does not join: its entry ${entry.sequence} follows the hash ${hexOf(entry.prevHash)}, and ${what} ends with ${hexOf(last.hash)}`,
  );
}

function inFile(error: unknown, { name }: JournalSource): unknown {
  if (!(error instanceof FacetError) || error.message.startsWith(name)) return error;
  return new FacetError(error.code, `${name}: ${error.message}`, { hint: error.hint, cause: error });
}

const withoutPast = (sequence: number, what: string): FacetError =>
  new FacetError(
    'JOURNAL_MISMATCH',
    `The journal was turned on at entry ${sequence}, over a graph that has a past which is neither in it nor in ${what}`,
    {
      hint: `Restore from a snapshot that was taken at entry ${sequence} or later, or to entry ${sequence - 1}.`,
    },
  );

const mismatch = (message: string): FacetError => new FacetError('JOURNAL_MISMATCH', message);

const beyond = (message: string, hint?: string): FacetError =>
  new FacetError('INVALID_PARAMETER', message, { hint });
