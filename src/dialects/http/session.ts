/** An HTTP request as a session for the gate: who, from where, in which namespace and transaction. */
import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyRequest } from 'fastify';
import { FacetError } from '../../base/index.ts';
import type { Session } from '../../dispatch/index.ts';
import type { HttpClients } from './clients.ts';
import { credentialsOf } from './credentials.ts';
import type { HttpSurface } from './surface.ts';

/** All dialects read all of them: a header that is passed over would write outside of the transaction it names. */
const TRANSACTION_HEADERS = ['X-Facet-Txn-Id', 'X-Thunder-Txn-Id'] as const;

/** Makes the sessions of one dialect. @throws INVALID_PARAMETER when two transaction headers disagree */
export function sessionMaker(
  surface: HttpSurface,
  clients: HttpClients,
  trustProxy: boolean,
): (request: FastifyRequest) => Session {
  const { name: dialect, fieldName } = surface;
  const ownNamespace = surface.namespaceHeader?.toLowerCase();
  return (request) => {
    const { headers, socket } = request.raw;
    return {
      dialect,
      requestId: request.id,
      credentials: credentialsOf(headers, socket),
      address: trustProxy ? request.ip : (socket.remoteAddress ?? ''),
      signal: clients.signalOf(socket),
      namespace:
        namespaceInPath(request) ??
        (ownNamespace === undefined ? undefined : single(headers[ownNamespace])) ??
        single(headers['x-facet-namespace']),
      transactionId: transactionIn(headers),
      fieldName,
    };
  };
}

function transactionIn(headers: IncomingHttpHeaders): string | undefined {
  const given = TRANSACTION_HEADERS.map((name) => single(headers[name.toLowerCase()]));
  const named = new Set(given.filter((id) => id !== undefined));
  if (named.size > 1) {
    throw new FacetError(
      'INVALID_PARAMETER',
      `${[...TRANSACTION_HEADERS].reverse().join(' and ')} name different transactions`,
    );
  }
  const [id] = named;
  return id;
}

function namespaceInPath({ params }: FastifyRequest): string | undefined {
  const named = params as { readonly namespace?: string } | undefined;
  return named?.namespace;
}

/** Node joins repeated headers of this kind by commas; the type allows an array. */
const single = (header: string | string[] | undefined): string | undefined =>
  Array.isArray(header) ? header.join(', ') : header;
