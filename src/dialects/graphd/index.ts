/** Front door of the graphd dialect: Cypher over WebSocket and HTTP as graphd 0.1.0 speaks it, on the HTTP listener. */
import type { Dialect } from '../dialect.ts';
import { createHttpDialect, type HttpDialectOptions, type HttpSurface, JSON_TYPE } from '../http/index.ts';
import { errorText, statusOfCode } from './errors.ts';
import { errorJson, isProtobuf, PROTOBUF_TYPE, protobufError } from './http-bodies.ts';
import { ROUTES } from './routes.ts';
import { graphdSocket } from './socket.ts';

const OWN_PATH = /^\/(?:ws|v1(?:\/.*)?)$/;

export function createGraphdDialect(options: HttpDialectOptions): Dialect {
  const surface: HttpSurface = {
    name: 'graphd',
    routes: ROUTES,
    sockets: [graphdSocket()],
    socketMessageBytesMax: options.limits.bodyBytesMax,
    endpoints: ['/ws', ...new Set(ROUTES.map(({ path }) => path))],
    words: {
      statusOf: statusOfCode,
      errorBody: (error) => errorJson(publicText(error), error.code, publicHint(error)),
      errorAnswer: (error, request) =>
        isProtobuf(request)
          ? { contentType: PROTOBUF_TYPE, body: protobufError(publicText(error)) }
          : {
              contentType: JSON_TYPE,
              body: errorJson(publicText(error), error.code, publicHint(error)),
            },
      refusalBody: (error) => errorJson(publicText(error), error.code),
      challenges: 'Bearer realm="graphd"',
    },
    speaks: (path) => OWN_PATH.test(path),
  };
  return createHttpDialect(surface, options);
}

/** Who is not known is told no more than that. */
const publicText = (error: Parameters<typeof errorText>[0]): string =>
  error.code === 'UNAUTHORIZED' ? 'Unauthorized' : errorText(error);

const publicHint = ({ code, hint }: Parameters<typeof errorText>[0]): string | undefined =>
  code === 'UNAUTHORIZED' ? undefined : hint;
