/**
 * The first 64 bytes of a sealed file. Numbers are little-endian.
 *
 *    0  8  `FACETSF` and a line feed, which a transfer as text changes
 *    8  1  version of the form: 1
 *    9  1  content: 1 a snapshot, 2 a journal
 *   10  1  compression: 0 none, 1 gzip, 2 zstd
 *   11  1  encryption: 0 none, 1 AES-256-GCM
 *   12  4  the most bytes that a chunk has
 *   16  8  name of the key; zeros without encryption
 *   24 32  random, of this file alone: its key is derived from it
 *   56  8  beginning of the SHA-256 of the 56 bytes before
 */
import { createHash, randomBytes } from 'node:crypto';
import { FacetError } from '../../../base/index.ts';

export const HEADER_BYTES = 64;
export const MAGIC: Buffer = Buffer.from('FACETSF\n', 'latin1');
const VERSION = 1;
const CHECKED_BYTES = 56;

const CONTENTS = { 1: 'snapshot', 2: 'journal' } as const;
const COMPRESSIONS = { 0: 'none', 1: 'gzip', 2: 'zstd' } as const;

export type SealedContent = (typeof CONTENTS)[keyof typeof CONTENTS];
export type Compression = (typeof COMPRESSIONS)[keyof typeof COMPRESSIONS];
export const COMPRESSION_NAMES: readonly Compression[] = ['none', 'gzip', 'zstd'];

/** Of a chunk before it is sealed. Large enough that its check costs nothing, small enough to be held. */
const CHUNK_BYTES = 65_536;
/** A file that says more is refused before memory is taken for it. */
const CHUNK_BYTES_MAX = 1_048_576;

export interface SealedHeader {
  readonly content: SealedContent;
  readonly compression: Compression;
  /** Name of the key as hexadecimal digits; undefined when the file is not encrypted. */
  readonly keyName: string | undefined;
  readonly chunkBytes: number;
  /** All 64 bytes: every chunk is bound to them. */
  readonly bytes: Buffer;
}

export function newHeader(
  content: SealedContent,
  compression: Compression,
  keyName: string | undefined,
): SealedHeader {
  const bytes = Buffer.alloc(HEADER_BYTES);
  MAGIC.copy(bytes);
  bytes[8] = VERSION;
  bytes[9] = numberOf(CONTENTS, content);
  bytes[10] = numberOf(COMPRESSIONS, compression);
  bytes[11] = keyName === undefined ? 0 : 1;
  bytes.writeUInt32LE(CHUNK_BYTES, 12);
  if (keyName !== undefined) Buffer.from(keyName, 'hex').copy(bytes, 16);
  randomBytes(32).copy(bytes, 24);
  checkOf(bytes).copy(bytes, CHECKED_BYTES);
  return { content, compression, keyName, chunkBytes: CHUNK_BYTES, bytes };
}

/** @throws FILE_DAMAGED, or FEATURE_NOT_SUPPORTED for what a later version has written */
export function parseHeader(bytes: Buffer): SealedHeader {
  if (!isSealed(bytes)) {
    throw new FacetError('FILE_DAMAGED', 'This is not a file that Facet has sealed', {
      hint: 'Snapshots and exported journals begin with FACETSF.',
    });
  }
  if (bytes.length < HEADER_BYTES) {
    throw new FacetError('FILE_DAMAGED', `The file ends at byte ${bytes.length}, within its header`);
  }
  if (!checkOf(bytes).equals(bytes.subarray(CHECKED_BYTES, HEADER_BYTES))) {
    throw new FacetError(
      'FILE_DAMAGED',
      `The header of the file (bytes 0 to ${HEADER_BYTES - 1}) was changed`,
    );
  }
  const content = CONTENTS[bytes[9] as keyof typeof CONTENTS];
  const compression = COMPRESSIONS[bytes[10] as keyof typeof COMPRESSIONS];
  const chunkBytes = bytes.readUInt32LE(12);
  const known = bytes[8] === VERSION && (bytes[11] === 0 || bytes[11] === 1);
  if (!known || content === undefined || compression === undefined || chunkBytes > CHUNK_BYTES_MAX) {
    throw new FacetError('FEATURE_NOT_SUPPORTED', 'The file was sealed by a later version of Facet', {
      detail: `version ${bytes[8]}, content ${bytes[9]}, compression ${bytes[10]}, encryption ${bytes[11]}`,
      hint: 'Read it with that version.',
    });
  }
  const keyName = bytes[11] === 1 ? bytes.subarray(16, 24).toString('hex') : undefined;
  return { content, compression, keyName, chunkBytes, bytes: Buffer.from(bytes.subarray(0, HEADER_BYTES)) };
}

/** Whether these are the first bytes of a sealed file. */
export const isSealed = (bytes: Uint8Array): boolean =>
  bytes.length >= MAGIC.length && MAGIC.equals(bytes.subarray(0, MAGIC.length));

const checkOf = (bytes: Buffer): Buffer =>
  createHash('sha256').update(bytes.subarray(0, CHECKED_BYTES)).digest().subarray(0, 8);

const numberOf = (names: Readonly<Record<number, string>>, name: string): number =>
  Number(Object.keys(names).find((number) => names[Number(number)] === name));
