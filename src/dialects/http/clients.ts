/**
 * Which clients are still there. One abort signal per connection, shared by the requests on it: in HTTP/1.1 a
 * client that goes away closes its connection, and one signal per request would cost the hot path an object and a
 * listener each.
 */
import type { Socket } from 'node:net';

export class HttpClients {
  readonly #controllers = new Map<Socket, AbortController>();

  /** Aborted when the connection closes, or when `abort` is called. */
  signalOf(socket: Socket): AbortSignal {
    const known = this.#controllers.get(socket);
    if (known !== undefined) return known.signal;
    const controller = new AbortController();
    // A socket that closed before will not say so again.
    if (socket.destroyed) {
      controller.abort();
      return controller.signal;
    }
    this.#controllers.set(socket, controller);
    socket.once('close', () => {
      this.#controllers.delete(socket);
      controller.abort();
    });
    return controller.signal;
  }

  /** Cancels what is under way for all of them. */
  abort(): void {
    for (const controller of this.#controllers.values()) controller.abort();
  }
}
