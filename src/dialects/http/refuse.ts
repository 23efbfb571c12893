/** Answers in a dialect's words: refusals of the gate, of an operation, of Fastify. And the headers of every answer. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { asFacetError, FacetError, type Observe } from '../../base/index.ts';
import type { Session } from '../../dispatch/index.ts';
import { type HttpWords, JSON_TYPE } from './surface.ts';

/** Where a request keeps its session from the first half of the gate on. A WeakMap costs 2 to 3 % of the requests per second. */
export const SESSION = 'facetSession';

declare module 'fastify' {
  interface FastifyRequest {
    [SESSION]: Session | undefined;
  }
}

/**
 * Sends the error envelope. A fault that did not pass the gate is reported here, for nobody else has seen it.
 * @param status absent: that of the error's code
 */
export function refuse(
  thrown: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  words: HttpWords,
  observe: Observe,
  status?: number,
): void {
  const error = asFacetError(thrown);
  if (error.kind === 'internal' && request[SESSION]?.principal === undefined) {
    observe({ type: 'warning', message: `request ${request.id} failed`, detail: error.cause ?? error });
  }
  const code = status ?? words.statusOf(error.code);
  setHeaders(reply, request);
  void reply
    .code(code)
    .headers(errorHeaders(error, code, words.challenges))
    .header('content-type', JSON_TYPE)
    .send(words.errorBody(error, request));
}

/** Headers that go with the status: when to come back, and how to name oneself. */
export function errorHeaders(
  error: FacetError,
  status: number,
  challenges: string | string[],
): Record<string, string | string[]> {
  if (status === 401) return { 'www-authenticate': challenges };
  if (status === 429 || status === 503) return { 'retry-after': String(error.retryAfterSeconds ?? 1) };
  return {};
}

/** X-RateLimit-Limit is the sustained rate, and X-RateLimit-Reset in Unix seconds, as the ThunderDB API has them. */
export function setHeaders(reply: FastifyReply, request: FastifyRequest): void {
  reply.header('x-request-id', request.id);
  const admission = request[SESSION]?.admission;
  if (admission === undefined) return;
  reply.header('x-ratelimit-limit', String(admission.limit));
  reply.header('x-ratelimit-remaining', String(admission.remaining));
  reply.header('x-ratelimit-reset', String(admission.resetAtSeconds));
}

/** Faults that Fastify finds before a handler runs, in our words; anything else is ours to report. */
export function asRequestError(error: unknown, bodyBytesMax: number): unknown {
  if (error instanceof FacetError) return error;
  const code = error !== null && typeof error === 'object' && 'code' in error ? error.code : undefined;
  switch (code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new FacetError(
        'PAYLOAD_TOO_LARGE',
        `The body is larger than ${bodyBytesMax} bytes (bodyBytesMax)`,
      );
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new FacetError('UNSUPPORTED_MEDIA_TYPE', 'The body must be application/json');
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return new FacetError('INVALID_JSON', 'The body is not as long as Content-Length says');
    case 'ECONNRESET':
      return new FacetError('QUERY_CANCELLED', 'The client went away while it sent the body');
    default:
      return error;
  }
}
