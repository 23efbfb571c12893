/**
 * Bolt inside of a WebSocket, for pages: browsers let them open nothing else. The port is the same, and what is in the
 * frames of the WebSocket is what a socket would have.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createWebSocketStream, WebSocketServer } from 'ws';
import { type FacetError, LIMITS } from '../../base/index.ts';

/** `G` of GET: what opens a WebSocket begins as HTTP. */
export const HTTP_FIRST_BYTE = 0x47;

export interface WebSocketOptions {
  /** What the server has against the page that asks; undefined: nothing. */
  readonly refusal: (request: IncomingMessage) => FacetError | undefined;
  readonly converse: (stream: Duplex, socket: Socket) => void;
}

/** @returns what takes a socket whose first byte is that of HTTP */
export function webSockets({ refusal, converse }: WebSocketOptions): (socket: Socket) => void {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: LIMITS.boltRequestBytesWaitingMax,
    perMessageDeflate: false,
  });
  const http = createServer({ maxHeaderSize: LIMITS.headerBytesMax, keepAliveTimeout: 1 });
  const late = new WeakMap<Duplex, NodeJS.Timeout>();
  http.on('request', (_request: IncomingMessage, response: ServerResponse) => {
    answer(response, 426, 'This port speaks Bolt, and Bolt inside of WebSockets.');
  });
  http.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    const refused = refusal(request);
    if (refused !== undefined) {
      socket.end(
        `HTTP/1.1 403 Forbidden\r\ncontent-type: text/plain\r\nconnection: close\r\n\r\n${refused.message}\n`,
      );
      return;
    }
    sockets.handleUpgrade(request, socket, head, (live) => {
      clearTimeout(late.get(socket));
      converse(createWebSocketStream(live), socket);
    });
  });
  return (socket) => {
    // Node looks at the time limits of HTTP only for servers that listen themselves.
    const timer = setTimeout(() => socket.destroy(), LIMITS.boltHandshakeMsMax);
    timer.unref();
    late.set(socket, timer);
    socket.once('close', () => clearTimeout(timer));
    http.emit('connection', socket);
  };
}

function answer(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain', connection: 'close', upgrade: 'websocket' });
  response.end(`${text}\n`);
}
