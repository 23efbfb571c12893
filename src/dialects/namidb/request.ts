/** An HTTP request as a session for the gate: who, from where, in which namespace and transaction. */
import type { FastifyRequest } from 'fastify';
import type { Session } from '../../dispatch/index.ts';
import type { HttpClients } from '../http-clients.ts';
import { credentialsOf } from '../http-credentials.ts';

/** The namespace of the path comes before that of a header, and the header of NamiDB before that of all dialects. */
export function sessionOf(request: FastifyRequest, clients: HttpClients, trustProxy: boolean): Session {
  const { headers, socket } = request.raw;
  return {
    dialect: 'namidb',
    requestId: request.id,
    credentials: credentialsOf(headers, socket),
    address: trustProxy ? request.ip : (socket.remoteAddress ?? ''),
    signal: clients.signalOf(socket),
    namespace:
      namespaceInPath(request) ??
      single(headers['x-namidb-namespace']) ??
      single(headers['x-facet-namespace']),
    transactionId: single(headers['x-facet-txn-id']),
  };
}

function namespaceInPath({ params }: FastifyRequest): string | undefined {
  const named = params as { readonly namespace?: string } | undefined;
  return named?.namespace;
}

/** Node joins repeated headers of this kind by commas; the type allows an array. */
const single = (header: string | string[] | undefined): string | undefined =>
  Array.isArray(header) ? header.join(', ') : header;
