/** `GET /kv/ws`: following keys over a socket; what is told of which change, models/kv-watch.test.ts asks. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { ok } from './client.ts';
import { connect } from './socket-client.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

test('changes of keys come as messages on the channel of the key', async () => {
  const client = await connect(server, '/kv/ws?keys=one,user:*,user:1');
  expect(await client.next()).toMatchObject({
    type: 'connected',
    subscriber_id: expect.stringMatching(/^watch_/),
    topics: ['__watch@0__:one', '__watch@0__:user:*', '__watch@0__:user:1'],
    subscription_count: 3,
  });
  await ok(server, 'kv.set', { key: 'one', value: { deep: [1, 'ü'] } });
  await ok(server, 'kv.set', { key: 'two', value: 2 });
  await ok(server, 'kv.set', { key: 'user:1', value: 'x'.repeat(70_000) });
  await ok(server, 'hash.set', { key: 'user:2', field: 'f', value: 1 });
  await ok(server, 'kv.del', { key: 'one' });
  const message = await client.next();
  expect(message).toEqual({
    type: 'message',
    message_id: expect.stringMatching(/^msg_/),
    topic: '__watch@0__:one',
    payload: { key: 'one', event: 'set', version: 1, value: { deep: [1, 'ü'] } },
    metadata: null,
    timestamp: expect.any(Number),
  });
  expect((await client.next()).payload).toEqual({ key: 'user:1', event: 'set', version: 1, truncated: true });
  expect((await client.next()).payload).toMatchObject({ key: 'user:2', event: 'change' });
  expect((await client.next()).payload).toEqual({ key: 'one', event: 'del', version: 1 });
  client.send({ command: 'kv.get', payload: { key: 'one' } });
  await ok(server, 'kv.set', { key: 'one', value: 2, ttl: 1 });
  expect((await client.next()).payload).toMatchObject({ event: 'set', value: 2 });
  expect((await client.next()).payload).toEqual({ key: 'one', event: 'expired', version: 1 });
  expect(client.waiting).toStrictEqual([]);
  await client.close();
});

test('what is wrong is said before the upgrade, or in a message before the close', async () => {
  await expect(connect(server, '/kv/ws')).rejects.toThrow(/^422/);
  await expect(connect(server, '/kv/ws?keys=,')).rejects.toThrow(/^422/);
  const client = await connect(server, `/kv/ws?keys=${'x'.repeat(3_000)}`);
  expect(await client.next()).toMatchObject({ type: 'error' });
  expect((await client.closed).code).toBe(1008);
});
