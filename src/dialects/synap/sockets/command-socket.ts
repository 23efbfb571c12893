/**
 * `GET /api/v1/ws`: commands in the envelopes of HTTP, answered in their order, and what the connection subscribed to.
 * One command of a connection is under way at a time; those behind it wait, and beyond LIMITS.socketMessagesWaitingMax
 * the connection is not read from.
 */
import { asFacetError, type Json, LIMITS, nowMs, timestamp } from '../../../base/index.ts';
import type { Session } from '../../../dispatch/index.ts';
import {
  commandSession,
  decodeBody,
  type LiveSocket,
  NORMAL_CLOSE,
  type SocketHandler,
  type SocketRoute,
} from '../../http/index.ts';
import { runBatch } from '../batch.ts';
import { readEnvelope, requestIdIn, successText } from '../envelope.ts';
import { refusalText } from '../errors.ts';
import { isObject } from '../fields.ts';
import { ANY_COMMAND } from '../routes/index.ts';
import { type Running, runCommand } from '../run.ts';
import { SOCKET_COMMANDS, Subscriptions } from './subscriptions.ts';

export const commandSocket = (running: Running): SocketRoute => ({
  path: '/api/v1/ws',
  operation: ANY_COMMAND,
  open: ({ session }) => new CommandSocket(running, session),
});

class CommandSocket implements SocketHandler {
  readonly #running: Running;
  readonly #session: Session;
  #socket: LiveSocket | undefined = undefined;
  #subscriptions: Subscriptions | undefined = undefined;
  #waiting: Buffer[] = [];
  #busy = false;
  #goOn: (() => void) | undefined = undefined;

  constructor(running: Running, session: Session) {
    this.#running = running;
    this.#session = session;
  }

  opened(socket: LiveSocket): void {
    this.#socket = socket;
  }

  closed(): void {
    this.#waiting = [];
    this.#subscriptions?.close();
    this.#goOn?.();
  }

  message(bytes: Buffer): void {
    this.#waiting.push(bytes);
    if (this.#waiting.length >= LIMITS.socketMessagesWaitingMax) this.#socket?.pause();
    if (!this.#busy) void this.#work();
  }

  /** Never rejects: what goes wrong is an answer. */
  async #work(): Promise<void> {
    this.#busy = true;
    for (;;) {
      const bytes = this.#waiting.shift();
      const socket = this.#socket;
      if (bytes === undefined || socket === undefined) break;
      await this.#answer(bytes, socket);
      if (socket.full) await this.#writable(socket);
      if (this.#waiting.length * 2 < LIMITS.socketMessagesWaitingMax) socket.resume();
    }
    this.#busy = false;
  }

  /** A client that does not read its answers gets no further ones. */
  #writable(socket: LiveSocket): Promise<void> {
    socket.pause();
    return new Promise((resolve) => {
      this.#goOn = resolve;
      socket.onDrain(resolve);
    });
  }

  async #answer(bytes: Buffer, socket: LiveSocket): Promise<void> {
    let body: Json | undefined;
    let session = this.#session;
    try {
      body = decodeBody(bytes);
      if (this.#control(body, socket)) return;
      const asked = readEnvelope(body, this.#session.requestId);
      session = commandSession(this.#session, asked.requestId, bytes.length);
      await this.#running.dispatch.admit(ANY_COMMAND, session);
      if (asked.kind === 'batch') {
        socket.send(await runBatch(this.#running, asked, session));
        return;
      }
      const answer = (payload: string): void => socket.send(successText(asked.requestId, payload));
      if (SOCKET_COMMANDS.has(asked.command)) {
        this.#subscriptions ??= new Subscriptions(this.#running.dispatch, socket);
        await this.#subscriptions.run(asked.command, asked.payload, session, answer);
      } else answer(await runCommand(this.#running, asked, session));
    } catch (thrown) {
      const error = asFacetError(thrown);
      socket.send(refusalText(error, requestIdIn(body) ?? session.requestId));
    }
  }

  /** Signs of life and goodbyes in JSON, which some clients send beside those of the protocol. */
  #control(body: Json | undefined, socket: LiveSocket): boolean {
    if (!isObject(body) || body.command !== undefined) return false;
    switch (body.type) {
      case 'ping':
        socket.send(`{"type":"pong","timestamp":${JSON.stringify(timestamp(nowMs()))}}`);
        return true;
      case 'pong':
        return true;
      case 'close':
        socket.close(NORMAL_CLOSE, 'The client asked for it');
        return true;
      default:
        return false;
    }
  }
}
