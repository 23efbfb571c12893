/** A receiver of webhooks: a real HTTP server that keeps what it was sent and answers as a test tells it to. */
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Leaves } from './leaves.ts';

export interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly json: Leaves;
  readonly atMs: number;
}

/** Answers a request; undefined: 204. */
export type Behaviour = (received: Received, response: ServerResponse) => void;

export interface Receiver {
  readonly url: string;
  /** Everything that came, answered well or not. */
  readonly requests: Received[];
  /** What was answered with 2xx. */
  readonly accepted: Received[];
  behave(behaviour: Behaviour | undefined): void;
  close(): Promise<void>;
}

export const answerWith =
  (status: number, headers: Record<string, string> = {}): Behaviour =>
  (_, response) => {
    response.writeHead(status, headers).end();
  };

export async function startReceiver(): Promise<Receiver> {
  const requests: Received[] = [];
  const accepted: Received[] = [];
  let behaviour: Behaviour | undefined;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('error', () => {});
    response.on('error', () => {});
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString('utf8');
      const received = {
        headers: request.headers,
        text,
        json: JSON.parse(text) as Leaves,
        atMs: performance.now(),
      };
      requests.push(received);
      response.once('finish', () => {
        if (response.statusCode >= 200 && response.statusCode < 300) accepted.push(received);
      });
      if (behaviour === undefined) response.writeHead(204).end();
      else behaviour(received, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/hook`,
    requests,
    accepted,
    behave: (next) => {
      behaviour = next;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
