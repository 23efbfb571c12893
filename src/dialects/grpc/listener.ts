/**
 * The gRPC listener: sockets of our own, with our bounds and our TLS, handed to a server of @grpc/grpc-js that speaks
 * HTTP/2 on them. It carries the procedures of all dialects, the health service and reflection.
 *
 * Pages in a browser do not get here, so that origins are not looked at: browsers speak no HTTP/2 in the clear; over TLS
 * the type application/grpc makes them ask first (OPTIONS), which is refused, and a foreign name that leads to this machine
 * has no certificate here.
 */
import { createServer, type Server as NetServer, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { type ConnectionInjector, Server, ServerCredentials } from '@grpc/grpc-js';
import { FacetError, LIMITS, type Observe } from '../../base/index.ts';
import type { Dispatch } from '../../dispatch/index.ts';
import { CallsUnderWay } from './calls.ts';
import { Gate } from './gate.ts';
import { addHealth, HealthWatch } from './health.ts';
import { clientStreamingHandler, identity, type Serving, streamingHandler, unaryHandler } from './native.ts';
import { Peers } from './peers.ts';
import { addReflection } from './reflection.ts';
import { type GrpcDialect, pathOf } from './surface.ts';

export interface GrpcOptions {
  readonly dialects: readonly GrpcDialect[];
  readonly dispatch: Dispatch;
  /** Options of `tls.createServer`, those of the HTTP listener; absent: in the clear. */
  readonly tls?: TlsOptions | undefined;
  /** One message of a client. */
  readonly messageBytesMax: number;
  /** The last address of X-Forwarded-For is the client's. */
  readonly trustProxy: boolean;
  /** The client's own id where it is harmless, else one of ours. */
  readonly requestId: (given: string | undefined) => string;
  readonly observe: Observe;
}

export interface GrpcListener {
  /** Sockets that are open. */
  connections(): number;
  /** @returns the port. @throws what the socket fails with: EADDRINUSE and the like */
  listen(address: { readonly host: string; readonly port: number }): Promise<number>;
  /** From now on the health service says that the server does not serve. */
  stopServing(): void;
  /** Resolves once the calls that end by themselves have ended. */
  idle(): Promise<void>;
  /** Ends what is under way with UNAVAILABLE, and what it does in PostgreSQL. */
  cancel(): void;
  /** Closes the listener and every socket. */
  close(): Promise<void>;
}

export function createGrpcListener(options: GrpcOptions): GrpcListener {
  const peers = new Peers();
  const calls = new CallsUnderWay();
  const gate = new Gate({ ...options, calls, peers });
  const bounds = options.dialects.map(
    ({ messageBound }) => messageBound?.bytesMax ?? options.messageBytesMax,
  );
  const server = new Server({
    interceptors: [gate.interceptor],
    // Of all dialects; the gate knows that of each.
    'grpc.max_receive_message_length': Math.max(...bounds),
    'grpc.max_send_message_length': LIMITS.grpcMessageBytesMax,
    'grpc.max_concurrent_streams': LIMITS.grpcStreamsMax,
    'grpc.keepalive_time_ms': LIMITS.grpcPingMs,
    'grpc.keepalive_timeout_ms': LIMITS.grpcPingAnswerMsMax,
    'grpc-node.max_session_memory': LIMITS.grpcSessionMbMax,
    // Its bookkeeping of every call and socket, for a debugging service that is not offered.
    'grpc.enable_channelz': 0,
  });
  const health = new HealthWatch(options);
  for (const dialect of options.dialects) {
    addProcedures(server, dialect, { ...options, gate });
  }
  addHealth(server, health);
  addReflection(server, options.dialects);
  // TLS is ended here, so that what comes to the server of @grpc/grpc-js is in the clear.
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  const sockets = createSockets(options, peers, injector);

  return {
    connections: () => peers.count,
    listen: ({ host, port }) => listenOn(sockets, host, port),
    stopServing: () => health.stopServing(),
    idle: () => calls.idle(),
    cancel() {
      health.stop();
      calls.abort();
    },
    async close() {
      health.stop();
      calls.abort();
      const closed = new Promise<void>((resolve) => {
        if (sockets.listening) sockets.close(() => resolve());
        else resolve();
      });
      server.forceShutdown();
      peers.destroy();
      await closed;
    },
  };
}

function addProcedures(server: Server, dialect: GrpcDialect, serving: Serving): void {
  for (const procedure of dialect.procedures) {
    const path = pathOf(procedure);
    if (procedure.kind === 'unary') {
      server.register(path, unaryHandler(procedure, serving), asBuffer, identity, 'unary');
    } else if (procedure.kind === 'client_streaming') {
      server.register(path, clientStreamingHandler(procedure, serving), asBuffer, identity, 'clientStream');
    } else {
      server.register(path, streamingHandler(procedure, serving), asBuffer, identity, 'serverStream');
    }
  }
}

/** Messages are encoded before they come here; only their bytes are framed. */
const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function createSockets(options: GrpcOptions, peers: Peers, injector: ConnectionInjector): NetServer {
  const take = (socket: Socket): void => {
    // Resets of clients are not for the log; the close that follows ends their calls.
    socket.on('error', () => {});
    peers.add(socket);
    injector.injectConnection(socket);
  };
  const { tls } = options;
  const sockets =
    tls === undefined
      ? createServer({ noDelay: true }, take)
      : createTlsServer({ ...tls, noDelay: true, ALPNProtocols: ['h2'] }, take);
  // Bytes that are no TLS, and certificates that are refused.
  sockets.on('tlsClientError', (_error: Error, socket: Socket) => socket.destroy());
  sockets.maxConnections = LIMITS.grpcConnectionsMax;
  return sockets;
}

function listenOn(sockets: NetServer, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    sockets.once('error', reject);
    sockets.listen({ host, port }, () => {
      sockets.off('error', reject);
      const bound = sockets.address();
      if (bound === null || typeof bound === 'string') {
        reject(new FacetError('LISTEN_FAILED', 'The gRPC listener has no address'));
      } else resolve(bound.port);
    });
  });
}
