/**
 * A whole server in the process of the test: listener, dialects, gate and store, on a free port and a database of
 * its own on the shared PostgreSQL. Every result is checked against the schema of its operation. `stop` fails the
 * file that left something open, and the one in which a promise was rejected without anybody noticing.
 */

import type { Observation } from '../../src/base/index.ts';
import type { Store } from '../../src/engine/index.ts';
import { type Config, type RunningServer, readConfig, startServer } from '../../src/server/index.ts';
import { createLog } from '../../src/server/log.ts';
import type { Leaves } from './leaves.ts';
import { backendsLeft, createDatabase, dropDatabase, leaksOf, uriOf } from './test-store.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON.parse reads it: numbers beyond 2^53 are rounded, so compare `text` for digits. */
  readonly json: Leaves;
}

export interface RequestOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

export interface TestServer {
  readonly url: string;
  readonly running: RunningServer;
  readonly store: Store;
  readonly observations: readonly Observation[];
  /** Lines of the log at `debug`. */
  readonly log: readonly string[];
  get(path: string, options?: RequestOptions): Promise<Answer>;
  /** `body` is sent as JSON, or as it is when it is text. */
  post(path: string, body?: unknown, options?: RequestOptions): Promise<Answer>;
  delete(path: string, options?: RequestOptions): Promise<Answer>;
  /** `POST /api/v1/query`. */
  sql(text: string, params?: readonly unknown[], options?: RequestOptions): Promise<Answer>;
  /** Stops and cleans up. Rejects when a transaction, connection or session was left, or a rejection unhandled. */
  stop(): Promise<void>;
}

export interface ServerOverrides {
  /** By option key, as flags: `{ 'auth-token': '…' }`. */
  readonly flags?: Readonly<Record<string, string>>;
  /** Replaces parts of the configuration that no flag sets, such as the credentials. */
  readonly config?: Partial<Config>;
}

export async function startTestServer(overrides: ServerOverrides = {}): Promise<TestServer> {
  const unhandled: unknown[] = [];
  const onUnhandled = (reason: unknown): void => void unhandled.push(reason);
  process.on('unhandledRejection', onUnhandled);

  const name = await createDatabase();
  const flags = {
    store: uriOf(name),
    listen: '127.0.0.1:0',
    'grpc-listen': 'off',
    'bolt-listen': 'off',
    'rate-limit-enabled': 'false',
    ...overrides.flags,
  };
  const config = {
    ...readConfig({ flags, environment: {}, directory: '/nonexistent' }),
    ...overrides.config,
  };
  const log: string[] = [];
  const observations: Observation[] = [];
  const running = await startServer(config, {
    log: createLog({ level: 'debug', format: 'json', sink: { write: (line) => log.push(line) } }),
    observe: (seen) => observations.push(seen),
    checkOutput: true,
  });
  const [rest] = running.endpoints;
  const url = rest?.url ?? '';
  const call = (method: string) => (path: string, body: unknown, options: RequestOptions) =>
    request(url, method, path, body, options);

  return {
    url,
    running,
    store: running.store,
    observations,
    log,
    get: (path, options = {}) => call('GET')(path, undefined, options),
    post: (path, body, options = {}) => call('POST')(path, body, options),
    delete: (path, options = {}) => call('DELETE')(path, undefined, options),
    sql: (sql, params, options = {}) =>
      call('POST')('/api/v1/query', params === undefined ? { sql } : { sql, params }, options),
    async stop() {
      const leaks = (await Promise.all(running.store.opened.map(leaksOf))).flat();
      await running.stop('the test is over');
      leaks.push(...(await backendsLeft(name)));
      await dropDatabase(name);
      process.off('unhandledRejection', onUnhandled);
      const problems = [...leaks, ...unhandled.map((reason) => `unhandled rejection: ${String(reason)}`)];
      if (problems.length > 0) throw new Error(`left behind: ${problems.join('; ')}`);
    },
  };
}

async function request(
  url: string,
  method: string,
  path: string,
  body: unknown,
  options: RequestOptions,
): Promise<Answer> {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...options.headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.startsWith('application/json') ?? false;
  return {
    status: response.status,
    headers: response.headers,
    text,
    json: isJson ? JSON.parse(text) : undefined,
  };
}
