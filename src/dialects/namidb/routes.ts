/**
 * Serves the route table: hands calls to the gate, sends answers and refusals. Everything lives in an encapsulated
 * plugin, so its body parser and error words do not touch other dialects on the same listener.
 */
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { asFacetError, FacetError, type Observe } from '../../base/index.ts';
import type { Dispatch, Session } from '../../dispatch/index.ts';
import type { HttpClients } from '../http-clients.ts';
import { checkEncoding, decodeBody } from '../http-json-body.ts';
import { JSON_TYPE, type PlainRoute, type QueryRoute, ROUTES, type StreamRoute } from './commands.ts';
import { errorBody, errorHeaders, statusOfCode } from './errors.ts';
import { sessionOf } from './request.ts';
import { STREAM_TYPE, serveStream } from './stream.ts';

export interface Serving {
  readonly dispatch: Dispatch;
  readonly clients: HttpClients;
  readonly version: string;
  readonly trustProxy: boolean;
  readonly bodyBytesMax: number;
  readonly observe: Observe;
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE'] as const;

/** Where a request keeps its session from the first half of the gate to the second. */
const SESSION = 'namidbSession';

declare module 'fastify' {
  interface FastifyRequest {
    [SESSION]: Session | undefined;
  }
}

/** A path for the namespace of a header, and for that of the path. */
const bothPaths = (path: string): readonly string[] => [path, `/:namespace${path}`];

export function addRoutes(scope: FastifyInstance, serving: Serving): void {
  scope.decorateRequest(SESSION, undefined);
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser(
    // RFC 6839: the suffix of media types whose bodies are JSON.
    /^application\/(?:[\w.+-]+\+)?json(?:\s*;|$)/,
    { parseAs: 'buffer' },
    (request, bytes, done) => {
      try {
        checkEncoding(request.headers);
        done(null, decodeBody(bytes as Buffer));
      } catch (thrown) {
        done(asFacetError(thrown));
      }
    },
  );
  scope.setErrorHandler((error, request, reply) => {
    // Fastify closes the connection after a body that did not parse. It need not: Node reads the rest away.
    reply.removeHeader('connection');
    refuse(asRequestError(error, serving.bodyBytesMax), request, reply, serving.observe);
  });
  for (const route of ROUTES) {
    for (const url of bothPaths(route.path)) {
      if (route.kind === 'plain') addPlain(scope, serving, route, url);
      else addQuery(scope, serving, route, url);
    }
    addOtherMethods(scope, serving, route.path, route.method);
  }
}

/** Answered before the body is looked at: these routes have none, or ignore it. */
function addPlain(scope: FastifyInstance, serving: Serving, route: PlainRoute, url: string): void {
  const serve = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    try {
      const session = sessionOf(request, serving.clients, serving.trustProxy);
      request[SESSION] = session;
      send(reply, route.contentType, await route.answer(serving.dispatch, session, serving.version), request);
    } catch (thrown) {
      refuse(thrown, request, reply, serving.observe);
    }
  };
  scope.route({
    method: route.method,
    url,
    onRequest: (request, reply) => {
      void serve(request, reply);
    },
    handler: answered,
  });
}

function addQuery(
  scope: FastifyInstance,
  serving: Serving,
  route: QueryRoute | StreamRoute,
  url: string,
): void {
  scope.route({
    method: route.method,
    url,
    // Before the body is read: it costs memory and time, which are not for strangers.
    onRequest: (request, reply, done) => {
      const refused = (thrown: unknown): void => refuse(thrown, request, reply, serving.observe);
      try {
        const session = sessionOf(request, serving.clients, serving.trustProxy);
        request[SESSION] = session;
        const admitting = serving.dispatch.admit(route.operation, session);
        if (admitting === undefined) done();
        else admitting.then(() => done(), refused);
      } catch (thrown) {
        refused(thrown);
      }
    },
    handler: (request, reply) => {
      void serveQuery(route, serving, request, reply);
    },
  });
}

/** Never rejects: what is thrown becomes the answer. */
async function serveQuery(
  route: QueryRoute | StreamRoute,
  { dispatch, observe }: Serving,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  try {
    const session = request[SESSION];
    if (session === undefined) throw new Error('the request did not pass the gate');
    const input = request.body ?? {};
    if (route.kind === 'query') {
      send(reply, route.contentType, await route.answer(dispatch, session, input), request);
      return;
    }
    const open = (): ServerResponse => openStream(request, reply);
    await serveStream(dispatch, { input, query: queryOf(request), session, open, observe });
  } catch (thrown) {
    refuse(thrown, request, reply, observe);
  }
}

/** Sends the head of a streamed answer and takes the response from Fastify, which knows no back-pressure here. */
function openStream(request: FastifyRequest, reply: FastifyReply): ServerResponse {
  reply.hijack();
  reply.header('x-request-id', request.id);
  reply.raw.writeHead(200, { ...(reply.getHeaders() as OutgoingHttpHeaders), 'content-type': STREAM_TYPE });
  return reply.raw;
}

/** Sends the error body. A fault that did not pass the gate is reported here, for nobody else has seen it. */
export function refuse(
  thrown: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  observe: Observe,
): void {
  const error = asFacetError(thrown);
  if (error.kind === 'internal' && request[SESSION]?.principal === undefined) {
    observe({ type: 'warning', message: `request ${request.id} failed`, detail: error.cause ?? error });
  }
  const status = statusOfCode(error.code);
  const body = errorBody(error, queryOf(request));
  send(reply.code(status).headers(errorHeaders(error, status)), JSON_TYPE, body, request);
}

function send(
  reply: FastifyReply,
  contentType: string,
  body: string | Uint8Array,
  request: FastifyRequest,
): void {
  void reply.header('x-request-id', request.id).header('content-type', contentType).send(body);
}

/** The text that the request asked to run, if it got as far as a body. */
function queryOf({ body }: FastifyRequest): string | undefined {
  const query = body !== null && typeof body === 'object' && 'query' in body ? body.query : undefined;
  return typeof query === 'string' ? query : undefined;
}

/** Methods that a path does not have get 405 and the list of those it has, before any body is read. */
function addOtherMethods(scope: FastifyInstance, serving: Serving, path: string, method: string): void {
  const methods = method === 'GET' ? ['GET', 'HEAD'] : [method];
  const allow = methods.join(', ');
  const others = METHODS.filter((other) => !methods.includes(other));
  answerEarly(scope, path, others, (request, reply) => {
    reply.header('allow', allow);
    const error = new FacetError('METHOD_NOT_ALLOWED', `${path} takes ${allow}, not ${request.method}`);
    refuse(error, request, reply, serving.observe);
  });
}

/** Answers in the first hook, before the body is looked at. */
function answerEarly(
  scope: FastifyInstance,
  path: string,
  method: readonly string[],
  answer: (request: FastifyRequest, reply: FastifyReply) => void,
): void {
  for (const url of bothPaths(path)) {
    scope.route({
      method: [...method],
      url,
      exposeHeadRoute: false,
      onRequest: (request, reply) => {
        answer(request, reply);
      },
      handler: answered,
    });
  }
}

const answered = (): never => {
  throw new Error('answered in onRequest');
};

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
      return new FacetError('INVALID_JSON', 'The body is not as long as Content-Length says');
    case 'ECONNRESET':
      return new FacetError('QUERY_CANCELLED', 'The client went away while it sent the body');
    default:
      return error;
  }
}
