/**
 * Front door of the gRPC frame: all that dialects over gRPC have in common. A dialect gives its procedures (GrpcDialect);
 * they are served as native gRPC on a listener of their own, and as gRPC-Web and Connect on the HTTP listener.
 */

export type { CorsRules } from './cors.ts';
export { type ErrorWords, GRPC, type GrpcStatus, shortened, statusOfCode, USUAL_WORDS } from './errors.ts';
export { feedReplies } from './feed-replies.ts';
export type { GrpcListener, GrpcOptions } from './listener.ts';
export { loadGrpcListener } from './load.ts';
export {
  type Claim,
  clientStreaming,
  type GrpcCall,
  type GrpcDialect,
  type Procedure,
  type Replies,
  serverStreaming,
  unary,
} from './surface.ts';
export { createWebDialect } from './web.ts';
export { WireWriter } from './wire-writer.ts';
