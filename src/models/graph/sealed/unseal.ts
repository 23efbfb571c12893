/** Opening a sealed file: nothing is given out of a chunk before it was found to be as it was sealed. */
import type { KeyObject } from 'node:crypto';
import { FacetError } from '../../../base/index.ts';
import { ByteReader } from './byte-reader.ts';
import { CHECK_BYTES, type ChunkSeal, chunkSeal, keyNameOf } from './chunk-seal.ts';
import { assertAvailable, decompressed } from './compression.ts';
import { HEADER_BYTES, parseHeader, type SealedContent, type SealedHeader } from './header.ts';

export interface Unsealed {
  readonly header: SealedHeader;
  /** What was sealed. Ends, or throws FILE_DAMAGED with the place; never gives out a byte that was not checked. */
  readonly pieces: AsyncIterable<Uint8Array>;
}

export interface UnsealOptions {
  readonly content: SealedContent;
  /** The one that the file names is taken. */
  readonly keys: readonly KeyObject[];
}

/** @throws FILE_DAMAGED, FILE_KEY_MISSING, FEATURE_NOT_SUPPORTED, INVALID_PARAMETER for a file of another kind */
export async function unseal(source: AsyncIterable<Uint8Array>, options: UnsealOptions): Promise<Unsealed> {
  const reader = new ByteReader(source);
  try {
    const header = parseHeader(await reader.take(HEADER_BYTES));
    if (header.content !== options.content) {
      throw new FacetError(
        'INVALID_PARAMETER',
        `This is a sealed ${header.content}, not a ${options.content}`,
      );
    }
    assertAvailable(header.compression);
    const sealing = chunkSeal(header, keyOf(header, options.keys));
    return { header, pieces: decompressed(chunks(reader, header, sealing), header.compression) };
  } catch (error) {
    await reader.close();
    throw error;
  }
}

function keyOf({ keyName }: SealedHeader, keys: readonly KeyObject[]): KeyObject | undefined {
  if (keyName === undefined) return undefined;
  const found = keys.find((key) => keyNameOf(key) === keyName);
  if (found !== undefined) return found;
  const given = keys.length === 0 ? 'no key was given' : 'it is not among those that were given';
  throw new FacetError('FILE_KEY_MISSING', `The file is encrypted with the key ${keyName}, and ${given}`);
}

async function* chunks(
  reader: ByteReader,
  header: SealedHeader,
  sealing: ChunkSeal,
): AsyncGenerator<Uint8Array> {
  try {
    for (let number = 0; ; number++) {
      const at = reader.offset;
      const word = await reader.take(4);
      if (word.length < 4) throw cut(reader, number, at);
      const isLast = (word[3] ?? 0) >= 0x80;
      const length = word.readUInt32LE() & 0x7fff_ffff;
      if (length > header.chunkBytes) throw changed(number, at);
      const rest = await reader.take(length + CHECK_BYTES);
      if (rest.length < length + CHECK_BYTES) {
        // A flipped bit of the length looks the same; both are at this chunk.
        throw cut(reader, number, at);
      }
      const place = { number, word, isLast };
      const bytes = sealing.open(rest.subarray(0, length), rest.subarray(length), place);
      if (bytes === undefined) throw changed(number, at);
      yield bytes;
      if (!isLast) continue;
      if ((await reader.peek(1)).length > 0) {
        throw new FacetError('FILE_DAMAGED', `The file goes on behind its end, at byte ${reader.offset}`);
      }
      return;
    }
  } finally {
    await reader.close();
  }
}

const changed = (number: number, at: number): FacetError =>
  new FacetError('FILE_DAMAGED', `Chunk ${number + 1} of the file, which begins at byte ${at}, was changed`);

const cut = (reader: ByteReader, number: number, at: number): FacetError =>
  new FacetError(
    'FILE_DAMAGED',
    `The file ends at byte ${reader.offset}, within or before chunk ${number + 1}, which begins at byte ${at}`,
  );
