/**
 * Serves the route table: parses bodies, hands calls to the gate, sends answers and refusals. Everything lives in
 * an encapsulated plugin, so its body parser and error words do not touch other dialects on the same listener.
 */
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { asFacetError, FacetError, type Observe } from '../../base/index.ts';
import type { Dispatch, Session } from '../../dispatch/index.ts';
import type { HttpClients } from '../http-clients.ts';
import { checkEncoding, decodeBody } from '../http-json-body.ts';

import { JSON_TYPE, type StreamCall } from './calls.ts';
import { ROUTES, ROUTES_NOT_OFFERED, type Route } from './commands.ts';
import { errorBody, errorHeaders, statusOfCode } from './errors.ts';
import { sessionOf } from './request.ts';
import { serveStream } from './stream.ts';

export interface Serving {
  readonly dispatch: Dispatch;
  readonly clients: HttpClients;
  readonly trustProxy: boolean;
  readonly bodyBytesMax: number;
  readonly observe: Observe;
  /** Text of the OpenAPI document. */
  readonly openapi: string;
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE'] as const;

export function addRoutes(scope: FastifyInstance, serving: Serving): void {
  scope.decorateRequest(SESSION, undefined);
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, bytes, done) => {
    try {
      checkEncoding(request.headers);
      done(null, decodeBody(bytes as Buffer));
    } catch (thrown) {
      done(asFacetError(thrown));
    }
  });
  scope.setErrorHandler((error, request, reply) => {
    // Fastify closes the connection after a body that did not parse. It need not: Node reads the rest away, and a
    // client that is still sending would otherwise be cut off before it sees the answer.
    reply.removeHeader('connection');
    const session = request[SESSION];
    refuse(asRequestError(error, serving.bodyBytesMax), request, reply, session, serving.observe);
  });
  for (const route of ROUTES) {
    scope.route({
      method: route.method,
      url: route.path,
      // Before the body is read: it costs memory and time, which are not for strangers.
      onRequest: (request, reply, done) => enter(route, serving, request, reply, done),
      handler: (request, reply) => {
        void serve(route, serving, request, reply);
      },
    });
  }
  scope.get('/openapi.json', (_request, reply) => {
    void reply.header('content-type', JSON_TYPE).send(serving.openapi);
  });
  addOtherMethods(scope, serving);
  addNotOffered(scope);
}

/** Where a request keeps its session from the first half of the gate to the second. A WeakMap costs 2 to 3 % of the requests per second. */
const SESSION = 'thunderSession';

declare module 'fastify' {
  interface FastifyRequest {
    [SESSION]: Session | undefined;
  }
}

/** Never throws: what is thrown becomes the answer. All calls of a route have one access and one category. */
function enter(
  route: Route,
  serving: Serving,
  request: FastifyRequest,
  reply: FastifyReply,
  done: () => void,
): void {
  let session: Session | undefined;
  const refused = (thrown: unknown): void => refuse(thrown, request, reply, session, serving.observe);
  try {
    session = sessionOf(request, serving.clients, serving.trustProxy);
    const [call] = route.calls;
    if (call === undefined) throw new Error(`no call for ${route.path}`);
    request[SESSION] = session;
    const admitting = serving.dispatch.admit(call.operation, session);
    if (admitting === undefined) done();
    else admitting.then(done, refused);
  } catch (thrown) {
    refused(thrown);
  }
}

/** Never rejects: what is thrown becomes the answer. */
async function serve(
  route: Route,
  serving: Serving,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const session = request[SESSION];
  try {
    if (session === undefined) throw new Error('the request did not pass the gate');
    const call = route.pick === undefined ? route.calls[0] : route.pick(request);
    if (call === undefined) throw new Error(`no call for ${route.path}`);
    const input = call.read(request);
    if (call.kind === 'stream') {
      const open = (): ServerResponse => openStream(call, request, reply, session);
      await serveStream(serving.dispatch, input, session, open, serving.observe);
      return;
    }
    const answer = await call.run(serving.dispatch, input, session);
    setHeaders(reply, request.id, session);
    void reply.code(answer.status).header('content-type', call.contentType).send(answer.body);
  } catch (thrown) {
    refuse(thrown, request, reply, session, serving.observe);
  }
}

/** Sends the head of a streamed answer and takes the response from Fastify, which knows no back-pressure here. */
function openStream(
  call: StreamCall,
  request: FastifyRequest,
  reply: FastifyReply,
  session: Session,
): ServerResponse {
  reply.hijack();
  setHeaders(reply, request.id, session);
  reply.raw.writeHead(200, {
    ...(reply.getHeaders() as OutgoingHttpHeaders),
    'content-type': call.contentType,
  });
  return reply.raw;
}

/** Sends the error envelope. A fault that did not pass the gate is reported here, for nobody else has seen it. */
export function refuse(
  thrown: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  session: Session | undefined,
  observe: Observe,
): void {
  const error = asFacetError(thrown);
  if (error.kind === 'internal' && session?.principal === undefined) {
    observe({ type: 'warning', message: `request ${request.id} failed`, detail: error.cause ?? error });
  }
  const status = statusOfCode(error.code);
  setHeaders(reply, request.id, session);
  void reply
    .code(status)
    .headers(errorHeaders(error, status))
    .header('content-type', JSON_TYPE)
    .send(errorBody(error, request.id));
}

/** X-RateLimit-Limit is the sustained rate and X-RateLimit-Reset in Unix seconds, as in the reference's sample. */
function setHeaders(reply: FastifyReply, requestId: string, session: Session | undefined): void {
  reply.header('x-request-id', requestId);
  const admission = session?.admission;
  if (admission === undefined) return;
  reply.header('x-ratelimit-limit', String(admission.limit));
  reply.header('x-ratelimit-remaining', String(admission.remaining));
  reply.header('x-ratelimit-reset', String(admission.resetAtSeconds));
}

/** Methods that a path does not have get 405 and the list of those it has, before any body is read. */
function addOtherMethods(scope: FastifyInstance, serving: Serving): void {
  const allowed = new Map<string, Set<string>>([['/openapi.json', new Set(['GET', 'HEAD'])]]);
  for (const { method, path } of ROUTES) {
    const methods = allowed.get(path) ?? new Set();
    allowed.set(path, methods.add(method));
    if (method === 'GET') methods.add('HEAD');
  }
  for (const [path, methods] of allowed) {
    const allow = [...methods].sort().join(', ');
    answerEarly(
      scope,
      path,
      METHODS.filter((method) => !methods.has(method)),
      (request, reply) => {
        reply.header('allow', allow);
        const error = new FacetError('METHOD_NOT_ALLOWED', `${path} takes ${allow}, not ${request.method}`);
        refuse(error, request, reply, undefined, serving.observe);
      },
    );
  }
}

function addNotOffered(scope: FastifyInstance): void {
  for (const path of ROUTES_NOT_OFFERED) {
    answerEarly(scope, path, METHODS, (request, reply) => {
      const error = new FacetError('FEATURE_NOT_SUPPORTED', `${path} is not offered by this version`);
      setHeaders(reply, request.id, undefined);
      void reply.code(501).header('content-type', JSON_TYPE).send(errorBody(error, request.id));
    });
  }
}

/** Answers in the first hook, before the body is looked at. */
function answerEarly(
  scope: FastifyInstance,
  url: string,
  method: readonly string[],
  answer: (request: FastifyRequest, reply: FastifyReply) => void,
): void {
  scope.route({
    method: [...method],
    url,
    exposeHeadRoute: false,
    onRequest: (request, reply) => {
      answer(request, reply);
    },
    handler: () => {
      throw new Error('answered in onRequest');
    },
  });
}

/** Faults that Fastify finds before a handler runs, in our words; anything else is ours to report. */
function asRequestError(error: unknown, bodyBytesMax: number): unknown {
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
      return new FacetError('INVALID_PARAMETER', 'The body is not as long as Content-Length says');
    case 'ECONNRESET':
      return new FacetError('QUERY_CANCELLED', 'The client went away while it sent the body');
    default:
      return error;
  }
}
