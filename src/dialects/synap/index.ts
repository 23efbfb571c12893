/** Front door of the Synap dialect: commands, routes and sockets of the Synap API, as a plugin of the HTTP listener. */
import type { Dialect } from '../dialect.ts';
import { createHttpDialect, type HttpDialectOptions, type HttpSurface } from '../http/index.ts';
import type { SynapSettings } from './command.ts';
import { requestIdIn } from './envelope.ts';
import { refusalText, type SynapWire, statusOfCode } from './errors.ts';
import { wireName } from './field-names.ts';
import { HUB_ROUTES, hubErrorText, isHubPath } from './hub.ts';
import { Multi } from './multi.ts';
import { commandRoute, REST_ROUTES, restRoute } from './routes/index.ts';
import { commandSocket, MODEL_SOCKETS } from './sockets/index.ts';

export interface SynapOptions extends HttpDialectOptions {
  readonly synap: {
    /** Which generation counts where one answer cannot serve both. */
    readonly wire: SynapWire;
    readonly allowFlush: boolean;
  };
}

/** First parts of the paths that are this dialect's alone. */
const OWN_PREFIXES = new Set([
  'kv',
  'key',
  'hash',
  'list',
  'set',
  'sortedset',
  'bitmap',
  'hyperloglog',
  'geospatial',
  'queue',
  'stream',
  'pubsub',
  'topics',
  'consumer-groups',
  'memory',
  'transaction',
  'script',
  'cluster',
  'hub',
]);

const OWN_PATHS = new Set([
  '/api/v1/command',
  '/api/v1/ws',
  '/health',
  '/info',
  '/slowlog',
  '/clients',
  '/snapshot',
]);

export function createSynapDialect(options: SynapOptions): Dialect {
  const settings: SynapSettings = { version: options.version, ...options.synap };
  const running = { dispatch: options.dispatch, settings, multi: new Multi(options.dispatch, settings) };
  const surface: HttpSurface = {
    name: 'synap',
    routes: [commandRoute(running), ...REST_ROUTES.map((route) => restRoute(route, running)), ...HUB_ROUTES],
    sockets: [commandSocket(running), ...MODEL_SOCKETS],
    endpoints: ['/api/v1/command'],
    words: {
      statusOf: statusOfCode,
      errorBody: (error, request) =>
        isHubPath(request.url)
          ? hubErrorText(error)
          : refusalText(error, requestIdIn(request.body) ?? request.id),
      refusalBody: refusalText,
      challenges: ['Bearer realm="Synap"', 'Basic realm="Synap", charset="UTF-8"'],
    },
    speaks: (path) => OWN_PATHS.has(path) || OWN_PREFIXES.has(path.split('/', 2)[1] ?? ''),
    alsoJson: ['application/x-www-form-urlencoded'],
    fieldName: wireName,
  };
  return createHttpDialect(surface, options);
}
