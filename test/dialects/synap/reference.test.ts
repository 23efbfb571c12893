/** Every request example of the Synap REST API reference, in all of its formats, answered with the fields it shows. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { ok, send } from './client.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

describe('Request Format Compatibility', () => {
  test('hash mset: object and array', async () => {
    const fields = { name: 'Alice', age: 30, email: 'alice@example.com' };
    expect((await server.post('/hash/h1/mset', { fields })).json.success).toBe(true);
    const array = Object.entries(fields).map(([field, value]) => ({ field, value }));
    expect((await server.post('/hash/h2/mset', array)).json).toMatchObject({ success: true, key: 'h2' });
    expect((await server.get('/hash/h1/getall')).json).toStrictEqual(fields);
    expect((await server.get('/hash/h2/getall')).json).toStrictEqual(fields);
    expect((await server.get('/hash/h2/age')).json).toBe(30);
    expect((await server.get('/hash/h2/age/exists')).json).toStrictEqual({ exists: true });
    expect((await server.get('/hash/h2/none')).json).toStrictEqual({ found: false });
    expect((await server.get('/hash/h2/len')).json).toStrictEqual({ length: 3 });
    expect((await server.delete('/hash/h2/del')).status).toBe(422);
  });

  test('msetnx: object and tuple', async () => {
    const value = { name: 'Alice', age: 30 };
    expect((await server.post('/kv/msetnx', { key: 'user:1001', value })).json).toStrictEqual({
      success: true,
    });
    expect((await server.post('/kv/msetnx', ['user:1001', value])).json).toStrictEqual({ success: false });
    expect((await server.post('/kv/msetnx', ['user:1002', value])).json).toStrictEqual({ success: true });
    expect(
      (await server.post('/kv/msetnx', { pairs: [['user:1003', 1], { key: 'user:1004', value }] })).json,
    ).toStrictEqual({ success: true });
  });

  test('list pop: with a count and without', async () => {
    await server.post('/list/l/rpush', { values: ['a', 'b', 'c', 'd', 'e'] });
    expect((await server.post('/list/l/lpop', { count: 3 })).json).toStrictEqual({
      values: ['a', 'b', 'c'],
      key: 'l',
    });
    expect((await server.post('/list/l/rpop', {})).json).toStrictEqual({ values: ['e'], key: 'l' });
    expect((await server.post('/list/none/lpop', {})).status).toBe(404);
    expect((await server.post('/list/l/trim?start=0&stop=0', {})).json.success).toBe(true);
    expect((await server.get('/list/l/range?start=0&stop=-1')).json.values).toStrictEqual(['d']);
    expect((await server.get('/list/l/index/0')).json.value).toBe('d');
    expect((await server.post('/list/l/rpoplpush/m', {})).json.value).toBe('d');
    expect((await server.get('/list/l/len')).status).toBe(404);
  });

  test('zadd: single and multiple', async () => {
    expect((await server.post('/sortedset/z/zadd', { member: 'player1', score: 100.5 })).json).toMatchObject({
      added: 1,
      key: 'z',
    });
    const members = [
      { member: 'player1', score: 100.5 },
      { member: 'player2', score: 200.0 },
    ];
    expect((await server.post('/sortedset/z/zadd', { members })).json.added).toBe(1);
    expect((await server.post('/sortedset/z/zadd', { members: ['p3'], scores: [5] })).json.added).toBe(1);
    expect((await server.get('/sortedset/z/player2/zscore')).json.score).toBe(200);
    expect(
      (await server.get('/sortedset/z/zrange?start=0&stop=0&withscores=true')).json.members,
    ).toStrictEqual([{ member: 'p3', score: 5 }]);
    expect((await server.post('/sortedset/z/zpopmax?count=2', {})).json.count).toBe(2);
  });

  test('memory usage of a missing key', async () => {
    expect((await server.get('/memory/none/usage')).json).toMatchObject({ bytes: 0, human: '0B' });
  });
});

describe('commands', () => {
  test('queues: publish, consume, ack, nack, stats', async () => {
    const published = await ok(server, 'queue.publish', {
      queue: 'tasks',
      message: { type: 'process_video', video_id: 'vid_123' },
      priority: 8,
      headers: { source: 'web-app' },
    });
    expect(published).toMatchObject({ position: 1 });
    const consumed = await ok(server, 'queue.consume', { queue: 'tasks', timeout: 10, ack_deadline: 60 });
    expect(consumed).toMatchObject({
      message_id: published.message_id,
      message: { type: 'process_video', video_id: 'vid_123' },
      priority: 8,
      retry_count: 0,
      headers: { source: 'web-app' },
    });
    const { message_id } = consumed;
    expect(await ok(server, 'queue.nack', { queue: 'tasks', message_id, requeue: true })).toStrictEqual({
      success: true,
      action: 'requeued',
    });
    const again = await ok(server, 'queue.consume', { queue: 'tasks', timeout: 1 });
    expect(again.retry_count).toBe(1);
    expect(await ok(server, 'queue.ack', { queue: 'tasks', message_id: again.message_id })).toStrictEqual({
      success: true,
    });
    expect((await send(server, 'queue.ack', { queue: 'tasks', message_id: again.message_id })).status).toBe(
      404,
    );
    expect(Object.keys(await ok(server, 'queue.stats', { queue: 'tasks' }))).toEqual(
      expect.arrayContaining([
        'queue',
        'depth',
        'consumers',
        'published_total',
        'consumed_total',
        'acked_total',
        'oldest_message_age_secs',
      ]),
    );
    expect((await ok(server, 'queue.consume', { queue: 'tasks' })).message).toBeNull();
  });

  test('a consumer waits for a message', async () => {
    const waiting = ok(server, 'queue.consume', { queue: 'later', timeout: 10 });
    await new Promise((resolve) => setTimeout(resolve, 100));
    await ok(server, 'queue.publish', { queue: 'later', message: 'now' });
    expect((await waiting).message).toBe('now');
  });

  test('a named consumer gets bytes', async () => {
    await ok(server, 'queue.create', { name: 'bytes', config: { max_depth: 5 } });
    await ok(server, 'queue.publish', { queue: 'bytes', payload: [1, 2, 255], max_retries: 1 });
    const { message } = await ok(server, 'queue.consume', { queue: 'bytes', consumer_id: 'w1' });
    expect(message).toMatchObject({ payload: [1, 2, 255], priority: 5, retry_count: 0, max_retries: 1 });
    expect((await ok(server, 'queue.stats', { queue: 'bytes' })).consumers).toBe(1);
    expect(
      await ok(server, 'queue.nack', { queue: 'bytes', message_id: message.id, requeue: false }),
    ).toMatchObject({ action: 'dead_lettered' });
    expect((await server.get('/queue/bytes/consume/w1')).json).toMatchObject({
      message_id: null,
      payload: null,
    });
    expect((await server.get('/queue/none/consume/w1')).json.message_id).toBeNull();
  });

  test('streams: publish and history', async () => {
    const data = { user: 'alice', text: 'Hello everyone!' };
    const published = await ok(server, 'stream.publish', {
      room: 'chat-room-1',
      event_type: 'message',
      data,
    });
    expect(published).toMatchObject({ subscribers_notified: 0 });
    expect(published.event_id).toMatch(/^evt_/);
    const history = await ok(server, 'stream.history', {
      room: 'chat-room-1',
      from_offset: published.offset,
      limit: 10,
    });
    expect(history).toMatchObject({
      events: [{ offset: published.offset, event_type: 'message', data }],
      oldest_offset: published.offset,
      newest_offset: published.offset,
    });
  });

  test('pub/sub: both formats', async () => {
    const payload = { to: 'alice@example.com', subject: 'Welcome!' };
    const metadata = { source: 'web-app', priority: 'high' };
    expect((await server.post('/pubsub/a.b/publish', { payload, metadata })).json.subscribers_notified).toBe(
      0,
    );
    expect((await server.post('/pubsub/a.b/publish', { data: payload })).json.subscribers_notified).toBe(0);
    expect((await server.post('/pubsub/a.b/publish', {})).status).toBe(422);
  });

  test('admin.stats without a payload', async () => {
    const stats = await ok(server, 'admin.stats');
    expect(stats.server).toMatchObject({ role: 'master' });
    expect(stats.queues.total_queues).toBeGreaterThan(0);
  });
});

test('metrics', async () => {
  const { status, text, headers } = await server.get('/metrics');
  expect(status).toBe(200);
  expect(headers.get('content-type')).toContain('version=0.0.4');
  expect(text).toMatch(
    /# HELP synap_operations_total Total operations by type\n# TYPE synap_operations_total counter/,
  );
  expect(text).toMatch(/synap_operations_total\{component="queue",operation="publish"\} \d+/);
  expect(text).toMatch(/# TYPE synap_memory_bytes gauge\nsynap_memory_bytes \d+/);
  expect(text).toContain('# TYPE synap_replication_lag_ms gauge');
  expect(text).toContain('thunderdb_queries_total');
});

test('metrics count what clients asked for', async () => {
  const counts = async (): Promise<Record<string, number>> => {
    const { text } = await server.get('/metrics');
    const lines = text.matchAll(/^synap_operations_total\{component="(\w+)",operation="(\w+)"\} (\d+)$/gm);
    return Object.fromEntries(
      [...lines].map(([, component, name, count]) => [`${component} ${name}`, Number(count)]),
    );
  };
  const before = await counts();
  const set = (key: string) => ({ command: 'kv.set', payload: { key, value: 1 } });
  await server.post('/api/v1/command', { type: 'batch', commands: ['a', 'b', 'c'].map(set) });
  // One of them is refused, so each is tried by itself.
  await server.post('/api/v1/command', { type: 'batch', commands: ['d', '', 'e'].map(set) });
  await ok(server, 'kv.set', { key: 'f', value: 1 });
  await ok(server, 'kv.get', { key: 'f' });
  // These look at keys, queues, streams and topics, which nobody asked for.
  await ok(server, 'admin.stats');
  await ok(server, 'info');
  await ok(server, 'transaction.watch', { client_id: 'counted', keys: ['f'] });
  await ok(server, 'transaction.unwatch', { client_id: 'counted' });
  const more = Object.entries(await counts()).map(
    ([name, count]) => [name, count - (before[name] ?? 0)] as const,
  );
  expect(Object.fromEntries(more.filter(([, count]) => count > 0))).toEqual({ 'kv set': 7, 'kv get': 1 });
});

test('the workflows, as curl sends them', async () => {
  const curl = async (body: string) =>
    (
      await server.post('/api/v1/command', body, {
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      })
    ).json;
  const session =
    '{"command":"kv.set","payload":{"key":"session:abc123","value":{"user_id":1,"logged_in":true},"ttl":3600}}';
  expect((await curl(session)).payload.success).toBe(true);
  expect((await curl('{"command":"kv.get","payload":{"key":"session:abc123"}}')).payload.value.user_id).toBe(
    1,
  );
  expect((await curl('{"command":"kv.del","payload":{"keys":["session:abc123"]}}')).payload.deleted).toBe(1);
  const publish =
    '{"command":"queue.publish","payload":{"queue":"mail","message":{"type":"send_email","to":"user@example.com"},"priority":5}}';
  expect((await curl(publish)).payload.position).toBe(1);
  const { message_id } = (await curl('{"command":"queue.consume","payload":{"queue":"mail","timeout":30}}'))
    .payload;
  expect(
    (await curl(`{"command":"queue.ack","payload":{"queue":"mail","message_id":"${message_id}"}}`)).payload
      .success,
  ).toBe(true);
});
