/**
 * Writes the client's messages of PostgreSQL's protocol 3.0 into slabs that go out as one chunk per turn of the
 * event loop. Not for reading, and not for starting a connection: `pg` does both.
 *
 * Why not the driver's own serializer: it writes each message apart. Gathering the messages of all statements of
 * one turn into one system call is what lets a single connection carry many small statements.
 */
import { FacetError } from '../base/index.ts';
import type { OwnParameter } from './contract.ts';

/** Messages are written one after the other into slabs of this size: one allocation for hundreds. */
const SLAB_BYTES = 64 * 1024;
/** Below this length a text is written without measuring it first; UTF-8 needs three bytes a code unit at most. */
const MEASURE_ABOVE = 4096;

export class WireWriter {
  #slab: Buffer = Buffer.allocUnsafe(SLAB_BYTES);
  #start = 0;
  #at = 0;

  /** Bytes that wait to be taken. */
  get pending(): number {
    return this.#at - this.#start;
  }

  /** What was written since the last call. The returned bytes are never written to again. */
  take(): Buffer {
    const chunk = this.#slab.subarray(this.#start, this.#at);
    this.#start = this.#at;
    return chunk;
  }

  /** @throws INVALID_SQL for a text with a NUL character; then nothing was written */
  query(text: string): void {
    checkText(text);
    const message = this.#open(0x51);
    this.#cString(text);
    this.#close(message);
  }

  /** @throws INVALID_SQL for a text with a NUL character; then nothing was written */
  parse(name: string, text: string): void {
    checkText(text);
    const message = this.#open(0x50);
    this.#cString(name);
    this.#cString(text);
    this.#int16(0);
    this.#close(message);
  }

  /** All parameters but bytes, and all results, in text form; in the unnamed portal unless `portal` names one. */
  bind(name: string, parameters: readonly OwnParameter[], portal = ''): void {
    const message = this.#open(0x42);
    this.#cString(portal);
    this.#cString(name);
    this.#formats(parameters);
    this.#int16(parameters.length);
    for (const parameter of parameters) {
      if (parameter === null) {
        this.#int32(-1);
        continue;
      }
      if (typeof parameter !== 'string') {
        this.#int32(parameter.length);
        this.#bytes(parameter);
        continue;
      }
      this.#int32(0);
      const textFrom = this.pending;
      this.#text(parameter);
      // Offsets from the start of the untaken bytes, because writing the text may have moved them to a new slab.
      this.#slab.writeInt32BE(this.pending - textFrom, this.#start + textFrom - 4);
    }
    this.#int16(0);
    this.#close(message);
  }

  describePortal(): void {
    const message = this.#open(0x44);
    this.#byte(0x50);
    this.#cString('');
    this.#close(message);
  }

  describeStatement(name: string): void {
    const message = this.#open(0x44);
    this.#byte(0x53);
    this.#cString(name);
    this.#close(message);
  }

  /** `rowsMax` 0 means all rows. */
  execute(rowsMax: number, portal = ''): void {
    const message = this.#open(0x45);
    this.#cString(portal);
    this.#int32(rowsMax);
    this.#close(message);
  }

  closeStatement(name: string): void {
    const message = this.#open(0x43);
    this.#byte(0x53);
    this.#cString(name);
    this.#close(message);
  }

  closePortal(portal = ''): void {
    const message = this.#open(0x43);
    this.#byte(0x50);
    this.#cString(portal);
    this.#close(message);
  }

  copyFail(reason: string): void {
    const message = this.#open(0x66);
    this.#cString(reason);
    this.#close(message);
  }

  copyData(payload: Buffer): void {
    const message = this.#open(0x64);
    this.#bytes(payload);
    this.#close(message);
  }

  flush(): void {
    this.#close(this.#open(0x48));
  }

  sync(): void {
    this.#close(this.#open(0x53));
  }

  /** Offset of the message from the start of the untaken bytes: it survives a move to a new slab. */
  #open(code: number): number {
    this.#reserve(5);
    const offset = this.#at - this.#start;
    this.#slab[this.#at] = code;
    this.#at += 5;
    return offset;
  }

  #close(offset: number): void {
    const lengthAt = this.#start + offset + 1;
    this.#slab.writeInt32BE(this.#at - lengthAt, lengthAt);
  }

  #text(text: string): void {
    const bytesMax = text.length > MEASURE_ABOVE ? Buffer.byteLength(text) : text.length * 3;
    this.#reserve(bytesMax);
    this.#at += this.#slab.write(text, this.#at, 'utf8');
  }

  /** Ends at the first NUL character: texts were checked before, names are ours. */
  #cString(text: string): void {
    this.#text(text);
    this.#byte(0);
  }

  /** None says that all are text. */
  #formats(parameters: readonly OwnParameter[]): void {
    if (!parameters.some((parameter) => parameter instanceof Uint8Array)) {
      this.#int16(0);
      return;
    }
    this.#int16(parameters.length);
    for (const parameter of parameters) this.#int16(parameter instanceof Uint8Array ? 1 : 0);
  }

  #bytes(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#slab.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  #byte(value: number): void {
    this.#reserve(1);
    this.#slab[this.#at++] = value;
  }

  #int16(value: number): void {
    this.#reserve(2);
    this.#slab[this.#at++] = value >>> 8;
    this.#slab[this.#at++] = value & 0xff;
  }

  #int32(value: number): void {
    this.#reserve(4);
    this.#at = this.#slab.writeInt32BE(value, this.#at);
  }

  #reserve(bytes: number): void {
    if (this.#at + bytes <= this.#slab.length) return;
    const untaken = this.#slab.subarray(this.#start, this.#at);
    const slab = Buffer.allocUnsafe(Math.max(SLAB_BYTES, (untaken.length + bytes) * 2));
    untaken.copy(slab);
    this.#slab = slab;
    this.#at = untaken.length;
    this.#start = 0;
  }
}

/** A NUL character ends a text in the protocol, and what follows would be read as the rest of the message. */
function checkText(text: string): void {
  const at = text.indexOf('\0');
  if (at === -1) return;
  throw new FacetError('INVALID_SQL', `A statement has a NUL character at position ${at + 1}`, {
    position: at + 1,
  });
}
