/**
 * Request bodies: bytes -> JSON with exact numbers. What JSON allows but PostgreSQL text cannot hold unchanged is
 * refused here once, for every route: bytes that are not UTF-8, and escapes of half a surrogate pair.
 */
import { isUtf8 } from 'node:buffer';
import type { IncomingHttpHeaders } from 'node:http';
import { FacetError, type Json, parseExactJson } from '../../base/index.ts';

const SURROGATE_ESCAPE = /\\u[dD][89a-fA-F]/;
/** With the flag `u` a pair is one character of its own, so only halves match. */
const HALF_PAIR = /\p{Surrogate}/u;

/** Undefined for an empty body. @throws INVALID_JSON */
export function decodeBody(bytes: Buffer): Json | undefined {
  if (bytes.length === 0) return undefined;
  // Decoding replaces wrong bytes silently, so they are looked for before.
  if (!isUtf8(bytes)) throw new FacetError('INVALID_JSON', 'The body is not valid UTF-8');
  const text = bytes.toString('utf8');
  const value = parseExactJson(text);
  const half = SURROGATE_ESCAPE.test(text) ? halfPairIn(value, '') : undefined;
  if (half !== undefined) {
    throw new FacetError('INVALID_JSON', `${half} has half of a surrogate pair, which is not a character`);
  }
  return value;
}

/**
 * @throws UNSUPPORTED_MEDIA_TYPE for a charset that is not UTF-8 (RFC 8259 knows no other), and for compressed bodies
 */
export function checkEncoding(headers: IncomingHttpHeaders): void {
  checkContentEncoding(headers);
  const contentType = headers['content-type'];
  if (contentType === undefined || contentType === 'application/json') return;
  const charset = /;\s*charset\s*=\s*"?([^";\s]*)/i.exec(contentType)?.[1];
  if (charset === undefined || /^utf-?8$/i.test(charset)) return;
  throw new FacetError('UNSUPPORTED_MEDIA_TYPE', `JSON is UTF-8, not ${charset}`);
}

/** @throws UNSUPPORTED_MEDIA_TYPE for compressed bodies */
export function checkContentEncoding({ 'content-encoding': encoding }: IncomingHttpHeaders): void {
  if (encoding === undefined || encoding === 'identity') return;
  throw new FacetError('UNSUPPORTED_MEDIA_TYPE', `Bodies are sent as they are, not as ${encoding}`);
}

/** @throws UNSUPPORTED_MEDIA_TYPE for a type that only programs may call JSON */
export function checkNoBrowser(headers: IncomingHttpHeaders, type: string): void {
  if (headers.origin === undefined && headers['sec-fetch-site'] === undefined) return;
  throw new FacetError('UNSUPPORTED_MEDIA_TYPE', `A page must send application/json, not ${type}`);
}

/** Where the first half stands, for the message; `path` is that of `value`. */
function halfPairIn(value: unknown, path: string): string | undefined {
  if (typeof value === 'string')
    return HALF_PAIR.test(value) ? (path === '' ? 'The body' : `'${path}'`) : undefined;
  if (value === null || typeof value !== 'object') return undefined;
  for (const [key, member] of Object.entries(value)) {
    if (HALF_PAIR.test(key)) return 'The name of a member';
    const found = halfPairIn(member, path === '' ? key : `${path}.${key}`);
    if (found !== undefined) return found;
  }
  return undefined;
}
