/**
 * Entries in a file, one after the other, as graphd's journal has them:
 *
 * | offset | bytes | content |
 * | 0 | 4 | CRC-32C of everything behind it, little-endian |
 * | 4 | 4 | length of the payload, little-endian |
 * | 8 | 8 | sequence, little-endian |
 * | 16 | 32 | hash of the entry before |
 * | 48 | … | the message JournalEntry |
 */
import { FacetError, LIMITS } from '../../../base/index.ts';
import { ByteQueue } from './byte-queue.ts';
import { type ChainedEntry, chained, hexOf, type JournalHead, sameBytes } from './chain.ts';
import { crc32c } from './crc32c.ts';
import { contentOf } from './entry.ts';
import { type FileFault, faultError } from './file-fault.ts';
import { locate } from './locate.ts';
import { HEADER_BYTES, headerOf } from './segment-header.ts';

/** Header and payload of one entry. */
export function segmentOf({ sequence, prevHash, payload }: ChainedEntry): Uint8Array {
  if (payload.length > LIMITS.journalEntryBytesMax) {
    throw new FacetError('LIMIT_EXCEEDED', `Entry ${sequence} is larger than journalEntryBytesMax`);
  }
  const bytes = Buffer.allocUnsafe(HEADER_BYTES + payload.length);
  bytes.writeUInt32LE(payload.length, 4);
  bytes.writeBigUInt64LE(BigInt(sequence), 8);
  bytes.set(prevHash, 16);
  bytes.set(payload, HEADER_BYTES);
  bytes.writeUInt32LE(crc32c(bytes.subarray(4)), 0);
  return bytes;
}

/**
 * The entries of a file, each looked at before it is handed on. Without `after` the first one is believed about what
 * stands before it.
 * @throws JournalFileError at the first that is not as it was written
 */
export async function* readSegments(
  chunks: AsyncIterable<Uint8Array>,
  after?: JournalHead,
): AsyncGenerator<ChainedEntry> {
  const queue = new ByteQueue(chunks);
  let head = after;
  try {
    for (;;) {
      const header = headerOf(await queue.peek(HEADER_BYTES));
      if (header === undefined) {
        const { length } = await queue.peek(HEADER_BYTES);
        if (length === 0) return;
        throw faultError(
          cut(queue, head, length, `ends after ${length} of the ${HEADER_BYTES} bytes before its payload`),
        );
      }
      const bytes = header.length <= LIMITS.journalEntryBytesMax ? HEADER_BYTES + header.length : 0;
      const taken = await queue.peek(bytes);
      const sound = bytes > 0 && taken.length === bytes && crc32c(taken.subarray(4)) === header.crc;
      if (!sound) throw faultError(await locate(queue, head));
      head ??= { sequence: header.sequence - 1, hash: Uint8Array.from(header.prevHash) };
      // The queue goes on over these bytes.
      const payload = Uint8Array.from(taken.subarray(HEADER_BYTES));
      const entry = chained(head, payload);
      const fault = outOfPlace(entry, header) ?? otherwise(entry);
      if (fault !== undefined) {
        throw faultError({ ...fault, sequence: entry.sequence, offset: queue.offset, bytes });
      }
      queue.drop(bytes);
      head = { sequence: entry.sequence, hash: entry.hash };
      yield entry;
    }
  } finally {
    await queue.close();
  }
}

type Found = Pick<FileFault, 'kind' | 'what'>;

function outOfPlace(
  entry: ChainedEntry,
  header: { readonly sequence: number; readonly prevHash: Uint8Array },
): Found | undefined {
  if (header.sequence !== entry.sequence) {
    return { kind: 'sequence', what: `has the number ${header.sequence}` };
  }
  if (sameBytes(header.prevHash, entry.prevHash)) return undefined;
  const [said, is] = [hexOf(header.prevHash), hexOf(entry.prevHash)];
  return {
    kind: 'chain',
    what: `follows an entry with hash ${said}, and the one before it has ${is}: one of both is not what was written`,
  };
}

function otherwise({ sequence, payload }: ChainedEntry): Found | undefined {
  try {
    const said = contentOf(payload).sequence;
    if (said === sequence) return undefined;
    return { kind: 'sequence', what: `says of itself that it is entry ${said}` };
  } catch {
    return { kind: 'payload', what: 'cannot be read' };
  }
}

const cut = (queue: ByteQueue, head: JournalHead | undefined, bytes: number, what: string): FileFault => ({
  kind: 'cut off',
  sequence: head === undefined ? undefined : head.sequence + 1,
  offset: queue.offset,
  bytes,
  what,
});
