/** A WebSocket whose messages are taken one by one, in their order, as parsed JSON and as text. */
import { type ClientOptions, WebSocket } from 'ws';
import type { Leaves } from './leaves.ts';

export interface Frame {
  /** With all digits. */
  readonly text: string;
  readonly json: Leaves;
}

export interface SocketClient {
  readonly ws: WebSocket;
  send(message: unknown): void;
  /** The next message that nobody took yet. @throws when none comes */
  next(): Promise<Leaves>;
  nextFrame(): Promise<Frame>;
  /** The next message that `wanted` takes; others stay. */
  find(wanted: (message: Leaves) => boolean): Promise<Leaves>;
  /** Messages that came and were not taken. */
  readonly waiting: readonly Frame[];
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  close(): Promise<void>;
}

const PATIENCE_MS = 10_000;

/** Rejects with `<status> <body>` when the upgrade is refused. */
export async function connectSocket(
  url: string,
  path: string,
  options: ClientOptions & { readonly protocols?: readonly string[] } = {},
): Promise<SocketClient> {
  const { protocols = [], ...rest } = options;
  const ws = new WebSocket(`${url.replace('http', 'ws')}${path}`, [...protocols], {
    perMessageDeflate: false,
    ...rest,
  });
  const waiting: Frame[] = [];
  let wake: (() => void) | undefined;
  ws.on('message', (data: Buffer) => {
    const text = data.toString();
    waiting.push({ text, json: JSON.parse(text) });
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

  async function take(wanted: (frame: Frame) => boolean): Promise<Frame> {
    const until = performance.now() + PATIENCE_MS;
    for (;;) {
      const at = waiting.findIndex(wanted);
      const [found] = at === -1 ? [] : waiting.splice(at, 1);
      if (found !== undefined) return found;
      if (performance.now() > until || ws.readyState === WebSocket.CLOSED) {
        const texts = waiting.slice(0, 10).map(({ text }) => text.slice(0, 500));
        throw new Error(`nothing came; waiting: ${texts.join(' ')}`);
      }
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
    next: async () => (await take(() => true)).json,
    nextFrame: () => take(() => true),
    find: async (wanted) => (await take(({ json }) => wanted(json))).json,
    async close() {
      ws.close();
      await closed;
    },
  };
}
