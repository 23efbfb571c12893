/**
 * A dialect made from its routes and words. Everything lives in an encapsulated plugin of Fastify, so that its body
 * parser and error words do not touch other dialects on the same listener.
 */
import type { FastifyInstance } from 'fastify';
import { asFacetError, ignoreObservations } from '../../base/index.ts';
import type { Dialect } from '../dialect.ts';
import { HttpClients } from './clients.ts';
import { addDocuments, addNotOffered, addOtherMethods } from './early.ts';
import { checkEncoding, decodeBody } from './json-body.ts';
import { asRequestError, refuse, SESSION } from './refuse.ts';
import { addRoute, type Serving } from './serve.ts';
import { sessionMaker } from './session.ts';
import type { HttpDialectOptions, HttpSurface } from './surface.ts';

export function createHttpDialect(surface: HttpSurface, options: HttpDialectOptions): Dialect {
  const { name, routes, documents = [], words } = surface;
  const clients = new HttpClients();
  const serving: Serving = {
    dispatch: options.dispatch,
    words,
    sessionOf: sessionMaker(surface, clients, options.trustProxy),
    observe: options.observe ?? ignoreObservations,
  };
  return {
    name,
    endpoints: surface.endpoints ?? [...new Set([...routes, ...documents].map(({ path }) => path))],
    attach: async (http) => {
      await http.register(async (scope) => {
        scope.decorateRequest(SESSION, undefined);
        addJsonParser(scope);
        addErrorWords(scope, serving, options.limits.bodyBytesMax);
        for (const route of routes) addRoute(scope, serving, route);
        addDocuments(scope, documents);
        addOtherMethods(scope, serving, [
          ...routes,
          ...documents.map(({ path }) => ({ method: 'GET', path })),
        ]);
        addNotOffered(scope, serving, surface.notOffered ?? []);
      });
    },
    speaks: surface.speaks,
    refuse: (error, request, reply) => refuse(error, request, reply, words, serving.observe),
    stop: async () => clients.abort(),
  };
}

/** JSON by name, or by the suffix of media types whose bodies are JSON (RFC 6839). */
const JSON_TYPES = ['application/json', /^application\/[\w.+-]+\+json(?:\s*;|$)/];

function addJsonParser(scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers();
  for (const type of JSON_TYPES) {
    scope.addContentTypeParser(type, { parseAs: 'buffer' }, (request, bytes, done) => {
      try {
        checkEncoding(request.headers);
        done(null, decodeBody(bytes as Buffer));
      } catch (thrown) {
        done(asFacetError(thrown));
      }
    });
  }
}

function addErrorWords(scope: FastifyInstance, { words, observe }: Serving, bodyBytesMax: number): void {
  scope.setErrorHandler((error, request, reply) => {
    // Fastify closes the connection after a body that did not parse. It need not: Node reads the rest away, and a
    // client that is still sending would otherwise be cut off before it sees the answer.
    reply.removeHeader('connection');
    refuse(asRequestError(error, bodyBytesMax), request, reply, words, observe);
  });
}
