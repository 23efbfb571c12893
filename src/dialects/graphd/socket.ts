/**
 * `/ws`: the WebSocket of graphd. One binary frame is one message of the client, and is answered by exactly one message,
 * in order; the next is looked at when the answer before is on its way. What a connection may say when:
 *
 *     Hello ──▶ ready ──Begin──▶ in a transaction ──Commit, Rollback──▶ ready
 *
 * A connection ends with its Close, with bytes that are no message, with a text frame, and with a wrong Hello.
 */
import { type AnswerHold, asFacetError, FacetError, LIMITS } from '../../base/index.ts';
import type { Credentials, Dispatch, Session } from '../../dispatch/index.ts';
import { graphQuery } from '../../models/index.ts';
import {
  type ClientRequest,
  decodeClientMessage,
  type SmallMessage,
  serverMessage,
} from '../../strana/index.ts';
import {
  commandSession,
  type LiveSocket,
  NORMAL_CLOSE,
  POLICY_VIOLATION,
  type SocketHandler,
  type SocketRequest,
  type SocketRoute,
} from '../http/index.ts';
import { errorText } from './errors.ts';
import { GraphdSession } from './session.ts';

/** Of the protocol; clients may look at it. */
const PROTOCOL_VERSION = '0.1.0';

/** A frame as it came: text frames are none of the protocol. */
interface Waiting {
  readonly bytes: Buffer;
  readonly isText: boolean;
}

export interface SocketCounts {
  open: number;
}

export const graphdSocket = (): SocketRoute => {
  const counts: SocketCounts = { open: 0 };
  return {
    path: '/ws',
    operation: graphQuery,
    lateAuthentication: true,
    open: (request, dispatch) => {
      if (counts.open >= LIMITS.graphdSessionsMax) {
        throw new FacetError(
          'UNAVAILABLE',
          `There are ${LIMITS.graphdSessionsMax} connections of this kind already (graphdSessionsMax)`,
          { retryAfterSeconds: 1 },
        );
      }
      counts.open++;
      return new GraphdSocket(request, dispatch, counts);
    },
  };
};

class GraphdSocket implements SocketHandler {
  readonly #request: SocketRequest;
  readonly #dispatch: Dispatch;
  readonly #counts: SocketCounts;
  #socket: LiveSocket | undefined = undefined;
  /** Since Hello. */
  #session: GraphdSession | undefined = undefined;
  #waiting: Waiting[] = [];
  #bytesWaiting = 0;
  #working: Promise<void> | undefined = undefined;
  #ended = false;
  #idle: NodeJS.Timeout | undefined = undefined;
  /** Of an answer that its client has not read yet. */
  #hold: AnswerHold | undefined = undefined;

  constructor(request: SocketRequest, dispatch: Dispatch, counts: SocketCounts) {
    this.#request = request;
    this.#dispatch = dispatch;
    this.#counts = counts;
  }

  opened(socket: LiveSocket): void {
    this.#socket = socket;
    this.#idle = setTimeout(() => {
      if (this.#working === undefined) socket.close(NORMAL_CLOSE, 'Nothing came for too long');
      else this.#idle?.refresh();
    }, LIMITS.graphdSessionIdleMs);
    this.#idle.unref();
  }

  /** Resolves when nothing of it is left in the server. */
  async closed(): Promise<void> {
    this.#counts.open--;
    this.#ended = true;
    this.#waiting = [];
    clearTimeout(this.#idle);
    await this.#working;
    await this.#session?.close();
  }

  message(bytes: Buffer): void {
    this.#take({ bytes, isText: true });
  }

  binary(bytes: Buffer): void {
    this.#take({ bytes, isText: false });
  }

  #take(frame: Waiting): void {
    if (this.#ended) return;
    this.#idle?.refresh();
    this.#waiting.push(frame);
    this.#bytesWaiting += frame.bytes.length;
    if (this.#isBehind(1)) this.#socket?.pause();
    this.#working ??= this.#work();
  }

  /** @param part of what may wait */
  #isBehind(part: number): boolean {
    return (
      this.#waiting.length >= LIMITS.socketMessagesWaitingMax * part ||
      this.#bytesWaiting >= LIMITS.graphdBytesWaitingMax * part
    );
  }

  /** Never rejects: what goes wrong is an answer. */
  async #work(): Promise<void> {
    const socket = this.#socket;
    for (;;) {
      const frame = this.#waiting.shift();
      if (frame === undefined || socket === undefined) break;
      this.#bytesWaiting -= frame.bytes.length;
      await this.#answer(frame, socket);
      if (socket.full) {
        // A client that does not read its answers gets no further ones.
        socket.pause();
        await socket.drained(this.#hold && LIMITS.answerPauseMsMax);
      }
      this.#hold?.release();
      this.#hold = undefined;
      if (!this.#isBehind(0.5)) socket.resume();
    }
    this.#working = undefined;
  }

  async #answer({ bytes, isText }: Waiting, socket: LiveSocket): Promise<void> {
    if (isText) {
      this.#endWith(socket, 'Text encoding not supported — use binary protobuf');
      return;
    }
    let message: ClientRequest | undefined;
    try {
      message = decodeClientMessage(bytes);
    } catch (thrown) {
      const reason = asFacetError(thrown).message;
      this.#endWith(socket, `Invalid message: Failed to decode protobuf: ${reason}`);
      return;
    }
    if (message === undefined) this.#endWith(socket, 'Invalid message: Empty client message');
    else if (this.#session === undefined) await this.#hello(message, socket);
    else await this.#run(this.#session, message, bytes.length, socket);
  }

  async #hello(message: ClientRequest, socket: LiveSocket): Promise<void> {
    if (message.kind !== 'hello') {
      this.#refuse(socket, 'First message must be hello');
      return;
    }
    try {
      const known = await this.#authenticated(message.token);
      const namespace = this.#request.query.get('namespace') ?? known.namespace;
      this.#session = new GraphdSession(this.#dispatch, { ...known, namespace });
    } catch (thrown) {
      const error = asFacetError(thrown);
      this.#refuse(socket, error.code === 'UNAUTHORIZED' ? 'Invalid token' : errorText(error));
      return;
    }
    send(socket, { case: 'helloOk', value: { version: PROTOCOL_VERSION } });
  }

  /** The token of Hello counts; without one, what the request to upgrade said, if that was enough. */
  async #authenticated(token: string | undefined): Promise<Session> {
    const { authenticate, session } = this.#request;
    const credentials: Credentials =
      token === undefined ? { scheme: 'none' } : { scheme: 'bearer', secret: token };
    if (authenticate !== undefined) return await authenticate(credentials);
    if (token === undefined) return session;
    const { principal: _ofRequest, ...asked } = session;
    const named: Session = { ...asked, credentials };
    await this.#dispatch.admit(graphQuery, named);
    return named;
  }

  async #run(
    session: GraphdSession,
    message: ClientRequest,
    bodyBytes: number,
    socket: LiveSocket,
  ): Promise<void> {
    if (message.kind === 'close') {
      send(socket, { case: 'closeOk', value: {} });
      this.#end(socket, NORMAL_CLOSE);
      return;
    }
    const requestId = 'requestId' in message ? message.requestId : undefined;
    try {
      const caller = commandSession(session.caller, session.caller.requestId, bodyBytes);
      const answer = await session.answer(message, caller);
      if ('pieces' in answer) {
        this.#hold = answer.hold;
        socket.sendFrames(answer.pieces);
      } else send(socket, answer);
    } catch (thrown) {
      const value = {
        message: errorText(asFacetError(thrown)),
        ...(requestId === undefined ? {} : { requestId }),
      };
      send(socket, { case: 'error', value });
    }
  }

  #refuse(socket: LiveSocket, message: string): void {
    send(socket, { case: 'helloError', value: { message } });
    this.#end(socket, POLICY_VIOLATION);
  }

  #endWith(socket: LiveSocket, message: string): void {
    send(socket, { case: 'error', value: { message } });
    this.#end(socket, POLICY_VIOLATION);
  }

  #end(socket: LiveSocket, code: number): void {
    this.#ended = true;
    this.#waiting = [];
    socket.close(code, '');
  }
}

const send = (socket: LiveSocket, message: SmallMessage): void => socket.sendBinary(serverMessage(message));
