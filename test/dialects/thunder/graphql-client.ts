/** GraphQL over HTTP for tests, with the text of answers. */
import type { HeaderLines, Json, Reply, Thunder } from './harness.ts';

export interface GraphqlClient {
  /** POST with JSON. */
  send(query: string, variables?: Readonly<Record<string, unknown>>, headers?: HeaderLines): Promise<Reply>;
  /** The data of an answer; rejects when it has errors. */
  data(query: string, variables?: Readonly<Record<string, unknown>>): Promise<Json>;
  /** An answer that has errors; rejects when it has none. */
  errors(query: string, variables?: Readonly<Record<string, unknown>>, headers?: HeaderLines): Promise<Reply>;
}

export function graphqlOf(thunder: Pick<Thunder, 'post'>): GraphqlClient {
  const send: GraphqlClient['send'] = async (query, variables, headers) =>
    await thunder.post('/graphql', { query, variables }, headers);
  return {
    send,
    async data(query, variables) {
      const reply = await send(query, variables);
      if (reply.json.errors !== undefined || reply.json.data === undefined) {
        throw new Error(`${query}: ${reply.status} ${reply.text}`);
      }
      return reply.json.data;
    },
    async errors(query, variables, headers) {
      const reply = await send(query, variables, headers);
      if (reply.json.errors === undefined) throw new Error(`${query}: ${reply.text}`);
      return reply;
    },
  };
}
