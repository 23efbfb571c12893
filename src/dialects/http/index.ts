/**
 * Front door of the HTTP frame: all that dialects over HTTP have in common. A dialect gives its route table and its
 * words (HttpSurface) and gets a Dialect.
 */

export { ByteCount } from './byte-count.ts';
export { HttpClients } from './clients.ts';
export {
  FORBIDDEN_CLOSE,
  INTERNAL_FAULT,
  NORMAL_CLOSE,
  POLICY_VIOLATION,
  TRY_AGAIN_LATER,
  UNAUTHORIZED_CLOSE,
} from './close-codes.ts';
export { createHttpDialect } from './create.ts';
export { credentialsIn, credentialsOf, ofAuthorization } from './credentials.ts';
export { type FeedEnd, FeedPump, FrameCache } from './feed-pump.ts';
export { FrameChunk } from './frame-chunk.ts';
export { HttpExchange, type HttpRequest } from './http-exchange.ts';
export { checkNoBrowser, decodeBody } from './json-body.ts';
export { frameOf, LiveSocket } from './live-socket.ts';
export type { PieceWriter } from './piece-writer.ts';
export { sessionMaker, toldByProxy, transactionIn } from './session.ts';
export type { SocketHandler, SocketRequest, SocketRoute } from './socket-route.ts';
export { commandSession } from './sockets.ts';
export { codeStatuses, publicMessage } from './status.ts';
export {
  type HttpAnswer,
  type HttpDialectOptions,
  type HttpRoute,
  type HttpSurface,
  type HttpWords,
  JSON_TYPE,
  LINES_TYPE,
} from './surface.ts';
