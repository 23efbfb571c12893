/** Files of entries, in either form: which one it is, what is in them, and whether it is what was written. */
import { LIMITS } from '../../../base/index.ts';
import { ByteQueue } from './byte-queue.ts';
import { type ChainedEntry, GENESIS, hexOf, type JournalHead, sameBytes } from './chain.ts';
import { readDelimited } from './delimited.ts';
import { contentOf } from './entry.ts';
import { type FileFault, faultText, JournalFileError } from './file-fault.ts';
import { readSegments } from './segment.ts';
import { HEADER_BYTES, headerOf } from './segment-header.ts';

export const JOURNAL_FORMATS = ['segments', 'delimited'] as const;
export type JournalFormat = (typeof JOURNAL_FORMATS)[number];

export interface ReadOptions {
  /** What the first entry stands behind. Absent: what the file says of it, or the beginning of all journals. */
  readonly after?: JournalHead | undefined;
  /** Absent: as the first bytes look. */
  readonly format?: JournalFormat | undefined;
}

/** @throws JournalFileError at the first entry that is not as it was written */
export async function* readJournalFile(
  chunks: AsyncIterable<Uint8Array>,
  { after, format }: ReadOptions = {},
): AsyncGenerator<ChainedEntry> {
  if (format === 'segments') return yield* readSegments(chunks, after);
  if (format === 'delimited') return yield* readDelimited(chunks, after);
  const queue = new ByteQueue(chunks);
  const looksLike = formatOf(await queue.peek(HEADER_BYTES + 2));
  yield* looksLike === 'segments' ? readSegments(rest(queue), after) : readDelimited(rest(queue), after);
}

async function* rest(queue: ByteQueue): AsyncGenerator<Uint8Array> {
  try {
    for (;;) {
      const piece = await queue.peek(1);
      if (piece.length === 0) return;
      const held = await queue.peek(queue.held);
      // What is taken from the queue stays as it is.
      yield held;
      queue.drop(held.length);
    }
  } finally {
    await queue.close();
  }
}

/**
 * Delimited messages begin with a length and the number of the entry, which is the tag 8 and a varint. In a segment there
 * is a checksum at their place, and the message begins behind the header; a few of its bytes may be damaged.
 */
function formatOf(bytes: Buffer): JournalFormat {
  const header = headerOf(bytes);
  const looks = [
    header !== undefined && header.length > 0 && header.length < 2 ** 28,
    header !== undefined && header.sequence > 0 && header.sequence < 2 ** 48,
    bytes[HEADER_BYTES] === 8,
  ];
  if (header === undefined) return lengthEnds(bytes) ? 'delimited' : 'segments';
  return looks.filter(Boolean).length >= 2 || !lengthEnds(bytes) ? 'segments' : 'delimited';
}

/** There is a length of at most four bytes, and the tag 8 behind it. */
function lengthEnds(bytes: Buffer): boolean {
  const end = bytes.findIndex((byte) => byte < 0x80);
  return end >= 0 && end < 4 && bytes[end + 1] === 8;
}

export interface FileVerdict {
  readonly entries: number;
  /** What the first entry stands behind. */
  readonly after: JournalHead;
  /** The last entry that is right. */
  readonly head: JournalHead;
  /** Of the first and the last entry, Unix time in milliseconds. */
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
  readonly fault?: (Partial<FileFault> & { readonly message: string }) | undefined;
}

export interface VerifyFileOptions extends ReadOptions {
  /** How it should end: nothing else shows that entries are missing at the end, or changed in a file without hashes. */
  readonly ends?: { readonly hash: Uint8Array; readonly sequence?: number | undefined } | undefined;
  readonly progress?: ((entries: number) => void) | undefined;
}

/** Reads all of a file, without the journal that it is of. */
export async function verifyJournalFile(
  chunks: AsyncIterable<Uint8Array>,
  options: VerifyFileOptions = {},
): Promise<FileVerdict> {
  let after = options.after;
  let head = after ?? GENESIS;
  let entries = 0;
  let [fromMs, toMs]: (number | undefined)[] = [];
  const verdict = (fault?: FileVerdict['fault']): FileVerdict => ({
    ...{ entries, after: after ?? GENESIS, head, fromMs, toMs },
    ...(fault === undefined ? {} : { fault }),
  });
  try {
    for await (const entry of readJournalFile(chunks, options)) {
      after ??= { sequence: entry.sequence - 1, hash: entry.prevHash };
      toMs = contentOf(entry.payload).timestampMs;
      fromMs ??= toMs;
      head = { sequence: entry.sequence, hash: entry.hash };
      entries++;
      if (entries % LIMITS.journalPageEntries === 0) options.progress?.(entries);
    }
  } catch (thrown) {
    if (!(thrown instanceof JournalFileError)) throw thrown;
    return verdict({ ...thrown.fault, message: faultText(thrown.fault) });
  }
  const { ends } = options;
  if (ends === undefined) return verdict();
  if (sameBytes(ends.hash, head.hash) && (ends.sequence ?? head.sequence) === head.sequence) return verdict();
  const wanted = ends.sequence === undefined ? hexOf(ends.hash) : `${ends.sequence} and ${hexOf(ends.hash)}`;
  const message = `The file ends with entry ${head.sequence} and hash ${hexOf(head.hash)}, and should end with ${wanted}`;
  return verdict({ kind: 'chain', sequence: head.sequence, message });
}
