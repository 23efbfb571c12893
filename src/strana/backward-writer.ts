/**
 * Writes the wire format of protobuf from its end to its start: the length in front of a message is known when the message
 * is there already, so that nothing is measured before or moved afterwards. What is written between two calls of `take`
 * must be written without waiting, because all writers share one piece of memory.
 */
import { FacetError, LIMITS } from '../base/index.ts';

/** What answers of some hundred messages share; larger ones have memory of their own. */
const PIECE_BYTES = 65_536;

/** Where the next one writes: downwards from `free`. Whoever was given a part above keeps the whole alive. */
let piece = Buffer.allocUnsafeSlow(PIECE_BYTES);
let free = PIECE_BYTES;

/** Up to so many UTF-16 units are looked at one by one, which costs less than a call into the runtime. */
const SHORT_TEXT_UNITS = 32;

export class BackwardWriter {
  #bytes: Buffer = piece;
  #end: number = free;
  #at: number = free;
  /** Bytes that may still be written, over all takes. */
  #left: number = LIMITS.resultBytesMax;

  /** Bytes since the last take. */
  get length(): number {
    return this.#end - this.#at;
  }

  /** Forgets what was written since the last take. */
  reset(): void {
    this.#at = this.#end;
  }

  /** What was written since the last take. */
  take(): Buffer {
    const taken = this.#bytes.subarray(this.#at, this.#end);
    this.#left -= taken.length;
    if (this.#bytes === piece) free = this.#at;
    this.#renew();
    return taken;
  }

  /** Once after each wait: others have written meanwhile. */
  renew(): void {
    if (this.#at !== this.#end) throw new FacetError('INTERNAL_ERROR', 'A message was left unfinished');
    this.#renew();
  }

  byte(value: number): void {
    if (this.#at === 0) this.#grow(1);
    this.#bytes[--this.#at] = value;
  }

  /** Not negative, up to 2^53. */
  varint(value: number): void {
    if (value < 0x80) {
      this.byte(value);
      return;
    }
    let size = 2;
    for (let rest = Math.floor(value / 0x4000); rest > 0; rest = Math.floor(rest / 0x80)) size++;
    const bytes = this.#room(size);
    let at = this.#at;
    let rest = value;
    while (rest > 0x7f) {
      bytes[at++] = (rest % 0x80) + 0x80;
      rest = Math.floor(rest / 0x80);
    }
    bytes[at] = rest;
  }

  /** int64 and uint64: negative numbers have ten bytes. */
  integer(value: bigint): void {
    const small = Number(value);
    if (small >= 0 && small <= Number.MAX_SAFE_INTEGER) {
      this.varint(small);
      return;
    }
    const unsigned = BigInt.asUintN(64, value);
    // 28 bits are four whole groups of seven.
    const low = Number(unsigned & 0xfffffffn);
    const high = Number(unsigned >> 28n);
    this.varint(high);
    const bytes = this.#room(4);
    const at = this.#at;
    bytes[at] = (low & 0x7f) | 0x80;
    bytes[at + 1] = ((low >>> 7) & 0x7f) | 0x80;
    bytes[at + 2] = ((low >>> 14) & 0x7f) | 0x80;
    bytes[at + 3] = ((low >>> 21) & 0x7f) | 0x80;
  }

  double(value: number): void {
    this.#room(8).writeDoubleLE(value, this.#at);
  }

  /** UTF-8 with its length in front. Halves of surrogate pairs are replaced. */
  text(value: string): void {
    const units = value.length;
    if (units > SHORT_TEXT_UNITS || !this.#ascii(value)) {
      const length = Buffer.byteLength(value);
      this.#room(length).write(value, this.#at, 'utf8');
      this.varint(length);
    } else this.varint(units);
  }

  /** The length of what was written since `length` was this much, and the tag in front. */
  enclose(lengthBefore: number, tag: number): void {
    this.varint(this.length - lengthBefore);
    this.byte(tag);
  }

  /** False, and nothing is written, when a character needs more than a byte. */
  #ascii(value: string): boolean {
    const units = value.length;
    const bytes = this.#room(units);
    const from = this.#at;
    for (let index = 0; index < units; index++) {
      const unit = value.charCodeAt(index);
      if (unit >= 0x80) {
        this.#at += units;
        return false;
      }
      bytes[from + index] = unit;
    }
    return true;
  }

  /** Moves down by `size` bytes, which the caller fills. */
  #room(size: number): Buffer {
    if (this.#at < size) this.#grow(size);
    this.#at -= size;
    return this.#bytes;
  }

  /** @throws RESULT_TOO_LARGE */
  #grow(size: number): void {
    const { length } = this;
    if (length + size > this.#left) {
      throw new FacetError(
        'RESULT_TOO_LARGE',
        `The result has more than ${LIMITS.resultBytesMax} bytes (resultBytesMax)`,
        {
          hint: 'Return less of it, or fetch it in parts. What the query wrote, if it wrote, stays written.',
        },
      );
    }
    const capacity = Math.max(PIECE_BYTES, 2 * (length + size));
    const larger = Buffer.allocUnsafeSlow(capacity);
    this.#bytes.copy(larger, capacity - length, this.#at, this.#end);
    if (capacity === PIECE_BYTES) piece = larger;
    this.#bytes = larger;
    this.#end = capacity;
    this.#at = capacity - length;
  }

  #renew(): void {
    this.#bytes = piece;
    this.#end = free;
    this.#at = free;
  }
}
