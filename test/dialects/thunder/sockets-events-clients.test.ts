/** `/ws/events` for clients that come back: durable subscriptions with acknowledgements, and those who read too slowly. */
import { connect as connectTcp } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Leaves } from '../../support/leaves.ts';
import { connectSocket, type SocketClient } from '../../support/socket-client.ts';
import { startThunder, type Thunder } from './harness.ts';

let thunder: Thunder;
beforeAll(async () => {
  thunder = await startThunder();
}, 60_000);
afterAll(async () => await thunder.stop());

const connect = (path = '/ws/events'): Promise<SocketClient> => connectSocket(thunder.url, path);

const LSN = /^[0-9A-F]{1,8}\/[0-9A-F]{1,8}$/;

/** A subscription that is acknowledged. */
async function subscribe(
  client: SocketClient,
  id: string,
  table: string,
  more: object = {},
): Promise<Leaves> {
  client.send({ type: 'subscribe', id, table, events: ['insert', 'update', 'delete'], ...more });
  const answer = await client.find((message) => message.id === id);
  expect(answer).toMatchObject({ type: 'subscribed', id, lsn: expect.stringMatching(LSN) });
  return answer;
}

describe('durable subscriptions', () => {
  const create = async (table: string, more: object = {}): Promise<string> => {
    const reply = await thunder.post('/api/v1/subscriptions', {
      name: `of ${table}`,
      table,
      events: ['insert', 'update', 'delete'],
      delivery: 'websocket',
      ...more,
    });
    expect(reply.status, reply.text).toBe(201);
    return String(reply.json.id);
  };

  it('go on behind what was acknowledged', async () => {
    await thunder.sql('CREATE TABLE durable (n int PRIMARY KEY, note text)');
    const subscriptionId = await create('durable', { filter: 'n < 100' });
    await thunder.sql("INSERT INTO durable VALUES (1, 'a'), (2, 'b'), (300, 'c')");
    const attach = { type: 'subscribe', id: 'd', subscription_id: subscriptionId };
    const first = await connect();
    first.send(attach);
    expect(await first.next()).toMatchObject({ type: 'subscribed', id: 'd', table: 'durable' });
    const one = await first.next();
    const two = await first.next();
    expect([one.row.n, two.row.n]).toEqual([1, 2]);
    // One at a time, whoever asks.
    const other = await connect();
    other.send(attach);
    expect(await other.next()).toMatchObject({ type: 'error', id: 'd', error: { code: 'SLOT_IN_USE' } });
    await other.close();
    first.send({ type: 'ack', id: 'd', lsn: 'FFFFFFFF/0', sequence: 0 });
    expect(await first.next()).toMatchObject({
      type: 'error',
      id: 'd',
      error: { code: 'INVALID_PARAMETER' },
    });
    first.send({ type: 'ack', id: 'd', lsn: one.lsn, sequence: -1 });
    expect(await first.next()).toMatchObject({
      type: 'error',
      id: 'd',
      error: { code: 'INVALID_PARAMETER' },
    });
    first.send({ type: 'ack', id: 'd', lsn: one.lsn, sequence: one.sequence });
    await first.close();
    await thunder.sql("UPDATE durable SET note = 'x' WHERE n = 1");

    const second = await attached(attach);
    expect((await second.next()).row.n).toBe(2);
    const updated = await second.next();
    expect(updated).toMatchObject({
      operation: 'update',
      new_row: { n: 1, note: 'x' },
      changed_columns: ['note'],
    });
    expect(updated).not.toHaveProperty('old_row');
    second.send({ type: 'ack', id: 'd', lsn: updated.lsn, sequence: updated.sequence });
    await second.close();

    const third = await attached({ ...attach, full_rows: true });
    await thunder.sql('DELETE FROM durable WHERE n = 2');
    expect(await third.next()).toMatchObject({ operation: 'delete', row: { n: 2, note: 'b' } });
    await third.close();
    await thunder.del(`/api/v1/subscriptions/${subscriptionId}`);
  });

  /** The connection before may not have let go yet. */
  async function attached(message: object): Promise<SocketClient> {
    const client = await connect();
    for (let tries = 0; tries < 100; tries++) {
      client.send(message);
      const answer = await client.next();
      if (answer.type === 'subscribed') return client;
      expect(answer.error.code).toBe('SLOT_IN_USE');
      await sleep(20);
    }
    throw new Error('not let go');
  }
});

describe('slow clients', () => {
  it('are closed with the position to resume from, and hold up nobody', async () => {
    await thunder.sql('CREATE TABLE slow (n int PRIMARY KEY, note text)');
    const quick = await connect();
    await subscribe(quick, 'q', 'slow', { events: ['insert'] });
    const slow = await connect();
    await subscribe(slow, 's', 'slow');
    slow.ws.pause();
    let rows = 0;
    for (let n = 0; n < 40; n++) {
      await thunder.sql(
        "INSERT INTO slow SELECT g, repeat('x', 1000) FROM generate_series($1::int, $1::int + 999) g",
        [n * 1_000],
      );
      rows += 1_000;
      for (let at = 0; at < 1_000; at++) expect((await quick.next()).type).toBe('event');
    }
    expect(rows).toBe(40_000);
    slow.ws.resume();
    expect(await slow.closed).toMatchObject({
      code: 1013,
      reason: expect.stringMatching(/^SUBSCRIBER_TOO_SLOW: Resume from [0-9A-F]+\/[0-9A-F]+$/),
    });
    const frames = slow.waiting.map(({ json }) => json);
    const last = frames.at(-1);
    expect(last).toMatchObject({ type: 'error', id: 's', error: { code: 'SUBSCRIBER_TOO_SLOW' } });
    // Who goes on from there misses nothing.
    const from = /Resume from (\S+)/.exec(last.error.detail)?.[1] ?? '';
    const seen = new Set(frames.flatMap(({ row }) => (row === undefined ? [] : [row.n])));
    const again = await connect();
    await subscribe(again, 'r', 'slow', { from_lsn: from });
    while (seen.size < 40_000) seen.add((await again.next()).row.n);
    await again.close();
    await quick.close();
  }, 120_000);

  it('that vanish leave nothing behind', async () => {
    await thunder.sql('CREATE TABLE vanish (n int)');
    const socket = connectTcp(Number(new URL(thunder.url).port), '127.0.0.1');
    socket.write(
      'GET /ws/events?table=vanish HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n',
    );
    await new Promise((resolve) => socket.once('data', resolve));
    socket.destroy();
    await sleep(50);
    await thunder.sql('INSERT INTO vanish VALUES (1)');
    const client = await connect();
    await subscribe(client, 's', 'vanish');
    await client.close();
  });
});
