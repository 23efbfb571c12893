/** The server as a whole, in this process: ready line, start page, metrics, undoing a failed start, stopping. */
import { createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import { query } from '../../src/engine/query.ts';
import { type RunningServer, readConfig, startServer } from '../../src/server/index.ts';
import { createLog } from '../../src/server/log.ts';
import { startTestServer } from '../support/server.ts';
import { asSuperuser, backendsLeft, createDatabase, dropDatabase, uriOf } from '../support/test-store.ts';

const quiet = createLog({ level: 'silent', format: 'json' });

test('the ready line names the endpoints, for people and for programs', async () => {
  const server = await startTestServer();
  const lines = server.log.map((line) => JSON.parse(line) as Record<string, unknown>);
  const ready = lines.find((line) => String(line.message).includes(' ready in '));
  expect(ready?.message).toMatch(
    /^facet \d+\.\d+\.\d+ ready in \d+\.\d s: REST http:\/\/127\.0\.0\.1:\d+ · OpenAPI http:\/\/127\.0\.0\.1:\d+\/openapi\.json · store postgres:\/\/.+ \(PostgreSQL \d+\.\d+\)$/,
  );
  expect(ready?.endpoints).toEqual([
    { name: 'REST', url: server.url },
    { name: 'OpenAPI', url: `${server.url}/openapi.json` },
  ]);
  expect(server.running.address).toBe(new URL(server.url).host);
  expect((await server.get('/openapi.json')).json.openapi).toMatch(/^3\./);
  expect((await server.get('/')).text).toContain(`OpenAPI ${server.url}/openapi.json`);
  await server.stop();
});

test('what happens is counted', async () => {
  const server = await startTestServer();
  await server.sql('SELECT 1');
  await server.sql('SELEC 1');
  const { text } = await server.get('/metrics');
  expect(text).toMatch(
    /^facet_operations_total\{operation="sql\.query",outcome="ok",dialect="thunder"\} 1$/m,
  );
  expect(text).toMatch(
    /^facet_operations_total\{operation="sql\.query",outcome="INVALID_SQL",dialect="thunder"\} 1$/m,
  );
  expect(text).toMatch(/^thunderdb_queries_total\{type="select"\} 1$/m);
  expect(text).toMatch(/^facet_statements_total\{statement="[a-z_.]+",ok="true"\} \d+$/m);
  expect(text).toMatch(/^facet_operation_duration_seconds_count\{operation="sql\.query"\} 2$/m);
  await server.stop();
});

test('rate limits come from the options, by address when nobody has a name', async () => {
  const flags = {
    'rate-limit-enabled': 'true',
    'rate-limit-query-rps': '1',
    'rate-limit-query-burst': '2',
    'trust-proxy': 'true',
  };
  const server = await startTestServer({ flags });
  const ask = (address: string) =>
    server.sql('SELECT 1', undefined, { headers: { 'x-forwarded-for': address } });
  expect([(await ask('203.0.113.1')).status, (await ask('203.0.113.1')).status]).toEqual([200, 200]);
  const refused = await ask('203.0.113.1');
  expect([refused.status, refused.json.error.code]).toEqual([429, 'RATE_LIMITED']);
  expect(refused.headers.get('x-ratelimit-limit')).toBe('1');
  expect((await ask('203.0.113.2')).status).toBe(200);
  await server.stop();
});

test('limits come from the options', async () => {
  const server = await startTestServer({
    flags: { 'result-rows-max': '3', 'query-timeout-ms-max': '200ms' },
  });
  expect((await server.sql('SELECT generate_series(1, 3)')).status).toBe(200);
  const large = await server.sql('SELECT generate_series(1, 4)');
  expect([large.status, large.json.error.code]).toEqual([422, 'RESULT_TOO_LARGE']);
  expect(large.json.error.message).toContain('3 rows');
  const slow = await server.sql('SELECT pg_sleep(30)');
  expect([slow.status, slow.json.error.code]).toEqual([504, 'QUERY_TIMEOUT']);
  const greedy = await server.post('/api/v1/query', { sql: 'SELECT 1', timeout_ms: 201 });
  expect([greedy.status, greedy.json.error.code]).toEqual([400, 'INVALID_PARAMETER']);
  expect(greedy.json.error.message).toContain('200 (query-timeout-ms-max)');
  await server.stop();
});

test('a start that fails late leaves nothing behind', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const bound = other.address();
  const port = bound !== null && typeof bound === 'object' ? bound.port : 0;
  const name = await createDatabase();
  const flags = {
    store: uriOf(name),
    listen: `127.0.0.1:${port}`,
    'grpc-listen': 'off',
    'bolt-listen': 'off',
  };
  const config = readConfig({ flags, environment: {}, directory: '/nonexistent' });
  await expect(startServer(config, { log: quiet })).rejects.toMatchObject({ code: 'LISTEN_FAILED' });
  expect(await backendsLeft(name)).toEqual([]);
  await dropDatabase(name);
  other.close();
});

describe('stopping', () => {
  async function started(flags: Readonly<Record<string, string>> = {}) {
    const name = await createDatabase();
    const all = {
      store: uriOf(name),
      listen: '127.0.0.1:0',
      'grpc-listen': 'off',
      'bolt-listen': 'off',
      ...flags,
    };
    const config = readConfig({ flags: all, environment: {}, directory: '/nonexistent' });
    const server = await startServer(config, { log: quiet });
    return { name, server, url: `http://${server.address}` };
  }

  const post = (url: string, path: string, body: unknown, headers: Readonly<Record<string, string>> = {}) =>
    fetch(`${url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });

  /** Until PostgreSQL is at work on the slow statement. */
  async function sleeping(name: string): Promise<void> {
    const sql =
      "SELECT 1 FROM pg_stat_activity WHERE datname = $1 AND state = 'active' AND query LIKE '%pg_sleep%'";
    const look = () =>
      asSuperuser('postgres', async (session) => (await query(session, sql, [name])).rows.length);
    await expect.poll(look).toBe(1);
  }

  async function cleanedUp(name: string, server: RunningServer): Promise<void> {
    expect(await server.stopped).toBe(0);
    expect(await backendsLeft(name)).toEqual([]);
    await dropDatabase(name);
  }

  test('lets requests finish, refuses new ones, and rolls open transactions back', async () => {
    const { name, server, url } = await started();
    await post(url, '/api/v1/query', { sql: 'CREATE TABLE t (a int)' });
    const begun = (await (await post(url, '/api/v1/transactions', {})).json()) as { txn_id: string };
    const inTransaction = { 'x-thunder-txn-id': begun.txn_id };
    await post(url, '/api/v1/query', { sql: 'INSERT INTO t VALUES (1)' }, inTransaction);
    const slow = post(url, '/api/v1/query', { sql: 'SELECT count(*) FROM t, pg_sleep(0.5)' });
    await sleeping(name);

    const stopping = server.stop('test');
    const refused = await post(url, '/api/v1/query', { sql: 'SELECT 1' });
    expect([refused.status, refused.headers.get('connection')]).toEqual([503, 'close']);
    const answer = await slow;
    expect([answer.status, ((await answer.json()) as { rows: unknown }).rows]).toEqual([200, [[0]]]);
    await stopping;
    await expect(fetch(url)).rejects.toThrow();
    await cleanedUp(name, server);
  });

  test('cancels what does not finish in time', async () => {
    const { name, server, url } = await started({ 'drain-ms': '100ms' });
    const slow = post(url, '/api/v1/query', { sql: 'SELECT pg_sleep(30)' });
    await sleeping(name);
    await server.stop('test');
    const answer = await slow;
    expect(((await answer.json()) as { error: { code: string } }).error.code).toBe('QUERY_CANCELLED');
    await cleanedUp(name, server);
  });

  test('a second call does not wait for requests', async () => {
    const { name, server, url } = await started({ 'drain-ms': '30s' });
    const slow = post(url, '/api/v1/query', { sql: 'SELECT pg_sleep(60)' });
    await sleeping(name);
    void server.stop('test');
    await server.stop('now');
    expect((await slow).status).not.toBe(200);
    await cleanedUp(name, server);
  });
});
