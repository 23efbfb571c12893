/** Who may do what, over a real socket: schemes, roles, namespaces, throttling, and what the log says of it. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LIMITS } from '../../src/base/index.ts';
import { parseCredentials } from '../../src/server/credentials.ts';
import { hashPassword, newToken } from '../../src/server/index.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const admin = newToken();
const writer = newToken();
const reader = newToken();
const expired = newToken();
const elsewhere = newToken();
const PASSWORD = 'correct horse';

let server: TestServer;
beforeAll(async () => {
  const tables = [
    { name: 'root', role: 'admin', secret: admin.hash },
    { name: 'writer', role: 'write', secret: writer.hash },
    { name: 'reader', role: 'read', secret: reader.hash },
    { name: 'past', role: 'admin', secret: expired.hash, expires: '2020-01-01' },
    { name: 'elsewhere', role: 'write', secret: elsewhere.hash, namespace: 'other_place' },
    { name: 'ada', role: 'write', secret: await hashPassword(PASSWORD) },
  ];
  server = await startTestServer({
    config: { credentials: parseCredentials(tables, 'test'), trustProxy: true },
  });
});
afterAll(() => server.stop());

// Each test fails from an address of its own, lest one be throttled for another's failures.
let lastAddress = 0;
const from = (headers: Record<string, string>) => ({
  headers: { 'x-forwarded-for': `203.0.113.${++lastAddress}`, ...headers },
});
const bearer = (token: string) => from({ authorization: `Bearer ${token}` });
const basic = (name: string, secret: string) =>
  from({ authorization: `Basic ${Buffer.from(`${name}:${secret}`).toString('base64')}` });

const query = (sql: string, options: { headers: Record<string, string> }) =>
  server.sql(sql, undefined, options);

describe('schemes', () => {
  test.each([
    ['Bearer', () => bearer(writer.token)],
    ['X-API-Key', () => from({ 'x-api-key': writer.token })],
    ['Basic with a token', () => basic('writer', writer.token)],
    ['Basic with a password', () => basic('ada', PASSWORD)],
  ])('%s', async (_, options) => {
    expect((await query('SELECT 1', options())).status).toBe(200);
  });

  test.each([
    ['nothing', () => from({})],
    ['a wrong token', () => bearer('nope')],
    ['an expired token', () => bearer(expired.token)],
    ['a wrong password', () => basic('ada', 'incorrect horse')],
    ['an unknown scheme', () => from({ authorization: 'Digest x' })],
  ])('%s is refused', async (_, options) => {
    const answer = await query('SELECT 1', options());
    expect(answer.status).toBe(401);
    expect(answer.json.error.code).toBe('UNAUTHORIZED');
    expect(answer.headers.get('www-authenticate')).toMatch(/Bearer.*Basic/);
  });

  test('no secret is in the log or in what was observed', () => {
    const told = server.log.join('\n') + JSON.stringify(server.observations);
    for (const secret of [admin.token, writer.token, PASSWORD, 'incorrect horse', 'nope']) {
      expect(told).not.toContain(secret);
    }
    expect(told).toContain('authentication failed');
  });
});

describe('roles', () => {
  test('a reader reads, and whatever it sends cannot write', async () => {
    expect((await query('SELECT 1', bearer(reader.token))).status).toBe(200);
    const answer = await query('CREATE TABLE t (a int)', bearer(reader.token));
    expect([answer.status, answer.json.error.code]).toEqual([403, 'READ_ONLY_TRANSACTION']);
    const create = await server.post('/api/v1/tables', { name: 't', columns: [] }, bearer(reader.token));
    expect([create.status, create.json.error.code]).toEqual([403, 'FORBIDDEN']);
  });

  test('a writer is no admin', async () => {
    expect((await query('CREATE TABLE roles_t (a int)', bearer(writer.token))).status).toBe(200);
    const refused = await server.post('/api/v1/cluster/rebalance', {}, bearer(writer.token));
    expect([refused.status, refused.json.error.code]).toEqual([403, 'FORBIDDEN']);
    expect((await server.post('/api/v1/cluster/rebalance', {}, bearer(admin.token))).status).toBe(200);
  });

  test('probes need no credentials, metrics do', async () => {
    for (const path of ['/admin/live', '/admin/ready', '/admin/health']) {
      expect((await server.get(path)).status).toBe(200);
    }
    expect((await server.get('/admin/metrics')).status).toBe(401);
    const metrics = await server.get('/admin/metrics', bearer(reader.token));
    expect(metrics.text).toContain('thunderdb_active_connections{protocol="http"} ');
    expect(metrics.text).toMatch(/facet_transactions_open\{namespace="default"\} 0/);
  });
});

test('a transaction belongs to who began it', async () => {
  const begun = await server.post('/api/v1/transactions', {}, bearer(writer.token));
  const id = begun.json.txn_id as string;
  const stolen = bearer(admin.token);
  const answer = await query('SELECT 1', { headers: { ...stolen.headers, 'x-thunder-txn-id': id } });
  expect([answer.status, answer.json.error.code]).toEqual([404, 'TRANSACTION_NOT_FOUND']);
  expect((await server.post(`/api/v1/transactions/${id}/rollback`, {}, bearer(writer.token))).status).toBe(
    200,
  );
});

test('guessing closes the door for an address, with the seconds to wait', async () => {
  const guess = bearer('guess');
  for (let i = 0; i < LIMITS.authFailuresMax; i++) expect((await query('SELECT 1', guess)).status).toBe(401);
  const closed = await query('SELECT 1', {
    headers: { ...guess.headers, authorization: `Bearer ${admin.token}` },
  });
  expect([closed.status, closed.json.error.code]).toEqual([429, 'TOO_MANY_ATTEMPTS']);
  const wait = Number(closed.headers.get('retry-after'));
  expect(wait).toBeGreaterThan(0);
  expect(wait).toBeLessThanOrEqual(LIMITS.authFailureWindowMs / 1_000);
  expect((await query('SELECT 1', bearer(admin.token))).status).toBe(200);
});
