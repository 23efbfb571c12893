/**
 * Cuts pieces of any size into chunks, hashing as they come. A chunk is its bytes and their SHA-256. Pure: where chunks
 * go is not known here.
 */
import { createHash, hash } from 'node:crypto';

export interface Chunk {
  readonly data: Buffer;
  /** 32 bytes. */
  readonly sha256: Buffer;
}

export const sha256Of = (data: Uint8Array): Buffer => hash('sha256', data, 'buffer');

export class Chunker {
  readonly #chunkBytes: number;
  readonly #whole = createHash('sha256');
  #open: Buffer | undefined = undefined;
  #openBytes = 0;
  /** Bytes that came so far. */
  size = 0;

  constructor(chunkBytes: number) {
    this.#chunkBytes = chunkBytes;
  }

  /** Cuts `piece`, which is copied: it may change when the generator has ended. */
  *push(piece: Uint8Array): Generator<Chunk> {
    this.#whole.update(piece);
    let from = 0;
    while (from < piece.length) {
      const left = piece.length - from;
      const open = this.#room(left);
      const taken = Math.min(open.length - this.#openBytes, left);
      open.set(piece.subarray(from, from + taken), this.#openBytes);
      this.#openBytes += taken;
      this.size += taken;
      from += taken;
      if (this.#openBytes === this.#chunkBytes) yield this.#close(open);
    }
  }

  /** The rest, when there is one. */
  *end(): Generator<Chunk> {
    if (this.#open !== undefined) yield this.#close(this.#open);
  }

  /** SHA-256 of all that came; once, at the end. */
  digest(): Buffer {
    return this.#whole.digest();
  }

  /** A buffer with some room: as small as the first piece, when that is all there is, and of a whole chunk otherwise. */
  #room(bytes: number): Buffer {
    if (this.#open !== undefined && this.#openBytes < this.#open.length) return this.#open;
    const wanted = this.size === 0 ? Math.min(bytes, this.#chunkBytes) : this.#chunkBytes;
    // Of its own: chunks are on their way while the next one is filled.
    const larger = Buffer.allocUnsafeSlow(wanted);
    this.#open?.copy(larger);
    this.#open = larger;
    return larger;
  }

  #close(open: Buffer): Chunk {
    const data = open.subarray(0, this.#openBytes);
    this.#open = undefined;
    this.#openBytes = 0;
    return { data, sha256: sha256Of(data) };
  }
}
