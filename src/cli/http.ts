/**
 * One HTTP request of the command line tools. Node's own client rather than `fetch`, because a query may run for
 * longer than the five minutes that `fetch` waits for an answer.
 */
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { Readable } from 'node:stream';
import { LIMITS } from '../base/index.ts';

/** Nobody answers at the address: refused, unknown host, no route, or no connection in time. */
export class NoServerError extends Error {
  override readonly name = 'NoServerError';
  readonly url: string;
  constructor(url: string, cause: unknown) {
    super(`no server at ${url}, start one with npm start`, { cause });
    this.url = url;
  }
}

export interface HttpCall {
  readonly method: 'GET' | 'POST';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  /** Aborted: the connection is closed, by which the server knows that nobody waits any more. */
  readonly signal?: AbortSignal | undefined;
}

/** Codes of Node.js that mean that no connection came about. */
const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
  'CONNECT_TIMEOUT',
]);

/** Keeps connections open between the requests of one run of a tool. */
export class HttpConnections {
  readonly #http = new HttpAgent({ keepAlive: true });
  readonly #https = new HttpsAgent({ keepAlive: true });

  /** Sends the request; resolves when the head of the answer is there. @throws NoServerError */
  send(call: HttpCall): Promise<IncomingMessage> {
    const secure = call.url.protocol === 'https:';
    return new Promise((resolve, reject) => {
      const sent = (secure ? httpsRequest : httpRequest)(call.url, {
        method: call.method,
        agent: secure ? this.#https : this.#http,
        ...(call.signal === undefined ? {} : { signal: call.signal }),
        headers:
          call.body === undefined
            ? call.headers
            : { ...call.headers, 'content-length': String(Buffer.byteLength(call.body)) },
      });
      sent.on('response', resolve);
      sent.on('error', (error) => {
        reject(isUnreachable(error) ? new NoServerError(call.url.origin, error) : error);
      });
      sent.on('socket', (socket) => limitConnecting(socket, secure ? 'secureConnect' : 'connect'));
      sent.end(call.body);
    });
  }

  close(): void {
    this.#http.destroy();
    this.#https.destroy();
  }
}

function limitConnecting(
  socket: {
    connecting: boolean;
    once(event: string, run: () => void): unknown;
    destroy(error: Error): unknown;
  },
  connected: string,
): void {
  if (!socket.connecting) return;
  const timer = setTimeout(() => {
    const message = `no connection within ${LIMITS.clientConnectMsMax} ms`;
    socket.destroy(Object.assign(new Error(message), { code: 'CONNECT_TIMEOUT' }));
  }, LIMITS.clientConnectMsMax);
  socket.once(connected, () => clearTimeout(timer));
  socket.once('close', () => clearTimeout(timer));
}

function isUnreachable(error: Error & { code?: string }): boolean {
  return error.code !== undefined && UNREACHABLE.has(error.code);
}

/** All of a body, or of standard input, as text. */
export async function readText(source: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of source) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
}

/** The lines of the body as they arrive, without their ends. Waiting for the next one slows the server down. */
export async function* readLines(response: IncomingMessage): AsyncGenerator<string> {
  response.setEncoding('utf8');
  let pending = '';
  for await (const chunk of response) {
    const lines = (pending + String(chunk)).split('\n');
    pending = lines.pop() ?? '';
    yield* lines;
  }
  if (pending !== '') yield pending;
}
