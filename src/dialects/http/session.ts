/** An HTTP request as a session for the gate: who, from where, in which namespace and transaction. */
import type { IncomingHttpHeaders } from 'node:http';
import { FacetError } from '../../base/index.ts';
import type { Session } from '../../dispatch/index.ts';
import type { HttpClients } from './clients.ts';
import { credentialsOf } from './credentials.ts';
import type { HttpExchange } from './http-exchange.ts';
import type { HttpSurface } from './surface.ts';

/** Makes the sessions of one dialect. @throws INVALID_PARAMETER when two transaction headers disagree */
export function sessionMaker(
  surface: Pick<HttpSurface, 'name' | 'fieldName' | 'namespaceHeader'>,
  clients: HttpClients,
  trustProxy: boolean,
): (exchange: HttpExchange) => Session {
  const { name: dialect, fieldName } = surface;
  const ownNamespace = surface.namespaceHeader?.toLowerCase();
  return ({ id, request, params }) => {
    const { headers, socket } = request;
    return {
      dialect,
      requestId: id,
      credentials: credentialsOf(headers, socket),
      address: (trustProxy ? toldByProxy(headers) : undefined) ?? socket.remoteAddress ?? '',
      signal: clients.signalOf(socket),
      connection: socket,
      bodyBytes: announcedBytes(headers),
      namespace:
        params.namespace ??
        (ownNamespace === undefined ? undefined : single(headers[ownNamespace])) ??
        single(headers['x-facet-namespace']),
      transactionId: transactionIn(headers),
      fieldName,
    };
  };
}

/** Undefined for a body in chunks, which is measured when it is there. */
const announcedBytes = ({ 'content-length': length }: IncomingHttpHeaders): number | undefined =>
  length === undefined ? undefined : Number(length);

/**
 * All dialects read both headers: one that is passed over would write outside of the transaction it names.
 * @throws INVALID_PARAMETER when they disagree
 */
export function transactionIn(headers: IncomingHttpHeaders): string | undefined {
  const own = single(headers['x-facet-txn-id']);
  const thunders = single(headers['x-thunder-txn-id']);
  if (own !== undefined && thunders !== undefined && own !== thunders) {
    throw new FacetError(
      'INVALID_PARAMETER',
      'X-Thunder-Txn-Id and X-Facet-Txn-Id name different transactions',
    );
  }
  return own ?? thunders;
}

/** The last address of X-Forwarded-For, which our own proxy wrote; those before it are the client's claims. */
export function toldByProxy(headers: IncomingHttpHeaders): string | undefined {
  const last = single(headers['x-forwarded-for'])?.split(',').at(-1)?.trim();
  return last === '' ? undefined : last;
}

/** Node joins repeated headers of this kind by commas; the type allows an array. */
const single = (header: string | string[] | undefined): string | undefined =>
  Array.isArray(header) ? header.join(', ') : header;
