/** Bytes that come in pieces, read in others. */

export class ByteQueue {
  readonly #source: AsyncIterator<Uint8Array>;
  #held: Buffer = Buffer.alloc(0);
  #ended = false;
  /** Of the next byte. */
  offset = 0;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** How many can be had without waiting. */
  get held(): number {
    return this.#held.length;
  }

  /** The next bytes, without taking them: `count` of them, or all there are. */
  async peek(count: number): Promise<Buffer> {
    if (this.#held.length < count && !this.#ended) {
      const pieces: Uint8Array[] = [this.#held];
      let bytes = this.#held.length;
      while (bytes < count) {
        const { done, value } = await this.#source.next();
        if (done === true) {
          this.#ended = true;
          break;
        }
        pieces.push(value);
        bytes += value.length;
      }
      this.#held = Buffer.concat(pieces);
    }
    return this.#held.subarray(0, count);
  }

  /** Bytes that were peeked at. */
  drop(count: number): void {
    this.#held = this.#held.subarray(count);
    this.offset += count;
  }

  /** Nothing more is wanted. */
  async close(): Promise<void> {
    await this.#source.return?.();
  }
}
