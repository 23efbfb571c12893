/**
 * The gRPC side of the server: its listeners, and gRPC-Web on the HTTP listener. Its libraries take a while to load, so
 * they are loaded while PostgreSQL starts.
 */
import type { Observe } from '../base/index.ts';
import type { Dialect } from '../dialects/dialect.ts';
import type { GrpcDialect, GrpcListener, GrpcOptions } from '../dialects/grpc/index.ts';
import { loadThunderGrpc } from '../dialects/thunder/index.ts';
import type { Dispatch } from '../dispatch/index.ts';
import type { Config } from './config.ts';
import { listenOn, type OpenGrpc, together } from './grpc-listeners.ts';
import { requestId } from './listeners.ts';
import { neumannCors, neumannSettings } from './neumann.ts';
import { OFF } from './option-values.ts';
import type { TlsSettings } from './tls.ts';

export interface GrpcServing {
  readonly dispatch: Dispatch;
  readonly tls: TlsSettings | undefined;
  readonly observe: Observe;
}

/** `host:port` of each listener, with the port that was picked; undefined when it is off. */
export interface GrpcAddresses {
  readonly shared: string | undefined;
  /** Of the Neumann services alone. */
  readonly neumann: string | undefined;
}

export interface GrpcSide {
  /** gRPC-Web and Connect. */
  readonly web: readonly Dialect[];
  /** All listeners; absent when they are off. */
  readonly listener: OpenGrpc | undefined;
  /** @throws LISTEN_FAILED */
  listen(): Promise<GrpcAddresses>;
}

/** Begins to load; the function that it returns makes the side when the rest of the server is there. */
export function loadGrpc(config: Config): (serving: GrpcServing) => Promise<GrpcSide> {
  const isOff = config.grpcListen === OFF && config.neumannBindAddr === OFF;
  const loading = Promise.all([
    import('../dialects/grpc/index.ts'),
    loadThunderGrpc(),
    import('../dialects/neumann/index.ts'),
    isOff ? undefined : import('../dialects/grpc/index.ts').then((frame) => frame.loadGrpcListener()),
  ]);
  // Whoever awaits it hears of it; when the start fails before, nobody does.
  loading.catch(() => {});
  return async (serving) => {
    const [{ createWebDialect }, createThunderGrpc, { createNeumannGrpc }, createGrpcListener] =
      await loading;
    const thunder = createThunderGrpc();
    const neumann = createNeumannGrpc(neumannSettings(config, serving.dispatch.store.defaultNamespace));
    const { bodyBytesMax, trustProxy } = config;
    const webOptions = { ...serving, bodyBytesMax, trustProxy };
    const web = [
      createWebDialect(thunder, webOptions),
      ...(config.neumannEnableGrpcWeb
        ? [createWebDialect(neumann, { ...webOptions, cors: neumannCors(config) })]
        : []),
    ];
    const listenerOf = (dialects: readonly GrpcDialect[]): GrpcListener | undefined => {
      const options: GrpcOptions = {
        ...serving,
        dialects,
        tls: serving.tls?.options,
        messageBytesMax: bodyBytesMax,
        trustProxy,
        requestId,
      };
      return createGrpcListener?.(options);
    };
    const isApart = config.neumannBindAddr !== OFF;
    const shared =
      config.grpcListen === OFF ? undefined : listenerOf(isApart ? [thunder] : [thunder, neumann]);
    const apart = isApart ? listenerOf([neumann]) : undefined;
    const listeners = [shared, apart].filter((listener) => listener !== undefined);
    return {
      web,
      listener: listeners.length === 0 ? undefined : together(listeners),
      listen: async () => ({
        shared: shared && (await listenOn(shared, config.grpcListen, 'grpc-listen')),
        neumann: apart && (await listenOn(apart, config.neumannBindAddr, 'neumann-bind-addr')),
      }),
    };
  };
}
