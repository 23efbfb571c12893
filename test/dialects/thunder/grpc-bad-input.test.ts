/** What goes wrong on the gRPC listener: strangers, broken bytes, floods, and a server that stops under its clients. */
import { connect as connectHttp2 } from 'node:http2';
import { connect } from 'node:net';
import { Client, credentials, Metadata, status } from '@grpc/grpc-js';
import { service as officialHealth } from 'grpc-health-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type GrpcClient, grpcClient, grpcFailure } from '../../support/grpc.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';

const TOKEN = 'a-token-for-the-tests-of-grpc';
const BEARER = { metadata: { authorization: `Bearer ${TOKEN}` } };
const QUERY = '/thunder.ThunderQuery/Execute';

let server: TestServer;
let client: GrpcClient;
let address: string;

beforeAll(async () => {
  const flags = { 'grpc-listen': '127.0.0.1:0', 'auth-token': TOKEN, 'body-bytes-max': '200000' };
  server = await startTestServer({ flags });
  address = server.running.grpcAddress ?? '';
  client = await grpcClient(address, undefined, { 'grpc.max_send_message_length': -1 });
});
afterAll(async () => {
  client?.close();
  await server?.stop();
});

const execute = (request: object, options = {}) =>
  client.call('thunder.ThunderQuery/Execute', request, options);

/** One call by HTTP/2 alone: what comes back in headers and trailers. */
function raw(path: string, body: Buffer, headers: Record<string, string | string[]> = {}) {
  return new Promise<Record<string, unknown>>((resolve, reject) => {
    const session = connectHttp2(`http://${address}`);
    session.on('error', reject);
    const seen: Record<string, unknown> = {};
    const all = {
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
      authorization: `Bearer ${TOKEN}`,
      ...headers,
    };
    const stream = session.request(all);
    stream.on('response', (found) => Object.assign(seen, found));
    stream.on('trailers', (found) => Object.assign(seen, found));
    stream.on('error', () => {});
    stream.on('close', () => {
      session.close();
      resolve({ ...seen, rst: stream.rstCode });
    });
    stream.resume();
    stream.end(body);
  });
}

const framed = (bytes: Buffer): Buffer => {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
};
const alive = async (): Promise<void> => {
  expect((await execute({ sql: 'SELECT 1' }, BEARER)).row_count).toBe('1');
};

describe('credentials', () => {
  it('are asked for, and wrong ones refused', async () => {
    expect((await grpcFailure(execute({ sql: 'SELECT 1' }))).code).toBe(status.UNAUTHENTICATED);
    const wrong = { metadata: { authorization: 'Bearer wrong' } };
    const failure = await grpcFailure(execute({ sql: 'SELECT 1' }, wrong));
    expect(failure.code).toBe(status.UNAUTHENTICATED);
    expect(failure.info).toContain('UNAUTHORIZED');
    await alive();
  });

  it('are taken as X-API-Key, too', async () => {
    expect(await execute({ sql: 'SELECT 1' }, { metadata: { 'x-api-key': TOKEN } })).toBeDefined();
  });

  it('come with a namespace, which may not be one that this role cannot create', async () => {
    const metadata = { ...BEARER.metadata, 'x-facet-namespace': 'other_one' };
    const failure = await grpcFailure(execute({ sql: 'SELECT 1' }, { metadata }));
    expect([failure.code, failure.details.includes('other_one')]).toEqual([status.PERMISSION_DENIED, true]);
    const bad = { ...metadata, 'x-facet-namespace': 'No-Such-Name' };
    expect((await grpcFailure(execute({ sql: 'SELECT 1' }, { metadata: bad }))).code).toBe(
      status.INVALID_ARGUMENT,
    );
  });

  it('and transactions: metadata and message must agree', async () => {
    const { txn_id } = await client.call('thunder.ThunderQuery/BeginTransaction', {}, BEARER);
    const metadata = { ...BEARER.metadata, 'x-facet-txn-id': txn_id };
    await execute({ sql: 'SELECT 1' }, { metadata });
    const failure = await grpcFailure(execute({ sql: 'SELECT 1', txn_id: 'txn_other' }, { metadata }));
    expect(failure.code).toBe(status.INVALID_ARGUMENT);
    await client.call('thunder.ThunderQuery/Rollback', { txn_id }, BEARER);
  });
});

describe('broken calls', () => {
  it('a message that is too large names its bound', async () => {
    const failure = await grpcFailure(execute({ sql: `SELECT '${'x'.repeat(300_000)}'` }, BEARER));
    expect(failure.code).toBe(status.RESOURCE_EXHAUSTED);
    expect(failure.details).toBe('The message is larger than 200000 bytes (body-bytes-max)');
    expect(failure.info).toContain('PAYLOAD_TOO_LARGE');
    await alive();
  });

  it.each([
    ['bytes that are no message', framed(Buffer.from([0xff, 0xff, 0xff])), '3'],
    ['a string that is no UTF-8', framed(Buffer.from([0x0a, 2, 0xc3, 0x28])), '3'],
    ['a group without an end', framed(Buffer.from([0x0b, 0x0b, 0x0b])), '3'],
    ['no message', Buffer.alloc(0), '12'],
    ['half a frame', Buffer.from([0, 0, 0, 0, 9, 1]), '12'],
    ['a length of 4 GB', Buffer.from([0, 0xff, 0xff, 0xff, 0xff]), '8'],
    ['compression that is none', Buffer.from([1, 0, 0, 0, 1, 1]), undefined],
  ])('%s', async (_what, body, expected) => {
    const answer = await raw(QUERY, body);
    if (expected !== undefined) expect(answer['grpc-status']).toBe(expected);
    else expect(answer['grpc-status']).not.toBe('0');
    await alive();
  });

  it('a deadline that has passed: nothing runs', async () => {
    await execute({ sql: 'CREATE SEQUENCE late' }, BEARER);
    const sql = Buffer.from("SELECT nextval('late')");
    const message = framed(Buffer.concat([Buffer.from([0x0a, sql.length]), sql]));
    for (const path of [QUERY, '/thunder.ThunderQuery/ExecuteStream']) {
      for (const timeout of ['0n', '0m', '00S']) {
        expect((await raw(path, message, { 'grpc-timeout': timeout }))['grpc-status']).toBe('4');
      }
    }
    expect((await raw(QUERY, message, { 'grpc-timeout': '20S' }))['grpc-status']).toBe('0');
    const { rows } = await execute({ sql: "SELECT nextval('late') AS next" }, BEARER);
    expect(rows[0].values[0].int_value).toBe('2');
  });

  it('unknown procedures and services are UNIMPLEMENTED', async () => {
    for (const path of ['/thunder.ThunderQuery/Nothing', '/thunder.Nothing/Execute', '/', '/a/b/c']) {
      expect((await raw(path, framed(Buffer.alloc(0))))['grpc-status']).toBe('12');
    }
  });

  it('other content types are 415', async () => {
    const answer = await raw(QUERY, Buffer.from('{}'), { 'content-type': 'application/json' });
    expect(answer[':status']).toBe(415);
  });

  it('floods of metadata end the stream and nothing else', async () => {
    const many = Object.fromEntries(
      Array.from({ length: 2_000 }, (_, n) => [`x-flood-${n}`, 'x'.repeat(20)]),
    );
    const answer = await raw(QUERY, framed(Buffer.alloc(0)), many).catch(() => ({ rst: 'session' }));
    expect(answer).not.toMatchObject({ 'grpc-status': '0' });
    const wide = await raw(QUERY, framed(Buffer.alloc(0)), { 'x-wide': 'x'.repeat(60_000) }).catch(
      () => ({}),
    );
    expect(wide).not.toMatchObject({ 'grpc-status': '0' });
    await alive();
  });

  it('bytes that are no HTTP/2 end their connection', async () => {
    const [host = '', port = ''] = address.split(':');
    for (const bytes of ['GET / HTTP/1.1\r\nhost: x\r\n\r\n', '\x16\x03\x01\x02\x00\x01', '\0'.repeat(100)]) {
      const socket = connect(Number(port), host);
      socket.on('error', () => {});
      const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
      socket.resume();
      socket.end(bytes);
      await closed;
    }
    await alive();
  });
});

describe('health', () => {
  /** By the definition of the official package. */
  const check = (service: string) =>
    new Promise<string>((resolve, reject) => {
      const method = officialHealth.Check;
      if (method === undefined) throw new Error('the official health service has no Check');
      const health = new Client(address, credentials.createInsecure());
      const { path, requestSerialize, responseDeserialize } = method;
      const metadata = new Metadata();
      health.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        { service },
        metadata,
        (error, answer) => {
          health.close();
          if (error) reject(error);
          else resolve((answer as { status: string }).status);
        },
      );
    });

  it('is told to everyone, by service', async () => {
    for (const service of ['', 'thunder.ThunderQuery', 'thunder.Cluster']) {
      expect(await check(service)).toBe('SERVING');
    }
    expect((await grpcFailure(check('nothing'))).code).toBe(status.NOT_FOUND);
    const { statuses } = await client.call('grpc.health.v1.Health/List');
    expect(JSON.stringify(statuses)).toContain('thunder.ThunderQuery');
  });
});

describe('many streams', () => {
  it('of one connection: a thousand are served, and more are refused without harm', async () => {
    const session = connectHttp2(`http://${address}`);
    session.on('error', () => {});
    await new Promise<void>((resolve) => session.once('remoteSettings', () => resolve()));
    expect(session.remoteSettings.maxConcurrentStreams).toBe(1_000);
    session.close();
    const calls = Array.from({ length: 1_000 }, () => execute({ sql: 'SELECT 1' }, BEARER));
    expect((await Promise.all(calls)).filter(({ row_count }) => row_count === '1')).toHaveLength(1_000);
  });

  it('that nobody reads hold bounded memory, and end with their client', async () => {
    const sql = "SELECT repeat('x', 1000) FROM generate_series(1, 100000)";
    const streams = Array.from({ length: 8 }, () =>
      client.open('thunder.ThunderQuery/ExecuteStream', { sql }, BEARER),
    );
    for (const stream of streams) stream.on('error', () => {});
    await Promise.all(streams.map((stream) => new Promise((resolve) => stream.once('data', resolve))));
    for (const stream of streams) {
      stream.pause();
      stream.cancel();
    }
    await alive();
  });
});

describe('stopping', () => {
  it('tells watchers, ends open streams with UNAVAILABLE, and leaves nothing', async () => {
    const other = await startTestServer({ flags: { 'grpc-listen': '127.0.0.1:0', 'drain-ms': '300ms' } });
    const caller = await grpcClient(other.running.grpcAddress ?? '');
    const states: string[] = [];
    const watch = caller.open('grpc.health.v1.Health/Watch');
    watch.on('data', ({ status: state }: { status: string }) => states.push(state));
    watch.on('error', () => {});
    await expect.poll(() => states, { timeout: 5_000 }).toEqual(['SERVING']);
    const endless = grpcFailure(caller.collect('thunder.Cluster/WatchEvents'));
    const slow = grpcFailure(caller.call('thunder.ThunderQuery/Execute', { sql: 'SELECT pg_sleep(60)' }));
    await expect
      .poll(
        async () =>
          (
            await other.sql(
              "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)%' AND pid <> pg_backend_pid() AND state = 'active'",
            )
          ).json.rows[0][0],
        { timeout: 5_000 },
      )
      .toBe(1);
    await other.running.stop('the test is over');
    await other.stop();
    expect(states).toEqual(['SERVING', 'NOT_SERVING']);
    expect((await endless).code).toBe(status.UNAVAILABLE);
    expect((await slow).code).toBe(status.UNAVAILABLE);
    caller.close();
  });

  it('a port that is taken is said so', async () => {
    await expect(startTestServer({ flags: { 'grpc-listen': address } })).rejects.toMatchObject({
      code: 'LISTEN_FAILED',
      hint: expect.stringContaining('--grpc-listen'),
    });
  });
});
