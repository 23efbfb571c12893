/**
 * PackStream (version 1) -> Cypher's values. Works on whole messages, whose size is bounded before; sizes inside are
 * compared with what is left before anything is made of them. What a structure means is told by the caller.
 */
import { isUtf8 } from 'node:buffer';
import { FacetError, LIMITS } from '../../base/index.ts';
import type { MapValue, Value } from '../../cypher/index.ts';
import { MARKERS } from './markers.ts';

/**
 * Makes a value of a structure's tag and fields.
 * @throws INVALID_PARAMETER for what cannot be a value of a parameter
 */
export type ReadStructure = (tag: number, fields: readonly Value[]) => Value;

/** Integers of one byte, by their value plus 128: the usual ones are not made again and again. */
const SMALL_INTEGERS: readonly bigint[] = Array.from({ length: 256 }, (_, index) => BigInt(index - 128));

/** A map without members is one byte of a message, and 200 of memory if each has its own. */
const NO_MEMBERS: MapValue = new Map();

const REPLACEMENT = '\ufffd';

export class PackReader {
  readonly #bytes: Buffer;
  readonly #structure: ReadStructure;
  #at = 0;
  #depth = 0;

  constructor(bytes: Buffer, structure: ReadStructure) {
    this.#bytes = bytes;
    this.#structure = structure;
  }

  /** Bytes that were not read. */
  get left(): number {
    return this.#bytes.length - this.#at;
  }

  /** The tag and the number of fields of the structure that a message is. @throws INVALID_MESSAGE */
  structureHeader(): { tag: number; fields: number } {
    const marker = this.#byte();
    if ((marker & 0xf0) !== MARKERS.tinyStructure) {
      throw broken(`A message is a structure, but begins with ${hex(marker)}`);
    }
    return { tag: this.#byte(), fields: marker & 0x0f };
  }

  /**
   * The next value. Integers are bigint, maps are Map.
   * @throws INVALID_MESSAGE for bytes that are no PackStream
   * @throws INVALID_PARAMETER for values that Cypher does not have, and beyond the bound of nesting
   */
  value(): Value {
    const marker = this.#byte();
    if (marker < MARKERS.tinyString || marker >= MARKERS.tinyNegative) return small(asInt8(marker));
    const low = marker & 0x0f;
    switch (marker & 0xf0) {
      case MARKERS.tinyString:
        return this.#text(low);
      case MARKERS.tinyList:
        return this.#list(low);
      case MARKERS.tinyMap:
        return this.#map(low);
      case MARKERS.tinyStructure:
        return this.#readStructure(low);
      default:
        return this.#marked(marker);
    }
  }

  #marked(marker: number): Value {
    switch (marker) {
      case MARKERS.null:
        return null;
      case MARKERS.true:
        return true;
      case MARKERS.false:
        return false;
      case MARKERS.float:
        return this.#bytes.readDoubleBE(this.#skip(8));
      case MARKERS.int8:
        return small(this.#bytes.readInt8(this.#skip(1)));
      case MARKERS.int16:
        return BigInt(this.#bytes.readInt16BE(this.#skip(2)));
      case MARKERS.int32:
        return BigInt(this.#bytes.readInt32BE(this.#skip(4)));
      case MARKERS.int64:
        return this.#bytes.readBigInt64BE(this.#skip(8));
      default:
        return this.#sized(marker);
    }
  }

  /** What has its size in the bytes behind the marker: one, two or four, by the last two bits. */
  #sized(marker: number): Value {
    switch (marker) {
      case MARKERS.string8:
      case MARKERS.string16:
      case MARKERS.string32:
        return this.#text(this.#size(marker - MARKERS.string8));
      case MARKERS.list8:
      case MARKERS.list16:
      case MARKERS.list32:
        return this.#list(this.#size(marker - MARKERS.list8));
      case MARKERS.map8:
      case MARKERS.map16:
      case MARKERS.map32:
        return this.#map(this.#size(marker - MARKERS.map8));
      case MARKERS.bytes8:
      case MARKERS.bytes16:
      case MARKERS.bytes32:
        this.#skip(this.#size(marker - MARKERS.bytes8));
        throw new FacetError(
          'INVALID_PARAMETER',
          'Byte arrays are not supported: graphs here have no such values',
        );
      default:
        throw broken(`${hex(marker)} begins no value of PackStream`);
    }
  }

  #size(step: number): number {
    if (step === 0) return this.#byte();
    return step === 1 ? this.#bytes.readUInt16BE(this.#skip(2)) : this.#bytes.readUInt32BE(this.#skip(4));
  }

  #text(size: number): string {
    const from = this.#skip(size);
    const text = this.#bytes.toString('utf8', from, this.#at);
    // Bytes that are no UTF-8 would become other text in silence.
    if (text.includes(REPLACEMENT) && !isUtf8(this.#bytes.subarray(from, this.#at))) {
      throw broken('A string is not in UTF-8');
    }
    return text;
  }

  #list(size: number): Value[] {
    // Every item has a byte at least.
    if (size > this.left) throw this.#truncated();
    this.#enter();
    const items: Value[] = [];
    for (let index = 0; index < size; index++) items.push(this.value());
    this.#depth -= 1;
    return items;
  }

  #map(size: number): MapValue {
    if (size === 0) return NO_MEMBERS;
    if (size * 2 > this.left) throw this.#truncated();
    this.#enter();
    const map = new Map<string, Value>();
    for (let index = 0; index < size; index++) {
      const key = this.value();
      if (typeof key !== 'string') throw broken('A key of a map is not a string');
      if (map.has(key))
        throw new FacetError('INVALID_PARAMETER', `A map has the key '${clipped(key)}' twice`);
      map.set(key, this.value());
    }
    this.#depth -= 1;
    return map;
  }

  #readStructure(size: number): Value {
    const tag = this.#byte();
    return this.#structure(tag, this.#list(size));
  }

  #enter(): void {
    this.#depth += 1;
    if (this.#depth > LIMITS.cypherValueDepthMax) {
      throw new FacetError(
        'INVALID_PARAMETER',
        `Lists and maps are nested deeper than ${LIMITS.cypherValueDepthMax} levels`,
      );
    }
  }

  #byte(): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) throw this.#truncated();
    this.#at += 1;
    return byte;
  }

  /** Where the next bytes begin; the reader goes behind them. */
  #skip(count: number): number {
    const from = this.#at;
    if (count > this.left) throw this.#truncated();
    this.#at = from + count;
    return from;
  }

  #truncated(): FacetError {
    return broken(`The message ends after ${this.#bytes.length} bytes, in the middle of a value`);
  }
}

const asInt8 = (byte: number): number => (byte < 0x80 ? byte : byte - 0x100);
const small = (value: number): bigint => SMALL_INTEGERS[value + 128] ?? BigInt(value);
const hex = (byte: number): string => `byte 0x${byte.toString(16).padStart(2, '0').toUpperCase()}`;

const KEY_CHARACTERS_SHOWN = 40;
const clipped = (key: string): string =>
  key.length > KEY_CHARACTERS_SHOWN ? `${key.slice(0, KEY_CHARACTERS_SHOWN)}…` : key;

const broken = (message: string): FacetError => new FacetError('INVALID_MESSAGE', message);
