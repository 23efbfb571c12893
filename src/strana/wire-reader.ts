/**
 * Reads the wire format of protobuf (protobuf.dev, "Encoding") strictly: every length lies within the message around it,
 * every text is UTF-8, every field has the wire type that it should. What a message means is in client-messages.ts.
 */
import { isUtf8 } from 'node:buffer';
import { FacetError, LIMITS } from '../base/index.ts';

/** The low three bits of a tag. */
export const WIRE = { varint: 0, bits64: 1, bytes: 2, groupStart: 3, groupEnd: 4, bits32: 5 } as const;

/** What is wrong with the bytes, in a few words. */
export const undecodable = (reason: string): FacetError => new FacetError('INVALID_PARAMETER', reason);

const TAG_MAX = 2 ** 32 - 1;

/** Below it a text is read without a call into the runtime, which costs more than the text. */
const SHORT_TEXT_BYTES = 24;

export class WireReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get at(): number {
    return this.#at;
  }

  get length(): number {
    return this.#bytes.length;
  }

  /** Field number times eight, and the wire type. */
  tag(end: number): number {
    const tag = this.#small(end);
    if (tag < 8 || tag > TAG_MAX) throw undecodable('a field number out of range');
    return tag;
  }

  bool(end: number): boolean {
    return this.unsigned(end) !== 0n;
  }

  /** 64 bits; of longer ones the rest is refused. */
  unsigned(end: number): bigint {
    const bytes = this.#bytes;
    let low = 0;
    let factor = 1;
    for (let count = 0; count < 7; count++) {
      const byte = this.#byte(bytes, end);
      low += (byte & 0x7f) * factor;
      if (byte < 0x80) return BigInt(low);
      factor *= 128;
    }
    let value = BigInt(low);
    for (let shift = 49n; shift < 70n; shift += 7n) {
      const byte = this.#byte(bytes, end);
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw undecodable('a varint of more than 10 bytes');
  }

  signed(end: number): bigint {
    return BigInt.asIntN(64, this.unsigned(end));
  }

  double(end: number): number {
    this.#need(8, end);
    const value = this.#bytes.readDoubleLE(this.#at);
    this.#at += 8;
    return value;
  }

  /** Where what follows with a length of its own ends. */
  end(outer: number): number {
    const length = this.#small(outer);
    this.#need(length, outer);
    return this.#at + length;
  }

  text(outer: number): string {
    const end = this.end(outer);
    const from = this.#at;
    this.#at = end;
    return end - from <= SHORT_TEXT_BYTES ? this.#shortText(from, end) : this.#longText(from, end);
  }

  /** Passes over a field that nobody knows. */
  skip(tag: number, end: number, depth = 0): void {
    switch (tag % 8) {
      case WIRE.varint:
        this.unsigned(end);
        return;
      case WIRE.bits64:
        this.#pass(8, end);
        return;
      case WIRE.bytes:
        this.#at = this.end(end);
        return;
      case WIRE.groupStart:
        this.#skipGroup(tag, end, depth);
        return;
      case WIRE.bits32:
        this.#pass(4, end);
        return;
      default:
        throw undecodable(`wire type ${tag % 8}`);
    }
  }

  #skipGroup(start: number, end: number, depth: number): void {
    if (depth > LIMITS.jsonDepthMax) throw undecodable('groups nested too deeply');
    for (;;) {
      const tag = this.tag(end);
      if (tag % 8 !== WIRE.groupEnd) this.skip(tag, end, depth + 1);
      else if (tag - WIRE.groupEnd === start - WIRE.groupStart) return;
      else throw undecodable('the end of another group');
    }
  }

  /** Of 32 bits at most: tags and lengths. */
  #small(end: number): number {
    const bytes = this.#bytes;
    const first = this.#byte(bytes, end);
    if (first < 0x80) return first;
    let value = first & 0x7f;
    let factor = 128;
    for (let count = 1; count < 5; count++) {
      const byte = this.#byte(bytes, end);
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
      factor *= 128;
    }
    throw undecodable('a tag or a length of more than 5 bytes');
  }

  #byte(bytes: Buffer, end: number): number {
    if (this.#at >= end) throw undecodable('the message ends too early');
    return bytes[this.#at++] ?? 0;
  }

  #need(length: number, end: number): void {
    if (this.#at + length > end) throw undecodable('the message ends too early');
  }

  #pass(length: number, end: number): void {
    this.#need(length, end);
    this.#at += length;
  }

  #shortText(from: number, end: number): string {
    let text = '';
    for (let at = from; at < end; at++) {
      const byte = this.#bytes[at] ?? 0;
      if (byte >= 0x80) return this.#longText(from, end);
      text += String.fromCharCode(byte);
    }
    return text;
  }

  #longText(from: number, end: number): string {
    const bytes = this.#bytes.subarray(from, end);
    if (!isUtf8(bytes)) throw undecodable('a text that is not UTF-8');
    return bytes.toString('utf8');
  }
}
