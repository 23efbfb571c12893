/**
 * gRPC-Web and the Connect protocol on the HTTP listener, for browsers and plain HTTP clients: the same procedures.
 * Requests take the short way past Fastify, since their bodies are framed in ways that it knows nothing of; the bounds of
 * the listener hold for them as for all others. What answers them is web-routes.ts.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { asFacetError, FacetError } from '../../base/index.ts';
import type { Session } from '../../dispatch/index.ts';
import type { Dialect } from '../dialect.ts';
import { HttpClients, HttpExchange, sessionMaker } from '../http/index.ts';
import { allowedOrigin, answerPreflight, letRead } from './cors.ts';
import { type ErrorWords, USUAL_WORDS } from './errors.ts';
import { claimOf, type GrpcDialect, type Procedure, pathOf, wordsOf } from './surface.ts';
import type { WebOptions } from './web-options.ts';
import { refuseWeb } from './web-refusal.ts';
import type { WebHandler } from './web-routes.ts';

export function createWebDialect(dialect: GrpcDialect, options: WebOptions): Dialect {
  const clients = new HttpClients();
  const sessionOf = sessionMaker(dialect, clients, options.trustProxy);
  const procedures = new Map(dialect.procedures.map((procedure) => [pathOf(procedure), procedure]));
  const prefixes = [...new Set(dialect.procedures.map(({ method }) => `/${method.parent.typeName}/`))];
  let loading: Promise<WebHandler> | undefined;

  /** Never rejects: what fails becomes the answer. */
  async function answer(
    request: IncomingMessage,
    response: ServerResponse,
    session: Session,
    admitting: Promise<void> | undefined,
    words: ErrorWords,
  ): Promise<void> {
    try {
      // Before the body is read: it costs memory and time, which are not for strangers.
      await admitting;
      loading ??= import('./web-routes.ts').then(({ webHandler }) => webHandler(dialect, options));
      const handler = await loading;
      response.setHeader('x-request-id', session.requestId);
      endIfUnread(request, response);
      handler(request, response, session);
    } catch (thrown) {
      const { requestId } = session;
      refuseWeb(asFacetError(thrown), request, response, { requestId, words, session });
    }
  }

  return {
    name: `${dialect.name}-web`,
    endpoints: [...procedures.keys()],
    attach: async () => {},
    speaks: (path) => prefixes.some((prefix) => path.startsWith(prefix)),
    refuse(error, request, reply) {
      reply.hijack();
      const words = dialect.wordsOf?.(request.url) ?? USUAL_WORDS;
      refuseWeb(error, request.raw, reply.raw, { requestId: request.id, words });
    },
    take(request, response, door) {
      const procedure = procedures.get(request.url ?? '');
      if (procedure === undefined) return false;
      const origin = allowedOrigin(options.cors, request);
      const isPreflight = request.method === 'OPTIONS' && origin !== undefined;
      if (!isPreflight && request.method !== 'POST') return false;
      const requestId = door.requestId(request);
      const refusal = door.enter(request, response, origin !== undefined);
      const words = wordsOf(dialect, procedure);
      let session: Session | undefined;
      try {
        // A page that may come may also read why it is refused.
        if (origin !== undefined && !isPreflight) letRead(response, origin);
        if (refusal !== undefined) throw refusal;
        if (isPreflight && options.cors !== undefined) {
          answerPreflight(response, options.cors, origin);
          return true;
        }
        assertInOneBody(procedure);
        assertSize(request, options.bodyBytesMax);
        const made = sessionOf(new HttpExchange(request, response, requestId));
        session = { ...made, ...claimOf(dialect, request.headers, request.socket) };
        void answer(request, response, session, options.dispatch.admit(procedure.operation, session), words);
      } catch (thrown) {
        refuseWeb(asFacetError(thrown), request, response, { requestId, words, session });
      }
      return true;
    },
    stop: async () => clients.abort(),
  };
}

/** @throws FEATURE_NOT_SUPPORTED for a stream of the client */
function assertInOneBody({ kind, method }: Procedure): void {
  if (kind !== 'client_streaming') return;
  throw new FacetError(
    'FEATURE_NOT_SUPPORTED',
    `${method.name} takes a stream of messages, which gRPC-Web and Connect cannot send here: call it by gRPC over HTTP/2`,
  );
}

/** @throws PAYLOAD_TOO_LARGE when it says so itself; bodies in pieces are measured as they come */
function assertSize({ headers }: IncomingMessage, bodyBytesMax: number): void {
  if (Number(headers['content-length'] ?? 0) <= bodyBytesMax) return;
  throw new FacetError(
    'PAYLOAD_TOO_LARGE',
    `The message is larger than ${bodyBytesMax} bytes (body-bytes-max)`,
  );
}

/** A connection on which the rest of a body still comes has no place for another request. */
function endIfUnread(request: IncomingMessage, response: ServerResponse): void {
  // By then the request may have let go of it: a body that was given up half-way has no connection any more.
  const { socket } = request;
  response.once('finish', () => {
    if (!request.complete) socket.destroySoon();
  });
}
