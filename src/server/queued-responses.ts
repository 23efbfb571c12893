/**
 * Responses that wait behind another one of their connection, because the client sent several requests at once. Node
 * tells only the response whose turn it is when the connection ends. The others would never hear of it, nor would those
 * who count something until they are closed.
 */
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

export class QueuedResponses {
  readonly #queued = new WeakMap<Socket, Set<ServerResponse>>();

  /** Sees to it that `response` is closed with `socket`. To be called in the turn in which the request came. */
  follow(socket: Socket, response: ServerResponse): void {
    // It is its turn.
    if (response.socket !== null) return;
    const queued = this.#queued.get(socket) ?? this.#setOf(socket);
    queued.add(response);
    response.once('close', () => queued.delete(response));
  }

  #setOf(socket: Socket): Set<ServerResponse> {
    const queued = new Set<ServerResponse>();
    this.#queued.set(socket, queued);
    // One listener for all of them: a connection may have hundreds.
    socket.once('close', () => {
      for (const response of queued) {
        // Its turn has come meanwhile, and Node tells it.
        if (response.socket !== null) continue;
        response.destroyed = true;
        response.emit('close');
      }
    });
    return queued;
  }
}
