/**
 * The HTTP listener: one Fastify instance that carries the routes of all dialects, with the bounds that hold before
 * any of them is reached (connections, header and body sizes, time to send a request).
 */
import {
  createServer,
  type Server as HttpServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { ChurnSet, FacetError, LIMITS, randomHex } from '../base/index.ts';
import type { Dialect, Door } from '../dialects/dialect.ts';
import { BodyBudget } from './body-budget.ts';
import { frameworkError, malformedAnswer, plainBody, plainStatus } from './http-words.ts';
import { foreignOrigin } from './local-origin.ts';
import { formatAddress, type ListenAddress } from './option-values.ts';
import { QueuedResponses } from './queued-responses.ts';
import { withOneSlash } from './slashes.ts';
import type { TlsSettings } from './tls.ts';
import { addUpgrades, UpgradableRequest } from './upgrades.ts';

export interface HttpOptions {
  readonly tls: TlsSettings | undefined;
  readonly bodyBytesMax: number;
  readonly connectionsMax: number;
  readonly trustProxy: boolean;
  /** Nobody has to say who they are, since only this machine can ask: see local-origin.ts. */
  readonly localOnly: boolean;
  readonly dialects: readonly Dialect[];
  /** False once a stop was asked for: answers then end their connection. */
  readonly accepting: () => boolean;
  /** Text of `GET /`. */
  readonly startPage: () => string;
  /** JSON of `GET /` for programs that ask for it; undefined for a request that does not. */
  readonly discovery?: ((request: IncomingMessage) => string | undefined) | undefined;
}

export interface HttpListener {
  /** Sockets that are open. */
  connections(): number;
  /**
   * Resolves once the requests that are under way now have been answered, which ends their connections, or given up by
   * their clients.
   */
  idle(): Promise<void>;
  /** @returns where it listens, with the port that was picked. @throws LISTEN_FAILED */
  listen(address: ListenAddress): Promise<{ readonly url: string; readonly address: string }>;
  /** Closes the listener and every socket. */
  close(): Promise<void>;
}

/** Creates the listener and attaches the dialects; it does not listen yet. */
export async function createHttpListener(options: HttpOptions): Promise<HttpListener> {
  const underWay = new ChurnSet<ServerResponse>();
  const door = doorOf(options, underWay);
  const http = createInstance(options, door);
  const sockets = trackSockets(http);

  // Of the callback kind, which costs a request no promise.
  http.addHook('onRequest', (request, reply, done) => {
    const refusal = door.enter(request.raw, reply.raw);
    // Here and not in the not-found handler: that one runs only after the body was read and parsed.
    if (refusal !== undefined) refuse(refusal, request, reply);
    else if (request.is404) refuse(noRoute(request), request, reply);
    else done();
  });
  http.setErrorHandler((error: Error, request, reply) => refuse(frameworkError(error), request, reply));
  http.get('/', async (request, reply) => {
    const json = options.discovery?.(request.raw);
    return json === undefined
      ? reply.type('text/plain; charset=utf-8').send(options.startPage())
      : reply.type('application/json; charset=utf-8').send(json);
  });
  for (const dialect of options.dialects) await dialect.attach(http);
  addUpgrades(http.server, { dialects: options.dialects, localOnly: options.localOnly, requestId });

  function refuse(error: FacetError, request: FastifyRequest, reply: FastifyReply): void {
    const path = pathOf(request);
    const speaker = options.dialects.find((dialect) => dialect.speaks(path));
    if (speaker) speaker.refuse(error, request, reply);
    else plainRefusal(error, request, reply);
  }

  return {
    connections: () => sockets.size,
    idle: () => {
      // The last one of each connection: any other would end it before those behind it are answered.
      const last = new Map<Socket, ServerResponse>();
      for (const response of underWay) last.set(response.req.socket, response);
      for (const response of last.values()) closeAfter(response);
      return allClosed(underWay);
    },
    listen: (address) => listenOn(http, address, options.tls ? 'https' : 'http'),
    async close() {
      for (const socket of sockets) socket.destroy();
      await http.close();
    },
  };
}

function doorOf(options: HttpOptions, underWay: ChurnSet<ServerResponse>): Door {
  const bodies = new BodyBudget(Math.max(LIMITS.bodiesBytesMax, options.bodyBytesMax), options.bodyBytesMax);
  const queued = new QueuedResponses();
  // One for all responses: a closure and a wrapper of `once` for each request are felt.
  const closed = function (this: ServerResponse): void {
    underWay.delete(this);
  };
  return {
    requestId: ({ headers }) => requestId(headers['x-request-id']),
    enter(request, response, isLetIn = false) {
      underWay.add(response);
      response.on('close', closed);
      queued.follow(request.socket, response);
      if (!options.accepting()) closeAfter(response);
      return (
        (options.localOnly ? foreignOrigin(request, isLetIn) : undefined) ?? bodies.take(request, response)
      );
    },
  };
}

/** The answer ends its connection, if it has not begun yet. */
function closeAfter(response: ServerResponse): void {
  if (!response.headersSent) response.setHeader('connection', 'close');
}

function createInstance(options: HttpOptions, door: Door): FastifyInstance {
  const { dialects } = options;
  return Fastify({
    logger: false,
    bodyLimit: options.bodyBytesMax,
    rewriteUrl: ({ url = '' }) => withOneSlash(url),
    routerOptions: { maxParamLength: LIMITS.pathParameterCharactersMax },
    // The last address of X-Forwarded-For, which our own proxy wrote; those before it are the client's claims.
    trustProxy: options.trustProxy ? (_address, hop) => hop === 0 : false,
    requestIdHeader: false,
    genReqId: (raw) => door.requestId(raw),
    serverFactory: (handler) =>
      createNodeServer(options, (request: IncomingMessage, response: ServerResponse) => {
        for (const dialect of dialects) if (dialect.take?.(request, response, door) === true) return;
        handler(request, response);
      }),
    frameworkErrors(error, request, reply) {
      const refusal = frameworkError(error);
      const speaker = dialects.find((dialect) => dialect.speaks(pathOf(request)));
      if (speaker) speaker.refuse(refusal, request, reply);
      else plainRefusal(refusal, request, reply);
    },
    clientErrorHandler(error, socket) {
      if (socket.writable && error.code !== 'ECONNRESET' && !isAnswering(socket)) {
        socket.write(malformedAnswer(error.code, requestId(undefined)));
      }
      socket.destroy();
    },
  });
}

/**
 * Our words in the middle of an answer would pass for a part of it, and before the answer of a request that came whole
 * for that answer. Node keeps the response whose turn it is at the socket.
 */
const isAnswering = ({
  _httpMessage: response,
}: Socket & { _httpMessage?: ServerResponse | null }): boolean =>
  response != null && (response.headersSent || response.req.complete);

/** HTTP/1.1, in the clear or over TLS. Our own factory, since Fastify's does not set all of these. */
function createNodeServer(options: HttpOptions, handler: RequestListener): HttpServer {
  const settings = {
    IncomingMessage: UpgradableRequest,
    maxHeaderSize: LIMITS.headerBytesMax,
    requestTimeout: LIMITS.requestReceiveMsMax,
    headersTimeout: LIMITS.requestReceiveMsMax,
    keepAliveTimeout: LIMITS.keepAliveMs,
  };
  const server = options.tls
    ? createTlsServer({ ...options.tls.options, ...settings, ALPNProtocols: ['http/1.1'] }, handler)
    : createServer(settings, handler);
  server.maxConnections = options.connectionsMax;
  return server;
}

/** The client's own id where it is harmless in headers and logs, else one of ours. */
export function requestId(given: string | string[] | undefined): string {
  return typeof given === 'string' && /^[A-Za-z0-9._:-]{1,128}$/.test(given) ? given : `req_${randomHex(4)}`;
}

function trackSockets(http: FastifyInstance): ReadonlySet<Socket> {
  const sockets = new Set<Socket>();
  http.server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  return sockets;
}

async function allClosed(underWay: Iterable<ServerResponse>): Promise<void> {
  await Promise.all(
    [...underWay].map((response) => new Promise<void>((resolve) => response.once('close', resolve))),
  );
}

/** The path is the client's text, so only the beginning of it is repeated. */
function noRoute(request: FastifyRequest): FacetError {
  const path = pathOf(request);
  const shown = path.length > PATH_SHOWN_MAX ? `${path.slice(0, PATH_SHOWN_MAX)}…` : path;
  return new FacetError('NOT_FOUND', `No route ${request.method} ${shown}`);
}

const PATH_SHOWN_MAX = 200;

const pathOf = (request: { readonly url: string }): string => request.url.split('?', 1)[0] ?? '';

function plainRefusal(error: FacetError, request: FastifyRequest, reply: FastifyReply): void {
  void reply
    .status(plainStatus(error.code))
    .type('application/json; charset=utf-8')
    .header('x-request-id', request.id)
    .send(plainBody(error, request.id));
}

/** What a socket is bound to. */
export const hostOf = ({ host }: ListenAddress): string =>
  host === 'localhost' ? '127.0.0.1' : host || '::';

async function listenOn(
  http: FastifyInstance,
  address: ListenAddress,
  scheme: string,
): Promise<{ readonly url: string; readonly address: string }> {
  // Fastify would open a second server for `localhost`, which would escape the bounds set on the first.
  const host = hostOf(address);
  try {
    await http.listen({ host, port: address.port });
  } catch (error) {
    throw listenError(error, formatAddress(address), '--listen');
  }
  const bound = http.server.address();
  const port = bound !== null && typeof bound === 'object' ? bound.port : address.port;
  const where = formatAddress({ host: address.host === 'localhost' ? 'localhost' : host, port });
  return { url: `${scheme}://${where}`, address: where };
}

/** @param option the flag that chooses the address */
export function listenError(thrown: unknown, address: string, option: string): unknown {
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
  const reasons: Readonly<Record<string, [string, string]>> = {
    EADDRINUSE: ['is in use by another process', `Choose another with ${option} (port 0 picks a free one).`],
    EACCES: ['needs rights that this process lacks', 'Ports below 1024 are reserved for root.'],
    EADDRNOTAVAIL: ['is not an address of this machine', 'Use one of its addresses, or :port for all.'],
    ENOTFOUND: ['has a host name that does not resolve', `Check the name in ${option}.`],
    EAFNOSUPPORT: ['is of a kind that this machine does not support', 'Listen on 0.0.0.0:port instead.'],
  };
  const reason = reasons[code];
  if (!reason) return thrown;
  return new FacetError('LISTEN_FAILED', `The address ${address} ${reason[0]}`, {
    hint: reason[1],
    cause: thrown,
  });
}
