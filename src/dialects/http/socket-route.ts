/** What a dialect gives for each of its WebSockets. */
import type { Credentials, Dispatch, GuardedOperation, Session } from '../../dispatch/index.ts';
import type { LiveSocket, SocketListener } from './live-socket.ts';

/** What a request to upgrade says. */
export interface SocketRequest {
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** Of the connection: who asked, with a signal that is aborted when it closes. See `commandSession`. */
  readonly session: Session;
  /** Which of the route's `protocols` is spoken; undefined when the client offered none of them. */
  readonly protocol: string | undefined;
  /**
   * There when the client has not said who it is and has to, which only routes with `lateAuthentication` meet. Resolves to
   * the session that has passed the gate; with `session`, every call is refused. Without success within
   * LIMITS.socketAuthMsMax, or after LIMITS.socketAuthBytesMax, the connection is closed with UNAUTHORIZED_CLOSE.
   * @throws as `Dispatch.admit`; the handler says so and closes, for it does not get a second try
   */
  readonly authenticate: ((credentials: Credentials) => Promise<Session>) | undefined;
}

/** What a dialect does with an open connection. */
export interface SocketHandler extends SocketListener {
  /** Called once, before any message. */
  opened(socket: LiveSocket): void;
}

export interface SocketRoute {
  /** As the router of HTTP writes it: `/queue/:queue/ws/:consumer`. */
  readonly path: string;
  readonly operation: GuardedOperation;
  /**
   * Subprotocols (RFC 6455 section 1.9) that it speaks, in the words of Sec-WebSocket-Protocol. Who offers none of them
   * is upgraded all the same, so that the handler can close with a code that says why: see `SocketRequest.protocol`.
   * Absent: whatever the client offers first is agreed to.
   */
  readonly protocols?: readonly string[];
  /** The client may say who it is by its first message: see `SocketRequest.authenticate`. */
  readonly lateAuthentication?: boolean;
  /** Called after the gate (of strangers: without it) and before the upgrade. @throws FacetError, which refuses the upgrade */
  readonly open: (request: SocketRequest, dispatch: Dispatch) => SocketHandler;
}
