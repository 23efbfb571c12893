/** A WebSocket of the Synap API: as any, and with commands that have answers. */
import type { Leaves } from '../../support/leaves.ts';
import type { TestServer } from '../../support/server.ts';
import { type SocketClient as AnySocketClient, connectSocket } from '../../support/socket-client.ts';

export interface SocketClient extends AnySocketClient {
  /** A command, and its answer; events that come before it stay for `next`. */
  call(command: string, payload?: unknown): Promise<Leaves>;
}

export async function connect(
  server: TestServer,
  path: string,
  headers: Record<string, string> = {},
): Promise<SocketClient> {
  const client = await connectSocket(server.url, path, { headers });
  let sent = 0;
  return {
    ...client,
    async call(command, payload) {
      const id = `c${++sent}`;
      client.send({ request_id: id, command, payload });
      return await client.find((message) => message.request_id === id);
    },
  };
}
