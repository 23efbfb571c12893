/**
 * The Bolt listener: sockets with our bounds and our TLS. The first byte of a connection tells what it is, so that Bolt
 * in the clear, over TLS and inside of WebSockets share a port.
 */
import { createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createServer as createTlsServer } from 'node:tls';
import { ChurnSet, FacetError, LIMITS, monotonicMs } from '../../base/index.ts';
import { Connection } from './connection.ts';
import type { Serving } from './conversation.ts';
import { Databases } from './databases.ts';
import { agentOf, type BoltOptions } from './settings.ts';
import { TransactionTurns } from './transaction-turns.ts';
import { HTTP_FIRST_BYTE, webSockets } from './web-sockets.ts';

export interface BoltListener {
  /** Sockets that are open. */
  connections(): number;
  /** @returns the port. @throws what the socket fails with: EADDRINUSE and the like */
  listen(address: { readonly host: string; readonly port: number }): Promise<number>;
  /** Takes no more connections, and closes each of the others as soon as nothing runs on it. */
  stopServing(): void;
  /** Resolves once all are closed. */
  idle(): Promise<void>;
  /** Ends what is under way, and what it does in PostgreSQL. */
  cancel(): void;
  /** Closes every socket; what they held is let go of then. */
  close(): Promise<void>;
}

/** The first byte of a record of TLS that shakes hands (RFC 8446, section 5.1). */
const TLS_HANDSHAKE = 0x16;

export function createBoltListener(options: BoltOptions): BoltListener {
  const { dispatch, routes, queryTimeoutMsMax, version, messageBytesMax } = options;
  const serving: Serving = {
    dispatch,
    routes,
    queryTimeoutMsMax,
    databases: new Databases(dispatch.store),
    turns: new TransactionTurns(),
    agent: agentOf(version),
  };
  const sockets = new Set<Socket>();
  const open = new ChurnSet<Connection>();
  let count = 0;
  let isDraining = false;
  const pulse = setInterval(() => {
    const nowMs = monotonicMs();
    for (const connection of open) connection.tick(nowMs);
  }, LIMITS.boltNoopMs / 4);
  pulse.unref();

  const converse = (stream: Duplex, socket: Socket): void => {
    const id = `bolt-${++count}`;
    const connection = new Connection({ serving, messageBytesMax, id, stream, socket });
    open.add(connection);
    void connection.ended.then(() => open.delete(connection));
    if (isDraining) connection.drain();
  };
  const server = createSockets(options, sockets, converse);

  return {
    connections: () => sockets.size,
    listen: ({ host, port }) => listenOn(server, host, port),
    stopServing() {
      isDraining = true;
      server.close();
      for (const connection of open) connection.drain();
      for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
    },
    async idle() {
      await Promise.all([...open].map(({ ended }) => ended));
    },
    cancel() {
      for (const connection of open) connection.cancel();
    },
    async close() {
      clearInterval(pulse);
      const ended = [...open].map((connection) => connection.ended);
      const closed = new Promise<void>((resolve) => {
        if (server.listening) server.close(() => resolve());
        else resolve();
      });
      for (const connection of open) connection.destroy();
      for (const socket of sockets) socket.destroy();
      await Promise.all([closed, ...ended]);
    },
  };
}

function createSockets(
  { tls, tlsOptional, refusal }: BoltOptions,
  sockets: Set<Socket>,
  converse: (stream: Duplex, socket: Socket) => void,
): Server {
  const takeHttp = webSockets({ refusal, converse });
  const take = (byte: number, socket: Socket): void => {
    if (byte === HTTP_FIRST_BYTE) takeHttp(socket);
    else converse(socket, socket);
  };
  /** It listens to nothing: sockets are handed to it. */
  const secure =
    tls === undefined
      ? undefined
      : createTlsServer(tls, (socket) => onFirstByte(socket, (byte) => take(byte, socket)));
  // Bytes that are no TLS, and certificates that are refused.
  secure?.on('tlsClientError', (_error: Error, socket: Socket) => socket.destroy());
  const server = createServer(
    { noDelay: true, keepAlive: true, keepAliveInitialDelay: LIMITS.boltKeepAliveMs },
    (socket) => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      onFirstByte(socket, (byte) => {
        if (secure === undefined) take(byte, socket);
        else if (byte === TLS_HANDSHAKE) secure.emit('connection', socket);
        else if (tlsOptional) take(byte, socket);
        else socket.destroy();
      });
    },
  );
  server.maxConnections = LIMITS.boltConnectionsMax;
  return server;
}

/** Looks at the first byte that comes, and leaves it to be read. */
function onFirstByte(socket: Socket, then: (byte: number) => void): void {
  const late = setTimeout(() => socket.destroy(), LIMITS.boltHandshakeMsMax);
  late.unref();
  // Resets of clients are not for the log.
  socket.on('error', () => {});
  socket.once('close', () => clearTimeout(late));
  socket.once('data', (first: Buffer) => {
    clearTimeout(late);
    socket.pause();
    socket.unshift(first);
    then(first[0] ?? 0);
    process.nextTick(() => socket.resume());
  });
}

function listenOn(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.off('error', reject);
      const bound = server.address();
      if (bound === null || typeof bound === 'string') {
        reject(new FacetError('LISTEN_FAILED', 'The Bolt listener has no address'));
      } else resolve(bound.port);
    });
  });
}
