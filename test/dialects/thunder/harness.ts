/** The thunder dialect on a real socket and a real PostgreSQL, and a client that keeps the text of answers. */
import { LIMITS, nowMs, type Observation, type Observe } from '../../../src/base/index.ts';
import { createThunderDialect, type ThunderOptions } from '../../../src/dialects/thunder/index.ts';
import {
  AdmissionControl,
  type Authenticate,
  createDispatch,
  DEFAULT_RATE_LIMITS,
  type RateLimit,
} from '../../../src/dispatch/index.ts';
import { openStore, type Store } from '../../../src/engine/index.ts';
import type { RateCategory } from '../../../src/models/index.ts';
import { createHttpListener } from '../../../src/server/listeners.ts';
import { openTestStore } from '../../support/test-store.ts';

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as parsed by JSON.parse, so numbers beyond 2^53 are rounded: compare `text` for digits. */
  readonly json: Json;
}

/** Parsed JSON that tests reach into without a type for each answer; leaves are compared, never computed with. */
export interface Json {
  readonly [key: string]: Json;
}

export type HeaderLines = Readonly<Record<string, string>>;

export interface Thunder {
  readonly url: string;
  readonly store: Store;
  readonly observed: Observation[];
  get(path: string, headers?: HeaderLines): Promise<Reply>;
  del(path: string, headers?: HeaderLines): Promise<Reply>;
  post(path: string, body?: unknown, headers?: HeaderLines): Promise<Reply>;
  /** Bytes as they are, with the given headers only. */
  raw(path: string, init: RequestInit): Promise<Reply>;
  /** `POST /api/v1/query`; rejects unless the answer is 200. */
  sql(text: string, params?: readonly unknown[]): Promise<Reply>;
  stop(): Promise<void>;
}

export interface ThunderOverrides {
  readonly authenticate?: Authenticate;
  readonly rateLimits?: Partial<Record<RateCategory, RateLimit>>;
  readonly bodyBytesMax?: number;
  /** A PostgreSQL of its own, which may create namespaces; else a database of the server that all tests share. */
  readonly ownPostgres?: boolean;
  /** Default true: results are checked against the schema of their operation. */
  readonly checkOutput?: boolean;
  /** As the options of the server. */
  readonly thunder?: ThunderOptions;
}

const EVERYONE: Authenticate = () => ({ name: 'tester', role: 'admin' });

export async function startThunder(overrides: ThunderOverrides = {}): Promise<Thunder> {
  const observed: Observation[] = [];
  const { store, close } = await storeFor(overrides, (seen) => observed.push(seen));
  const startedAtMs = nowMs();
  const dispatch = createDispatch({
    store,
    authenticate: overrides.authenticate ?? EVERYONE,
    admission: new AdmissionControl(
      { ...DEFAULT_RATE_LIMITS, ...overrides.rateLimits },
      overrides.rateLimits !== undefined,
      { monotonicMs: () => performance.now(), nowMs },
    ),
    server: {
      version: '0.1.0',
      clusterId: 'cluster-1',
      nodeId: 'node-1',
      region: 'local',
      address: '127.0.0.1:0',
      startedAtMs,
      metricsText: async () => '# HELP thunderdb_queries_total Queries\n',
      accepting: () => true,
    },
    observe: (observation) => observed.push(observation),
    checkOutput: overrides.checkOutput ?? true,
  });
  const bodyBytesMax = overrides.bodyBytesMax ?? LIMITS.bodyBytesMax;
  const dialect = createThunderDialect({
    dispatch,
    version: '0.1.0',
    limits: { bodyBytesMax },
    trustProxy: false,
    observe: (observation) => observed.push(observation),
    ...(overrides.thunder === undefined ? {} : { thunder: overrides.thunder }),
  });
  const listener = await createHttpListener({
    tls: undefined,
    bodyBytesMax,
    connectionsMax: 1_000,
    trustProxy: false,
    localOnly: false,
    dialects: [dialect],
    accepting: () => true,
    startPage: () => 'Facet',
  });
  const { url } = await listener.listen({ host: '127.0.0.1', port: 0 });
  const client = clientOf(url);
  return {
    url,
    store,
    observed,
    ...client,
    async stop() {
      await dialect.stop();
      await listener.close();
      // Fails the file that left a transaction, a connection or a session behind.
      await close();
    },
  };
}

async function storeFor(
  { ownPostgres }: ThunderOverrides,
  observe: Observe,
): Promise<{ store: Store; close(): Promise<void> }> {
  if (ownPostgres !== true) return await openTestStore({ observe });
  const store = await openStore('memory://thunder', { observe });
  return { store, close: async () => await store.stop() };
}

function clientOf(url: string): Pick<Thunder, 'get' | 'del' | 'post' | 'raw' | 'sql'> {
  async function raw(path: string, init: RequestInit): Promise<Reply> {
    const response = await fetch(url + path, init);
    const text = await response.text();
    const isJson = /[/+]json/.test(response.headers.get('content-type') ?? '');
    return {
      status: response.status,
      headers: response.headers,
      text,
      json: (isJson && text !== '' ? JSON.parse(text) : {}) as Json,
    };
  }
  async function post(path: string, body?: unknown, headers: HeaderLines = {}): Promise<Reply> {
    if (body === undefined) return await raw(path, { method: 'POST', headers });
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    return await raw(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: text,
    });
  }
  return {
    raw,
    post,
    get: async (path, headers = {}) => await raw(path, { headers }),
    del: async (path, headers = {}) => await raw(path, { method: 'DELETE', headers }),
    async sql(text, params) {
      const reply = await post('/api/v1/query', { sql: text, ...(params === undefined ? {} : { params }) });
      if (reply.status !== 200) throw new Error(`${text}: ${reply.status} ${reply.text}`);
      return reply;
    },
  };
}

/** The names of an object's members, sorted. */
export const keysOf = (value: unknown): string[] => Object.keys(value as object).sort();

/** The text between `"rows":` and `,"row_count"`: cells with all their digits. */
export const rowsText = (reply: Reply): string => /"rows":(.*),"row_count"/s.exec(reply.text)?.[1] ?? '';
