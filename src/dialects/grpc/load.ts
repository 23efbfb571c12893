/** What takes a while to load is loaded when it is needed: some 50 ms for each of the libraries behind these. */
import type { createGrpcListener } from './listener.ts';

/** Native gRPC: @grpc/grpc-js. */
export const loadGrpcListener = async (): Promise<typeof createGrpcListener> =>
  (await import('./listener.ts')).createGrpcListener;
