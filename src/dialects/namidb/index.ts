/** Front door of the namidb dialect: Cypher over HTTP as NamiDB speaks it, as a plugin of the HTTP listener. */
import type { Dialect } from '../dialect.ts';
import {
  createHttpDialect,
  type HttpDialectOptions,
  type HttpRequest,
  type HttpSurface,
} from '../http/index.ts';
import { routes } from './commands.ts';
import { errorBody, statusOfCode } from './errors.ts';

/** `/v0/…`, or the same behind the name of a namespace. */
const OWN_PATH = /^(?:\/[^/]+)?\/v0(?:\/|$)/;

export function createNamidbDialect(options: HttpDialectOptions): Dialect {
  const own = routes(options.version);
  const surface: HttpSurface = {
    name: 'namidb',
    // A path for the namespace of a header, and for that of the path.
    routes: own.flatMap((route) => [route, { ...route, path: `/:namespace${route.path}` }]),
    endpoints: own.map(({ path }) => path),
    words: {
      statusOf: statusOfCode,
      errorBody: (error, request) => errorBody(error, queryOf(request)),
      challenges: 'Bearer realm="namidb"',
    },
    speaks: (path) => OWN_PATH.test(path),
    namespaceHeader: 'X-NamiDB-Namespace',
  };
  return createHttpDialect(surface, options);
}

/** The text that the request asked to run, if it got as far as a body. */
function queryOf({ body }: HttpRequest): string | undefined {
  const query = body !== null && typeof body === 'object' && 'query' in body ? body.query : undefined;
  return typeof query === 'string' ? query : undefined;
}
