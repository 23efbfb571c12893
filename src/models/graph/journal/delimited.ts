/**
 * Entries in a file as messages JournalEntry, each behind its length as a varint: what protobuf libraries read and write as
 * delimited messages. There are no hashes in it, so that it is verified by comparing its last hash with one that is kept
 * elsewhere.
 */
import { LIMITS } from '../../../base/index.ts';
import { ByteQueue } from './byte-queue.ts';
import { type ChainedEntry, chained, GENESIS, type JournalHead } from './chain.ts';
import { contentOf } from './entry.ts';
import { type FileFault, faultError } from './file-fault.ts';

export function delimitedOf({ payload }: ChainedEntry): Uint8Array {
  const length: number[] = [];
  for (let rest = payload.length; ; rest >>>= 7) {
    if (rest < 0x80) {
      length.push(rest);
      return Buffer.concat([Uint8Array.from(length), payload]);
    }
    length.push((rest & 0x7f) | 0x80);
  }
}

/** Of 64 bits. */
const VARINT_BYTES_MAX = 10;

/**
 * The entries of a file, each behind the one before; the first one behind `after`.
 * @throws JournalFileError for bytes that are no entries, and for numbers out of order
 */
export async function* readDelimited(
  chunks: AsyncIterable<Uint8Array>,
  after: JournalHead = GENESIS,
): AsyncGenerator<ChainedEntry> {
  const queue = new ByteQueue(chunks);
  let head = after;
  try {
    for (;;) {
      const start = await queue.peek(VARINT_BYTES_MAX);
      if (start.length === 0) return;
      const fault = (kind: FileFault['kind'], bytes: number, what: string) =>
        faultError({ kind, sequence: head.sequence + 1, offset: queue.offset, bytes, what });
      const length = varintOf(start);
      if (length === undefined || length.value > LIMITS.journalEntryBytesMax) {
        throw fault('length', start.length, 'has no length that an entry can have');
      }
      const bytes = length.bytes + length.value;
      const taken = await queue.peek(bytes);
      if (taken.length < bytes) {
        throw fault('cut off', taken.length, `ends after ${taken.length} of its ${bytes} bytes`);
      }
      const payload = Uint8Array.from(taken.subarray(length.bytes));
      const said = numberIn(payload);
      if (said === undefined) throw fault('payload', bytes, 'cannot be read');
      if (said !== head.sequence + 1) throw fault('sequence', bytes, `has the number ${said}`);
      const entry = chained(head, payload);
      queue.drop(bytes);
      head = { sequence: entry.sequence, hash: entry.hash };
      yield entry;
    }
  } finally {
    await queue.close();
  }
}

function numberIn(payload: Uint8Array): number | undefined {
  try {
    return contentOf(payload).sequence;
  } catch {
    return undefined;
  }
}

function varintOf(bytes: Buffer): { readonly value: number; readonly bytes: number } | undefined {
  let value = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    value += (byte & 0x7f) * 2 ** (7 * at);
    if (byte < 0x80) return { value, bytes: at + 1 };
  }
  return undefined;
}
