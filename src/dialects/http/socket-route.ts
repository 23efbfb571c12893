/** What a dialect gives for each of its WebSockets. */
import type { Dispatch, GuardedOperation, Session } from '../../dispatch/index.ts';
import type { LiveSocket, SocketListener } from './live-socket.ts';

/** What a request to upgrade says. */
export interface SocketRequest {
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** Of the connection: who asked, with a signal that is aborted when it closes. See `commandSession`. */
  readonly session: Session;
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
  /** Called after the gate and before the upgrade. @throws FacetError, which refuses the upgrade */
  readonly open: (request: SocketRequest, dispatch: Dispatch) => SocketHandler;
}
