/** What the tests of artifacts share: bytes that can be told apart, pieces of any size, and what is in the tables. */
import { createHash, randomBytes } from 'node:crypto';
import { blobDownload, blobUpload, type Pieces } from '../../src/models/index.ts';
import type { CallOptions, Model } from './call-operation.ts';

export const CHUNK = 256 * 1024;

/** Bytes that do not repeat: no two chunks of different seeds are equal. */
export function bytesOf(size: number, seed: number | string): Buffer {
  const bytes = Buffer.alloc(size);
  const block = createHash('sha256').update(`seed ${seed}`).digest();
  for (let at = 0; at < size; at += 32) {
    block.writeUInt32LE(at >>> 5, 0);
    block.copy(bytes, at, 0, Math.min(32, size - at));
  }
  return bytes;
}

export const noise = (size: number): Buffer => randomBytes(size);

export const checksumOf = (bytes: Uint8Array): string =>
  `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

/** `bytes` in pieces of that size, as a client would send them. */
export async function* piecesOf(bytes: Uint8Array, pieceBytes = 64 * 1024): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
}

export async function gathered(pieces: Pieces): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece);
  return Buffer.concat(all);
}

export async function uploaded(
  model: Model,
  bytes: Uint8Array,
  more: object = {},
  options: CallOptions = {},
): Promise<string> {
  const input = { filename: 'f', pieces: piecesOf(bytes), ...more };
  return (await model.call(blobUpload, input, options)).artifact.artifactId;
}

export async function downloaded(model: Model, artifactId: string, more: object = {}): Promise<Buffer> {
  const { length, pieces } = await model.call(blobDownload, { artifactId, ...more });
  const bytes = await gathered(pieces);
  if (bytes.length !== length) throw new Error(`${bytes.length} of ${length} bytes came`);
  return bytes;
}
