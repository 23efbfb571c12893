/**
 * One transaction over five models, through HTTP: a row, a node, a key, a message and an event. Before the commit
 * nobody sees them and nobody is woken; after a rollback none of them is there.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Answer } from '../../support/server.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { ok, send } from './client.ts';
import { connect, type SocketClient } from './socket-client.ts';

/** Long enough for a wake that should not have happened to arrive. */
const QUIET_MS = 300;

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
  await server.sql('create table orders (id bigint primary key, what text)');
  await ok(server, 'queue.create', { queue: 'orders' });
  await ok(server, 'stream.create', { room: 'orders' });
});
afterAll(() => server.stop());

const succeeded = (answer: Answer): Answer => {
  if (answer.status >= 300) throw new Error(`${answer.status} ${answer.text}`);
  return answer;
};

async function begin(): Promise<string> {
  return succeeded(await server.post('/api/v1/transactions', {})).json.txn_id;
}

const end = async (id: string, how: 'commit' | 'rollback'): Promise<void> => {
  succeeded(await server.post(`/api/v1/transactions/${id}/${how}`, {}));
};

const inside = (id: string) => ({ headers: { 'x-facet-txn-id': id } });

/** One of each model, through the routes that a client of it uses. */
async function writeAll(id: string, number: number): Promise<void> {
  const within = inside(id);
  succeeded(await server.sql('insert into orders values ($1, $2)', [number, 'book'], within));
  const query = 'CREATE (:Order {id: $id})';
  succeeded(await server.post('/v0/cypher', { query, params: { id: number } }, within));
  succeeded(await send(server, 'kv.set', { key: `order:${number}`, value: { number } }, within));
  succeeded(await send(server, 'queue.publish', { queue: 'orders', message: { number } }, within));
  const event = { event: 'placed', data: { number } };
  succeeded(await server.post('/stream/orders/publish', event, within));
}

interface Seen {
  readonly rows: number;
  readonly nodes: number;
  readonly key: boolean;
  readonly messages: number;
  readonly events: number;
}

/** What somebody sees of an order: the transaction of that id, or everybody else. */
async function look(number: number, id?: string): Promise<Seen> {
  const options = id === undefined ? {} : inside(id);
  const payloadOf = async (command: string, payload: object) =>
    succeeded(await send(server, command, payload, options)).json.payload;
  const rows = succeeded(await server.sql('select 1 from orders where id = $1', [number], options));
  const query = 'MATCH (o:Order {id: $id}) RETURN o.id AS id';
  const nodes = succeeded(await server.post('/v0/cypher', { query, params: { id: number } }, options));
  const events: { data: { number: number } }[] = (
    await payloadOf('stream.history', { room: 'orders', from_offset: 0 })
  ).events;
  return {
    rows: rows.json.rows.length,
    nodes: nodes.json.rows.length,
    key: (await payloadOf('kv.get', { key: `order:${number}` })).found,
    messages: (await payloadOf('queue.peek', { queue: 'orders', count: 100 })).messages.filter(
      ({ message }: { message: { number: number } }) => message.number === number,
    ).length,
    events: events.filter(({ data }) => data.number === number).length,
  };
}

const NOTHING: Seen = { rows: 0, nodes: 0, key: false, messages: 0, events: 0 };
const EVERYTHING: Seen = { rows: 1, nodes: 1, key: true, messages: 1, events: 1 };

/** A consumer that waits; `got` has its message once it is there. */
function waitForMessage(): { readonly got: unknown[]; readonly answered: Promise<unknown> } {
  const got: unknown[] = [];
  const answered = ok(server, 'queue.consume', { queue: 'orders', timeout: 20 }).then((payload) => {
    got.push(payload.message);
    return payload;
  });
  return { got, answered };
}

async function follow(): Promise<SocketClient> {
  const client = await connect(server, '/api/v1/ws');
  const answer = await client.call('stream.subscribe', { room: 'orders' });
  expect(answer.payload.subscribed).toBe(true);
  return client;
}

test('commit shows all five at once, and wakes those who wait only then', async () => {
  const client = await follow();
  const consumer = waitForMessage();
  await sleep(QUIET_MS);
  const id = await begin();
  await writeAll(id, 1);
  expect(await look(1, id)).toStrictEqual(EVERYTHING);
  expect(await look(1)).toStrictEqual(NOTHING);
  await sleep(QUIET_MS);
  expect(consumer.got).toEqual([]);
  expect(client.waiting).toEqual([]);

  await end(id, 'commit');
  expect(await consumer.answered).toMatchObject({ message: { number: 1 }, retry_count: 0 });
  expect(await client.next()).toMatchObject({ type: 'event', event_type: 'placed', data: { number: 1 } });
  // The consumer holds the message.
  expect(await look(1)).toStrictEqual({ ...EVERYTHING, messages: 0 });
  await client.close();
});

test('rollback leaves none of the five, and wakes nobody', async () => {
  const client = await follow();
  const consumer = waitForMessage();
  await sleep(QUIET_MS);
  const id = await begin();
  await writeAll(id, 2);
  expect(await look(2, id)).toStrictEqual(EVERYTHING);
  await end(id, 'rollback');
  await sleep(QUIET_MS);
  expect(consumer.got).toEqual([]);
  expect(client.waiting).toEqual([]);
  expect(await look(2)).toStrictEqual(NOTHING);

  // Both still wait: the next ones come to them, and the offset that was rolled back is used again.
  await ok(server, 'queue.publish', { queue: 'orders', message: { number: 3 } });
  await ok(server, 'stream.publish', { room: 'orders', event_type: 'placed', data: { number: 3 } });
  expect(await consumer.answered).toMatchObject({ message: { number: 3 } });
  expect(await client.next()).toMatchObject({ offset: 1, data: { number: 3 } });
  await client.close();
});

test('a statement that fails takes all five with it', async () => {
  const id = await begin();
  await writeAll(id, 4);
  const twice = await server.sql('insert into orders values (4, null)', undefined, inside(id));
  expect(twice.status).toBeGreaterThanOrEqual(400);
  const after = await send(server, 'kv.set', { key: 'order:4', value: 'late' }, inside(id));
  if (after.status === 200) await end(id, 'rollback');
  else await server.post(`/api/v1/transactions/${id}/rollback`, {});
  expect(await look(4)).toStrictEqual(NOTHING);
});

test('a consume and its ack are part of the transaction: after a rollback the message waits again', async () => {
  await ok(server, 'queue.publish', { queue: 'orders', message: { number: 5 } });
  const id = await begin();
  const { payload } = await send(server, 'queue.consume', { queue: 'orders' }, inside(id));
  expect(payload.message).toStrictEqual({ number: 5 });
  const settled = { queue: 'orders', message_id: payload.message_id };
  succeeded(await send(server, 'queue.ack', settled, inside(id)));
  succeeded(await send(server, 'kv.set', { key: 'order:5', value: 'done' }, inside(id)));
  await end(id, 'rollback');
  expect((await look(5)).key).toBe(false);
  const again = await ok(server, 'queue.consume', { queue: 'orders', timeout: 5 });
  expect(again).toMatchObject({ message_id: payload.message_id, message: { number: 5 }, retry_count: 0 });
  await ok(server, 'queue.ack', { queue: 'orders', message_id: again.message_id });
});

test('an unknown transaction is refused, not passed over', async () => {
  const refused = await send(server, 'kv.set', { key: 'stray', value: 1 }, inside('txn_unknown'));
  expect(refused.status).toBeGreaterThanOrEqual(400);
  expect((await ok(server, 'kv.get', { key: 'stray' })).found).toBe(false);
});
