/** HTTP as bytes on a socket, for requests that no client library would send. */
import { connect, type Socket } from 'node:net';

/** Sends `bytes` and gives everything that comes back until the server closes the connection. */
export function exchange(
  port: number,
  bytes: string,
  options: { readonly end?: boolean } = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    const pieces: Buffer[] = [];
    socket.on('data', (piece: Buffer) => pieces.push(piece));
    socket.once('error', reject);
    socket.once('close', () => resolve(Buffer.concat(pieces).toString('utf8')));
    socket.write(bytes);
    if (options.end) socket.end();
  });
}

/** An open connection, or undefined if the server closed it at once. */
export async function openSocket(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  await new Promise((resolve) => socket.once('connect', resolve));
  return socket;
}
