/** An HTTP request as a session for the gate: who, from where, in which namespace and transaction. */
import type { FastifyRequest } from 'fastify';
import { FacetError } from '../../base/index.ts';
import type { Session } from '../../dispatch/index.ts';
import type { HttpClients } from '../http-clients.ts';
import { credentialsOf } from '../http-credentials.ts';
import { wireName } from './field-names.ts';

/** @throws INVALID_PARAMETER when the two transaction headers disagree */
export function sessionOf(request: FastifyRequest, clients: HttpClients, trustProxy: boolean): Session {
  const { headers, socket } = request.raw;
  return {
    dialect: 'thunder',
    requestId: request.id,
    credentials: credentialsOf(headers, socket),
    address: trustProxy ? request.ip : (socket.remoteAddress ?? ''),
    signal: clients.signalOf(socket),
    namespace: single(headers['x-facet-namespace']),
    transactionId: transactionIdOf(single(headers['x-thunder-txn-id']), single(headers['x-facet-txn-id'])),
    fieldName: wireName,
  };
}

/** The header of the ThunderDB API, or the one that all dialects of Facet read. */
function transactionIdOf(thunder: string | undefined, facet: string | undefined): string | undefined {
  if (thunder !== undefined && facet !== undefined && thunder !== facet) {
    throw new FacetError(
      'INVALID_PARAMETER',
      'X-Thunder-Txn-Id and X-Facet-Txn-Id name different transactions',
    );
  }
  return thunder ?? facet;
}

/** Node joins repeated headers of this kind by commas; the type allows an array. */
const single = (header: string | string[] | undefined): string | undefined =>
  Array.isArray(header) ? header.join(', ') : header;
