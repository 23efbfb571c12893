/** What is answered without the gate: fixed documents, methods that a path does not have, paths that are not offered. */
import type { FastifyInstance } from 'fastify';
import { FacetError } from '../../base/index.ts';
import { headerLines, sendWhole } from './answer.ts';
import { HttpExchange } from './http-exchange.ts';
import { refuse } from './refuse.ts';
import { answered, type Serving } from './serve.ts';
import type { HttpSurface } from './surface.ts';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE'] as const;

export function addDocuments(scope: FastifyInstance, documents: NonNullable<HttpSurface['documents']>): void {
  for (const { path, contentType, text } of documents) {
    scope.get(path, (request, reply) => {
      const exchange = HttpExchange.taken(request, reply);
      sendWhole(exchange, 200, headerLines(exchange, contentType), text);
    });
  }
}

/** Methods that a path does not have get 405 and the list of those it has, before any body is read. */
export function addOtherMethods(
  scope: FastifyInstance,
  serving: Serving,
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
    answerEarly(scope, path, others, (exchange) => {
      exchange.response.setHeader('allow', allow);
      const error = new FacetError('METHOD_NOT_ALLOWED', `${path} takes ${allow}, not ${exchange.method}`);
      refuse(error, exchange, serving);
    });
  }
}

export function addNotOffered(scope: FastifyInstance, serving: Serving, paths: readonly string[]): void {
  for (const path of paths) {
    answerEarly(scope, path, METHODS, (exchange) => {
      const error = new FacetError('FEATURE_NOT_SUPPORTED', `${path} is not offered by this version`);
      refuse(error, exchange, serving, 501);
    });
  }
}

/**
 * Paths that are a WebSocket and nothing else: 426 for a request that does not ask for one (RFC 9110 section 15.5.22), with
 * any method.
 */
export function addSocketPaths(scope: FastifyInstance, serving: Serving, paths: readonly string[]): void {
  for (const path of paths) {
    answerEarly(scope, path, METHODS, (exchange) => {
      exchange.response.setHeader('upgrade', 'websocket');
      exchange.response.setHeader('connection', 'Upgrade');
      refuse(new FacetError('UPGRADE_REQUIRED', `${path} is a WebSocket`), exchange, serving);
    });
  }
}

/** Answers in the first hook, before the body is looked at. */
function answerEarly(
  scope: FastifyInstance,
  url: string,
  method: readonly string[],
  answer: (exchange: HttpExchange) => void,
): void {
  scope.route({
    method: [...method],
    url,
    exposeHeadRoute: false,
    onRequest: (request, reply) => answer(HttpExchange.taken(request, reply)),
    handler: answered,
  });
}
