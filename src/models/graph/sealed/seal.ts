/**
 * Sealing: compression, then chunks that are encrypted or checked one by one, behind a header (header.ts). Each chunk is
 * four bytes (its length, and in the highest bit whether it is the last one), its bytes, and sixteen bytes of check.
 */
import type { KeyObject } from 'node:crypto';
import { CHECK_BYTES, chunkSeal, keyNameOf } from './chunk-seal.ts';
import { compressed } from './compression.ts';
import { type Compression, newHeader, type SealedContent } from './header.ts';

export interface SealOptions {
  readonly content: SealedContent;
  readonly compression: Compression;
  /** 32 bytes; absent: the file is not encrypted. */
  readonly key?: KeyObject | undefined;
}

const LAST_BIT = 0x8000_0000;

/** The bytes of a sealed file, as they are pulled. @throws FEATURE_NOT_SUPPORTED, and what the source throws */
export async function* seal(
  source: AsyncIterable<Uint8Array>,
  options: SealOptions,
): AsyncGenerator<Uint8Array> {
  const keyName = options.key === undefined ? undefined : keyNameOf(options.key);
  const header = newHeader(options.content, options.compression, keyName);
  const sealing = chunkSeal(header, options.key);
  const pieces = compressed(source, options.compression);
  yield header.bytes;
  let number = 0;
  const sealed = (bytes: Uint8Array, isLast: boolean): Buffer => {
    const word = Buffer.alloc(4);
    word.writeUInt32LE((isLast ? LAST_BIT : 0) + bytes.length);
    const { body, check } = sealing.seal(bytes, { number, word, isLast });
    number++;
    return Buffer.concat([word, body, check], word.length + body.length + CHECK_BYTES);
  };
  // One chunk is held back, for only the end tells that it was the last one.
  let held: Buffer = Buffer.alloc(0);
  for await (const piece of pieces) {
    held = held.length === 0 ? Buffer.from(piece) : Buffer.concat([held, piece]);
    let from = 0;
    for (; held.length - from > header.chunkBytes; from += header.chunkBytes) {
      yield sealed(held.subarray(from, from + header.chunkBytes), false);
    }
    held = held.subarray(from);
  }
  yield sealed(held, true);
}
