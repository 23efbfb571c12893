/** A call of gRPC as a session for the gate: who, from where, in which namespace and transaction. */
import type { Socket } from 'node:net';
import type { Metadata } from '@grpc/grpc-js';
import type { Session } from '../../dispatch/index.ts';
import { toldByProxy, transactionIn } from '../http/index.ts';
import { claimOf, type GrpcDialect } from './surface.ts';

/** @throws INVALID_PARAMETER when two transaction headers disagree */
export function grpcSession(
  surface: Pick<GrpcDialect, 'name' | 'fieldName' | 'claimOf'>,
  metadata: Metadata,
  socket: Socket,
  about: { readonly requestId: string; readonly signal: AbortSignal; readonly trustProxy: boolean },
): Session {
  const headers = headersIn(metadata);
  const { name: dialect, fieldName } = surface;
  return {
    dialect,
    requestId: about.requestId,
    ...claimOf(surface, headers, socket),
    address: (about.trustProxy ? toldByProxy(headers) : undefined) ?? socket.remoteAddress ?? '',
    signal: about.signal,
    connection: socket,
    namespace: headers['x-facet-namespace'],
    transactionId: transactionIn(headers),
    fieldName,
  };
}

/** Repeated names joined by commas, as over HTTP. All at once, for looking names up one by one checks the spelling of each. */
function headersIn(metadata: Metadata): Record<string, string | undefined> {
  const headers: Record<string, string | undefined> = {};
  for (const [name, values] of Object.entries(metadata.toJSON())) {
    const [first] = values;
    if (typeof first === 'string') headers[name] = values.length === 1 ? first : values.join(', ');
  }
  return headers;
}
