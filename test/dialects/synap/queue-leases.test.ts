/** Who holds a message: sockets that close give it back, and late consumers do not answer for others. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { createDatabase, dropDatabase, uriOf } from '../../support/test-store.ts';
import { ok, send } from './client.ts';
import { connect, type SocketClient } from './socket-client.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

const MINUTE_S = 60;
const makeQueue = (queue: string, config: object = {}) =>
  ok(server, 'queue.create', { queue, config: { ack_deadline_secs: MINUTE_S, max_retries: 0, ...config } });

async function publish(queue: string, count: number): Promise<void> {
  for (let n = 0; n < count; n++) await ok(server, 'queue.publish', { queue, message: n });
}

/** The first messages of a socket. */
async function held(client: SocketClient, count: number): Promise<{ message_id: string; receipt: string }[]> {
  expect((await client.next()).type).toBe('connected');
  const messages = [];
  for (let n = 0; n < count; n++) messages.push(await client.next());
  return messages;
}

async function taken(queue: string): Promise<unknown[]> {
  const values = [];
  for (;;) {
    const { message, retry_count } = await ok(server, 'queue.consume', { queue });
    if (message === null) return values;
    expect(retry_count).toBe(0);
    values.push(message);
  }
}

/** In less than a lease, which is a minute long. */
const backAgain = (queue: string, depth: number) =>
  expect
    .poll(async () => (await ok(server, 'queue.stats', { queue })).depth, { timeout: 10_000 })
    .toBe(depth);

describe('a socket that ends gives back what its client has not answered', () => {
  test.each<[string, (client: SocketClient) => unknown]>([
    ['closed by the client', (client) => client.close()],
    ['cut off', (client) => client.ws.terminate()],
  ])('%s', async (how, end) => {
    const queue = `back ${how}`;
    await makeQueue(queue);
    await publish(queue, 5);
    const client = await connect(server, `/queue/${encodeURIComponent(queue)}/ws/w`);
    const messages = await held(client, 5);
    client.send({ command: 'ack', message_id: messages[1]?.message_id });
    await expect.poll(async () => (await ok(server, 'queue.stats', { queue })).acked).toBe(1);
    await end(client);
    await backAgain(queue, 4);
    // In their old order, and none has failed: one failure would have been the death of them.
    expect(await taken(queue)).toEqual([0, 2, 3, 4]);
    expect((await ok(server, 'queue.stats', { queue })).dead_letters).toBe(0);
  });

  test('what the client says in its last moment is heard first', async () => {
    await makeQueue('last moment');
    await publish('last moment', 40);
    const client = await connect(server, '/queue/last%20moment/ws/w');
    for (const { message_id } of await held(client, 40)) client.send({ command: 'ack', message_id });
    await client.close();
    await expect
      .poll(() => ok(server, 'queue.stats', { queue: 'last moment' }))
      .toMatchObject({ acked: 40, depth: 0, in_flight: 0 });
  });

  test('again and again, without an end', async () => {
    await makeQueue('flapping');
    await publish('flapping', 3);
    for (let times = 0; times < 6; times++) {
      const client = await connect(server, '/queue/flapping/ws/w');
      await held(client, 3);
      client.ws.terminate();
    }
    await backAgain('flapping', 3);
    expect(await taken('flapping')).toEqual([0, 1, 2]);
  });

  test('to those who wait', async () => {
    await makeQueue('waiting');
    const client = await connect(server, '/queue/waiting/ws/first');
    await publish('waiting', 1);
    await held(client, 1);
    const next = ok(server, 'queue.consume', { queue: 'waiting', timeout: 20 });
    const other = await connect(server, '/queue/waiting/ws/second');
    expect((await other.next()).type).toBe('connected');
    await sleep(50);
    client.ws.terminate();
    expect(await next).toMatchObject({ message: 0, retry_count: 0 });
    await other.close();
  });

  test('before the server has stopped', async () => {
    const name = await createDatabase();
    const flags = { store: uriOf(name) };
    const stopping = await startTestServer({ flags });
    try {
      await ok(stopping, 'queue.publish', { queue: 'last', message: 'words' });
      const client = await connect(stopping, '/queue/last/ws/w');
      await held(client, 1);
      await stopping.stop();
      expect((await client.closed).code).toBe(1001);
      const after = await startTestServer({ flags });
      expect(await ok(after, 'queue.consume', { queue: 'last' })).toMatchObject({
        message: 'words',
        retry_count: 0,
      });
      await after.stop();
    } finally {
      await dropDatabase(name);
    }
  });
});

describe('a consumer that is late', () => {
  /** A message whose first lease, of `first`, has ended, and which `second` has now. */
  async function moved(queue: string) {
    await makeQueue(queue, { max_retries: 5 });
    await publish(queue, 1);
    const one = await ok(server, 'queue.consume', { queue, consumer_id: 'first', ack_deadline: 1 });
    const two = await ok(server, 'queue.consume', { queue, consumer_id: 'second', timeout: 20 });
    expect(two.message.id).toBe(one.message.id);
    return { one: one.message, two: two.message };
  }

  test.each(['queue.ack', 'queue.nack'])('does not answer for the next one: %s', async (command) => {
    const queue = `late ${command}`;
    const { one, two } = await moved(queue);
    const refused = async (answer: object): Promise<void> => {
      const { status, json } = await send(server, command, { queue, ...answer });
      expect([status, json.error?.code ?? json.code]).toEqual([404, 'MESSAGE_NOT_FOUND']);
    };
    await refused({ message_id: one.id, consumer_id: 'first' });
    await refused({ message_id: one.id, receipt: one.receipt });
    await refused({ receipt: one.receipt });
    expect(await ok(server, 'queue.stats', { queue })).toMatchObject({ in_flight: 1 });
    const path = `/queue/${encodeURIComponent(queue)}/${command.slice(6)}`;
    expect((await server.post(path, { message_id: one.id, consumer_id: 'first' })).status).toBe(404);
    expect((await server.post(path, { message_id: one.id, consumer_id: 'second' })).status).toBe(200);
    expect(two.receipt).not.toBe(one.receipt);
  });

  test('a receipt of another message is refused', async () => {
    const payload = { queue: 'any', message_id: 'msg_000000000001', receipt: 'msg_000000000002.1' };
    const { json } = await send(server, 'queue.ack', payload);
    expect(JSON.stringify(json)).toContain("'receipt' is not one of the message");
  });
});
