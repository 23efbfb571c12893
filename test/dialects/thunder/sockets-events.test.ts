/** `/ws/events`: the examples of the reference, filters, positions to resume from, bounds. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LIMITS } from '../../../src/base/index.ts';
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
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const numberOf = (lsn: string): bigint => {
  const [high = '', low = ''] = lsn.split('/');
  return (BigInt(`0x${high}`) << 32n) | BigInt(`0x${low}`);
};

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

describe('events', () => {
  it('are those of the reference, letter for letter', async () => {
    await thunder.sql(
      'CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), status varchar(20), created_at timestamptz)',
    );
    const client = await connect();
    client.send(
      '{\n  "type": "subscribe",\n  "id": "sub1",\n  "table": "orders",\n  "events": ["insert", "update", "delete"],\n  "filter": "total > 100"\n}',
    );
    const subscribed = await client.nextFrame();
    expect(subscribed.text).toMatch(
      /^\{"type":"subscribed","id":"sub1","table":"orders","events":\["insert","update","delete"\],"lsn":"[0-9A-F]+\/[0-9A-F]+"\}$/,
    );
    await thunder.sql("INSERT INTO orders VALUES (1, 1, 1, 'small', now())");
    await thunder.sql("INSERT INTO orders VALUES (1003, 55, 520.00, 'new', '2025-12-15T10:30:00Z')");
    await thunder.sql("UPDATE orders SET status = 'processing' WHERE id = 1003");
    await thunder.sql('DELETE FROM orders WHERE id IN (1, 1003)');
    const texts = [];
    const lsns = [];
    for (let n = 0; n < 3; n++) {
      const { text, json } = await client.nextFrame();
      expect(json.lsn).toMatch(LSN);
      expect(json.timestamp).toMatch(TIME);
      lsns.push(numberOf(json.lsn));
      texts.push(
        text
          .replace(json.lsn, 'LSN')
          .replace(json.timestamp, 'TIME')
          .replace(/"sequence":\d+/, '"sequence":N'),
      );
    }
    expect(texts).toEqual([
      '{"type":"event","id":"sub1","table":"orders","operation":"insert",' +
        '"row":{"id":1003,"customer_id":55,"total":520.00,"status":"new","created_at":"2025-12-15T10:30:00Z"},' +
        '"lsn":"LSN","timestamp":"TIME","sequence":N}',
      '{"type":"event","id":"sub1","table":"orders","operation":"update",' +
        '"old_row":{"id":1003,"status":"new"},"new_row":{"id":1003,"status":"processing"},' +
        '"changed_columns":["status"],"lsn":"LSN","timestamp":"TIME","sequence":N}',
      '{"type":"event","id":"sub1","table":"orders","operation":"delete",' +
        '"row":{"id":1003,"customer_id":55,"total":520.00,"status":"processing","created_at":"2025-12-15T10:30:00Z"},' +
        '"lsn":"LSN","timestamp":"TIME","sequence":N}',
    ]);
    expect([...lsns].sort((a, b) => Number(a - b))).toEqual(lsns);
    client.send({ type: 'unsubscribe', id: 'sub1' });
    expect((await client.nextFrame()).text).toBe('{"type":"unsubscribed","id":"sub1"}');
    await thunder.sql("INSERT INTO orders VALUES (7, 7, 700, 'new', now())");
    client.send({ type: 'unsubscribe', id: 'sub1' });
    expect(await client.next()).toMatchObject({
      type: 'error',
      id: 'sub1',
      error: { code: 'SUBSCRIPTION_NOT_FOUND' },
    });
    await client.close();
  });

  it('come whole when asked, and only of the kinds that were asked for', async () => {
    await thunder.sql('CREATE TABLE kinds (a int, b int, note text, PRIMARY KEY (a, b))');
    const client = await connect();
    await subscribe(client, 'full', 'kinds', { events: ['update'], full_rows: true });
    await subscribe(client, 'del', 'public.kinds', { events: ['delete'] });
    await subscribe(client, 'key', 'kinds', { events: ['update'] });
    await thunder.sql("INSERT INTO kinds VALUES (1, 2, 'x'), (3, 4, 'y')");
    await thunder.sql('UPDATE kinds SET b = 9 WHERE a = 1');
    await thunder.sql('UPDATE kinds SET b = b WHERE a = 3');
    await thunder.sql('DELETE FROM kinds WHERE a = 3');
    const of = async (id: string): Promise<Leaves> => await client.find((message) => message.id === id);
    expect(await of('full')).toMatchObject({
      old_row: { a: 1, b: 2, note: 'x' },
      new_row: { a: 1, b: 9, note: 'x' },
      changed_columns: ['b'],
    });
    const key = await of('key');
    expect([key.old_row, key.new_row]).toEqual([
      { a: 1, b: 2 },
      { a: 1, b: 9 },
    ]);
    expect((await of('full')).changed_columns).toEqual([]);
    expect(await of('key')).toMatchObject({
      old_row: { a: 3, b: 4 },
      new_row: { a: 3, b: 4 },
      changed_columns: [],
    });
    expect(await of('del')).toMatchObject({ operation: 'delete', row: { a: 3, b: 4, note: 'y' } });
    expect(client.waiting).toEqual([]);
    await client.close();
  });

  it('of one transaction have one position, and a sequence', async () => {
    await thunder.sql('CREATE TABLE together (n int PRIMARY KEY)');
    const client = await connect();
    await subscribe(client, 's', 'together');
    await thunder.sql('INSERT INTO together SELECT generate_series(1, 500)');
    const events = [];
    for (let n = 0; n < 500; n++) events.push(await client.next());
    expect(new Set(events.map(({ lsn }) => lsn)).size).toBe(1);
    expect(events.map(({ row }) => row.n)).toEqual(Array.from({ length: 500 }, (_, n) => n + 1));
    expect(events.map(({ sequence }) => sequence)).toEqual(
      [...events.map(({ sequence }) => sequence)].sort((a, b) => a - b),
    );
    expect(new Set(events.map(({ sequence }) => sequence)).size).toBe(500);
    await client.close();
  });

  it('keep all digits, and the types of the columns', async () => {
    await thunder.sql('CREATE SCHEMA sales');
    await thunder.sql(
      'CREATE TABLE sales.exact (n bigint PRIMARY KEY, d numeric, j jsonb, t text, a int[], b bytea, u uuid)',
    );
    const client = await connect();
    await subscribe(client, 's', 'exact', { schema: 'sales' });
    await thunder.sql(
      `INSERT INTO sales.exact VALUES (9007199254740993, 0.10000000000000000001, '{"a": 9007199254740993}', E'"ü\\n€', '{1,NULL}', '\\x00ff', NULL)`,
    );
    expect((await client.nextFrame()).text).toContain(
      '"table":"exact","schema":"sales","operation":"insert","row":{"n":9007199254740993,"d":0.10000000000000000001,' +
        '"j":{"a": 9007199254740993},"t":"\\"ü\\n€","a":[1,null],"b":"AP8=","u":null}',
    );
    await client.close();
  });
});

describe('subscriptions', () => {
  it('begin by the URL, too', async () => {
    await thunder.sql('CREATE TABLE by_url (n int)');
    const client = await connect('/ws/events?table=by_url');
    expect(await client.next()).toMatchObject({
      type: 'subscribed',
      id: 'default',
      events: ['insert', 'update', 'delete'],
    });
    await thunder.sql('INSERT INTO by_url VALUES (1)');
    expect(await client.next()).toMatchObject({ type: 'event', id: 'default', row: { n: 1 } });
    // Without a key, a row is told by all of it.
    await thunder.sql('ALTER TABLE by_url ADD COLUMN m int');
    await thunder.sql('UPDATE by_url SET m = 2');
    expect(await client.next()).toMatchObject({ old_row: { n: 1, m: null }, new_row: { n: 1, m: 2 } });
    await client.close();
    const wrong = await connect('/ws/events?table=not_there');
    expect(await wrong.next()).toMatchObject({
      type: 'error',
      id: 'default',
      error: { code: 'TABLE_NOT_FOUND' },
    });
    await wrong.close();
  });

  it('go on from a position, without a gap', async () => {
    await thunder.sql('CREATE TABLE resumed (n int PRIMARY KEY)');
    const first = await connect();
    const { lsn } = await subscribe(first, 's', 'resumed');
    for (let n = 1; n <= 20; n++) await thunder.sql('INSERT INTO resumed VALUES ($1)', [n]);
    const seen: Leaves[] = [];
    for (let n = 1; n <= 20; n++) seen.push(await first.next());
    await first.close();
    for (let n = 21; n <= 30; n++) await thunder.sql('INSERT INTO resumed VALUES ($1)', [n]);
    const second = await connect();
    await subscribe(second, 'all', 'resumed', { from_lsn: lsn });
    await subscribe(second, 'rest', 'resumed', { from_lsn: seen[9].lsn });
    const all = [];
    for (let n = 1; n <= 30; n++) all.push((await second.find((message) => message.id === 'all')).row.n);
    expect(all).toEqual(Array.from({ length: 30 }, (_, n) => n + 1));
    const rest = [];
    for (let n = 10; n <= 30; n++) rest.push((await second.find((message) => message.id === 'rest')).row.n);
    // The transaction at the position itself is repeated.
    expect(rest).toEqual(Array.from({ length: 21 }, (_, n) => n + 10));
    await second.close();
  });

  it('that cannot be are refused by name', async () => {
    await thunder.sql('CREATE TABLE refused (n int)');
    const client = await connect();
    for (const [message, code] of [
      [{ table: 'refused' }, 'MISSING_PARAMETER'],
      [{ id: 'a' }, 'MISSING_PARAMETER'],
      [{ id: 'a', table: 7 }, 'INVALID_PARAMETER'],
      [{ id: 'a', table: 'not_there' }, 'TABLE_NOT_FOUND'],
      [{ id: 'a', table: 'refused', events: ['truncate'] }, 'INVALID_EVENT'],
      [{ id: 'a', table: 'refused', events: [] }, 'INVALID_EVENT'],
      [{ id: 'a', table: 'refused', events: 'insert' }, 'INVALID_PARAMETER'],
      [{ id: 'a', table: 'refused', filter: 'm > 1' }, 'INVALID_FILTER'],
      [{ id: 'a', table: 'refused', filter: 'n >' }, 'INVALID_FILTER'],
      [{ id: 'a', table: 'refused', from_lsn: 'x' }, 'INVALID_PARAMETER'],
      [{ id: 'a', table: 'refused', from_lsn: '0/1' }, 'LSN_NOT_AVAILABLE'],
      [{ id: 'a', table: 'refused', full_rows: 'yes' }, 'INVALID_PARAMETER'],
      [{ id: 'a', table: 'refused', other: 1 }, 'INVALID_PARAMETER'],
      [{ id: 'a', table: 'refused', subscription_id: 'sub_x' }, 'INVALID_PARAMETER'],
      [{ id: 'a', subscription_id: 'sub_000000000000' }, 'SUBSCRIPTION_NOT_FOUND'],
    ] as const) {
      client.send({ type: 'subscribe', ...message });
      expect(await client.next(), JSON.stringify(message)).toMatchObject({
        type: 'error',
        ...('id' in message ? { id: 'a' } : {}),
        error: { code },
      });
    }
    await subscribe(client, 'a', 'refused');
    client.send({ type: 'subscribe', id: 'a', table: 'refused' });
    expect(await client.next()).toMatchObject({ type: 'error', id: 'a', error: { code: 'DUPLICATE_ID' } });
    client.send({ type: 'ack', id: 'a', lsn: '0/1' });
    expect(await client.next()).toMatchObject({
      type: 'error',
      id: 'a',
      error: { code: 'INVALID_PARAMETER' },
    });
    await client.close();
  });

  it('end when their table goes', async () => {
    await thunder.sql('CREATE TABLE dropped (n int)');
    await thunder.sql('CREATE TABLE kept (n int)');
    const client = await connect();
    await subscribe(client, 'd', 'dropped');
    await subscribe(client, 'k', 'kept');
    await thunder.sql('DROP TABLE dropped');
    expect(await client.next()).toMatchObject({ type: 'error', id: 'd', error: { code: 'TABLE_NOT_FOUND' } });
    await thunder.sql('INSERT INTO kept VALUES (1)');
    expect(await client.next()).toMatchObject({ type: 'event', id: 'k' });
    await client.close();
  });

  it('are many on a connection, up to a bound', async () => {
    await thunder.sql('CREATE TABLE many (n int)');
    const client = await connect();
    for (let n = 0; n < LIMITS.socketSubscriptionsMax + 5; n++) {
      client.send({ type: 'subscribe', id: `s${n}`, table: 'many', events: ['insert'] });
    }
    for (let n = 0; n < LIMITS.socketSubscriptionsMax; n++)
      expect((await client.next()).type).toBe('subscribed');
    for (let n = 0; n < 5; n++) expect((await client.next()).error.code).toBe('LIMIT_EXCEEDED');
    await thunder.sql('INSERT INTO many VALUES (1)');
    const ids = new Set<string>();
    while (ids.size < LIMITS.socketSubscriptionsMax) ids.add((await client.next()).id);
    await client.close();
  }, 60_000);
});
