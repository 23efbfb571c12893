/** A small real hub over HTTP, as docs/guides/plans.md describes one, whose moods a test can change. */
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';

/** Answers a question about an access key; headers are those of the request. */
export type HubMood = (response: ServerResponse, key: string, headers: IncomingHttpHeaders) => void;

export interface TestHub {
  readonly url: string;
  /** Questions that arrived so far. */
  readonly asked: readonly string[];
  /** What it knows, by access key. */
  readonly callers: Map<string, unknown>;
  mood: HubMood;
  /** Closes the listener and every connection: new ones are refused. */
  close(): Promise<void>;
  /** Listens again on the same port. */
  reopen(): Promise<void>;
}

export async function startHub(): Promise<TestHub> {
  const asked: string[] = [];
  const callers = new Map<string, unknown>();
  const server = createServer((request, response) => {
    const key = String(request.headers['x-hub-access-key']);
    asked.push(`${request.method} ${request.url} ${key}`);
    hub.mood(response, key, request.headers);
  });
  await listen(server, 0);
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  const hub: TestHub = {
    url: `http://127.0.0.1:${port}/api`,
    asked,
    callers,
    mood: answering(callers),
    async close() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
    reopen: () => listen(server, port),
  };
  return hub;
}

/** The mood of a hub that works. */
export const answering =
  (callers: ReadonlyMap<string, unknown>): HubMood =>
  (response, key) => {
    const caller = callers.get(key);
    response.writeHead(caller === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(caller ?? { error: 'unknown' }));
  };

const listen = (server: Server, port: number): Promise<void> =>
  new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
