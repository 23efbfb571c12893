/**
 * Writes the wire format of protobuf: tags, varints and length-prefixed fields, into memory that grows. Only what rows of
 * SQL need; other messages go through the general encoder, which takes ten times as long.
 */
import { assert } from '../../base/index.ts';

/** Strings up to this length are copied letter by letter, which is faster than a call into the engine. */
const SHORT_STRING = 48;
/** Memory is taken in pieces of this size. Messages cut from a piece keep it until all of them are sent. */
const PIECE_BYTES = 64 * 1024;
/** The longest varint: 64 bits in groups of seven. */
const VARINT_BYTES_MAX = 10;

export class WireWriter {
  #buffer = Buffer.allocUnsafeSlow(PIECE_BYTES);
  #at = 0;
  /** Where the message that is being written begins. */
  #start = 0;

  /** What was written since the last message, without copying; the memory is not written again. */
  message(): Uint8Array {
    const message = this.#buffer.subarray(this.#start, this.#at);
    this.#start = this.#at;
    return message;
  }

  /** Forgets what was written since the last message: the writing of one may have failed half-way. */
  discard(): void {
    this.#at = this.#start;
  }

  /** A field of bytes whose length is not known yet begins. @returns to be given to `endField` */
  beginField(tag: number): number {
    this.#reserve(2);
    this.#buffer[this.#at++] = tag;
    this.#at++;
    return this.#at - this.#start;
  }

  /** One byte was left for the length; what is longer is moved to make room. */
  endField(begun: number): void {
    const from = this.#start + begun;
    const length = this.#at - from;
    if (length < 0x80) {
      this.#buffer[from - 1] = length;
      return;
    }
    const more = varintBytes(length) - 1;
    this.#reserve(more);
    const moved = this.#start + begun;
    this.#buffer.copyWithin(moved + more, moved, this.#at);
    const end = this.#at + more;
    this.#at = moved - 1;
    this.#varint(length);
    this.#at = end;
  }

  bool(tag: number, value: boolean): void {
    this.#reserve(2);
    this.#buffer[this.#at++] = tag;
    this.#buffer[this.#at++] = value ? 1 : 0;
  }

  /** A signed integer of 64 bits in decimal digits. */
  int64(tag: number, digits: string): void {
    this.#reserve(1 + VARINT_BYTES_MAX);
    this.#buffer[this.#at++] = tag;
    if (digits.length < 16) {
      const number = Number(digits);
      if (number >= 0) {
        this.#varint(number);
        return;
      }
    }
    this.#varint64(BigInt.asUintN(64, BigInt(digits)));
  }

  /** A non-negative integer that a number holds exactly. */
  uint64(tag: number, value: number): void {
    assert(Number.isSafeInteger(value) && value >= 0, 'a count is a non-negative integer');
    this.#reserve(1 + VARINT_BYTES_MAX);
    this.#buffer[this.#at++] = tag;
    this.#varint(value);
  }

  /** A small integer of a packed field: without a tag. */
  packed(value: number): void {
    this.#reserve(VARINT_BYTES_MAX);
    this.#varint(value);
  }

  double(tag: number, value: number): void {
    this.#reserve(9);
    this.#buffer[this.#at++] = tag;
    this.#at = this.#buffer.writeDoubleLE(value, this.#at);
  }

  /** Of a packed field: without a tag. */
  float(value: number): void {
    this.#reserve(4);
    this.#at = this.#buffer.writeFloatLE(value, this.#at);
  }

  string(tag: number, text: string): void {
    if (text.length <= SHORT_STRING && this.#ascii(tag, text)) return;
    const length = Buffer.byteLength(text);
    this.#reserve(1 + VARINT_BYTES_MAX + length);
    this.#buffer[this.#at++] = tag;
    this.#varint(length);
    this.#at += this.#buffer.write(text, this.#at, length, 'utf8');
  }

  bytes(tag: number, bytes: Uint8Array): void {
    this.#reserve(1 + VARINT_BYTES_MAX + bytes.length);
    this.#buffer[this.#at++] = tag;
    this.#varint(bytes.length);
    this.#buffer.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  /** False, and nothing written, when a letter takes more than one byte. */
  #ascii(tag: number, text: string): boolean {
    const { length } = text;
    this.#reserve(2 + length);
    const buffer = this.#buffer;
    let at = this.#at + 2;
    for (let index = 0; index < length; index++) {
      const letter = text.charCodeAt(index);
      if (letter > 0x7f) return false;
      buffer[at++] = letter;
    }
    buffer[this.#at] = tag;
    buffer[this.#at + 1] = length;
    this.#at = at;
    return true;
  }

  #varint(value: number): void {
    let rest = value;
    // Shifts are of 32 bits, so that larger numbers are divided.
    while (rest > 0x7fff_ffff) {
      this.#buffer[this.#at++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    while (rest > 0x7f) {
      this.#buffer[this.#at++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.#buffer[this.#at++] = rest;
  }

  #varint64(value: bigint): void {
    let rest = value;
    while (rest > 0x7fn) {
      this.#buffer[this.#at++] = Number(rest & 0x7fn) | 0x80;
      rest >>= 7n;
    }
    this.#buffer[this.#at++] = Number(rest);
  }

  /** Moves the message that is being written to a new piece when this one has no room for `bytes` more. */
  #reserve(bytes: number): void {
    if (this.#at + bytes <= this.#buffer.length) return;
    const written = this.#at - this.#start;
    const size = Math.max(PIECE_BYTES, 2 * (written + bytes));
    const next = Buffer.allocUnsafeSlow(size);
    this.#buffer.copy(next, 0, this.#start, this.#at);
    this.#buffer = next;
    this.#start = 0;
    this.#at = written;
  }
}

function varintBytes(value: number): number {
  let bytes = 1;
  for (let rest = value; rest > 0x7f; rest = Math.floor(rest / 0x80)) bytes++;
  return bytes;
}
