/** A client of graphd: bytes by protobuf-es over a WebSocket of the library `ws`, and over HTTP. */
import { create, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { type ClientOptions, WebSocket } from 'ws';
import type { MapValue, Value } from '../../../src/cypher/index.ts';
import {
  ClientMessageSchema,
  exactGraphValueOf,
  type GraphValue,
  MapEntrySchema,
  type ServerMessage,
  ServerMessageSchema,
  valueOfGraph,
} from '../../../src/strana/index.ts';
import type { TestServer } from '../../support/server.ts';

type ClientCase = NonNullable<MessageInitShape<typeof ClientMessageSchema>['msg']>;
type Result = Extract<ServerMessage['msg'], { case: 'result' }>['value'];

const PATIENCE_MS = 10_000;

export interface GraphdClient {
  readonly ws: WebSocket;
  /** One frame as it is. */
  sendRaw(bytes: Uint8Array | string): void;
  send(message: ClientCase): void;
  /** The next answer. @throws when none comes */
  next(): Promise<ServerMessage['msg']>;
  /** The next answer as bytes. */
  nextRaw(): Promise<Buffer>;
  ask(message: ClientCase): Promise<ServerMessage['msg']>;
  /** Execute without fetch_size. @throws Error with the text of an Error */
  run(query: string, params?: MapValue): Promise<Value[][]>;
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  close(): Promise<void>;
}

export const entriesOf = (params: MapValue) =>
  [...params].map(([key, value]) => create(MapEntrySchema, { key, value: exactGraphValueOf(value) }));

export const execute = (
  query: string,
  options: { params?: MapValue; requestId?: string; fetchSize?: bigint } = {},
): ClientCase => ({
  case: 'execute',
  value: {
    query,
    params: entriesOf(options.params ?? new Map()),
    ...(options.requestId === undefined ? {} : { requestId: options.requestId }),
    ...(options.fetchSize === undefined ? {} : { fetchSize: options.fetchSize }),
  },
});

export const begin = (mode?: string): ClientCase => ({
  case: 'begin',
  value: mode === undefined ? {} : { mode },
});
export const COMMIT: ClientCase = { case: 'commit', value: {} };
export const ROLLBACK: ClientCase = { case: 'rollback', value: {} };
export const CLOSE: ClientCase = { case: 'close', value: {} };
export const HELLO: ClientCase = { case: 'hello', value: {} };
export const hello = (token: string): ClientCase => ({ case: 'hello', value: { token } });
export const fetchFrom = (streamId: bigint): ClientCase => ({ case: 'fetch', value: { streamId } });
export const closeStream = (streamId: bigint): ClientCase => ({ case: 'closeStream', value: { streamId } });
export const batch = (queries: readonly string[], requestId?: string): ClientCase => ({
  case: 'batch',
  value: {
    statements: queries.map((query) => ({ query })),
    ...(requestId === undefined ? {} : { requestId }),
  },
});

export const encode = (msg: ClientCase): Uint8Array =>
  toBinary(ClientMessageSchema, create(ClientMessageSchema, { msg }));

/** Cells that are no entities, as Cypher's values. */
export const valuesOf = (result: Result): Value[][] =>
  result.rows.map(({ values }) => values.map((value: GraphValue) => valueOfGraph(value)));

export const errorOf = (message: unknown, requestId?: string) => ({
  case: 'error',
  value: { message, ...(requestId === undefined ? {} : { requestId }) },
});

/** Connected and not yet greeted. */
export async function connect(
  server: Pick<TestServer, 'url'>,
  path = '/ws',
  options: ClientOptions = {},
): Promise<GraphdClient> {
  const ws = new WebSocket(`${server.url.replace('http', 'ws')}${path}`, {
    perMessageDeflate: false,
    ...options,
  });
  const waiting: Buffer[] = [];
  let wake: (() => void) | undefined;
  ws.on('message', (data: Buffer, isBinary) => {
    if (!isBinary) throw new Error('a text frame');
    waiting.push(data);
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

  async function nextRaw(): Promise<Buffer> {
    const until = performance.now() + PATIENCE_MS;
    for (;;) {
      const found = waiting.shift();
      if (found !== undefined) return found;
      if (performance.now() > until) throw new Error('no answer came');
      if (ws.readyState === WebSocket.CLOSED) throw new Error('closed without an answer');
      await new Promise<void>((resolve) => {
        wake = resolve;
        setTimeout(resolve, 50);
      });
    }
  }
  const next = async (): Promise<ServerMessage['msg']> =>
    fromBinary(ServerMessageSchema, await nextRaw()).msg;
  const send = (message: ClientCase): void => ws.send(encode(message));
  const ask = (message: ClientCase): Promise<ServerMessage['msg']> => {
    send(message);
    return next();
  };

  return {
    ws,
    sendRaw: (bytes) => ws.send(bytes),
    send,
    next,
    nextRaw,
    ask,
    async run(query, params = new Map()) {
      const answer = await ask(execute(query, { params }));
      if (answer.case === 'error') throw new Error(answer.value.message);
      if (answer.case !== 'result') throw new Error(`not a result but ${answer.case}`);
      return valuesOf(answer.value);
    },
    closed,
    async close() {
      ws.close();
      await closed;
    },
  };
}

/** Connected, greeted and let in. */
export async function open(
  server: Pick<TestServer, 'url'>,
  path = '/ws',
  options: ClientOptions = {},
): Promise<GraphdClient> {
  const client = await connect(server, path, options);
  const answer = await client.ask(HELLO);
  if (answer.case !== 'helloOk') throw new Error(`not let in: ${JSON.stringify(answer)}`);
  return client;
}
