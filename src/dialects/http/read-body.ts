/** Reads the body of a request into memory, bounded, and finds out what of it is JSON. */
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { FacetError, type Json, type Principal } from '../../base/index.ts';
import { assertPayload } from '../../models/index.ts';
import { checkContentEncoding, checkEncoding, checkNoBrowser, decodeBody } from './json-body.ts';

/** What a dialect takes. */
export interface BodyRules {
  readonly bodyBytesMax: number;
  /** See HttpSurface. */
  readonly alsoJson: readonly string[];
}

/** Methods whose bodies mean nothing (RFC 9110 section 9.3); Node reads them away. */
const BODILESS = new Set(['GET', 'HEAD']);

export const hasBody = ({ method = '', headers }: IncomingMessage): boolean => {
  if (BODILESS.has(method)) return false;
  const length = headers['content-length'];
  // A type without a body is looked at, too: it may be a wrong one.
  return (
    (length !== undefined && length !== '0') ||
    headers['transfer-encoding'] !== undefined ||
    headers['content-type'] !== undefined
  );
};

/**
 * Calls one of the two, once: `done` with the whole body, `failed` with PAYLOAD_TOO_LARGE, or with QUERY_CANCELLED when
 * the client goes away meanwhile.
 */
export function readBytes(
  request: IncomingMessage,
  bytesMax: number,
  done: (bytes: Buffer) => void,
  failed: (error: FacetError) => void,
): void {
  // Unread, it is read away by Node once the answer is out: a client that still sends would not see that otherwise.
  if (Number(request.headers['content-length'] ?? 0) > bytesMax) {
    failed(tooLarge(bytesMax));
    return;
  }
  let first: Buffer | undefined;
  let others: Buffer[] | undefined;
  let length = 0;
  let over = false;
  request.on('data', (chunk: Buffer) => {
    if (over) return;
    length += chunk.length;
    if (length > bytesMax) {
      over = true;
      first = undefined;
      others = undefined;
      failed(tooLarge(bytesMax));
    } else if (first === undefined) first = chunk;
    else {
      others ??= [first];
      others.push(chunk);
    }
  });
  request.on('end', () => {
    if (over) return;
    over = true;
    done(others === undefined ? (first ?? EMPTY) : Buffer.concat(others, length));
  });
  request.on('error', () => {
    if (over) return;
    over = true;
    failed(new FacetError('QUERY_CANCELLED', 'The client went away while it sent the body'));
  });
}

/**
 * The body as it comes; the client waits while nobody takes the next piece. What is left when somebody has had enough is
 * read away, so that the connection can be used again.
 * @throws UNSUPPORTED_MEDIA_TYPE when it is compressed, QUERY_CANCELLED when the client goes away
 */
export async function* piecesOf(request: IncomingMessage): AsyncGenerator<Uint8Array> {
  checkContentEncoding(request.headers);
  try {
    for await (const piece of request.iterator({ destroyOnReturn: false })) yield piece as Buffer;
  } catch (thrown) {
    throw new FacetError('QUERY_CANCELLED', 'The client went away while it sent the body', { cause: thrown });
  } finally {
    request.resume();
  }
}

/**
 * The value of a body whose type is one of the dialect's. Undefined when it is empty.
 * @throws UNSUPPORTED_MEDIA_TYPE, INVALID_JSON, PAYLOAD_TOO_LARGE when the caller's plan allows less
 */
export function readJson(
  bytes: Buffer,
  headers: IncomingHttpHeaders,
  principal: Principal | undefined,
  { alsoJson }: BodyRules,
): Json | undefined {
  const type = headers['content-type'];
  if (type !== 'application/json') checkType(bytes, headers, type, alsoJson);
  checkEncoding(headers);
  // One that was announced is refused before it is read; this one may have come in chunks.
  if (principal !== undefined) assertPayload(principal, bytes.length);
  return decodeBody(bytes);
}

/**
 * A body whose route decodes it.
 * @throws UNSUPPORTED_MEDIA_TYPE when it is compressed, PAYLOAD_TOO_LARGE when the caller's plan allows less
 */
export function readRaw(
  bytes: Buffer,
  headers: IncomingHttpHeaders,
  principal: Principal | undefined,
): Buffer {
  checkContentEncoding(headers);
  if (principal !== undefined) assertPayload(principal, bytes.length);
  return bytes;
}

/** JSON by name, or by the suffix of media types whose bodies are JSON (RFC 6839). */
const JSON_TYPE = /^application\/(?:json|[\w.+-]+\+json)$/;

function checkType(
  bytes: Buffer,
  headers: IncomingHttpHeaders,
  type: string | undefined,
  alsoJson: readonly string[],
): void {
  if (type === undefined && bytes.length === 0) return;
  const essence = (type?.split(';', 1)[0] ?? '').trim().toLowerCase();
  if (JSON_TYPE.test(essence)) return;
  if (!alsoJson.includes(essence)) {
    throw new FacetError('UNSUPPORTED_MEDIA_TYPE', 'The body must be application/json');
  }
  checkNoBrowser(headers, essence);
}

const tooLarge = (bytesMax: number): FacetError =>
  new FacetError('PAYLOAD_TOO_LARGE', `The body is larger than ${bytesMax} bytes (bodyBytesMax)`);

const EMPTY = Buffer.alloc(0);
