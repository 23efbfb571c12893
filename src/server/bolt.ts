/** The Bolt side of the server: its listener, and what the configuration says about it. */
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { type FacetError, type Observe, VERSION } from '../base/index.ts';
import { type BoltListener, createBoltListener, discoveryJson } from '../dialects/bolt/index.ts';
import type { Dispatch } from '../dispatch/index.ts';
import { boltRoutes } from './bolt-routes.ts';
import type { Config } from './config.ts';
import { listenOn } from './grpc-listeners.ts';
import { foreignOrigin } from './local-origin.ts';
import { OFF } from './option-values.ts';
import type { TlsSettings } from './tls.ts';

export interface BoltServing {
  readonly dispatch: Dispatch;
  readonly version: string;
  readonly tls: TlsSettings | undefined;
  /** Nobody has to say who they are, since only this machine can ask. */
  readonly localOnly: boolean;
  readonly observe: Observe;
}

/** The listener; undefined when it is off. It does not listen yet. */
export function createBolt(config: Config, serving: BoltServing): BoltListener | undefined {
  if (config.boltListen === OFF) return undefined;
  const { dispatch, version, observe, localOnly } = serving;
  return createBoltListener({
    dispatch,
    version,
    observe,
    refusal: (request) => (localOnly ? foreignPage(request) : undefined),
    tls: serving.tls?.options,
    tlsOptional: config.boltTls === 'optional',
    messageBytesMax: config.bodyBytesMax,
    queryTimeoutMsMax: config.queryTimeoutMsMax,
    routes: boltRoutes(config),
  });
}

/** @returns `host:port`, with the port that was picked. @throws LISTEN_FAILED */
export const listenForBolt = (listener: BoltListener, config: Config): Promise<string> =>
  listenOn(listener, config.boltListen, 'bolt-listen');

/** What `GET /` tells programs for Neo4j; undefined for a request that does not ask for JSON. */
export function discoveryOf(
  config: Config,
  {
    headers,
    tls,
    boltAddress,
  }: {
    readonly headers: IncomingHttpHeaders;
    readonly tls: TlsSettings | undefined;
    readonly boltAddress: string | undefined;
  },
): string | undefined {
  const isSecure = tls !== undefined;
  return discoveryJson({
    headers,
    isSecure,
    trustProxy: config.trustProxy,
    version: VERSION,
    bolt:
      boltAddress === undefined
        ? undefined
        : {
            port: Number(boltAddress.slice(boltAddress.lastIndexOf(':') + 1)),
            isSecure,
            address: boltRoutes(config).own,
          },
  });
}

/** As for requests of HTTP; a page that opens a WebSocket also says where it is from. */
function foreignPage(request: IncomingMessage): FacetError | undefined {
  const { origin } = request.headers;
  const site = origin === undefined || !URL.canParse(origin) ? origin : new URL(origin).host;
  const page = site === undefined ? undefined : foreignOrigin({ headers: { host: site }, method: 'GET' });
  return foreignOrigin(request) ?? page;
}
