/** Subscriptions of GraphQL with the client of the reference: committed changes of real tables, to the last digit. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, createClient } from 'graphql-ws';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { startThunder, type Thunder } from './harness.ts';

/** Of looks that are 20 ms apart: half a minute, far more than it takes where others use the machine, too. */
const TRIES_MAX = 1_500;

let thunder: Thunder;
const clients: Client[] = [];
beforeAll(async () => {
  thunder = await startThunder();
  await thunder.sql(
    'CREATE TABLE orders (id bigint PRIMARY KEY, total numeric(20,4), note text, at timestamptz)',
  );
  await thunder.sql('CREATE TABLE sessions (id uuid PRIMARY KEY, data jsonb)');
}, 60_000);
afterEach(async () => {
  for (const client of clients.splice(0)) await client.dispose();
});
afterAll(async () => await thunder.stop());

const socketUrl = (): string => `${thunder.url.replace('http', 'ws')}/graphql`;

interface Told {
  readonly data: Record<string, Record<string, unknown>>;
}

/** What a subscription was told so far. */
class Watch {
  readonly told: Told[] = [];
  readonly texts: string[] = [];
  ended: unknown;
  readonly leave: () => void;

  constructor(query: string) {
    const { texts } = this;
    const client = createClient({
      url: socketUrl(),
      webSocketImpl: WebSocket,
      retryAttempts: 0,
      lazyCloseTimeout: 0,
      on: { message: () => {} },
      jsonMessageReviver: (key, value: unknown) => {
        if (key === '') texts.push(JSON.stringify(value));
        return value;
      },
    });
    clients.push(client);
    this.leave = client.subscribe(
      { query },
      {
        next: (result) => void this.told.push(result as unknown as Told),
        error: (error) => {
          this.ended = error;
        },
        complete: () => {
          this.ended ??= 'complete';
        },
      },
    );
  }

  async count(wanted: number): Promise<Told[]> {
    for (let tries = 0; this.told.length < wanted; tries++) {
      if (tries > TRIES_MAX)
        throw new Error(`told ${JSON.stringify(this.told)}, ended ${JSON.stringify(this.ended)}`);
      await sleep(20);
    }
    return this.told;
  }
}

const followers = async (): Promise<number> =>
  thunder.observed.filter((seen) => seen.type === 'operation' && seen.operation === 'changes.follow').length;

async function watch(query: string): Promise<Watch> {
  const before = await followers();
  const watching = new Watch(query);
  for (let tries = 0; (await followers()) === before; tries++) {
    if (tries > TRIES_MAX) throw new Error(`does not follow: ${JSON.stringify(watching)}`);
    await sleep(20);
  }
  return watching;
}

describe('subscriptions', () => {
  it('tell of inserts that fit a filter, with all digits', async () => {
    const watching = await watch(
      'subscription { onRowInserted(table: "orders", filter: "total > 1000") { table operation row timestamp lsn } }',
    );
    await thunder.sql(
      "INSERT INTO orders VALUES (1, 999.5, 'small', NULL), (9007199254740993, 1000.0001, 'a\"b', '2025-12-01T14:30:00Z')",
    );
    const [told] = await watching.count(1);
    expect(told?.data.onRowInserted).toEqual({
      table: 'orders',
      operation: 'insert',
      row: { id: 9007199254740992, total: 1000.0001, note: 'a"b', at: '2025-12-01T14:30:00Z' },
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      lsn: expect.stringMatching(/^[0-9A-F]+\/[0-9A-F]+$/),
    });
  });

  it('tell of updates, with both rows and what differs', async () => {
    const watching = await watch(
      'subscription { onRowUpdated(table: "orders") { table operation oldRow newRow changedColumns lsn } }',
    );
    await thunder.sql('UPDATE orders SET total = 5, note = note WHERE id = 1');
    const [told] = await watching.count(1);
    expect(told?.data.onRowUpdated).toMatchObject({
      operation: 'update',
      oldRow: { id: 1, total: 999.5, note: 'small', at: null },
      newRow: { id: 1, total: 5, note: 'small', at: null },
      changedColumns: ['total'],
    });
  });

  it('tell of deletes, with the row that is gone', async () => {
    await thunder.sql(`INSERT INTO sessions VALUES ('00000000-0000-0000-0000-000000000001', '{"a": [1]}')`);
    const watching = await watch(
      'subscription { onRowDeleted(table: "sessions") { table row timestamp lsn } }',
    );
    await thunder.sql('DELETE FROM sessions');
    const [told] = await watching.count(1);
    expect(told?.data.onRowDeleted).toMatchObject({
      table: 'sessions',
      row: { id: '00000000-0000-0000-0000-000000000001', data: { a: [1] } },
    });
  });

  it('are in the order of commits, and of one kind each', async () => {
    const inserts = await watch('subscription { onRowInserted(table: "orders") { row lsn } }');
    const deletes = await watch('subscription { onRowDeleted(table: "orders") { row } }');
    await thunder.sql('INSERT INTO orders SELECT n, n FROM generate_series(100, 399) n');
    await thunder.sql('DELETE FROM orders WHERE id BETWEEN 100 AND 199');
    const ids = (await inserts.count(300)).map(({ data }) => (data.onRowInserted?.row as { id: number }).id);
    expect(ids).toEqual(Array.from({ length: 300 }, (_, at) => 100 + at));
    expect(await deletes.count(100)).toHaveLength(100);
  });

  it('end in the server when the client unsubscribes, or its connection is lost', async () => {
    const held = (): number => thunder.store.opened.reduce((sum, { counts }) => sum + counts.held, 0);
    const first = await watch('subscription { onRowInserted(table: "orders") { lsn } }');
    const during = held();
    first.leave();
    for (let tries = 0; held() >= during; tries++) {
      expect(tries).toBeLessThan(TRIES_MAX);
      await sleep(20);
    }
    const socket = new WebSocket(socketUrl(), 'graphql-transport-ws');
    await new Promise((resolve) => socket.once('open', resolve));
    socket.send('{"type":"connection_init"}');
    await new Promise((resolve) => socket.once('message', resolve));
    socket.send(
      '{"type":"subscribe","id":"a","payload":{"query":"subscription { onRowInserted(table: \\"orders\\") { lsn } }"}}',
    );
    for (let tries = 0; held() < during; tries++) {
      expect(tries).toBeLessThan(TRIES_MAX);
      await sleep(20);
    }
    socket.terminate();
    for (let tries = 0; held() >= during; tries++) {
      expect(tries).toBeLessThan(TRIES_MAX);
      await sleep(20);
    }
  });

  it('have all their digits on the wire, and end with a reason for a client that does not read', async () => {
    const socket = new WebSocket(socketUrl(), 'graphql-transport-ws');
    const texts: string[] = [];
    socket.on('message', (data) => texts.push(String(data)));
    const told = async (test: (text: string) => boolean): Promise<string> => {
      for (let tries = 0; tries < TRIES_MAX; tries++) {
        const found = texts.find(test);
        if (found !== undefined) return found;
        await sleep(20);
      }
      throw new Error(`not told in ${texts.length} messages, at last ${texts.at(-1)?.slice(0, 500)}`);
    };
    await new Promise((resolve) => socket.once('open', resolve));
    socket.send('{"type":"connection_init"}');
    const before = await followers();
    await told((text) => text.includes('connection_ack'));
    socket.send(
      '{"type":"subscribe","id":"s","payload":{"query":"subscription { onRowInserted(table: \\"orders\\") { row } }"}}',
    );
    for (let tries = 0; (await followers()) === before; tries++) {
      expect(tries).toBeLessThan(TRIES_MAX);
      await sleep(20);
    }
    await thunder.sql("INSERT INTO orders VALUES (9223372036854775807, 1.1000, 'x', NULL)");
    expect(await told((text) => text.includes('"next"'))).toBe(
      '{"id":"s","type":"next","payload":{"data":{"onRowInserted":{"row":{"id":9223372036854775807,"total":1.1000,"note":"x","at":null}}}}}',
    );
    socket.pause();
    const [database] = thunder.store.opened;
    const changesBefore = database?.changes.facts.changes ?? 0;
    // More than a feed and the buffers of both ends hold together.
    for (let at = 0; at < 12; at++) {
      await thunder.sql(
        `INSERT INTO orders SELECT ${10_000 + at * 100} + n, 0, repeat('z', 50000) FROM generate_series(1, 60) n`,
      );
    }
    // All of it has come to the feed while nobody read; a client that reads earlier may keep up.
    for (let tries = 0; (database?.changes.facts.changes ?? 0) < changesBefore + 720; tries++) {
      expect(tries).toBeLessThan(TRIES_MAX);
      await sleep(20);
    }
    await sleep(500);
    socket.resume();
    const last = await told((text) => text.includes('"type":"error"'));
    expect(last).toContain('SUBSCRIBER_TOO_SLOW');
    expect(last).toMatch(/lsn [0-9A-F]+\/[0-9A-F]+/);
    socket.terminate();
  });

  it.each([
    ['onRowInserted(table: "nope")', 'TABLE_NOT_FOUND'],
    ['onRowInserted(table: "orders", filter: "total >")', 'INVALID_FILTER'],
  ])('refuse %s', async (field, code) => {
    const watching = new Watch(`subscription { ${field} { lsn } }`);
    const [told] = await watching.count(1);
    expect(told).toMatchObject({ errors: [{ extensions: { code } }] });
    for (let tries = 0; watching.ended === undefined; tries++) {
      expect(tries).toBeLessThan(TRIES_MAX);
      await sleep(10);
    }
    expect(watching.ended).toBe('complete');
  });
});
