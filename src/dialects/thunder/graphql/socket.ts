/**
 * GraphQL over a WebSocket, in the protocol graphql-transport-ws: subscriptions, and queries and mutations as well. graphql-ws
 * keeps the protocol; connection.ts adds what it does not know of: who the client is, its digits, its pace, and the gate.
 *
 * A client says who it is by the headers of the upgrade or by `connection_init`. The rate limit is charged for each
 * operation. Completing one cancels what it runs.
 */
import { GRAPHQL_TRANSPORT_WS_PROTOCOL, makeServer } from 'graphql-ws';
import { LIMITS, type Observe } from '../../../base/index.ts';
import type { SocketRoute } from '../../http/index.ts';
import { Connection, type Extra } from './connection.ts';
import type { GraphqlEngine } from './engine.ts';
import { GRAPHQL_PATH, GUARD } from './http-routes.ts';

export function graphqlSocket(engine: GraphqlEngine, observe: Observe): SocketRoute {
  const server = makeServer<Record<string, unknown>, Extra>({
    connectionInitWaitTimeout: LIMITS.graphqlInitMsMax,
    onConnect: ({ connectionParams, extra }) => extra.connection.greet(connectionParams),
    onSubscribe: ({ extra, subscriptions }, id, payload) =>
      extra.connection.begin(id, payload, Object.keys(subscriptions).length),
    onNext: ({ extra }, _id, payload, _given, result) => extra.connection.worded(payload, result),
    onError: ({ extra }, id, payload, errors) => extra.connection.wordedErrors(id, payload, errors),
    onComplete: ({ extra }, id, payload) => extra.connection.end(id, payload),
  });
  return {
    path: GRAPHQL_PATH,
    operation: GUARD,
    protocols: [GRAPHQL_TRANSPORT_WS_PROTOCOL],
    lateAuthentication: true,
    open: (request) => new Connection(engine, server, request, observe),
  };
}
