/** Bad input of every kind: a clear refusal in the envelope, and a connection and a server that go on. */
import { connect as connectTcp } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { ok, refused } from './client.ts';
import { connect } from './socket-client.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

describe('keys and values', () => {
  test.each([
    ['empty', ''],
    ['with NUL', 'a\0b'],
    ['too long', 'k'.repeat(65_537)],
  ])('a key that is %s', async (_what, key) => {
    expect(await refused(server, 'kv.set', { key, value: 1 })).toMatchObject({
      status: 422,
      code: 'INVALID_PAYLOAD',
    });
    expect(await refused(server, 'kv.get', { key })).toMatchObject({ status: 422 });
  });

  test('a key of 65,536 bytes is one', async () => {
    const key = 'k'.repeat(65_536);
    await ok(server, 'kv.set', { key, value: 1 });
    expect((await ok(server, 'kv.get', { key })).value).toBe(1);
  });

  test('half a surrogate pair, and bytes that are not UTF-8', async () => {
    const half = await server.post('/api/v1/command', '{"command":"kv.get","payload":{"key":"\\ud800"}}');
    expect(half.status).toBe(400);
    const response = await fetch(`${server.url}/api/v1/command`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]),
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code: 'INVALID_REQUEST' } });
  });

  test('a value beyond the bound', async () => {
    const value = 'v'.repeat(9 * 1024 * 1024);
    expect(await refused(server, 'kv.set', { key: 'k', value })).toMatchObject({
      status: 413,
      code: 'PAYLOAD_TOO_LARGE',
    });
  });

  test('a kind that the command is not for', async () => {
    await ok(server, 'list.rpush', { key: 'list', values: [1] });
    expect(await refused(server, 'hash.set', { key: 'list', field: 'f', value: 1 })).toMatchObject({
      status: 409,
      code: 'WRONG_TYPE',
    });
    await ok(server, 'kv.set', { key: 'text', value: 'abc' });
    expect(await refused(server, 'kv.incr', { key: 'text' })).toMatchObject({ status: 422 });
    await ok(server, 'kv.set', { key: 'top', value: 1 });
    await ok(server, 'kv.incr', { key: 'top', amount: 1 });
    const most = await server.post(
      '/api/v1/command',
      '{"command":"kv.incr","payload":{"key":"top","amount":9223372036854775807}}',
    );
    expect(most.json.error).toMatchObject({
      code: 'INVALID_PAYLOAD',
      details: { reason: 'INTEGER_OVERFLOW' },
    });
  });
});

describe('a message names what the client wrote', () => {
  test.each([
    ['kv.set', { key: 'k', value: 1, ttl: 1e11 }, "'ttl': a time to live is at most"],
    ['kv.set', { key: 'k', value: 1, ttl: 5, keepttl: true }, 'keepttl and ttl exclude each other'],
    [
      'hyperloglog.pfadd',
      { key: 'k', elements: ['a'], ttl_secs: 1e11 },
      "'ttl_secs': a time to live is at most",
    ],
    [
      'queue.create',
      { queue: 'n', config: { ack_deadline_secs: 1e9 } },
      /^'ack_deadline_secs': .* \(in milliseconds\)$/,
    ],
    ['queue.create', { queue: 'n', config: { max_depth: 0 } }, "'max_depth': "],
    ['queue.consume', { queue: 'n', ack_deadline: 1e9 }, "'ack_deadline': "],
    ['queue.publish', { queue: 'n', message: 1, max_retries: -1 }, "'max_retries': "],
    ['topic.consume', { topic: 't', partition_id: 9_999_999 }, "'partition_id': "],
    ['topic.create', { topic: 't', num_partitions: 0 }, "'num_partitions': "],
    ['topic.create', { topic: 't', retention: { max_messages: 0 } }, "'retention_policy.max_messages': "],
    ['consumer_group.create', { group_id: 'g', topic: 't', partition_count: 0 }, "'partition_count': "],
    ['stream.create', { room: 'n', max_events: 0 }, "'retention.max_events': "],
    [
      'geospatial.geosearch',
      { key: 'k', by_radius: [1, 'm'] },
      'it begins at a member or at a point, one of the two',
    ],
  ] as const)('%s %j', async (command, payload, message) => {
    const refusal = await refused(server, command, payload);
    expect(refusal).toMatchObject({ status: 422, code: 'INVALID_PAYLOAD' });
    expect(refusal.message).toMatch(message);
  });
});

test('offsets in the future and of another time', async () => {
  await ok(server, 'stream.publish', { room: 'r', event_type: 'e', data: 1 });
  const { events } = await ok(server, 'stream.consume', {
    room: 'r',
    subscriber_id: 's',
    from_offset: 1_000_000,
  });
  expect(events).toStrictEqual([]);
});

test('a batch with too many commands', async () => {
  const commands = new Array(100_001).fill({});
  const { status, json } = await server.post('/api/v1/command', { type: 'batch', commands });
  expect(status).toBe(413);
  expect(json.error.code).toBe('PAYLOAD_TOO_LARGE');
});

test('a foreign message, one that was answered, one that is unknown', async () => {
  await ok(server, 'queue.publish', { queue: 'q', message: 1 });
  await ok(server, 'queue.publish', { queue: 'other', message: 1 });
  const { message_id } = await ok(server, 'queue.consume', { queue: 'q' });
  expect(await refused(server, 'queue.ack', { queue: 'other', message_id })).toMatchObject({
    code: 'MESSAGE_NOT_FOUND',
  });
  await ok(server, 'queue.ack', { queue: 'q', message_id });
  expect(await refused(server, 'queue.nack', { queue: 'q', message_id })).toMatchObject({
    code: 'MESSAGE_NOT_FOUND',
  });
  expect(await refused(server, 'queue.ack', { queue: 'q', message_id: '%' })).toMatchObject({ status: 404 });
});

test('a queue that is full', async () => {
  await ok(server, 'queue.create', { queue: 'small', config: { max_depth: 1 } });
  await ok(server, 'queue.publish', { queue: 'small', message: 1 });
  expect(await refused(server, 'queue.publish', { queue: 'small', message: 2 })).toMatchObject({
    status: 507,
    code: 'QUEUE_FULL',
  });
});

describe('routes', () => {
  test('unknown ones, wrong methods, wrong bodies', async () => {
    const unknown = await server.get('/kv/nothing/at/all');
    expect(unknown.status).toBe(404);
    expect(unknown.json).toMatchObject({ type: 'response', status: 'error' });
    expect((await server.get('/api/v1/command')).status).toBe(405);
    expect((await server.post('/hash/k/set', [1])).status).toBe(422);
    expect((await server.get('/bitmap/k/getbit/x')).status).toBe(422);
    const type = { headers: { 'content-type': 'text/plain' } };
    expect((await server.post('/api/v1/command', '{}', type)).status).toBe(415);
  });

  test('keys with a slash, and a field that is called like a verb', async () => {
    await server.post('/hash/a%2Fb/set', { field: 'getall', value: 1 });
    expect((await ok(server, 'hash.get', { key: 'a/b', field: 'getall' })).value).toBe(1);
  });
});

describe('sockets', () => {
  test('a message that is too large closes with 1009', async () => {
    const client = await connect(server, '/api/v1/ws');
    client.ws.send('x'.repeat(1024 * 1024 + 1));
    expect((await client.closed).code).toBe(1009);
  });

  test('a request that is no handshake is answered, and leaves nothing behind', async () => {
    const socket = connectTcp(Number(new URL(server.url).port), '127.0.0.1');
    socket.write(
      'GET /queue/q/ws/c HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 12\r\n\r\n',
    );
    const text = await new Promise<string>((resolve) =>
      socket.once('data', (data) => resolve(data.toString())),
    );
    expect(text).toMatch(/^HTTP\/1.1 4\d\d /);
    socket.destroy();
  });

  test('many commands at once, of which some are wrong, keep their order', async () => {
    const client = await connect(server, '/api/v1/ws');
    for (let n = 0; n < 500; n++) {
      client.send(
        n % 3 === 0 ? '{"x"' : { request_id: String(n), command: 'kv.exists', payload: { key: 'k' } },
      );
    }
    for (let n = 0; n < 500; n++) {
      const answer = await client.next();
      if (n % 3 === 0) expect(answer.error.code).toBe('INVALID_REQUEST');
      else expect(answer.request_id).toBe(String(n));
    }
    await client.close();
  });
});
