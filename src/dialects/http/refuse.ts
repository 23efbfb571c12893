/** Answers in a dialect's words: refusals of the gate, of an operation, of the listener. */
import { asFacetError, type FacetError, type Observe } from '../../base/index.ts';
import { headerLines, sendWhole } from './answer.ts';
import type { HttpExchange } from './http-exchange.ts';
import { type HttpWords, JSON_TYPE } from './surface.ts';

/**
 * Sends the error envelope. A fault that did not pass the gate is reported here, for nobody else has seen it.
 * @param status absent: that of the error's code
 */
export function refuse(
  thrown: unknown,
  exchange: HttpExchange,
  { words, observe }: { readonly words: HttpWords; readonly observe: Observe },
  status?: number,
): void {
  const error = asFacetError(thrown);
  const { id, response, session } = exchange;
  if (error.kind === 'internal' && session?.principal === undefined) {
    observe({ type: 'warning', message: `request ${id} failed`, detail: error.cause ?? error });
  }
  // Nothing can be taken back of an answer that has begun.
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const code = status ?? words.statusOf(error.code);
  const { contentType, body } = words.errorAnswer?.(error, exchange) ?? {
    contentType: JSON_TYPE,
    body: words.errorBody(error, exchange),
  };
  const lines = headerLines(exchange, contentType);
  for (const [name, value] of Object.entries(errorHeaders(error, code, words.challenges))) {
    for (const each of Array.isArray(value) ? value : [value]) lines.push(name, each);
  }
  sendWhole(exchange, code, lines, body);
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
