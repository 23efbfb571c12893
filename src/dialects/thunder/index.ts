/** Front door of the thunder dialect: the REST part of the ThunderDB API, as a plugin of the HTTP listener. */
import { ignoreObservations, type Observe } from '../../base/index.ts';
import type { Dispatch } from '../../dispatch/index.ts';
import type { Dialect } from '../dialect.ts';
import { HttpClients } from '../http-clients.ts';
import { ROUTES } from './commands.ts';
import { openapiDocument } from './openapi.ts';
import { addRoutes, refuse } from './routes.ts';

export interface ThunderOptions {
  readonly dispatch: Dispatch;
  readonly version: string;
  readonly limits: {
    /** The listener enforces it; here it is named in the message. */
    readonly bodyBytesMax: number;
  };
  /** The listener's Fastify must have been made with the same setting. */
  readonly trustProxy: boolean;
  /** Told of faults in the dialect itself; what passes the gate is observed there. */
  readonly observe?: Observe | undefined;
}

/** Paths that are the dialect's own beside those under its prefixes. */
const OWN_PATHS = new Set(['/metrics', '/openapi.json', '/graphql', '/graphiql']);
const OWN_PREFIXES = ['/api/v1/', '/admin/', '/ws/'];

export function createThunderDialect(options: ThunderOptions): Dialect {
  const clients = new HttpClients();
  const observe = options.observe ?? ignoreObservations;
  return {
    name: 'thunder',
    endpoints: [...new Set([...ROUTES.map(({ path }) => path), '/openapi.json'])],
    attach: async (http) => {
      const serving = {
        dispatch: options.dispatch,
        clients,
        trustProxy: options.trustProxy,
        bodyBytesMax: options.limits.bodyBytesMax,
        observe,
        openapi: openapiDocument(options.version),
      };
      await http.register(async (scope) => addRoutes(scope, serving));
    },
    speaks: (path) => OWN_PATHS.has(path) || OWN_PREFIXES.some((prefix) => path.startsWith(prefix)),
    refuse: (error, request, reply) => refuse(error, request, reply, undefined, observe),
    stop: async () => clients.abort(),
  };
}
