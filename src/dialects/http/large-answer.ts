/**
 * Large answers on their way out: they count in the memory of all answers until the client has read them or is gone,
 * and a client that does not read is disconnected. Small ones never come here.
 */
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { AnswerHold, LIMITS } from '../../base/index.ts';
import type { HttpExchange } from './http-exchange.ts';

/** The large answer that was handed to a socket last. */
const leaving = new WeakMap<Socket, ServerResponse>();

/**
 * Counts `body` until the response is flushed or its socket is closed.
 * @returns what is to be sent instead: bytes outside of the heap
 * @throws UNAVAILABLE
 */
export function heldAnswer(
  body: string | Uint8Array,
  { request: { socket }, response }: HttpExchange,
): string | Uint8Array {
  // Nobody will read it, and nothing would tell when it is over.
  if (socket.destroyed || response.destroyed) return '';
  const hold = new AnswerHold();
  hold.take(body.length);
  const ended = (): void => {
    hold.release();
    // Else the next answer is on its way already, or Node has set it anew for the time until the next request.
    if (leaving.get(socket) === response && socket.timeout === LIMITS.answerPauseMsMax) socket.setTimeout(0);
  };
  // The listener sees to it that a response is closed with its connection also while it waits behind another one.
  response.once('close', ended);
  // All has been handed to the socket. Node destroys it when nothing was taken of that from one look to the next.
  response.once('prefinish', () => {
    leaving.set(socket, response);
    socket.setTimeout(LIMITS.answerPauseMsMax);
  });
  return typeof body === 'string' ? Buffer.from(body) : body;
}
