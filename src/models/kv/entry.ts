/**
 * Keys and entries: what every command of the keyspace shares. How a key is checked and stored, the numbers of the
 * kinds, the bounds of times to live and of values. SQL counterparts stand in the migration kv/0001-entry.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { FacetError, LIMITS } from '../../base/index.ts';

/** Numbers of kv.entry.kind. */
export const KIND = {
  string: 1,
  hash: 2,
  list: 3,
  set: 4,
  zset: 5,
  bitmap: 6,
  hyperloglog: 7,
} as const;

export const KIND_NAMES = ['string', 'hash', 'list', 'set', 'zset', 'bitmap', 'hyperloglog'] as const;
export type KindName = (typeof KIND_NAMES)[number];

/** The name of a kind by its number in PostgreSQL's text form; undefined for none. */
export const kindName = (cell: string | null | undefined): KindName | undefined =>
  KIND_NAMES[Number(cell ?? 0) - 1];

/** A key as the table has it, see the column key of kv.entry. */
export interface StoredKey {
  readonly key: string;
  /** The whole key when `key` could not hold it. */
  readonly longKey: string | null;
}

/** Bytes of the longest key that an index row holds; the migration and stores in use rely on it. */
const INDEXED_BYTES_MAX = 2_048;

/** Characters that cannot be more bytes than an index row holds, whatever they are. */
const SHORT_CHARACTERS_MAX = Math.floor(INDEXED_BYTES_MAX / 3);

const LONE_SURROGATE = /\p{Surrogate}/u;

/**
 * What stands in the table for `key`.
 * @throws INVALID_PARAMETER when it is empty, longer than LIMITS.kvKeyBytesMax, has a NUL or half a surrogate pair
 */
export function storedKey(key: string): StoredKey {
  if (key.length === 0) throw new FacetError('INVALID_PARAMETER', 'A key is at least one byte long');
  if (key.includes('\0')) throw new FacetError('INVALID_PARAMETER', 'A key cannot hold the character NUL');
  if (LONE_SURROGATE.test(key)) {
    throw new FacetError('INVALID_PARAMETER', 'A key is text: it cannot hold half of a surrogate pair');
  }
  if (key.length <= SHORT_CHARACTERS_MAX) return { key, longKey: null };
  const bytes = Buffer.from(key);
  if (bytes.length <= INDEXED_BYTES_MAX) return { key, longKey: null };
  if (bytes.length > LIMITS.kvKeyBytesMax) {
    throw new FacetError(
      'INVALID_PARAMETER',
      `The key has ${bytes.length} bytes, more than ${LIMITS.kvKeyBytesMax} (kvKeyBytesMax)`,
    );
  }
  // The digest is what tells keys with the same beginning apart.
  const digest = createHash('sha256').update(bytes).digest('hex');
  return { key: `${beginningOf(bytes, INDEXED_BYTES_MAX)}#${digest}`, longKey: key };
}

/** What of `prefix` all keys of the table begin with that begin with it: all of it, unless it is very long. */
export function indexedPart(prefix: string): string {
  if (prefix.length <= SHORT_CHARACTERS_MAX) return prefix;
  const bytes = Buffer.from(prefix);
  // The beginning of a long key may have lost a character of four bytes.
  const kept = INDEXED_BYTES_MAX - 3;
  return bytes.length <= kept ? prefix : beginningOf(bytes, kept);
}

/** The first bytes as text; a character that would be cut in two goes whole. */
function beginningOf(bytes: Buffer, bytesMax: number): string {
  let end = bytesMax;
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return bytes.toString('utf8', 0, end);
}

/** Pairs of key and whole key of several keys, as parameters for two arrays. @throws as `storedKey` */
export const storedKeys = (keys: readonly string[]): readonly StoredKey[] => keys.map(storedKey);

/** The key of a row that was read as `key, long_key`. */
export const keyOf = (key: string | null | undefined, longKey: string | null | undefined): string =>
  longKey ?? key ?? '';

/** A time to live, for schemas: more than zero, and below what anybody can mean. */
export const ttlMs = z
  .int()
  .min(1, 'a time to live is more than 0')
  .max(LIMITS.kvTtlMsMax, `a time to live is at most ${LIMITS.kvTtlMsMax} ms (kvTtlMsMax)`);

/** A key, for schemas; `storedKey` checks it where it is used, once. */
export const keyInput = z.string().describe('1 to 65,536 bytes of UTF-8 without NUL');

/** The text of a JSON value, for schemas; the model keeps it as it is. */
export const valueJson = z.string().describe('JSON text of the value, kept as it is');

/** @throws INVALID_PARAMETER for an empty list, LIMIT_EXCEEDED for more items than one command may name */
export function checkCount(count: number, what: string): void {
  if (count === 0) throw new FacetError('INVALID_PARAMETER', `At least one of ${what} is needed`);
  if (count <= LIMITS.kvItemsMax) return;
  throw new FacetError(
    'LIMIT_EXCEEDED',
    `${count} ${what} in one command are more than ${LIMITS.kvItemsMax} (kvItemsMax)`,
  );
}

/** @throws VALUE_TOO_LARGE over LIMITS.kvValueBytesMax */
export function checkValue(json: string): void {
  // A character is at most three bytes in UTF-16 units, so most values need no counting.
  if (json.length * 3 <= LIMITS.kvValueBytesMax) return;
  const bytes = Buffer.byteLength(json);
  if (bytes <= LIMITS.kvValueBytesMax) return;
  throw new FacetError(
    'VALUE_TOO_LARGE',
    `The value has ${bytes} bytes, more than ${LIMITS.kvValueBytesMax} (kvValueBytesMax)`,
  );
}

/** The error of a command that meets a key of another kind. */
export function wrongType(key: string, found: KindName | undefined, wanted: KindName): FacetError {
  return new FacetError(
    'WRONG_TYPE',
    `Key '${shown(key)}' holds a ${found ?? 'value of another kind'}, and the command is for a ${wanted}`,
  );
}

const SHOWN_CHARACTERS_MAX = 100;

/** A key in a message: long ones are cut. */
export const shown = (key: string): string =>
  key.length > SHOWN_CHARACTERS_MAX ? `${key.slice(0, SHOWN_CHARACTERS_MAX)}…` : key;
