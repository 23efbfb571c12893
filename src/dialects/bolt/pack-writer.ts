/**
 * Messages in PackStream (version 1), in chunks, put directly into the memory that the socket takes: no tree of values
 * and no copy in between. Each value takes its smallest form. What values are made of is in value-writer.ts.
 */
import { FacetError, LIMITS } from '../../base/index.ts';
import { MARKERS } from './markers.ts';

const CHUNK_BYTES_MAX = 0xffff;
const SIZE_BYTES = 2;
/** Memory of a connection that answers little. */
const SLAB_BYTES_FIRST = 4 * 1024;
/** Memory of one that streams. */
const SLAB_BYTES = 64 * 1024;
/** With less left, the next answer gets memory of its own; an idle connection keeps none. */
const SLAB_BYTES_KEPT = 1 * 1024;
/** Up to here a loop over characters is quicker than a call of the encoder. */
const LOOP_CHARACTERS_MAX = 40;
/** From here the bytes of a text are counted, since three a character would be much memory for nothing. */
const COUNTED_CHARACTERS = 4 * 1024;
/** Marker and size of the largest texts and lists. */
const HEADER_BYTES_MAX = 5;
const UTF8_BYTES_PER_CHARACTER = 3;
const NOTHING = Buffer.alloc(0);

export class PackWriter {
  #slab: Buffer = NOTHING;
  /** Where the messages begin that were not taken. */
  #start = 0;
  #at = 0;
  /** Where the message under way begins, which is its first size. */
  #message = 0;

  /** Bytes of complete messages that were not taken. */
  get pendingBytes(): number {
    return this.#at - this.#start;
  }

  /** All complete messages since the last call. The bytes are the caller's. */
  take(): Buffer {
    const taken = this.#slab.subarray(this.#start, this.#at);
    this.#start = this.#at;
    if (this.#slab.length - this.#at < SLAB_BYTES_KEPT || this.#slab.length > SLAB_BYTES_FIRST) {
      this.#slab = NOTHING;
      this.#start = 0;
      this.#at = 0;
    }
    return taken;
  }

  /** Begins a message: a structure of that tag. Its fields follow, then `end`, or `undo`. */
  begin(tag: number, fields: number): void {
    this.#message = this.#at;
    this.#reserve(SIZE_BYTES + 2);
    this.#at += SIZE_BYTES;
    this.structureHeader(tag, fields);
  }

  /** Ends the message. @throws RESULT_TOO_LARGE if it is beyond the bound */
  end(): void {
    const size = this.#at - this.#message - SIZE_BYTES;
    if (size > LIMITS.boltRecordBytesMax) throw tooLarge();
    this.#reserve(SIZE_BYTES);
    if (size > CHUNK_BYTES_MAX) {
      this.#split(size);
    } else {
      this.#slab.writeUInt16BE(size, this.#message);
    }
    this.#slab.writeUInt16BE(0, this.#at);
    this.#at += SIZE_BYTES;
  }

  /** Takes back the message under way, for a value that cannot be written. */
  undo(): void {
    this.#at = this.#message;
  }

  /** Makes place for the sizes of all chunks but the first, from the last one on. */
  #split(size: number): void {
    const chunks = Math.ceil(size / CHUNK_BYTES_MAX);
    this.#reserve(chunks * SIZE_BYTES);
    const slab = this.#slab;
    for (let chunk = chunks - 1; chunk >= 0; chunk--) {
      const from = this.#message + SIZE_BYTES + chunk * CHUNK_BYTES_MAX;
      const bytes = Math.min(CHUNK_BYTES_MAX, size - chunk * CHUNK_BYTES_MAX);
      const to = from + chunk * SIZE_BYTES;
      slab.copyWithin(to, from, from + bytes);
      slab.writeUInt16BE(bytes, to - SIZE_BYTES);
    }
    this.#at += (chunks - 1) * SIZE_BYTES;
  }

  #reserve(bytes: number): void {
    if (this.#slab.length - this.#at < bytes) this.#grow(bytes);
  }

  #grow(bytes: number): void {
    // Sizes of chunks come on top of a message; the bound itself is looked at exactly where it ends.
    if (this.#at - this.#message + bytes > LIMITS.boltRecordBytesMax * 2) throw tooLarge();
    const kept = this.pendingBytes;
    const usual = kept === 0 ? SLAB_BYTES_FIRST : SLAB_BYTES;
    const larger = Buffer.allocUnsafeSlow(Math.max(usual, (kept + bytes) * 2));
    this.#slab.copy(larger, 0, this.#start, this.#at);
    this.#slab = larger;
    this.#message -= this.#start;
    this.#at = kept;
    this.#start = 0;
  }

  structureHeader(tag: number, fields: number): void {
    this.#reserve(2);
    this.#slab[this.#at++] = MARKERS.tinyStructure + fields;
    this.#slab[this.#at++] = tag;
  }

  listHeader(size: number): void {
    this.#header(size, MARKERS.tinyList, MARKERS.list8);
  }

  mapHeader(size: number): void {
    this.#header(size, MARKERS.tinyMap, MARKERS.map8);
  }

  nothing(): void {
    this.#reserve(1);
    this.#slab[this.#at++] = MARKERS.null;
  }

  boolean(value: boolean): void {
    this.#reserve(1);
    this.#slab[this.#at++] = value ? MARKERS.true : MARKERS.false;
  }

  float(value: number): void {
    this.#reserve(9);
    this.#slab[this.#at] = MARKERS.float;
    this.#slab.writeDoubleBE(value, this.#at + 1);
    this.#at += 9;
  }

  /** An integer of 64 bits. */
  bigint(value: bigint): void {
    if (value >= -0x8000_0000n && value <= 0x7fff_ffffn) {
      this.integer(Number(value));
      return;
    }
    this.#reserve(9);
    this.#slab[this.#at] = MARKERS.int64;
    this.#slab.writeBigInt64BE(value, this.#at + 1);
    this.#at += 9;
  }

  /** A whole number that JavaScript's numbers hold exactly. */
  integer(value: number): void {
    this.#reserve(9);
    const slab = this.#slab;
    if (value >= -0x10 && value <= 0x7f) {
      slab[this.#at++] = value & 0xff;
    } else if (value >= -0x80 && value < 0) {
      slab[this.#at++] = MARKERS.int8;
      slab[this.#at++] = value & 0xff;
    } else if (value >= -0x8000 && value <= 0x7fff) {
      slab[this.#at] = MARKERS.int16;
      slab.writeInt16BE(value, this.#at + 1);
      this.#at += 3;
    } else if (value >= -0x8000_0000 && value <= 0x7fff_ffff) {
      slab[this.#at] = MARKERS.int32;
      slab.writeInt32BE(value, this.#at + 1);
      this.#at += 5;
    } else {
      slab[this.#at] = MARKERS.int64;
      slab.writeBigInt64BE(BigInt(value), this.#at + 1);
      this.#at += 9;
    }
  }

  string(text: string): void {
    const { length } = text;
    if (length <= LOOP_CHARACTERS_MAX && this.#ascii(text)) return;
    const exact = length < COUNTED_CHARACTERS ? undefined : Buffer.byteLength(text);
    this.#reserve(HEADER_BYTES_MAX + (exact ?? length * UTF8_BYTES_PER_CHARACTER));
    // Written where it belongs if it has one byte a character, and moved if that makes its size longer.
    const guessed = headerBytes(exact ?? length);
    const from = this.#at + guessed;
    const bytes = this.#slab.write(text, from);
    const needed = headerBytes(bytes);
    if (needed !== guessed) this.#slab.copyWithin(this.#at + needed, from, from + bytes);
    this.#header(bytes, MARKERS.tinyString, MARKERS.string8);
    this.#at += bytes;
  }

  /** A short text of ASCII alone; false, with nothing written, if it is another. */
  #ascii(text: string): boolean {
    const { length } = text;
    this.#reserve(HEADER_BYTES_MAX + length);
    const from = this.#at + headerBytes(length);
    const slab = this.#slab;
    for (let index = 0; index < length; index++) {
      const code = text.charCodeAt(index);
      if (code > 0x7f) return false;
      slab[from + index] = code;
    }
    this.#header(length, MARKERS.tinyString, MARKERS.string8);
    this.#at += length;
    return true;
  }

  /** `marked` is the marker of a size in one byte; those of two and of four bytes follow it. */
  #header(size: number, tiny: number, marked: number): void {
    this.#reserve(HEADER_BYTES_MAX);
    const slab = this.#slab;
    if (size < 0x10) {
      slab[this.#at++] = tiny + size;
    } else if (size < 0x100) {
      slab[this.#at++] = marked;
      slab[this.#at++] = size;
    } else if (size < 0x1_0000) {
      slab[this.#at] = marked + 1;
      slab.writeUInt16BE(size, this.#at + 1);
      this.#at += 3;
    } else {
      slab[this.#at] = marked + 2;
      slab.writeUInt32BE(size, this.#at + 1);
      this.#at += 5;
    }
  }
}

const headerBytes = (size: number): number => (size < 0x10 ? 1 : size < 0x100 ? 2 : size < 0x1_0000 ? 3 : 5);

const tooLarge = (): FacetError =>
  new FacetError(
    'RESULT_TOO_LARGE',
    `A record is larger than ${LIMITS.boltRecordBytesMax.toLocaleString('en-US')} bytes`,
    { hint: 'Return less in one row: properties instead of nodes, or rows instead of lists.' },
  );
