/** Front door of the GraphQL API: its routes over HTTP, its WebSocket, and the explorer. */
import type { HttpRoute, SocketRoute } from '../../http/index.ts';
import { GraphqlEngine, type GraphqlOptions } from './engine.ts';
import { graphiqlRoutes } from './graphiql.ts';
import { graphqlRoutes } from './http-routes.ts';
import { graphqlSocket } from './socket.ts';

export interface Graphql {
  readonly routes: readonly HttpRoute[];
  readonly sockets: readonly SocketRoute[];
}

export function createGraphql(options: GraphqlOptions & { readonly development: boolean }): Graphql {
  const engine = new GraphqlEngine(options);
  return {
    routes: [...graphqlRoutes(engine), ...graphiqlRoutes(options.development)],
    sockets: [graphqlSocket(engine, options.observe)],
  };
}
