/**
 * A dialect made from its routes and words. Its routes are there twice: for Fastify's router, and for the short way past
 * it (plain-routes.ts). From there on both are the same.
 */
import { ignoreObservations } from '../../base/index.ts';
import type { Dialect } from '../dialect.ts';
import { HttpClients } from './clients.ts';
import { addDocuments, addNotOffered, addOtherMethods, addSocketPaths } from './early.ts';
import { HttpExchange } from './http-exchange.ts';
import { PlainRoutes } from './plain-routes.ts';
import { refuse } from './refuse.ts';
import { addRoute, type Serving, serve } from './serve.ts';
import { sessionMaker } from './session.ts';
import { Sockets } from './sockets.ts';
import type { HttpDialectOptions, HttpRoute, HttpSurface } from './surface.ts';

export function createHttpDialect(surface: HttpSurface, options: HttpDialectOptions): Dialect {
  const { name, routes, documents = [], words } = surface;
  const clients = new HttpClients();
  const sockets = new Sockets(surface, options.dispatch, options.trustProxy);
  const serving: Serving = {
    dispatch: options.dispatch,
    words,
    sessionOf: sessionMaker(surface, clients, options.trustProxy),
    observe: options.observe ?? ignoreObservations,
    bodies: { bodyBytesMax: options.limits.bodyBytesMax, alsoJson: surface.alsoJson ?? [] },
  };
  const plain = new PlainRoutes<HttpRoute>();
  for (const route of routes) plain.add(route.method, route.path, route);
  return {
    name,
    endpoints: surface.endpoints ?? [...new Set([...routes, ...documents].map(({ path }) => path))],
    attach: async (http) => {
      await http.register(async (scope) => {
        for (const route of routes) addRoute(scope, serving, route);
        addDocuments(scope, documents);
        addOtherMethods(scope, serving, [
          ...routes,
          ...documents.map(({ path }) => ({ method: 'GET', path })),
        ]);
        addNotOffered(scope, serving, surface.notOffered ?? []);
        const served = new Set(routes.map(({ path }) => path));
        const socketPaths = (surface.sockets ?? []).map(({ path }) => path);
        addSocketPaths(
          scope,
          serving,
          socketPaths.filter((path) => !served.has(path)),
        );
      });
    },
    speaks: surface.speaks,
    refuse: (error, request, reply) => refuse(error, HttpExchange.taken(request, reply), serving),
    take: (request, response, door) => {
      const found = plain.find(request.method ?? '', request.url ?? '');
      if (found === undefined) return false;
      const exchange = new HttpExchange(request, response, door.requestId(request), found.params);
      const refusal = door.enter(request, response);
      if (refusal === undefined) serve(found.route, serving, exchange);
      else refuse(refusal, exchange, serving);
      return true;
    },
    ...(surface.sockets === undefined
      ? {}
      : {
          upgrade: (request, socket, head, requestId) => sockets.upgrade(request, socket, head, requestId),
        }),
    stop: async () => {
      clients.abort();
      await sockets.stop();
    },
  };
}
