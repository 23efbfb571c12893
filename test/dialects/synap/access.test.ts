/** Who may do what, how often, over HTTP and sockets; slow and silent clients; the end of the server. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { parseCredentials } from '../../../src/server/credentials.ts';
import { newToken } from '../../../src/server/index.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { ok, send } from './client.ts';
import { connect } from './socket-client.ts';

let server: TestServer | undefined;
afterEach(async () => {
  await server?.stop();
  server = undefined;
});

const writer = newToken();
const reader = newToken();
const credentials = parseCredentials(
  [
    { name: 'writer', role: 'write', secret: writer.hash },
    { name: 'reader', role: 'read', secret: reader.hash },
  ],
  'test',
);

describe('credentials', () => {
  test('X-API-Key and Bearer, 401 without, 403 beyond the role', async () => {
    const at = await startTestServer({ config: { credentials } });
    server = at;
    const none = await send(at, 'kv.dbsize');
    expect(none.status).toBe(401);
    expect(none.json).toMatchObject({ type: 'response', status: 'error', error: { code: 'UNAUTHORIZED' } });
    const key = { headers: { 'x-api-key': writer.token } };
    const bearer = { headers: { authorization: `Bearer ${reader.token}` } };
    expect((await send(at, 'kv.set', { key: 'k', value: 1 }, key)).status).toBe(200);
    expect((await send(at, 'kv.get', { key: 'k' }, bearer)).payload.value).toBe(1);
    const forbidden = await send(at, 'kv.set', { key: 'k', value: 2 }, bearer);
    expect(forbidden.status).toBe(403);
    expect(forbidden.json.error.code).toBe('FORBIDDEN');
    expect((await send(at, 'admin.shutdown', {}, key)).status).toBe(403);
    expect((await send(at, 'admin.config', {}, key)).status).toBe(403);
    expect((await at.get('/health')).status).toBe(200);
    const batch = await at.post(
      '/api/v1/command',
      {
        type: 'batch',
        commands: [
          { command: 'kv.get', payload: { key: 'k' } },
          { command: 'kv.del', payload: { key: 'k' } },
        ],
      },
      bearer,
    );
    expect(batch.json.results.map(({ status }: { status: string }) => status)).toStrictEqual([
      'success',
      'error',
    ]);

    await expect(connect(at, '/api/v1/ws')).rejects.toThrow(/^401.*UNAUTHORIZED/);
    await expect(connect(at, '/api/v1/ws', { 'x-api-key': 'wrong' })).rejects.toThrow(/^401/);
    const client = await connect(at, '/api/v1/ws', { 'x-api-key': reader.token });
    expect((await client.call('kv.get', { key: 'k' })).payload.value).toBe(1);
    expect((await client.call('kv.del', { key: 'k' })).error.code).toBe('FORBIDDEN');
    await client.close();
    const byQuery = await connect(at, `/api/v1/ws?api_key=${writer.token}`, { origin: 'http://example.com' });
    expect((await byQuery.call('kv.del', { key: 'k' })).payload.deleted).toBe(true);
    await byQuery.close();
  });
});

test('too many requests', async () => {
  const at = await startTestServer({
    flags: { 'rate-limit-enabled': 'true', 'rate-limit-default-rps': '1', 'rate-limit-default-burst': '3' },
  });
  server = at;
  const first = await send(at, 'kv.dbsize');
  expect(first.headers.get('x-ratelimit-limit')).toBe('1');
  // The burst lets two more come at once, and `remaining` is never more than `limit`.
  expect(first.headers.get('x-ratelimit-remaining')).toBe('1');
  await send(at, 'kv.dbsize');
  await send(at, 'kv.dbsize');
  const { status, headers, json } = await send(at, 'kv.dbsize');
  expect(status).toBe(429);
  expect(headers.get('x-ratelimit-remaining')).toBe('0');
  expect(Number(headers.get('x-ratelimit-reset'))).toBeGreaterThan(Date.now() / 1_000 - 1);
  expect(json).toMatchObject({
    status: 'error',
    error: { code: 'RATE_LIMIT_EXCEEDED', message: 'Rate limit exceeded. Try again in 1 second.' },
  });
});

test('what a queue socket settles counts as requests do', async () => {
  const at = await startTestServer({
    flags: { 'rate-limit-enabled': 'true', 'rate-limit-default-rps': '1', 'rate-limit-default-burst': '3' },
  });
  server = at;
  const client = await connect(at, '/queue/q/ws/c');
  expect((await client.next()).type).toBe('connected');
  for (let n = 0; n < 5; n++) client.send({ command: 'ack', message_id: '1' });
  const codes = [];
  for (let n = 0; n < 5; n++) codes.push((await client.next()).error.code);
  expect(codes).toContain('MESSAGE_NOT_FOUND');
  expect(codes).toContain('RATE_LIMIT_EXCEEDED');
  await client.close();
});

test('no limit, no headers of one', async () => {
  const at = await startTestServer({ flags: { 'rate-limit-enabled': 'false' } });
  server = at;
  for (const { headers } of [
    await send(at, 'kv.dbsize'),
    await at.get('/health'),
    await at.sql('SELECT 1'),
  ]) {
    expect([...headers.keys()].filter((name) => name.startsWith('x-ratelimit'))).toEqual([]);
  }
});

test('what the published clients read', async () => {
  const at = await startTestServer({ flags: { 'synap-wire': 'released' } });
  server = at;
  await ok(at, 'kv.set', { key: 'k', value: { a: 1 } });
  expect(await ok(at, 'kv.get', { key: 'k' })).toStrictEqual({ a: 1 });
  expect(await ok(at, 'kv.get', { key: 'none' })).toBeNull();
  expect(await ok(at, 'kv.get', { key: 'k', type: 'bytes' })).toStrictEqual([...Buffer.from('{"a":1}')]);
  const { status, json } = await send(at, 'kv.ttl', { key: 'none' });
  expect(status).toBe(200);
  expect(json).toMatchObject({ success: false, payload: null, error: 'Key not found: none' });
});

test('a subscriber that does not read is dropped and told, and holds up nobody', async () => {
  const at = await startTestServer();
  server = at;
  const slow = await connect(at, '/api/v1/ws');
  const quick = await connect(at, '/api/v1/ws');
  await slow.call('stream.subscribe', { room: 'big' });
  await quick.call('stream.subscribe', { room: 'big' });
  slow.ws.pause();
  const data = 'x'.repeat(100_000);
  const count = 400;
  for (let n = 0; n < count; n++) {
    await ok(at, 'stream.publish', { room: 'big', event_type: 'n', data });
    expect((await quick.next()).data).toHaveLength(data.length);
  }
  slow.ws.resume();
  let got = 0;
  let last: { type: string; offset: number; error?: { code: string }; resume_offset?: number };
  do {
    last = await slow.next();
    if (last.type === 'event') got++;
  } while (last.type === 'event' && got < count);
  if (got < count) {
    expect(last).toMatchObject({ type: 'error', room: 'big', error: { code: 'SUBSCRIBER_TOO_SLOW' } });
    const from_offset = last.resume_offset;
    await slow.call('stream.subscribe', { room: 'big', from_offset });
    while (got < count) {
      expect((await slow.next()).type).toBe('event');
      got++;
    }
  }
  await Promise.all([slow.close(), quick.close()]);
}, 60_000);

test('admin.shutdown answers, then stops; sockets are told', async () => {
  const at = await startTestServer();
  const client = await connect(at, '/api/v1/ws');
  await client.call('stream.subscribe', { room: 'r' });
  expect((await ok(at, 'admin.shutdown')).success).toBe(true);
  expect((await client.closed).code).toBe(1001);
  await at.running.stopped;
  await sleep(0);
  await at.stop();
});
