/**
 * Stops a running statement by PostgreSQL's own cancel request: a new connection that carries nothing but the
 * backend's process id and secret. No SQL function is needed, so none has to be granted.
 */
import { connect } from 'node:net';

/** The server closes the connection once it has passed the request on; beyond this time it is given up. */
const CANCEL_MS_MAX = 3_000;

/**
 * Resolves when the server has closed the request's connection, which it does after the signal was sent to the
 * backend; also when that fails, since a server that cannot be reached cannot be told anything.
 */
export function cancelBackend(
  address: { readonly host: string; readonly port: number },
  processId: number,
  secret: number,
): Promise<void> {
  return new Promise((resolve) => {
    const socket = address.host.startsWith('/')
      ? connect(`${address.host}/.s.PGSQL.${address.port}`)
      : connect(address.port, address.host);
    const timer = setTimeout(() => socket.destroy(), CANCEL_MS_MAX);
    socket.once('connect', () => socket.write(cancelRequest(processId, secret)));
    socket.on('data', () => {});
    socket.on('error', () => {});
    socket.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** Marks a cancel request (PostgreSQL documentation, Message Formats). */
const CANCEL_CODE = 80_877_102;

/** Length, the code of a cancel request, process id, secret. */
function cancelRequest(processId: number, secret: number): Buffer {
  const packet = Buffer.allocUnsafe(16);
  packet.writeInt32BE(16, 0);
  packet.writeInt32BE(CANCEL_CODE, 4);
  packet.writeInt32BE(processId, 8);
  packet.writeInt32BE(secret, 12);
  return packet;
}
