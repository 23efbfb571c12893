/** gRPC-Web and Connect on the HTTP listener, and which pages may call. */
import { Code, ConnectError, createClient } from '@connectrpc/connect';
import { createConnectTransport, createGrpcWebTransport } from '@connectrpc/connect-web';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BlobService, Health, QueryService } from '../../../src/dialects/neumann/gen/neumann_pb.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { keyOf } from './service-client.ts';

const KEY = 'sk-web-key-123456789';
const PAGE = 'https://app.example.com';
const headers = { 'x-api-key': KEY };

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({
    flags: { 'neumann-cors-origins': `${PAGE}, https://other.example.com` },
    config: { credentials: [keyOf('web', KEY, 'admin')] },
  });
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
  it('runs, streams and fails', async () => {
    const client = createClient(QueryService, transport());
    const { result } = await client.execute({ query: "SELECT 1 AS one, 'ü' AS text" }, { headers });
    expect(result.case === 'rows' && result.value.rows[0]?.values.map(({ name }) => name)).toEqual([
      'one',
      'text',
    ]);
    let rows = 0;
    let isFinal = false;
    const query = 'SELECT n FROM generate_series(1, 3000) n';
    for await (const chunk of client.executeStream({ query }, { headers })) {
      if (chunk.chunk.case === 'row') rows++;
      isFinal = chunk.isFinal;
    }
    expect([rows, isFinal]).toEqual([3_000, true]);
    const wrong = await failure(client.execute({ query: 'SELECT * FROM nowhere' }, { headers }));
    expect([wrong.code, wrong.rawMessage.includes('nowhere')]).toEqual([Code.InvalidArgument, true]);
    const nobody = await failure(client.execute({ query: 'SELECT 1' }));
    expect([nobody.code, nobody.rawMessage]).toEqual([Code.Unauthenticated, 'API key required']);
    const guess = await failure(client.execute({ query: 'SELECT 1' }, { headers: { 'x-api-key': 'no' } }));
    expect([guess.code, guess.rawMessage]).toEqual([Code.Unauthenticated, 'invalid API key']);
    expect((await createClient(Health, transport()).check({})).status).toBe(1);
  });

  it('reads blobs', async () => {
    const client = createClient(BlobService, transport());
    const missing = await failure(client.getMetadata({ artifactId: 'none' }, { headers }));
    expect([missing.code, missing.rawMessage]).toEqual([Code.NotFound, 'artifact not found: none']);
  });
});

describe('by hand', () => {
  const post = (path: string, init: RequestInit) =>
    fetch(`${server.url}${path}`, { method: 'POST', ...init });

  it('Connect is plain JSON over POST', async () => {
    const answer = await post('/neumann.v1.QueryService/Execute', {
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify({ query: 'SELECT 7 AS n' }),
    });
    expect(await answer.json()).toEqual({
      rows: { rows: [{ values: [{ name: 'n', value: { intValue: '7' } }] }] },
    });
  });

  it('an upload is refused by name', async () => {
    const answer = await post('/neumann.v1.BlobService/Upload', {
      headers: { ...headers, 'content-type': 'application/grpc-web+proto' },
      body: Buffer.alloc(5),
    });
    expect(answer.headers.get('grpc-status')).toBe('12');
    expect(decodeURIComponent(answer.headers.get('grpc-message') ?? '')).toContain('gRPC over HTTP/2');
  });

  it('a browser may ask whether a page may call', async () => {
    const preflight = (origin: string) =>
      fetch(`${server.url}/neumann.v1.QueryService/Execute`, {
        method: 'OPTIONS',
        headers: {
          ...{ origin, 'access-control-request-method': 'POST' },
          'access-control-request-headers': 'content-type,x-api-key,x-grpc-web',
        },
      });
    const allowed = await preflight(PAGE);
    expect(allowed.status).toBe(204);
    expect(allowed.headers.get('access-control-allow-origin')).toBe(PAGE);
    const names = (allowed.headers.get('access-control-allow-headers') ?? '').split(', ');
    expect(names).toEqual(expect.arrayContaining(['content-type', 'x-api-key', 'x-grpc-web']));
    const refused = await preflight('https://evil.example.com');
    expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([404, null]);
  });

  it('a page reads answers and refusals when its site is allowed', async () => {
    const ask = (origin: string, key: string) =>
      post('/neumann.v1.QueryService/Execute', {
        headers: { origin, 'x-api-key': key, 'content-type': 'application/json' },
        body: JSON.stringify({ query: 'SELECT 1' }),
      });
    for (const [origin, key, status, told] of [
      [PAGE, KEY, 200, PAGE],
      [PAGE, 'wrong', 401, PAGE],
      ['https://evil.example.com', KEY, 200, null],
    ] as const) {
      const answer = await ask(origin, key);
      expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([status, told]);
      if (told !== null) expect(answer.headers.get('access-control-expose-headers')).toContain('grpc-status');
    }
  });
});

it('is not there when it is turned off', async () => {
  const off = await startTestServer({ flags: { 'neumann-enable-grpc-web': 'false' } });
  const answer = await off.post('/neumann.v1.QueryService/Execute', { query: 'SELECT 1' });
  expect(answer.status).toBe(404);
  await off.stop();
});
