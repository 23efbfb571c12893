/** Front door of the thunder dialect: the REST part of the ThunderDB API, as a plugin of the HTTP listener. */
import type { Dialect } from '../dialect.ts';
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
import { openapiDocument } from './openapi.ts';

/** Paths that are the dialect's own beside those under its prefixes. */
const OWN_PATHS = new Set(['/metrics', '/openapi.json', '/graphql', '/graphiql']);
const OWN_PREFIXES = ['/api/v1/', '/admin/', '/ws/'];

export function createThunderDialect(options: HttpDialectOptions): Dialect {
  const surface: HttpSurface = {
    name: 'thunder',
    routes: ROUTES.map(httpRoute),
    documents: [{ path: '/openapi.json', contentType: JSON_TYPE, text: openapiDocument(options.version) }],
    notOffered: ROUTES_NOT_OFFERED,
    words: {
      statusOf: statusOfCode,
      errorBody: (error, request) => errorBody(error, request.id),
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
