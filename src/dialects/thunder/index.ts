/** Front door of the thunder dialect: the ThunderDB API over HTTP and WebSockets, as a plugin of the HTTP listener. */
import { ignoreObservations } from '../../base/index.ts';
import type { Dialect } from '../dialect.ts';
import type { GrpcDialect } from '../grpc/index.ts';
import {
  createHttpDialect,
  type HttpDialectOptions,
  type HttpRoute,
  type HttpSurface,
  JSON_TYPE,
} from '../http/index.ts';
import { ROUTES, ROUTES_NOT_OFFERED, type Route } from './commands.ts';
import { CHALLENGES, errorBody, statusOfCode } from './errors.ts';
import { wireName } from './field-names.ts';
import { createGraphql } from './graphql/index.ts';
import { openapiDocument } from './openapi.ts';
import { SOCKETS } from './sockets/index.ts';

export { webhookBody } from './webhook-body.ts';

/** Paths that are the dialect's own beside those under its prefixes. */
const OWN_PATHS = new Set(['/metrics', '/openapi.json', '/graphql', '/graphiql']);
const OWN_PREFIXES = ['/api/v1/', '/admin/', '/ws/', '/graphiql/'];

export interface ThunderOptions {
  /** Documents of GraphQL may ask for the schema itself. */
  readonly graphqlIntrospection: boolean;
  /** Serve what helps to try things out: the explorer of GraphQL. */
  readonly development: boolean;
}

export function createThunderDialect(
  options: HttpDialectOptions & { readonly thunder?: ThunderOptions },
): Dialect {
  const graphql = createGraphql({
    dispatch: options.dispatch,
    observe: options.observe ?? ignoreObservations,
    introspection: options.thunder?.graphqlIntrospection ?? true,
    development: options.thunder?.development ?? false,
  });
  const surface: HttpSurface = {
    name: 'thunder',
    routes: [...ROUTES.map(httpRoute), ...graphql.routes],
    documents: [{ path: '/openapi.json', contentType: JSON_TYPE, text: openapiDocument(options.version) }],
    sockets: [...SOCKETS, ...graphql.sockets],
    notOffered: ROUTES_NOT_OFFERED,
    words: {
      statusOf: statusOfCode,
      errorBody: (error, request) => errorBody(error, request.id),
      refusalBody: errorBody,
      challenges: CHALLENGES,
    },
    speaks: (path) => OWN_PATHS.has(path) || OWN_PREFIXES.some((prefix) => path.startsWith(prefix)),
    fieldName: wireName,
  };
  return createHttpDialect(surface, options);
}

/** All calls of a route have one access and one category. */
function httpRoute({ method, path, calls, pick }: Route): HttpRoute {
  const [{ operation, answer }] = calls;
  return {
    method,
    path,
    operation,
    answer:
      pick === undefined
        ? answer
        : (request, session, dispatch) => pick(request).answer(request, session, dispatch),
  };
}

/** The gRPC part, which takes a while to load. */
export const loadThunderGrpc = async (): Promise<() => GrpcDialect> =>
  (await import('./grpc/index.ts')).createThunderGrpc;
