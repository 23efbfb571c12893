/** A shelf in two files: its vectors as they lie in memory, and the keys of their rows. */
import { createHash } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';
import { FacetError } from '../../base/index.ts';
import { digestOf } from './graph/index.ts';
import { Shelf, type ShelfSnapshot } from './shelf.ts';

/** Length of a key that says there is none: the slot is dead. */
const DEAD = 0xffff_ffff;
/** Keys that are encoded before others get a turn. */
const KEYS = 8_192;

const damaged = (path: string): FacetError => new FacetError('STORE_UNUSABLE', `${path} is damaged`);

/** @returns digest of the file, which is on the disk then */
export async function writeVectors(path: string, snapshot: ShelfSnapshot): Promise<string> {
  const { dimensions, keys, pieces, vectorsPerPiece } = snapshot;
  return await writeParts(path, function* () {
    for (const [at, piece] of pieces.entries()) {
      const vectors = Math.min(vectorsPerPiece, keys.length - at * vectorsPerPiece);
      yield Buffer.from(piece.buffer, piece.byteOffset, vectors * dimensions * 4);
    }
  });
}

/** @returns digest of the file, which is on the disk then */
export async function writeKeys(path: string, { keys }: ShelfSnapshot): Promise<string> {
  return await writeParts(path, function* () {
    for (let from = 0; from < keys.length; from += KEYS) {
      yield Buffer.concat(keys.slice(from, from + KEYS).map(encodedKey));
    }
  });
}

function encodedKey(key: string | undefined): Buffer {
  if (key === undefined) return lengthOf(DEAD);
  const bytes = Buffer.from(key);
  return Buffer.concat([lengthOf(bytes.length), bytes]);
}

function lengthOf(length: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(length);
  return bytes;
}

async function writeParts(path: string, parts: () => Iterable<Buffer>): Promise<string> {
  const hash = createHash('sha256');
  const handle = await open(path, 'wx', 0o644);
  try {
    for (const part of parts()) {
      hash.update(part);
      await handle.writeFile(part);
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
  return hash.digest('hex');
}

export interface ShelfFiles {
  readonly keys: string;
  readonly vectors: string;
  readonly digests: { readonly keys: string; readonly vectors: string };
}

/** @throws STORE_UNUSABLE for files that are not what was written, and what reading them says */
export async function readShelf(files: ShelfFiles, slots: number, dimensions: number): Promise<Shelf> {
  const keyBytes = await readFile(files.keys);
  if (digestOf(keyBytes) !== files.digests.keys) throw damaged(files.keys);
  const keys = decodedKeys(keyBytes);
  if (keys.length !== slots) throw damaged(files.keys);
  const shelf = new Shelf(dimensions);
  const hash = createHash('sha256');
  const handle = await open(files.vectors, 'r');
  try {
    const { size } = await handle.stat();
    if (size !== slots * dimensions * 4) throw damaged(files.vectors);
    for (let from = 0; from < slots; ) {
      const count = Math.min(shelf.vectorsPerPiece, slots - from);
      const vectors = new Float32Array(count * dimensions);
      const bytes = new Uint8Array(vectors.buffer);
      const { bytesRead } = await handle.read(bytes, 0, bytes.length);
      if (bytesRead === 0) throw damaged(files.vectors);
      for (let more = bytesRead; more < bytes.length; ) {
        const next = await handle.read(bytes, more, bytes.length - more);
        if (next.bytesRead === 0) throw damaged(files.vectors);
        more += next.bytesRead;
      }
      hash.update(bytes);
      shelf.restore(keys.slice(from, from + count), vectors);
      from += count;
    }
  } finally {
    await handle.close();
  }
  if (hash.digest('hex') !== files.digests.vectors) throw damaged(files.vectors);
  return shelf;
}

function decodedKeys(bytes: Buffer): (string | undefined)[] {
  const keys: (string | undefined)[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = bytes.readUInt32LE(at);
    at += 4;
    if (length === DEAD) {
      keys.push(undefined);
      continue;
    }
    keys.push(bytes.toString('utf8', at, at + length));
    at += length;
  }
  return keys;
}
