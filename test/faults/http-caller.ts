/** One client of a fault test: a socket of its own, calls that never hang, failures as values. */
import { Agent, type IncomingMessage, request } from 'node:http';

export interface Answer {
  /** HTTP status; 0 when there was no answer: refused, cut off, aborted or too late. */
  readonly status: number;
  readonly text: string;
}

export interface CallOptions {
  readonly transactionId?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The client hangs up after this time, whatever the server does. */
  readonly hangUpMs?: number;
  /** The client hangs up at the first piece of the answer. */
  readonly hangUpAtData?: boolean;
}

const NO_ANSWER_MS = 60_000;

export class Caller {
  #agent = new Agent({ keepAlive: true, maxSockets: 1 });

  /** Sends a JSON body (GET without one). Resolves always. */
  call(port: number, path: string, body?: unknown, options: CallOptions = {}): Promise<Answer> {
    return new Promise((resolve) => {
      const outgoing = request(
        {
          host: '127.0.0.1',
          port,
          path,
          method: body === undefined ? 'GET' : 'POST',
          agent: this.#agent,
          headers: {
            ...(body === undefined ? {} : { 'content-type': 'application/json' }),
            ...(options.transactionId === undefined ? {} : { 'x-thunder-txn-id': options.transactionId }),
            ...options.headers,
          },
        },
        (response) => {
          if (options.hangUpAtData) response.once('data', () => outgoing.destroy());
          void textOf(response).then((text) =>
            resolve(
              text === undefined ? { status: 0, text: '' } : { status: response.statusCode ?? 0, text },
            ),
          );
        },
      );
      const timer = setTimeout(() => outgoing.destroy(), options.hangUpMs ?? NO_ANSWER_MS);
      outgoing.once('error', (error) => resolve({ status: 0, text: error.message }));
      outgoing.once('close', () => {
        clearTimeout(timer);
        // After a whole answer too: it has the first word.
        setImmediate(() => resolve({ status: 0, text: 'closed' }));
      });
      outgoing.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  query(
    port: number,
    sql: string,
    params: readonly unknown[] = [],
    options: CallOptions = {},
  ): Promise<Answer> {
    return this.call(port, '/api/v1/query', { sql, params }, options);
  }

  /** Rows of a query that must succeed. */
  async rows(port: number, sql: string, params: readonly unknown[] = []): Promise<unknown[][]> {
    const { status, text } = await this.query(port, sql, params);
    if (status !== 200) throw new Error(`${status} ${text}`);
    return (JSON.parse(text) as { rows: unknown[][] }).rows;
  }

  close(): void {
    this.#agent.destroy();
  }
}

/** The whole text, or undefined when it was cut off. */
function textOf(response: IncomingMessage): Promise<string | undefined> {
  return new Promise((resolve) => {
    const pieces: Buffer[] = [];
    response.on('data', (piece: Buffer) => pieces.push(piece));
    response.once('end', () =>
      resolve(response.complete ? Buffer.concat(pieces).toString('utf8') : undefined),
    );
    response.once('error', () => resolve(undefined));
    response.once('close', () => resolve(undefined));
  });
}
