/** Signals of connections: shared while they last, aborted when they end or the dialect stops. */
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HttpClients } from './clients.ts';

let server: Server;
let client: Socket;
let socket: Socket;

beforeEach(async () => {
  server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const connected = once(server, 'connection');
  client = connect(typeof address === 'object' && address !== null ? address.port : 0, '127.0.0.1');
  [socket] = (await connected) as [Socket];
});
afterEach(() => {
  client.destroy();
  socket.destroy();
  server.close();
});

describe('the signal of a connection', () => {
  it('is one for all its requests, and aborts when the client goes', async () => {
    const clients = new HttpClients();
    const signal = clients.signalOf(socket);
    expect(clients.signalOf(socket)).toBe(signal);
    expect(signal.aborted).toBe(false);
    client.destroy();
    await once(signal, 'abort');
  });

  it('is aborted from the start when the client has gone already', async () => {
    socket.destroy();
    await once(socket, 'close');
    expect(new HttpClients().signalOf(socket).aborted).toBe(true);
  });

  it('aborts when the dialect stops', () => {
    const clients = new HttpClients();
    const signal = clients.signalOf(socket);
    clients.abort();
    expect(signal.aborted).toBe(true);
  });
});
