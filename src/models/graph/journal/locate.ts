/**
 * Which byte of an entry in a file is not what was written. An entry is known to be wrong by its checksum; if one byte
 * was changed, the checksum tells which, once it is known how long the entry is: what follows must be the next entry, or
 * the end.
 */
import { LIMITS } from '../../../base/index.ts';
import type { ByteQueue } from './byte-queue.ts';
import { chainHash, type JournalHead, sameBytes } from './chain.ts';
import { changedByte, crc32c } from './crc32c.ts';
import type { FileFault } from './file-fault.ts';
import { HEADER_BYTES, headerOf, type SegmentHeader } from './segment-header.ts';

type Byte = NonNullable<FileFault['byte']>;

/** @param queue stands at the entry */
export async function locate(queue: ByteQueue, head: JournalHead | undefined): Promise<FileFault> {
  const bytes = await queue.peek(2 * HEADER_BYTES + LIMITS.journalEntryBytesMax);
  const { offset } = queue;
  const header = headerOf(bytes);
  const sequence = head === undefined ? undefined : head.sequence + 1;
  const known = { sequence: sequence ?? header?.sequence, offset };
  if (header === undefined) {
    return { ...known, kind: 'cut off', bytes: bytes.length, what: 'is cut off' };
  }
  const end = HEADER_BYTES + header.length;
  if (endsAt(bytes, end, header, sequence)) {
    const entry = bytes.subarray(0, end);
    const byte = changedIn(entry, header, bytes.subarray(end), offset);
    return { ...known, ...blamed(byte, offset), bytes: end, byte };
  }
  const byte = changedLength(bytes, header, sequence);
  if (byte !== undefined) {
    const at = { ...byte, offset: offset + byte.offset };
    const what = 'has a length that is not what was written';
    return { ...known, kind: 'length', bytes: HEADER_BYTES, byte: at, what };
  }
  if (end > bytes.length) {
    const what = `ends after ${bytes.length} of its ${end} bytes`;
    return { ...known, kind: 'cut off', bytes: bytes.length, what };
  }
  return {
    ...known,
    kind: 'checksum',
    bytes: end,
    what: 'does not have the checksum that it was written with',
  };
}

/** The entry ends there: nothing follows, or the entry after it. */
function endsAt(bytes: Buffer, end: number, header: SegmentHeader, sequence: number | undefined): boolean {
  if (end === bytes.length) return true;
  const next = end < bytes.length ? headerOf(bytes.subarray(end)) : undefined;
  if (next === undefined) return false;
  // Of the first entry the number may be what was changed; then that of the next says more.
  return (
    next.sequence === (sequence ?? header.sequence) + 1 ||
    (sequence === undefined && isSound(bytes, end, next))
  );
}

const isSound = (bytes: Buffer, at: number, { length, crc }: SegmentHeader): boolean =>
  at + HEADER_BYTES + length <= bytes.length &&
  crc32c(bytes.subarray(at + 4, at + HEADER_BYTES + length)) === crc;

function changedIn(
  entry: Buffer,
  header: SegmentHeader,
  following: Buffer,
  offset: number,
): Byte | undefined {
  const computed = crc32c(entry.subarray(4));
  const inChecksum = onlyByte((computed ^ header.crc) >>> 0);
  const found = changedByte(computed, header.crc, entry.length - 4);
  const next = headerOf(following);
  const isRight = (candidate: Buffer): boolean =>
    next === undefined ||
    sameBytes(chainHash(candidate.subarray(16, 48), candidate.subarray(48)), next.prevHash);
  if (inChecksum !== undefined && (found === undefined || isRight(entry))) {
    return byteOf(entry, inChecksum.at, inChecksum.difference, offset);
  }
  if (found === undefined) return undefined;
  const mended = Buffer.from(entry);
  mended[found.at + 4] = (entry[found.at + 4] ?? 0) ^ found.difference;
  return isRight(mended) ? byteOf(entry, found.at + 4, found.difference, offset) : undefined;
}

const byteOf = (entry: Buffer, at: number, difference: number, offset: number): Byte => ({
  offset: offset + at,
  is: entry[at] ?? 0,
  was: (entry[at] ?? 0) ^ difference,
});

/** The one byte of four that is not zero, counted from the least. */
function onlyByte(word: number): { readonly at: number; readonly difference: number } | undefined {
  for (let at = 0; at < 4; at++) {
    const difference = (word >>> (at * 8)) & 0xff;
    if (difference !== 0)
      return word >>> 0 === (difference << (at * 8)) >>> 0 ? { at, difference } : undefined;
  }
  return undefined;
}

/** A length that differs in one byte and with which the checksum is right. */
function changedLength(bytes: Buffer, header: SegmentHeader, sequence: number | undefined): Byte | undefined {
  const mended = Buffer.from(bytes.subarray(0, HEADER_BYTES));
  for (let at = 4; at < 8; at++) {
    const is = bytes[at] ?? 0;
    for (let was = 0; was < 256; was++) {
      if (was === is) continue;
      mended[at] = was;
      const end = HEADER_BYTES + mended.readUInt32LE(4);
      if (end > bytes.length || !endsAt(bytes, end, header, sequence)) continue;
      const crc = crc32c(bytes.subarray(HEADER_BYTES, end), crc32c(mended.subarray(4)));
      if (crc === header.crc) return { offset: at, is, was };
    }
    mended[at] = is;
  }
  return undefined;
}

function blamed(byte: Byte | undefined, offset: number): Pick<FileFault, 'kind' | 'what'> {
  const at = byte === undefined ? undefined : byte.offset - offset;
  if (at === undefined) {
    return { kind: 'checksum', what: 'does not have the checksum that it was written with' };
  }
  if (at < 4) return { kind: 'checksum', what: 'has a checksum that is not what was written' };
  if (at < 8) return { kind: 'length', what: 'has a length that is not what was written' };
  if (at < 16) return { kind: 'sequence', what: 'has a number that is not what was written' };
  if (at < HEADER_BYTES) {
    return { kind: 'chain', what: 'names a hash of the entry before that is not what was written' };
  }
  return { kind: 'payload', what: 'is not what was written' };
}
