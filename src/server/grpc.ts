/**
 * The gRPC side of the server: its listener, and gRPC-Web on the HTTP listener. Its libraries take a while to load, so
 * they are loaded while PostgreSQL starts.
 */
import { asFacetError, type Observe } from '../base/index.ts';
import type { Dialect } from '../dialects/dialect.ts';
import type { GrpcListener, GrpcOptions } from '../dialects/grpc/index.ts';
import { loadThunderGrpc } from '../dialects/thunder/index.ts';
import type { Dispatch } from '../dispatch/index.ts';
import type { Config } from './config.ts';
import { hostOf, listenError, requestId } from './listeners.ts';
import { formatAddress, OFF, parseAddress } from './option-values.ts';
import type { TlsSettings } from './tls.ts';

export interface GrpcServing {
  readonly dispatch: Dispatch;
  readonly tls: TlsSettings | undefined;
  readonly observe: Observe;
}

export interface GrpcSide {
  /** gRPC-Web and Connect. */
  readonly web: readonly Dialect[];
  /** Absent when it is off. */
  readonly listener: GrpcListener | undefined;
  /** @returns `host:port`, with the port that was picked; undefined when it is off. @throws LISTEN_FAILED */
  listen(): Promise<string | undefined>;
}

/** Begins to load; the function that it returns makes the side when the rest of the server is there. */
export function loadGrpc(config: Config): (serving: GrpcServing) => Promise<GrpcSide> {
  const isOff = config.grpcListen === OFF;
  const loading = Promise.all([
    import('../dialects/grpc/index.ts'),
    loadThunderGrpc(),
    isOff ? undefined : import('../dialects/grpc/index.ts').then((frame) => frame.loadGrpcListener()),
  ]);
  // Whoever awaits it hears of it; when the start fails before, nobody does.
  loading.catch(() => {});
  return async (serving) => {
    const [{ createWebDialect }, createThunderGrpc, createGrpcListener] = await loading;
    const dialects = [createThunderGrpc()];
    const { bodyBytesMax, trustProxy } = config;
    const web = dialects.map((dialect) =>
      createWebDialect(dialect, { ...serving, bodyBytesMax, trustProxy }),
    );
    const options: GrpcOptions = {
      ...serving,
      dialects,
      tls: serving.tls?.options,
      messageBytesMax: bodyBytesMax,
      trustProxy,
      requestId,
    };
    const listener = createGrpcListener?.(options);
    return {
      web,
      listener,
      listen: async () => (listener === undefined ? undefined : await listenOn(listener, config)),
    };
  };
}

async function listenOn(listener: GrpcListener, { grpcListen }: Config): Promise<string> {
  const address = parseAddress(grpcListen, 'grpc-listen');
  const host = hostOf(address);
  try {
    const port = await listener.listen({ host, port: address.port });
    return formatAddress({ host: address.host === 'localhost' ? 'localhost' : host, port });
  } catch (error) {
    const explained = listenError(error, formatAddress(address), '--grpc-listen');
    throw explained instanceof Error ? explained : asFacetError(explained);
  }
}
