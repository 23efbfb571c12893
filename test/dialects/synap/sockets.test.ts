/** `GET /api/v1/ws` and the sockets of one model. */
import { connect as connectTcp } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { ok } from './client.ts';
import { connect } from './socket-client.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

describe('commands', () => {
  test('are answered in the envelope of HTTP, in their order', async () => {
    const client = await connect(server, '/api/v1/ws');
    for (let n = 1; n <= 200; n++) {
      client.send({ request_id: String(n), command: 'kv.incr', payload: { key: 'ws' } });
    }
    for (let n = 1; n <= 200; n++) {
      expect(await client.next()).toMatchObject({
        type: 'response',
        request_id: String(n),
        payload: { value: n },
      });
    }
    await client.close();
  });

  test('what is wrong is an answer, and the connection goes on', async () => {
    const client = await connect(server, '/api/v1/ws');
    client.send('{');
    expect((await client.next()).error.code).toBe('INVALID_REQUEST');
    client.send('[]');
    expect((await client.next()).error.code).toBe('INVALID_REQUEST');
    expect((await client.call('nothing')).error.code).toBe('INVALID_COMMAND');
    expect((await client.call('kv.get', {})).error.code).toBe('INVALID_PAYLOAD');
    client.send({ type: 'ping' });
    expect((await client.next()).type).toBe('pong');
    client.send({ type: 'batch', request_id: 'b', commands: [{ command: 'kv.dbsize' }] });
    expect((await client.next()).type).toBe('batch_response');
    client.ws.send(Buffer.from([1, 2]));
    expect((await client.closed).code).toBe(1003);
  });

  test('a frame that is none closes with the code of the protocol', async () => {
    const socket = connectTcp(Number(new URL(server.url).port), '127.0.0.1');
    socket.write(
      'GET /api/v1/ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n',
    );
    const pieces: Buffer[] = [];
    socket.on('data', (piece) => {
      // An unmasked frame, and a reserved bit.
      if (pieces.length === 0) socket.write(Buffer.from([0xf1, 0x01, 0x61]));
      pieces.push(piece);
    });
    await new Promise((resolve) => socket.once('close', resolve));
    const all = Buffer.concat(pieces);
    expect(all.toString('latin1')).toMatch(/^HTTP\/1.1 101 /);
    const frame = all.subarray(all.indexOf('\r\n\r\n') + 4);
    expect(frame[0]).toBe(0x88);
    expect(frame.readUInt16BE(2)).toBe(1002);
  });
});

describe('rooms', () => {
  test('events come live, in order, and after an unsubscribe they do not', async () => {
    const client = await connect(server, '/api/v1/ws');
    const answer = await client.call('stream.subscribe', { room: 'chat', from_offset: null, replay: false });
    expect(answer).toMatchObject({ status: 'success', payload: { subscribed: true, room: 'chat' } });
    const { offset, event_id, subscribers_notified } = await ok(server, 'stream.publish', {
      room: 'chat',
      event_type: 'message',
      data: { user: 'alice', text: 'Hello everyone!' },
    });
    expect(event_id).toMatch(/^evt_/);
    expect(subscribers_notified).toBe(1);
    expect(await client.next()).toMatchObject({
      type: 'event',
      room: 'chat',
      offset,
      event_type: 'message',
      data: { user: 'alice', text: 'Hello everyone!' },
    });
    for (let n = 0; n < 50; n++) {
      await ok(server, 'stream.publish', { room: 'chat', event_type: 'n', data: n });
    }
    for (let n = 0; n < 50; n++) expect((await client.next()).data).toBe(n);
    expect((await client.call('stream.subscribe', { room: 'chat' })).status).toBe('error');
    expect((await client.call('stream.unsubscribe', { room: 'chat' })).payload.unsubscribed).toBe(true);
    await ok(server, 'stream.publish', { room: 'chat', event_type: 'n', data: 'late' });
    expect((await client.call('stream.unsubscribe', { room: 'chat' })).payload.unsubscribed).toBe(false);
    expect(client.waiting).toStrictEqual([]);
    await client.close();
  });

  test('replay joins history to live', async () => {
    for (let n = 0; n < 20; n++) await ok(server, 'stream.publish', { room: 're', event_type: 'n', data: n });
    const client = await connect(server, '/api/v1/ws');
    await client.call('stream.subscribe', { room: 're', replay: true });
    for (let n = 20; n < 40; n++)
      await ok(server, 'stream.publish', { room: 're', event_type: 'n', data: n });
    for (let n = 0; n < 40; n++) expect((await client.next()).data).toBe(n);
    await client.close();
  });

  test('the socket of a room', async () => {
    await ok(server, 'stream.publish', { room: 'one', event_type: 'a', data: [1] });
    const client = await connect(server, '/stream/one/ws/sub-1?from_offset=0');
    expect(await client.next()).toStrictEqual({
      type: 'connected',
      room: 'one',
      subscriber_id: 'sub-1',
      from_offset: 0,
    });
    expect(await client.next()).toMatchObject({ type: 'event', event: 'a', data: [1] });
    await ok(server, 'stream.publish', { room: 'one', event_type: 'b', data: 'x' });
    expect(await client.next()).toMatchObject({ type: 'event', event: 'b', data: 'x' });
    await ok(server, 'stream.delete', { room: 'one' });
    expect((await client.next()).error.code).toBe('ROOM_NOT_FOUND');
    expect((await client.closed).code).toBe(1008);
  });

  test('a room that is not there is an error and a close', async () => {
    const client = await connect(server, '/stream/nowhere/ws/s');
    expect((await client.next()).error.code).toBe('ROOM_NOT_FOUND');
    expect(await client.closed).toMatchObject({ code: 1008, reason: 'ROOM_NOT_FOUND' });
  });
});

describe('topics', () => {
  test('patterns, one copy each, and the number of subscribers', async () => {
    const client = await connect(server, '/api/v1/ws');
    const answer = await client.call('pubsub.subscribe', {
      topics: ['notifications.email.*', 'events.user.#', 'notifications.#'],
    });
    expect(answer.payload.subscription_count).toBe(3);
    const published = await ok(server, 'pubsub.publish', {
      topic: 'notifications.email.user',
      message: { to: 'alice@example.com', subject: 'Welcome!' },
    });
    expect(published).toMatchObject({ topic: 'notifications.email.user', subscribers_notified: 1 });
    expect(await client.next()).toMatchObject({
      type: 'message',
      topic: 'notifications.email.user',
      message: { to: 'alice@example.com', subject: 'Welcome!' },
    });
    await ok(server, 'pubsub.publish', { topic: 'events.user.login', message: 1 });
    expect(await client.next()).toMatchObject({ topic: 'events.user.login', message: 1 });
    expect(
      (await client.call('pubsub.unsubscribe', { topics: ['events.user.#'] })).payload.unsubscribed,
    ).toBe(1);
    expect(
      (await ok(server, 'pubsub.publish', { topic: 'events.user.login', message: 1 })).subscribers_notified,
    ).toBe(0);
    await client.close();
  });

  test('the socket of topics, and the route that publishes', async () => {
    const client = await connect(server, '/pubsub/ws?topics=a.b,c.*');
    expect(await client.next()).toMatchObject({
      type: 'connected',
      topics: ['a.b', 'c.*'],
      subscription_count: 2,
    });
    const body = { payload: { x: 1 }, metadata: { source: 'web-app', priority: 'high' } };
    expect((await server.post('/pubsub/c.d/publish', body)).json.subscribers_notified).toBe(1);
    expect(await client.next()).toMatchObject({
      type: 'message',
      topic: 'c.d',
      payload: { x: 1 },
      metadata: body.metadata,
    });
    expect((await server.post('/pubsub/a.b/publish', { data: 2 })).json.subscribers_matched).toBe(1);
    expect((await client.next()).payload).toBe(2);
    await client.close();
  });
});

test('the socket of a queue pushes, acks and nacks', async () => {
  await ok(server, 'queue.publish', { queue: 'wsq', message: { n: 1 } });
  const client = await connect(server, '/queue/wsq/ws/worker');
  expect(await client.next()).toStrictEqual({ type: 'connected', queue: 'wsq', consumer_id: 'worker' });
  const first = await client.next();
  expect(first).toMatchObject({ type: 'message', retry_count: 0 });
  expect(JSON.parse(Buffer.from(first.payload).toString())).toStrictEqual({ n: 1 });
  client.send({ command: 'nack', message_id: first.message_id });
  const again = await client.next();
  expect(again).toMatchObject({ message_id: first.message_id, retry_count: 1 });
  client.send({ command: 'ack', message_id: first.message_id });
  client.send({ command: 'ack', message_id: 'nothing' });
  expect((await client.next()).type).toBe('error');
  await ok(server, 'queue.publish', { queue: 'wsq', message: 2 });
  expect((await client.next()).type).toBe('message');
  expect((await ok(server, 'queue.stats', { queue: 'wsq' })).acked_total).toBe(1);
  await client.close();
});

test('a client that does not read is not listened to', async () => {
  const client = await connect(server, '/queue/deaf/ws/worker');
  expect(await client.next()).toMatchObject({ type: 'connected' });
  const { ws } = client;
  ws.pause();
  // Each is answered by an error that repeats the id. The buffers of the connection take a part of that.
  const count = 15_000;
  for (let n = 0; n < count; n++) client.send({ command: 'ack', message_id: 'x'.repeat(2_000) });
  let before = -1;
  while (before !== ws.bufferedAmount) {
    before = ws.bufferedAmount;
    await delay(1_000);
  }
  expect(before).toBeGreaterThan(0);
  ws.resume();
  await expect.poll(() => client.waiting.length, { timeout: 30_000 }).toBe(count);
  await client.close();
}, 60_000);

describe('before the upgrade', () => {
  test('a path without a socket is 404, a page of another site is 403, nothing to follow is 422', async () => {
    await expect(connect(server, '/api/v1/nothing')).rejects.toThrow(/^404/);
    await expect(connect(server, '/api/v1/ws', { origin: 'http://example.com' })).rejects.toThrow(/^403/);
    await expect(connect(server, '/kv/ws')).rejects.toThrow(/^422/);
    await expect(connect(server, '/pubsub/ws')).rejects.toThrow(/^422/);
    await expect(connect(server, '/stream/%ff/ws/s')).rejects.toThrow(/^422/);
  });

  test('other upgrades are passed over', async () => {
    const { status, json } = await new Promise<{ status: number; json: { payload: { size: number } } }>(
      (resolve) => {
        const body = '{"command":"kv.dbsize"}';
        const socket = connectTcp(Number(new URL(server.url).port), '127.0.0.1');
        socket.write(
          'POST /api/v1/command HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n' +
            `HTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
        );
        socket.once('data', (data) => {
          const text = data.toString();
          socket.destroy();
          resolve({
            status: Number(text.split(' ')[1]),
            json: JSON.parse(text.slice(text.indexOf('\r\n\r\n') + 4)),
          });
        });
      },
    );
    expect(status).toBe(200);
    expect(json.payload.size).toBeGreaterThanOrEqual(0);
  });
});
