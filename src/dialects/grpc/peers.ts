/** The open connections by the name that @grpc/grpc-js gives to the peer of a call, for what only the socket knows. */
import type { Socket } from 'node:net';

export class Peers {
  readonly #byName = new Map<string, Socket>();
  readonly #sockets = new Set<Socket>();

  get count(): number {
    return this.#sockets.size;
  }

  /** Until it is closed. */
  add(socket: Socket): void {
    const name = `${socket.remoteAddress}:${socket.remotePort}`;
    this.#byName.set(name, socket);
    this.#sockets.add(socket);
    socket.once('close', () => {
      this.#sockets.delete(socket);
      // The same port may have come back before the close of the earlier connection was told.
      if (this.#byName.get(name) === socket) this.#byName.delete(name);
    });
  }

  socketOf(name: string): Socket | undefined {
    return this.#byName.get(name);
  }

  destroy(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}
