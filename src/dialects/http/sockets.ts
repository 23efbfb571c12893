/**
 * WebSockets of a dialect: from the request to upgrade to the open connection. Everything that can be refused is
 * refused before the upgrade, with the HTTP status that it has anywhere else. Compression is off: it costs some 300 KB
 * per connection.
 */
import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { WebSocketServer } from 'ws';
import { asFacetError, FacetError, LIMITS } from '../../base/index.ts';
import type { Credentials, Dispatch, Session } from '../../dispatch/index.ts';
import { GOING_AWAY } from './close-codes.ts';
import { credentialsIn, credentialsOf } from './credentials.ts';
import { LiveSocket } from './live-socket.ts';
import { PingWheel } from './ping-wheel.ts';
import { errorHeaders } from './refuse.ts';
import { transactionIn } from './session.ts';
import type { SocketRoute } from './socket-route.ts';
import { Strangers, watchStranger } from './strangers.ts';
import { type HttpSurface, JSON_TYPE } from './surface.ts';

/** A session for one message of a connection, of so many bytes: the rate limit is charged for each. */
export const commandSession = (session: Session, requestId: string, bodyBytes?: number): Session => {
  const { admission: _charged, ...rest } = session;
  return { ...rest, requestId, bodyBytes };
};

/** A request to upgrade. */
interface Asked {
  readonly request: IncomingMessage;
  readonly socket: Socket;
  readonly head: Buffer;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly requestId: string;
}

interface Compiled extends SocketRoute {
  readonly pattern: RegExp;
  readonly names: readonly string[];
}

export class Sockets {
  readonly #routes: readonly Compiled[];
  readonly #surface: HttpSurface;
  readonly #dispatch: Dispatch;
  readonly #trustProxy: boolean;
  readonly #server: WebSocketServer;
  /** The subprotocol that the answer names, by request. */
  readonly #agreed = new WeakMap<IncomingMessage, string>();
  readonly #strangers = new Strangers();
  /** What to do when it closes, by connection; to be called any number of times. */
  readonly #open = new Map<LiveSocket, () => void>();
  readonly #lettingGo = new Set<Promise<void>>();
  readonly #wheel = new PingWheel();
  #stopping = false;

  constructor(surface: HttpSurface, dispatch: Dispatch, trustProxy: boolean) {
    this.#surface = surface;
    this.#dispatch = dispatch;
    this.#trustProxy = trustProxy;
    this.#server = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: surface.socketMessageBytesMax ?? LIMITS.socketMessageBytesMax,
      handleProtocols: (_offered, request) => this.#agreed.get(request) ?? false,
    });
    this.#routes = (surface.sockets ?? []).map(compile);
  }

  get open(): number {
    return this.#open.size;
  }

  /** False when the path is none of this dialect's sockets. Else it answers, sooner or later. */
  upgrade(request: IncomingMessage, socket: Socket, head: Buffer, requestId: string): boolean {
    const url = request.url ?? '';
    const mark = url.indexOf('?');
    const path = mark === -1 ? url : url.slice(0, mark);
    const route = this.#routes.find(({ pattern }) => pattern.test(path));
    if (route === undefined) return false;
    // Until the connection is a WebSocket, nobody else listens.
    socket.on('error', ignoreError);
    const query = new URLSearchParams(mark === -1 ? '' : url.slice(mark + 1));
    this.#answer(route, { request, socket, head, path, query, requestId }).catch((thrown: unknown) =>
      this.refuse(asFacetError(thrown), socket, requestId),
    );
    return true;
  }

  /** Answers a request to upgrade with an error of HTTP, and closes the connection. */
  refuse(error: FacetError, socket: Socket, requestId: string): void {
    refuseUpgrade(error, socket, requestId, this.#surface);
  }

  /** Tells all clients to go, ends what they wait for, and lets go of what they hold, up to LIMITS.cancelMsMax. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#wheel.stop();
    for (const [socket, end] of [...this.#open]) {
      socket.close(GOING_AWAY, 'The server is stopping');
      end();
    }
    const timeUp = new AbortController();
    await Promise.race([
      Promise.all(this.#lettingGo),
      delay(LIMITS.cancelMsMax, undefined, { signal: timeUp.signal }).catch(() => {}),
    ]);
    timeUp.abort();
  }

  async #answer(route: Compiled, asked: Asked): Promise<void> {
    const { request, socket, head, query } = asked;
    const gone = new AbortController();
    const session = this.#sessionOf(asked, gone.signal);
    const params = paramsOf(route, asked.path);
    const stranger = route.lateAuthentication === true && !(await this.#dispatch.saysWhoAsks(session));
    if (!stranger) await this.#dispatch.admit(route.operation, session);
    const leave = stranger ? this.#strangers.enter(session.address) : () => {};
    // Ends the watch over a stranger, once there is a connection to watch.
    let known = (): void => {};
    const authenticate = async (credentials: Credentials): Promise<Session> => {
      const named: Session = { ...session, credentials };
      await this.#dispatch.admit(route.operation, named);
      leave();
      known();
      return named;
    };
    try {
      const handler = route.open(
        {
          params,
          query,
          session,
          protocol: this.#agree(route, request),
          authenticate: stranger ? authenticate : undefined,
        },
        this.#dispatch,
      );
      if (this.#stopping)
        throw new FacetError('UNAVAILABLE', 'The server is stopping', { retryAfterSeconds: 1 });
      if (socket.destroyed) {
        leave();
        void handler.closed();
        return;
      }
      socket.off('error', ignoreError);
      let upgraded = false;
      // A request that is none of RFC 6455 is answered by the library, and never opened.
      socket.once('close', () => {
        leave();
        if (upgraded) return;
        gone.abort();
        void handler.closed();
      });
      this.#server.handleUpgrade(request, socket, head, (ws) => {
        upgraded = true;
        const live = new LiveSocket(ws, socket, handler, () => end());
        const end = (): void => {
          if (!this.#open.delete(live)) return;
          this.#wheel.remove(live);
          known();
          gone.abort();
          const lettingGo = Promise.resolve(handler.closed()).finally(() =>
            this.#lettingGo.delete(lettingGo),
          );
          this.#lettingGo.add(lettingGo);
        };
        this.#open.set(live, end);
        this.#wheel.add(live);
        if (stranger) known = watchStranger(live, socket);
        handler.opened(live);
      });
    } catch (thrown) {
      leave();
      throw thrown;
    }
  }

  /**
   * Agrees to a subprotocol. A client takes an answer without any of those that it offered for a failed handshake and never
   * learns why: so where the route speaks none of them, the first is agreed to, and the route closes.
   * @returns the one that the route speaks
   */
  #agree({ protocols }: SocketRoute, request: IncomingMessage): string | undefined {
    const header = request.headers['sec-websocket-protocol'];
    const offered = header === undefined ? [] : header.split(',').map((each) => each.trim());
    const spoken = protocols?.find((each) => offered.includes(each));
    const named = spoken ?? offered[0];
    if (named !== undefined) this.#agreed.set(request, named);
    return spoken;
  }

  #sessionOf({ request, socket, query, requestId }: Asked, signal: AbortSignal): Session {
    const { headers } = request;
    const forwarded = this.#trustProxy ? headers['x-forwarded-for'] : undefined;
    const namespace = headers['x-facet-namespace'];
    return {
      dialect: this.#surface.name,
      requestId,
      credentials: credentialsIn(query) ?? credentialsOf(headers, socket),
      address:
        (typeof forwarded === 'string' ? forwarded.split(',').at(-1)?.trim() : undefined) ??
        socket.remoteAddress ??
        '',
      signal,
      connection: socket,
      namespace: typeof namespace === 'string' ? namespace : undefined,
      transactionId: transactionIn(headers),
      fieldName: this.#surface.fieldName,
    };
  }
}

const ignoreError = (): void => {};

function compile(route: SocketRoute): Compiled {
  const names: string[] = [];
  const pattern = route.path.replaceAll(/:([a-z_]+)/gi, (_, name: string) => {
    names.push(name);
    return '([^/]+)';
  });
  return { ...route, names, pattern: new RegExp(`^${pattern}$`) };
}

/** @throws INVALID_PARAMETER */
function paramsOf({ names, pattern }: Compiled, path: string): Record<string, string> {
  const found = pattern.exec(path) ?? [];
  try {
    return Object.fromEntries(names.map((name, at) => [name, decodeURIComponent(found[at + 1] ?? '')]));
  } catch {
    throw new FacetError('INVALID_PARAMETER', 'The URL is not valid');
  }
}

/** A whole HTTP answer, after which the connection closes. */
export function refuseUpgrade(
  error: FacetError,
  socket: Socket,
  requestId: string,
  { words }: Pick<HttpSurface, 'words'>,
): void {
  if (socket.destroyed || !socket.writable) return;
  const status = words.statusOf(error.code);
  const body = words.refusalBody?.(error, requestId) ?? '';
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Error'}`,
    'Connection: close',
    `Content-Type: ${JSON_TYPE}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    `X-Request-Id: ${requestId}`,
    ...Object.entries(errorHeaders(error, status, words.challenges)).flatMap(([name, value]) =>
      [value].flat().map((each) => `${name}: ${each}`),
    ),
  ];
  socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`);
}
