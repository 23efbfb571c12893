/** The answer goes out: its headers, and its body in one piece or as it comes. */
import { asFacetError, LIMITS, type Observe } from '../../base/index.ts';
import type { HttpExchange } from './http-exchange.ts';
import { heldAnswer } from './large-answer.ts';
import { PieceWriter } from './piece-writer.ts';
import type { HttpAnswer, HttpWords } from './surface.ts';

/** Names and values by turns, as Node takes them without looking each one up. */
type HeaderLines = string[];

/** X-RateLimit-Limit is the sustained rate, and X-RateLimit-Reset in Unix seconds, as the ThunderDB API has them. */
export function headerLines({ id, session }: HttpExchange, contentType: string): HeaderLines {
  const lines = ['x-request-id', id, 'content-type', contentType];
  const admission = session?.admission;
  if (admission !== undefined) {
    lines.push('x-ratelimit-limit', String(admission.limit));
    lines.push('x-ratelimit-remaining', String(admission.remaining));
    lines.push('x-ratelimit-reset', String(admission.resetAtSeconds));
  }
  return lines;
}

/** @throws UNAVAILABLE when large answers take too much memory already; then nothing was sent */
export function sendWhole(
  exchange: HttpExchange,
  status: number,
  lines: HeaderLines,
  body: string | Uint8Array,
): void {
  const { response } = exchange;
  const small = response.socket === null ? LIMITS.answerBytesQueuedSmall : LIMITS.answerBytesSmall;
  const sent = body.length > small ? heldAnswer(body, exchange) : body;
  const length = typeof sent === 'string' ? Buffer.byteLength(sent) : sent.length;
  lines.push('content-length', String(length));
  response.writeHead(status, lines);
  response.end(sent);
}

/** Trailer of an answer in bytes that was broken off: the error envelope, with what is no ASCII escaped as in a URL. */
export const ERROR_TRAILER = 'x-facet-error';

/** Never rejects: the head is out. */
export async function sendPieces(
  exchange: HttpExchange,
  status: number,
  lines: HeaderLines,
  write: Extract<HttpAnswer['body'], (writer: PieceWriter) => Promise<void>>,
  {
    words,
    observe,
    asBytes = false,
  }: { readonly words: HttpWords; readonly observe: Observe; readonly asBytes?: boolean | undefined },
): Promise<void> {
  if (asBytes) lines.push('trailer', ERROR_TRAILER);
  exchange.response.writeHead(status, lines);
  const writer = new PieceWriter(exchange.response);
  try {
    await write(writer);
  } catch (thrown) {
    const error = asFacetError(thrown);
    // The gate saw a stream begin well; what happens later only this place sees.
    if (error.kind === 'internal') {
      const message = `the stream of request ${exchange.id} failed`;
      observe({ type: 'warning', message, detail: error.cause ?? error });
    }
    const envelope = words.errorBody(error, exchange);
    if (asBytes) exchange.response.addTrailers([[ERROR_TRAILER, encodeURIComponent(envelope)]]);
    else await writer.add(`${envelope}\n`);
  }
  await writer.end();
}
