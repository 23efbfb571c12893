/**
 * What all sockets of the ThunderDB API do alike: one message is read at a time, in order; the client may say who it is by
 * its first one (`{"type":"auth","token":"…"}`, answered by `{"type":"auth_ok"}`); what is wrong with a message is a
 * frame `{"type":"error","id"?,"error":{…}}`, and the connection goes on.
 *
 * Messages that come faster than they are answered wait, LIMITS.socketMessagesWaitingMax of them; then, and while the
 * client does not read the answers, the connection is not read from.
 */
import { asFacetError, FacetError, LIMITS } from '../../../base/index.ts';
import type { Dispatch, Session } from '../../../dispatch/index.ts';
import {
  commandSession,
  FORBIDDEN_CLOSE,
  INTERNAL_FAULT,
  type LiveSocket,
  type SocketHandler,
  type SocketRequest,
  UNAUTHORIZED_CLOSE,
} from '../../http/index.ts';
import { errorText } from '../errors.ts';
import { idIn, type Message, readMessage, refuseOthers, requiredText } from './messages.ts';

/** What refuses a binary message in place of its bytes. */
const BINARY = Symbol('binary');

const SAY_WHO = 'Credentials are required: send {"type":"auth","token":"…"} first';

export abstract class MessageSocket implements SocketHandler {
  protected readonly dispatch: Dispatch;
  /** Of the connection. */
  #session: Session;
  #authenticate: SocketRequest['authenticate'];
  #socket: LiveSocket | undefined = undefined;
  #waiting: (Buffer | typeof BINARY)[] = [];
  #working: Promise<void> | undefined = undefined;
  /** Messages so far: each has a request id of its own, for the log. */
  #messages = 0;

  constructor(request: SocketRequest, dispatch: Dispatch) {
    this.dispatch = dispatch;
    this.#session = request.session;
    this.#authenticate = request.authenticate;
  }

  /** The caller is known: called once, before the first message that is not about that. */
  protected begin(_socket: LiveSocket, _session: Session): Promise<void> | void {}

  /**
   * One message. Those behind it wait until the promise resolves.
   * @param session for the calls of this message
   * @throws FacetError, which is told under the id of the message
   */
  protected abstract handle(message: Message, session: Session, socket: LiveSocket): Promise<void> | void;

  /** The connection has closed: ends what is under way. */
  protected abstract end(): Promise<void> | void;

  opened(socket: LiveSocket): void {
    this.#socket = socket;
    if (this.#authenticate === undefined) this.#working = this.#start(socket);
  }

  message(bytes: Buffer): void {
    this.#take(bytes);
  }

  binary(): void {
    this.#take(BINARY);
  }

  async closed(): Promise<void> {
    this.#waiting = [];
    await this.end();
    await this.#working;
  }

  /** Says what went wrong, with the id of what it went wrong with. */
  protected tell(socket: LiveSocket, error: FacetError, requestId: string, id: string | undefined): void {
    const named = id === undefined ? '' : `"id":${JSON.stringify(id)},`;
    socket.send(`{"type":"error",${named}"error":${errorText(error, requestId)}}`);
  }

  #take(message: Buffer | typeof BINARY): void {
    const socket = this.#socket;
    if (socket === undefined || !socket.open) return;
    this.#waiting.push(message);
    if (this.#waiting.length >= LIMITS.socketMessagesWaitingMax) socket.pause();
    this.#working ??= this.#work(socket);
  }

  async #start(socket: LiveSocket): Promise<void> {
    await this.#begin(socket, this.#session);
    await this.#work(socket);
  }

  /** Never rejects: what goes wrong is a frame. */
  async #work(socket: LiveSocket): Promise<void> {
    for (;;) {
      const next = this.#waiting.shift();
      if (next === undefined || !socket.open) break;
      await this.#answer(next, socket);
      if (this.#waiting.length * 2 < LIMITS.socketMessagesWaitingMax) socket.resume();
    }
    this.#working = undefined;
  }

  async #answer(bytes: Buffer | typeof BINARY, socket: LiveSocket): Promise<void> {
    this.#messages++;
    const requestId = `${this.#session.requestId}.${this.#messages}`;
    let message: Message | undefined;
    try {
      if (bytes === BINARY) throw new FacetError('INVALID_MESSAGE', 'Send text messages, not binary ones');
      message = readMessage(bytes);
      if (message.type === 'auth') await this.#auth(message, socket, requestId);
      else if (this.#authenticate !== undefined) throw new FacetError('UNAUTHORIZED', SAY_WHO);
      else {
        const handling = this.handle(
          message,
          commandSession(this.#session, requestId, message.bytes),
          socket,
        );
        if (handling !== undefined) await handling;
      }
    } catch (thrown) {
      const error = asFacetError(thrown);
      const id = message === undefined ? undefined : idIn(message);
      this.tell(socket, error, requestId, id);
      if (this.#authenticate !== undefined) close(socket, error);
      // A client that does not read what it is told is not listened to.
      else if (socket.full) {
        socket.pause();
        await socket.drained();
        socket.resume();
      }
    }
  }

  /** One try: guessing takes a connection for each. */
  async #auth(message: Message, socket: LiveSocket, requestId: string): Promise<void> {
    refuseOthers(message.members, ['token']);
    const secret = requiredText(message, 'token');
    if (this.#authenticate === undefined) {
      // Where nobody has to say who they are, a token is as good as none.
      if (this.#session.credentials.scheme === 'none') socket.send('{"type":"auth_ok"}');
      else throw new FacetError('INVALID_MESSAGE', 'This connection has said who it is already');
      return;
    }
    const session = await this.#authenticate({ scheme: 'bearer', secret });
    this.#session = session;
    this.#authenticate = undefined;
    socket.send('{"type":"auth_ok"}');
    await this.#begin(socket, commandSession(session, requestId));
  }

  async #begin(socket: LiveSocket, session: Session): Promise<void> {
    try {
      await this.begin(socket, session);
    } catch (thrown) {
      this.tell(socket, asFacetError(thrown), session.requestId, undefined);
    }
  }
}

/** A stranger who could not say who it is. */
function close(socket: LiveSocket, error: FacetError): void {
  const code =
    error.kind === 'internal'
      ? INTERNAL_FAULT
      : error.kind === 'forbidden'
        ? FORBIDDEN_CLOSE
        : UNAUTHORIZED_CLOSE;
  socket.close(code, error.code);
}
