/**
 * Keys of the indexes on properties, as the functions `graph.cy_key` and `graph.cy_uniq` make them, for the values that
 * queries look for most: one call of such a function costs PostgreSQL as much as the rest of a seek. What is stored is
 * always keyed by PostgreSQL, so both must agree to the byte.
 */
import { createHash } from 'node:crypto';
import type { Value } from '../../../cypher/index.ts';
import { encodeValue, isStorableText } from '../property-json.ts';

/** Where `graph.cy_key` cuts strings. */
const KEY_CHARACTERS = 64;
/** Up to this length of its JSON text `graph.cy_uniq` leaves a string as it is. */
const UNIQUE_BYTES = 256;

/** JSON text of `graph.cy_key`; null for values whose key only PostgreSQL can tell. */
export function indexKey(value: Value): string | null {
  return typeof value === 'string' ? stringKey(value, cut) : keyOfScalar(value);
}

/** JSON text of `graph.cy_uniq`; null as with indexKey. */
export function uniqueKey(value: Value): string | null {
  return typeof value === 'string' ? stringKey(value, digested) : keyOfScalar(value);
}

const stringKey = (text: string, key: (text: string) => string): string | null =>
  isStorableText(text) ? key(text) : null;

/** Numbers and booleans are their own keys. */
function keyOfScalar(value: Value): string | null {
  const isScalar =
    typeof value === 'bigint' ||
    typeof value === 'boolean' ||
    (typeof value === 'number' && Number.isFinite(value));
  return isScalar ? encodeValue(value) : null;
}

/** Characters are code points, as PostgreSQL counts them. */
function cut(text: string): string {
  if (text.length <= KEY_CHARACTERS) return encodeValue(text);
  let end = 0;
  for (let characters = 0; characters < KEY_CHARACTERS && end < text.length; characters++) {
    end += (text.codePointAt(end) ?? 0) > 0xffff ? 2 : 1;
  }
  return encodeValue(text.slice(0, end));
}

function digested(text: string): string {
  const json = encodeValue(text);
  if (Buffer.byteLength(json) <= UNIQUE_BYTES) return json;
  return `["${createHash('sha256').update(text, 'utf8').digest('hex')}"]`;
}
