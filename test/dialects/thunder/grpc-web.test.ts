/** gRPC-Web and Connect on the HTTP listener, with the official clients and by hand. */
import { gzipSync } from 'node:zlib';
import { create, toBinary } from '@bufbuild/protobuf';
import { Code, ConnectError, createClient } from '@connectrpc/connect';
import { createConnectTransport, createGrpcWebTransport } from '@connectrpc/connect-web';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  Cluster,
  QueryRequestSchema,
  ThunderQuery,
} from '../../../src/dialects/thunder/grpc/gen/thunder_pb.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';

const TOKEN = 'a-token-for-the-tests-of-grpc-web';
const headers = { authorization: `Bearer ${TOKEN}` };

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ flags: { 'auth-token': TOKEN, 'body-bytes-max': '200000' } });
});
afterAll(async () => await server?.stop());

const TRANSPORTS = [
  ['gRPC-Web', () => createGrpcWebTransport({ baseUrl: server.url })],
  ['Connect in protobuf', () => createConnectTransport({ baseUrl: server.url, useBinaryFormat: true })],
  ['Connect in JSON', () => createConnectTransport({ baseUrl: server.url, useBinaryFormat: false })],
] as const;

const failure = async (work: Promise<unknown>): Promise<ConnectError> => {
  try {
    await work;
  } catch (thrown) {
    return ConnectError.from(thrown);
  }
  throw new Error('the call did not fail');
};

describe.each(TRANSPORTS)('%s', (_name, transport) => {
  const query = () => createClient(ThunderQuery, transport());

  it('runs a statement', async () => {
    const params = [{ kind: { case: 'intValue', value: 9_007_199_254_740_993n } }] as const;
    const answer = await query().execute(
      { sql: "SELECT $1::int8 AS big, 'ü' AS text, NULL", params: [...params] },
      { headers },
    );
    expect(answer.columns).toEqual(['big', 'text', '?column?']);
    expect(answer.rows[0]?.values.map(({ kind }) => kind.value)).toEqual([9_007_199_254_740_993n, 'ü', 0]);
    expect(answer.rowCount).toBe(1n);
  });

  it('streams rows', async () => {
    let count = 0;
    const rows = query().executeStream({ sql: 'SELECT n FROM generate_series(1, 3000) n' }, { headers });
    for await (const row of rows) {
      count++;
      expect(row.values[0]?.kind).toEqual({ case: 'intValue', value: BigInt(count) });
      expect(row.columns).toEqual(count === 1 ? ['n'] : []);
    }
    expect(count).toBe(3_000);
  });

  it('fails with a code and details, before and within a stream', async () => {
    const early = await failure(query().execute({ sql: 'SELECT * FROM nowhere' }, { headers }));
    expect([early.code, early.rawMessage.includes('nowhere'), early.details.length]).toEqual([
      Code.NotFound,
      true,
      1,
    ]);
    const late = await failure(
      (async () => {
        const sql = 'SELECT 1 / (2500 - n) FROM generate_series(1, 9000) n';
        for await (const _ of query().executeStream({ sql }, { headers }));
      })(),
    );
    expect(late.code).toBe(Code.InvalidArgument);
  });

  it('asks for credentials before it reads a body', async () => {
    expect((await failure(query().execute({ sql: 'SELECT 1' }))).code).toBe(Code.Unauthenticated);
    const stream = async () => {
      for await (const _ of query().executeStream({ sql: 'SELECT 1' }));
    };
    expect((await failure(stream())).code).toBe(Code.Unauthenticated);
  });

  it('takes deadlines to PostgreSQL', async () => {
    const slow = query().execute({ sql: 'SELECT pg_sleep(30)' }, { headers, timeoutMs: 200 });
    expect((await failure(slow)).code).toBe(Code.DeadlineExceeded);
    const running = async () =>
      (
        await server.sql(
          "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(30)%' AND pid <> pg_backend_pid() AND state = 'active'",
          undefined,
          { headers },
        )
      ).json.rows[0][0];
    await expect.poll(running, { timeout: 5_000 }).toBe(0);
  });

  it('bounds what it reads', async () => {
    const sql = `SELECT '${'x'.repeat(300_000)}'`;
    const refused = await failure(query().execute({ sql }, { headers }));
    expect([Code.ResourceExhausted, Code.Unknown]).toContain(refused.code);
    expect((await query().execute({ sql: 'SELECT 1' }, { headers })).rowCount).toBe(1n);
  });

  it('has the other services', async () => {
    const cluster = createClient(Cluster, transport());
    expect((await cluster.getNodes({}, { headers })).nodes).toMatchObject([{ role: 'leader' }]);
    expect((await failure(cluster.propose({}, { headers }))).code).toBe(Code.InvalidArgument);
  });
});

/** What precedes a message in an envelope. */
function lengthOf(message: Uint8Array): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return head;
}

describe('by hand', () => {
  const post = (path: string, body: unknown, more: Record<string, string> = {}) =>
    server.post(path, body, { headers: { ...headers, ...more } });

  it('a JSON request has a JSON answer', async () => {
    const answer = await post('/thunder.ThunderQuery/Execute', { sql: 'SELECT 1 AS one' });
    expect(answer.status).toBe(200);
    expect(answer.json).toMatchObject({
      columns: ['one'],
      rows: [{ values: [{ intValue: '1' }] }],
      rowCount: '1',
    });
    expect(answer.headers.get('x-request-id')).toMatch(/^req_/);
  });

  it('what is wrong is said with a status', async () => {
    const wrong = async (path: string, body: unknown, more = {}) => (await post(path, body, more)).status;
    expect(await wrong('/thunder.ThunderQuery/Execute', '{"sql":')).toBe(400);
    expect(await wrong('/thunder.ThunderQuery/Execute', '{"nothing":1}')).toBe(400);
    expect(await wrong('/thunder.ThunderQuery/Execute', 'x', { 'content-type': 'text/plain' })).toBe(415);
    expect(await wrong('/thunder.ThunderQuery/Nothing', '{}')).toBe(404);
    expect((await server.get('/thunder.ThunderQuery/Execute', { headers })).status).toBe(404);
    expect((await server.post('/thunder.ThunderQuery/Execute', { sql: 'SELECT 1' })).status).toBe(401);
    const namespace = { 'x-facet-namespace': 'Bad-Name' };
    expect(await wrong('/thunder.ThunderQuery/Execute', { sql: 'SELECT 1' }, namespace)).toBe(400);
  });

  it('goes on after a stream whose message was cut off', async () => {
    const message = Buffer.from('{"sql":"SELECT 1');
    const answer = await fetch(`${server.url}/thunder.ThunderQuery/ExecuteStream`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/connect+json' },
      body: Buffer.concat([lengthOf(message), message]),
    });
    expect(await answer.text()).toContain('"invalid_argument"');
    expect((await post('/thunder.ThunderQuery/Execute', { sql: 'SELECT 1' })).status).toBe(200);
  });

  it('runs nothing after a deadline that has passed', async () => {
    await post('/thunder.ThunderQuery/Execute', { sql: 'CREATE SEQUENCE late' });
    const call = { sql: "SELECT nextval('late') AS next" };
    const late = await post('/thunder.ThunderQuery/Execute', call, { 'connect-timeout-ms': '0' });
    expect([late.status, late.json.code]).toEqual([504, 'deadline_exceeded']);
    const message = Buffer.from(JSON.stringify(call));
    const stream = await fetch(`${server.url}/thunder.ThunderQuery/ExecuteStream`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/connect+json', 'connect-timeout-ms': '0' },
      body: Buffer.concat([lengthOf(message), message]),
    });
    expect(await stream.text()).toContain('"deadline_exceeded"');
    const request = toBinary(QueryRequestSchema, create(QueryRequestSchema, call));
    const web = await fetch(`${server.url}/thunder.ThunderQuery/Execute`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/grpc-web+proto', 'grpc-timeout': '0n' },
      body: Buffer.concat([lengthOf(request), request]),
    });
    expect(web.headers.get('grpc-status') ?? (await web.text())).toMatch(/^4$|grpc-status: 4\r/);
    const wrong = await post('/thunder.ThunderQuery/Execute', call, { 'connect-timeout-ms': '-1' });
    expect([wrong.status, wrong.json.code]).toEqual([400, 'invalid_argument']);
    const first = await post('/thunder.ThunderQuery/Execute', call, { 'connect-timeout-ms': '20000' });
    expect(first.json.rows).toEqual([{ values: [{ intValue: '1' }] }]);
  });

  it('refuses what inflates beyond the bound of a message', async () => {
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024));
    const answer = await fetch(`${server.url}/thunder.ThunderQuery/Execute`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/proto', 'content-encoding': 'gzip' },
      body: bomb,
    });
    expect([answer.status, await answer.text()]).toEqual([429, expect.stringContaining('200000')]);
  });

  it('opens itself to no other site', async () => {
    const answer = await post(
      '/thunder.ThunderQuery/Execute',
      { sql: 'SELECT 1' },
      { origin: 'https://evil.example' },
    );
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
  });
});

it('refuses pages of other sites where nobody has to say who they are', async () => {
  const open = await startTestServer();
  const sent = { headers: { 'sec-fetch-site': 'cross-site' } };
  const answer = await open.post('/thunder.ThunderQuery/Execute', { sql: 'SELECT 1' }, sent);
  expect([answer.status, answer.json.code]).toEqual([403, 'permission_denied']);
  await open.stop();
});
