/**
 * Front door of the gRPC frame: all that dialects over gRPC have in common. A dialect gives its procedures (GrpcDialect);
 * they are served as native gRPC on a listener of their own, and as gRPC-Web and Connect on the HTTP listener.
 */

export { type GrpcStatus, statusOfCode } from './errors.ts';
export { feedReplies } from './feed-replies.ts';
export type { GrpcListener, GrpcOptions } from './listener.ts';
export { loadGrpcListener } from './load.ts';
export {
  type GrpcCall,
  type GrpcDialect,
  type Procedure,
  type Replies,
  serverStreaming,
  unary,
} from './surface.ts';
export { createWebDialect } from './web.ts';
