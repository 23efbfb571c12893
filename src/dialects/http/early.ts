/** What is answered without the gate: fixed documents, methods that a path does not have, paths that are not offered. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { FacetError } from '../../base/index.ts';
import { refuse, setHeaders } from './refuse.ts';
import { answered, type Serving } from './serve.ts';
import type { HttpSurface } from './surface.ts';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE'] as const;

export function addDocuments(scope: FastifyInstance, documents: NonNullable<HttpSurface['documents']>): void {
  for (const { path, contentType, text } of documents) {
    scope.get(path, (request, reply) => {
      setHeaders(reply, request);
      void reply.header('content-type', contentType).send(text);
    });
  }
}

/** Methods that a path does not have get 405 and the list of those it has, before any body is read. */
export function addOtherMethods(
  scope: FastifyInstance,
  { words, observe }: Serving,
  routes: readonly { readonly method: string; readonly path: string }[],
): void {
  const allowed = new Map<string, Set<string>>();
  for (const { method, path } of routes) {
    const methods = allowed.get(path) ?? new Set();
    allowed.set(path, methods.add(method));
    if (method === 'GET') methods.add('HEAD');
  }
  for (const [path, methods] of allowed) {
    const allow = [...methods].sort().join(', ');
    const others = METHODS.filter((method) => !methods.has(method));
    answerEarly(scope, path, others, (request, reply) => {
      reply.header('allow', allow);
      const error = new FacetError('METHOD_NOT_ALLOWED', `${path} takes ${allow}, not ${request.method}`);
      refuse(error, request, reply, words, observe);
    });
  }
}

export function addNotOffered(
  scope: FastifyInstance,
  { words, observe }: Serving,
  paths: readonly string[],
): void {
  for (const path of paths) {
    answerEarly(scope, path, METHODS, (request, reply) => {
      const error = new FacetError('FEATURE_NOT_SUPPORTED', `${path} is not offered by this version`);
      refuse(error, request, reply, words, observe, 501);
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
    onRequest: (request, reply) => answer(request, reply),
    handler: answered,
  });
}
