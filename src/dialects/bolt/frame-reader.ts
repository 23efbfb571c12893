/**
 * Chunks of Bolt -> messages: a message is chunks of at most 65,535 bytes, each behind two bytes with its size, and ends
 * with a chunk of size zero. Such an end without a message before it is a sign of life and means nothing.
 */
import { FacetError } from '../../base/index.ts';

const SIZE_BYTES = 2;
/** Where the memory of a message that comes in parts begins; most fit. */
const PARTIAL_BYTES_FIRST = 4_096;
const NOTHING = Buffer.alloc(0);

/** Takes bytes as sockets give them, holds one unfinished message at most. */
export class FrameReader {
  /** Bytes of one message; a caller raises it when the client has shown who it is. */
  messageBytesMax: number;
  /** The unfinished message, in the first #held bytes. */
  #partial: Buffer = NOTHING;
  #held = 0;
  /** Of the chunk that is being read; with none, a size is next. */
  #chunkLeft = 0;
  /** The first byte of a size whose second one has not come. */
  #sizeHigh = -1;

  constructor(messageBytesMax: number) {
    this.messageBytesMax = messageBytesMax;
  }

  /** True between the first byte of a message and its end. */
  get isInMessage(): boolean {
    return this.#held > 0 || this.#chunkLeft > 0 || this.#sizeHigh !== -1;
  }

  /**
   * The messages that are complete with `bytes`, in their order. They may lie in the memory of `bytes`: read them before
   * it is used again.
   * @throws PAYLOAD_TOO_LARGE for a message beyond the bound; the reader cannot be used afterwards
   */
  push(bytes: Buffer): Buffer[] {
    const messages: Buffer[] = [];
    let at = 0;
    while (at < bytes.length) {
      if (this.#chunkLeft > 0) {
        const end = Math.min(at + this.#chunkLeft, bytes.length);
        this.#take(bytes, at, end);
        this.#chunkLeft -= end - at;
        at = end;
        continue;
      }
      const high = this.#sizeHigh === -1 ? (bytes[at++] ?? 0) : this.#sizeHigh;
      if (at === bytes.length) {
        this.#sizeHigh = high;
        break;
      }
      const size = high * 256 + (bytes[at++] ?? 0);
      this.#sizeHigh = -1;
      if (size === 0) {
        if (this.#held > 0) messages.push(this.#finish());
        continue;
      }
      this.#check(size);
      const end = at + size;
      if (this.#held === 0 && end + SIZE_BYTES <= bytes.length && bytes[end] === 0 && bytes[end + 1] === 0) {
        messages.push(bytes.subarray(at, end));
        at = end + SIZE_BYTES;
        continue;
      }
      this.#chunkLeft = size;
    }
    return messages;
  }

  #check(size: number): void {
    if (this.#held + size > this.messageBytesMax) {
      throw new FacetError(
        'PAYLOAD_TOO_LARGE',
        `A message is larger than ${this.messageBytesMax.toLocaleString('en-US')} bytes`,
      );
    }
  }

  /** Copied into one piece of memory: a message in chunks of one byte must not cost more than its bytes. */
  #take(bytes: Buffer, from: number, to: number): void {
    const needed = this.#held + to - from;
    if (needed > this.#partial.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#partial.length * 2, PARTIAL_BYTES_FIRST));
      this.#partial.copy(larger, 0, 0, this.#held);
      this.#partial = larger;
    }
    bytes.copy(this.#partial, this.#held, from, to);
    this.#held = needed;
  }

  #finish(): Buffer {
    const message = this.#partial.subarray(0, this.#held);
    this.#partial = NOTHING;
    this.#held = 0;
    return message;
  }
}
