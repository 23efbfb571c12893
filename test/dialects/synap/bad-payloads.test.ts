/**
 * Payloads that are wrong, each over HTTP and over one WebSocket: a clear refusal in the envelope, a connection that goes
 * on, and other clients that notice nothing. JSON is sent as it stands here, since some of it cannot be written else.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { ok } from './client.ts';
import { connect, type SocketClient } from './socket-client.ts';

let server: TestServer;
let socket: SocketClient;
let bystander: SocketClient;
beforeAll(async () => {
  server = await startTestServer();
  socket = await connect(server, '/api/v1/ws');
  bystander = await connect(server, '/api/v1/ws');
  await ok(server, 'list.rpush', { key: 'list', values: [1] });
  await ok(server, 'kv.set', { key: 'one', value: 1 });
  await ok(server, 'queue.create', { queue: 'q' });
  await ok(server, 'stream.create', { room: 'r' });
  await ok(server, 'topic.create', { topic: 't' });
  await ok(server, 'consumer_group.create', { group_id: 'g', topic: 't' });
});
afterAll(async () => {
  await Promise.all([socket.close(), bystander.close()]);
  await server.stop();
});

const PAYLOAD = ['INVALID_PAYLOAD', 422] as const;
const REQUEST = ['INVALID_REQUEST', 400] as const;
const LIMIT = ['LIMIT_EXCEEDED', 422] as const;
const LARGE = ['PAYLOAD_TOO_LARGE', 413] as const;

const NUL = String.raw`a\u0000b`;
const LONG = 'k'.repeat(65_537);

type Case = readonly [what: string, command: string, payload: string, refusal: readonly [string, number]];

/** The same key where each of the models takes one. */
const namesOf = (what: string, name: string): Case[] =>
  (
    [
      ['kv.get', `{"key":"${name}"}`],
      ['kv.set', `{"key":"${name}","value":1}`],
      ['kv.del', `{"keys":["one","${name}"]}`],
      ['kv.mset', `{"pairs":[{"key":"a","value":1},{"key":"${name}","value":1}]}`],
      ['kv.mget', `{"keys":["${name}"]}`],
      ['key.rename', `{"source":"one","destination":"${name}"}`],
      ['hash.set', `{"key":"${name}","field":"f","value":1}`],
      ['list.lpush', `{"key":"${name}","values":[1]}`],
      ['set.add', `{"key":"${name}","members":[1]}`],
      ['sortedset.zadd', `{"key":"${name}","member":"m","score":1}`],
      ['bitmap.setbit', `{"key":"${name}","offset":1,"value":1}`],
      ['hyperloglog.pfadd', `{"key":"${name}","elements":["a"]}`],
      ['geospatial.geoadd', `{"key":"${name}","locations":[{"lat":1,"lon":1,"member":"m"}]}`],
      ['queue.publish', `{"queue":"${name}","message":1}`],
      ['queue.consume', `{"queue":"${name}"}`],
      ['queue.create', `{"queue":"${name}"}`],
      ['stream.publish', `{"room":"${name}","event_type":"e","data":1}`],
      ['stream.create', `{"room":"${name}"}`],
      ['topic.create', `{"topic":"${name}"}`],
      ['pubsub.publish', `{"topic":"${name}","message":1}`],
    ] as const
  ).map(([command, payload]) => [what, command, payload, PAYLOAD]);

const CASES: readonly Case[] = [
  ...namesOf('a name with NUL', NUL),
  ...namesOf('a name that is too long', LONG),
  ...namesOf('an empty name', ''),
  ['a field with NUL', 'hash.set', `{"key":"h","field":"${NUL}","value":1}`, PAYLOAD],
  ['a member with NUL', 'sortedset.zadd', `{"key":"z","member":"${NUL}","score":1}`, PAYLOAD],
  ['a prefix with NUL', 'kv.scan', `{"prefix":"${NUL}"}`, PAYLOAD],
  ['half a surrogate pair', 'kv.set', '{"key":"\\ud800","value":1}', REQUEST],
  ['a value with half a surrogate pair', 'kv.set', '{"key":"k","value":"\\udfff"}', REQUEST],

  ['NaN', 'sortedset.zadd', '{"key":"z","member":"m","score":NaN}', REQUEST],
  ['NaN as text', 'sortedset.zadd', '{"key":"z","member":"m","score":"nan"}', PAYLOAD],
  ['NaN among several', 'sortedset.zadd', '{"key":"z","members":["a"],"scores":["nan"]}', PAYLOAD],
  ['a score beyond doubles', 'sortedset.zadd', '{"key":"z","member":"m","score":1e999}', PAYLOAD],
  ['an increment of NaN', 'sortedset.zincrby', '{"key":"z","member":"m","increment":"nan"}', PAYLOAD],
  ['a weight of NaN', 'sortedset.zunionstore', '{"destination":"d","keys":["z"],"weights":["nan"]}', PAYLOAD],

  ...['0', '-1', '1.5', '"60"', '1e300', '99999999999999', 'true'].flatMap((ttl): Case[] => [
    [`ttl ${ttl}`, 'kv.set', `{"key":"k","value":1,"ttl":${ttl}}`, PAYLOAD],
    [`ttl ${ttl}`, 'kv.expire', `{"key":"one","ttl":${ttl}}`, PAYLOAD],
    [`ttl ${ttl}`, 'kv.mset', `{"pairs":[{"key":"k","value":1}],"ttl":${ttl}}`, PAYLOAD],
    [`ttl ${ttl}`, 'queue.publish', `{"queue":"q","message":1,"ttl":${ttl}}`, PAYLOAD],
    [`ttl ${ttl}`, 'hyperloglog.pfadd', `{"key":"p","elements":["a"],"ttl_secs":${ttl}}`, PAYLOAD],
  ]),

  ['an amount with a fraction', 'kv.incr', '{"key":"one","amount":1.5}', PAYLOAD],
  ['an amount beyond 64 bits', 'kv.incr', '{"key":"one","amount":9223372036854775808}', PAYLOAD],
  ['a sum beyond 64 bits', 'kv.incr', '{"key":"one","amount":9223372036854775807}', PAYLOAD],

  ['a negative timeout', 'queue.consume', '{"queue":"q","timeout":-1}', PAYLOAD],
  ['a timeout of text', 'queue.consume', '{"queue":"q","timeout":"10"}', PAYLOAD],
  ['a deadline of 0', 'queue.consume', '{"queue":"q","ack_deadline":0}', PAYLOAD],
  ['a negative deadline', 'queue.consume', '{"queue":"q","ack_deadline":-5}', PAYLOAD],
  ['a negative priority', 'queue.publish', '{"queue":"q","message":1,"priority":-1}', PAYLOAD],
  ['a priority of text', 'queue.publish', '{"queue":"q","message":1,"priority":"high"}', PAYLOAD],
  ['headers that are none', 'queue.publish', '{"queue":"q","message":1,"headers":[1]}', PAYLOAD],
  ['bytes that are none', 'queue.publish', '{"queue":"q","payload":[1,256]}', PAYLOAD],
  ['no message', 'queue.publish', '{"queue":"q"}', PAYLOAD],

  ['an offset that is no integer', 'stream.history', '{"room":"r","from_offset":1.5}', PAYLOAD],
  ['an offset beyond all', 'stream.history', '{"room":"r","from_offset":1e18}', PAYLOAD],
  ['a limit of 0', 'stream.history', '{"room":"r","limit":0}', PAYLOAD],
  ['a limit beyond the bound', 'stream.history', '{"room":"r","limit":1000000}', PAYLOAD],
  ['a partition that is not there', 'topic.consume', '{"topic":"t","partition_id":99}', PAYLOAD],
  ['a partition beyond all', 'consumer_group.offset', '{"group_id":"g","partition_id":4294967296}', PAYLOAD],
  ['a negative offset', 'consumer_group.commit', '{"group_id":"g","partition_id":0,"offset":-1}', PAYLOAD],
  ['a cursor of nobody', 'kv.scan', '{"cursor":"zzz"}', PAYLOAD],

  ['nothing to set', 'kv.mset', '{"pairs":[]}', PAYLOAD],
  ['nothing to get', 'kv.mget', '{"keys":[]}', PAYLOAD],
  ['a bit far away', 'bitmap.setbit', '{"key":"b","offset":99999999999,"value":1}', PAYLOAD],
  ['text far away', 'kv.setrange', '{"key":"s","offset":536870912,"value":"x"}', LARGE],
  [
    'a place off the earth',
    'geospatial.geoadd',
    '{"key":"g1","locations":[{"lat":91,"lon":0,"member":"m"}]}',
    PAYLOAD,
  ],

  ['another kind', 'kv.get', '{"key":"list"}', ['WRONG_TYPE', 409]],
  ['another kind', 'sortedset.zadd', '{"key":"list","member":"m","score":1}', ['WRONG_TYPE', 409]],
  ['an unknown command', 'kv.nothing', '{}', ['INVALID_COMMAND', 400]],
  [
    'an unknown message',
    'queue.ack',
    '{"queue":"q","message_id":"msg_ffffffffffff"}',
    ['MESSAGE_NOT_FOUND', 404],
  ],
  [
    'a queue that is not there',
    'queue.ack',
    '{"queue":"none","message_id":"msg_ffffffffffff"}',
    ['QUEUE_NOT_FOUND', 404],
  ],
  ['an id that is none', 'queue.nack', '{"queue":"q","message_id":"\\u0000"}', ['MESSAGE_NOT_FOUND', 404]],
];

/** Others go on as if nothing were. */
const othersAreWell = async (): Promise<void> => {
  expect(await bystander.call('kv.get', { key: 'one' })).toMatchObject({ payload: { value: 1 } });
};

describe.each(CASES)('%s, %s', (_what, command, payload, [code, status]) => {
  const request = (id: string) => `{"request_id":"${id}","command":"${command}","payload":${payload}}`;
  const refusal = {
    type: 'response',
    status: 'error',
    success: false,
    payload: null,
    error: { code, message: expect.stringMatching(/./), details: expect.any(Object) },
  };

  test('over HTTP', async () => {
    const answer = await server.post('/api/v1/command', request('bad'));
    expect(answer.json).toMatchObject(refusal);
    expect(answer.status).toBe(status);
    await othersAreWell();
  });

  test('over a WebSocket', async () => {
    socket.send(request('bad'));
    expect(await socket.next()).toMatchObject(refusal);
    expect(await socket.call('kv.get', { key: 'one' })).toMatchObject({ payload: { value: 1 } });
  });
});

describe('too many at once', () => {
  const MILLION = 1_000_001;
  const many = (item: string): string => `[${new Array(MILLION).fill(item).join(',')}]`;

  test.each([
    ['a batch', `{"type":"batch","commands":${many('{}')}}`, LARGE],
    ['pairs', `{"command":"kv.mset","payload":{"pairs":${many('["k",1]')}}}`, LIMIT],
    ['keys', `{"command":"kv.mget","payload":{"keys":${many('"k"')}}}`, LIMIT],
    ['values', `{"command":"list.rpush","payload":{"key":"l","values":${many('1')}}}`, LIMIT],
    ['members', `{"command":"set.add","payload":{"key":"s","members":${many('1')}}}`, LIMIT],
    ['fields', `{"command":"hash.mget","payload":{"key":"h","fields":${many('"f"')}}}`, LIMIT],
    ['commands as they are', `{"type":"batch","commands":${many('{"command":"kv.dbsize"}')}}`, LARGE],
  ] as const)('1,000,001 %s', async (_what, body, [code, status]) => {
    const answer = await server.post('/api/v1/command', body);
    expect(answer.json).toMatchObject({ status: 'error', error: { code } });
    expect(answer.status).toBe(status);
    await othersAreWell();
  });

  test('a batch over a WebSocket', async () => {
    const client = await connect(server, '/api/v1/ws');
    client.send(`{"type":"batch","commands":[${new Array(100_001).fill('{}').join(',')}]}`);
    expect(await client.next()).toMatchObject({ status: 'error', error: { code: 'PAYLOAD_TOO_LARGE' } });
    expect(await client.call('kv.get', { key: 'one' })).toMatchObject({ status: 'success' });
    await client.close();
  });
});

test('an offset in the future is nothing yet', async () => {
  await ok(server, 'stream.publish', { room: 'r', event_type: 'e', data: 1 });
  const history = await ok(server, 'stream.history', { room: 'r', from_offset: 1_000_000 });
  expect(history).toMatchObject({ events: [], oldest_offset: 0, newest_offset: 0 });
  const asked = { room: 'r', subscriber_id: 's', from_offset: 1_000_000 };
  expect(await ok(server, 'stream.consume', asked)).toStrictEqual({ events: [], next_offset: 1_000_000 });
  const topic = await ok(server, 'topic.consume', { topic: 't', partition_id: 0, from_offset: 9_000 });
  expect(topic).toMatchObject({ events: [], next_offset: 9_000 });
});

test('NUL in a value and in a message is kept', async () => {
  await ok(server, 'kv.set', { key: 'nul', value: 'a\0b' });
  expect((await ok(server, 'kv.get', { key: 'nul' })).value).toBe('a\0b');
  await ok(server, 'queue.publish', { queue: 'nul', message: 'a\0b', headers: { 'h\0': '\0' } });
  expect(await ok(server, 'queue.consume', { queue: 'nul' })).toMatchObject({
    message: 'a\0b',
    headers: { 'h\0': '\0' },
  });
});

test('the ack of a message whose lease has ended, and which somebody else has', async () => {
  await ok(server, 'queue.publish', { queue: 'late', message: 1 });
  const first = await ok(server, 'queue.consume', { queue: 'late', consumer_id: 'a', ack_deadline: 1 });
  const second = await ok(server, 'queue.consume', { queue: 'late', consumer_id: 'b', timeout: 10 });
  expect(second.message).toMatchObject({ id: first.message.id, retry_count: 1 });
  const settled = { queue: 'late', message_id: first.message.id };
  const late = await server.post('/api/v1/command', {
    command: 'queue.ack',
    payload: { ...settled, consumer_id: 'a' },
  });
  expect(late.json.error).toMatchObject({ code: 'MESSAGE_NOT_FOUND' });
  await ok(server, 'queue.ack', { ...settled, consumer_id: 'b' });
}, 30_000);

describe('sockets', () => {
  test('text that is not UTF-8 closes with 1007', async () => {
    const client = await connect(server, '/api/v1/ws');
    client.ws.send(Buffer.from([0x7b, 0xff, 0xfe]), { binary: false });
    expect((await client.closed).code).toBe(1007);
    await othersAreWell();
  });

  test('a client that asks and never reads is not read from either, and others are served', async () => {
    const value = 'x'.repeat(100_000);
    await ok(server, 'kv.set', { key: 'large', value });
    const silent = await connect(server, '/api/v1/ws');
    silent.ws.pause();
    const asked = 2_000;
    for (let n = 0; n < asked; n++) {
      silent.send({ request_id: String(n), command: 'kv.get', payload: { key: 'large' } });
    }
    // 200 MB of answers are not made for it: the server waits until what it has written is read.
    for (let n = 0; n < 50; n++) await othersAreWell();
    const gets = () =>
      server.observations.filter((seen) => seen.type === 'operation' && seen.operation === 'kv.get').length;
    let before = -1;
    while (before !== gets()) {
      before = gets();
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    expect(before).toBeLessThan(asked);
    silent.ws.terminate();
    await silent.closed;
    await othersAreWell();
  }, 60_000);
});
