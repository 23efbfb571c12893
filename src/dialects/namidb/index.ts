/** Front door of the namidb dialect: Cypher over HTTP as NamiDB speaks it, as a plugin of the HTTP listener. */
import { ignoreObservations, type Observe } from '../../base/index.ts';
import type { Dispatch } from '../../dispatch/index.ts';
import type { Dialect } from '../dialect.ts';
import { HttpClients } from '../http-clients.ts';
import { ROUTES } from './commands.ts';
import { addRoutes, refuse } from './routes.ts';

export interface NamidbOptions {
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

/** `/v0/…`, or the same behind the name of a namespace. */
const OWN_PATH = /^(?:\/[^/]+)?\/v0(?:\/|$)/;

export function createNamidbDialect(options: NamidbOptions): Dialect {
  const clients = new HttpClients();
  const observe = options.observe ?? ignoreObservations;
  return {
    name: 'namidb',
    endpoints: ROUTES.map(({ path }) => path),
    attach: async (http) => {
      const serving = {
        dispatch: options.dispatch,
        clients,
        version: options.version,
        trustProxy: options.trustProxy,
        bodyBytesMax: options.limits.bodyBytesMax,
        observe,
      };
      await http.register(async (scope) => addRoutes(scope, serving));
    },
    speaks: (path) => OWN_PATH.test(path),
    refuse: (error, request, reply) => refuse(error, request, reply, observe),
    stop: async () => clients.abort(),
  };
}
