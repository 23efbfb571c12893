/**
 * Many small messages as few large chunks: their frames one behind the other, as `frameOf` makes each alone. For streams of
 * rows, where a buffer and a write per row would cost more than the row.
 */
import { frameOf } from './live-socket.ts';

/** Larger writes cost no fewer calls that a client could see. */
const CHUNK_BYTES = 64 * 1024;
/** Most answers are small. */
const FIRST_CHUNK_BYTES = 4 * 1024;

/** Bytes of UTF-8 for each UTF-16 code unit, at most. */
const BYTES_PER_UNIT_MAX = 3;
const HEADER_BYTES_MAX = 4;
/** Payloads below have their length in the second byte, others in two bytes more. */
const SHORT_LENGTH = 126;

export class FrameChunk {
  #buffer: Buffer | undefined = undefined;
  #length = 0;
  #nextBytes = FIRST_CHUNK_BYTES;
  /** Full ones, and messages that need a buffer of their own. */
  #full: Buffer[] = [];
  #fullBytes = 0;

  /** Bytes that were added and not taken. */
  get bytes(): number {
    return this.#fullBytes + this.#length;
  }

  add(text: string): void {
    const bytesMax = text.length * BYTES_PER_UNIT_MAX + HEADER_BYTES_MAX;
    if (bytesMax > CHUNK_BYTES) {
      this.#close();
      this.#keep(frameOf(text));
      return;
    }
    const buffer = this.#roomFor(bytesMax);
    const at = this.#length;
    // The size of the header depends on that of the text: a guess, which is wrong for few.
    const guessedBytes = text.length < SHORT_LENGTH ? 2 : 4;
    const length = buffer.write(text, at + guessedBytes);
    const headerBytes = length < SHORT_LENGTH ? 2 : 4;
    if (headerBytes !== guessedBytes) {
      buffer.copyWithin(at + headerBytes, at + guessedBytes, at + guessedBytes + length);
    }
    buffer[at] = 0x81;
    if (headerBytes === 2) buffer[at + 1] = length;
    else {
      buffer[at + 1] = SHORT_LENGTH;
      buffer.writeUInt16BE(length, at + 2);
    }
    this.#length = at + headerBytes + length;
  }

  /** What was added since the last call, for `LiveSocket.sendFrames`. */
  take(): readonly Buffer[] {
    this.#close();
    const full = this.#full;
    this.#full = [];
    this.#fullBytes = 0;
    return full;
  }

  #roomFor(bytes: number): Buffer {
    const { length = 0 } = this.#buffer ?? {};
    if (this.#buffer !== undefined && this.#length + bytes <= length) return this.#buffer;
    this.#close();
    if (this.#buffer !== undefined && bytes <= this.#buffer.length) return this.#buffer;
    const buffer = Buffer.allocUnsafeSlow(Math.max(bytes, this.#nextBytes));
    this.#nextBytes = CHUNK_BYTES;
    this.#buffer = buffer;
    return buffer;
  }

  /**
   * What was given away is not written to again. A buffer of which little is used is copied from: what waits for a slow
   * client would else be many times larger than it looks.
   */
  #close(): void {
    const buffer = this.#buffer;
    if (buffer === undefined || this.#length === 0) return;
    const used = buffer.subarray(0, this.#length);
    const sparse = this.#length * 2 < buffer.length;
    this.#keep(sparse ? Buffer.from(used) : used);
    if (!sparse) this.#buffer = undefined;
    this.#length = 0;
  }

  #keep(chunk: Buffer): void {
    this.#full.push(chunk);
    this.#fullBytes += chunk.length;
  }
}
