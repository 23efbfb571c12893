/** A WebSocket of the Synap API: messages come as parsed JSON, in their order. */
import { WebSocket } from 'ws';
import type { Leaves } from '../../support/leaves.ts';
import type { TestServer } from '../../support/server.ts';

export interface SocketClient {
  readonly ws: WebSocket;
  send(message: unknown): void;
  /** The next message that nobody took yet. */
  next(): Promise<Leaves>;
  /** A command, and its answer; events that come before it stay for `next`. */
  call(command: string, payload?: unknown): Promise<Leaves>;
  /** Messages that came and were not taken. */
  readonly waiting: readonly Leaves[];
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  close(): Promise<void>;
}

const PATIENCE_MS = 5_000;

export async function connect(
  server: TestServer,
  path: string,
  headers: Record<string, string> = {},
): Promise<SocketClient> {
  const ws = new WebSocket(`${server.url.replace('http', 'ws')}${path}`, {
    headers,
    perMessageDeflate: false,
  });
  const waiting: Leaves[] = [];
  let wake: (() => void) | undefined;
  let sent = 0;
  ws.on('message', (data: Buffer) => {
    waiting.push(JSON.parse(data.toString()));
    wake?.();
  });
  const closed = new Promise<{ code: number; reason: string }>((resolve) =>
    ws.on('close', (code, reason) => {
      resolve({ code, reason: reason.toString() });
      wake?.();
    }),
  );
  await new Promise<void>((resolve, reject) => {
    ws.once('open', () => resolve());
    ws.once('error', reject);
    ws.once('unexpected-response', (_request, response) => {
      let body = '';
      response.on('data', (piece: Buffer) => {
        body += piece.toString();
      });
      response.on('end', () => reject(new Error(`${response.statusCode} ${body}`)));
    });
  });
  ws.on('error', () => {});

  async function take(wanted: (message: Leaves) => boolean): Promise<Leaves> {
    const until = performance.now() + PATIENCE_MS;
    for (;;) {
      const at = waiting.findIndex(wanted);
      if (at !== -1) return waiting.splice(at, 1)[0];
      if (performance.now() > until) throw new Error(`nothing came; waiting: ${JSON.stringify(waiting)}`);
      await new Promise<void>((resolve) => {
        wake = resolve;
        setTimeout(resolve, 50);
      });
    }
  }

  return {
    ws,
    waiting,
    closed,
    send: (message) => ws.send(typeof message === 'string' ? message : JSON.stringify(message)),
    next: () => take(() => true),
    async call(command, payload) {
      const id = `c${++sent}`;
      ws.send(JSON.stringify({ request_id: id, command, payload }));
      return await take((message) => message.request_id === id);
    },
    async close() {
      ws.close();
      await closed;
    },
  };
}
