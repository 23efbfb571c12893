/** Bytes that come in pieces of any size, read in portions of a known one. */

export class ByteReader {
  readonly #pieces: AsyncIterator<Uint8Array>;
  #rest: Buffer = Buffer.alloc(0);
  #taken = 0;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#pieces = source[Symbol.asyncIterator]();
  }

  /** How many bytes were given out: the place of the next one in the source. */
  get offset(): number {
    return this.#taken;
  }

  /** As many bytes as asked for, or fewer when the source ends before. */
  async take(length: number): Promise<Buffer> {
    const found = await this.peek(length);
    this.#rest = this.#rest.subarray(found.length);
    this.#taken += found.length;
    return found;
  }

  /** As `take`; the bytes will be given out again. */
  async peek(length: number): Promise<Buffer> {
    if (this.#rest.length < length) await this.#fill(length);
    return this.#rest.subarray(0, length);
  }

  /** All that was not given out, in the pieces in which it comes. */
  async *remaining(): AsyncGenerator<Uint8Array> {
    try {
      while (true) {
        const piece = this.#rest;
        this.#rest = Buffer.alloc(0);
        this.#taken += piece.length;
        if (piece.length > 0) yield piece;
        const { done, value } = await this.#pieces.next();
        if (done === true) return;
        this.#rest = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
      }
    } finally {
      await this.close();
    }
  }

  /** Lets go of the source. */
  async close(): Promise<void> {
    await this.#pieces.return?.();
  }

  async #fill(length: number): Promise<void> {
    const pieces: Uint8Array[] = [this.#rest];
    let present = this.#rest.length;
    while (present < length) {
      const { done, value } = await this.#pieces.next();
      if (done === true) break;
      pieces.push(value);
      present += value.length;
    }
    this.#rest = Buffer.concat(pieces);
  }
}
