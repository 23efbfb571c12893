/**
 * The codec of Bolt for what runs connections: bytes of a socket through `Handshake`, then `FrameReader` and
 * `decodeRequest`; answers through `ReplyWriter`. Nothing here waits or knows sockets.
 */
export { decodeRequest } from './decode-request.ts';
export { FrameReader } from './frame-reader.ts';
export { Handshake, type HandshakeStep } from './handshake.ts';
export { type Failure, type Meta, ReplyWriter } from './reply-writer.ts';
export type {
  Authentication,
  HelloRequest,
  NotificationFilter,
  PullRequest,
  Request,
  RouteRequest,
  RunRequest,
  TransactionExtra,
} from './request.ts';
export { type BoltVersion, isAtLeast, type Wire, wireOf } from './versions.ts';
