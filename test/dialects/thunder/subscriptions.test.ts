/** Subscriptions over REST, with the requests of the ThunderDB API reference, and what their webhooks get. */
import { createHmac } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { answerWith, type Received, type Receiver, startReceiver } from '../../support/webhook-receiver.ts';

let server: TestServer;
let receiver: Receiver;
beforeAll(async () => {
  server = await startTestServer({ flags: { 'webhook-allow-private': 'true' } });
  receiver = await startReceiver();
  await server.sql(`CREATE TABLE users (id bigserial PRIMARY KEY, name varchar(255) NOT NULL,
    email varchar(255), active boolean NOT NULL DEFAULT true)`);
  await server.sql('CREATE TABLE orders (id bigint PRIMARY KEY, total numeric(10,2), status text)');
}, 60_000);
afterAll(async () => {
  await server.stop();
  await receiver.close();
});

/** A loaded machine takes a while to deliver, so this is far more than it takes. */
const PATIENCE_MS = 40_000;

async function until(met: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!(await met())) {
    if (performance.now() > deadline) throw new Error(`not in time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const eventsOf = (received: readonly Received[]) =>
  received.flatMap(({ json }) => json.events as unknown as Record<string, unknown>[]);

const refusal = async (body: object): Promise<[number, unknown]> => {
  const { status, json } = await server.post('/api/v1/subscriptions', body);
  return [status, json.error?.code];
};

const plain = { table: 'orders', events: ['insert'], delivery: 'websocket' };

describe('the examples of the reference', () => {
  it('create, list and delete', async () => {
    const body = `{
    "name": "user_changes_stream",
    "table": "users",
    "events": ["insert", "update", "delete"],
    "delivery": "webhook",
    "endpoint": "https://app.internal/hooks/user-changes",
    "filter": "active = true",
    "include_old_values": true,
    "batch_size": 100,
    "batch_timeout_ms": 5000,
    "retry_policy": {
      "max_retries": 5,
      "backoff_ms": 1000,
      "backoff_multiplier": 2.0
    }
  }`;
    const created = await server.post('/api/v1/subscriptions', body);
    expect(created.status).toBe(201);
    const { id, secret, created_at } = created.json;
    expect(created.json).toEqual({
      id: expect.stringMatching(/^sub_[a-z0-9]{6}$/),
      name: 'user_changes_stream',
      table: 'users',
      status: 'active',
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/),
      secret: expect.stringMatching(/^[0-9a-f]{64}$/),
    });

    const listed = await server.get('/api/v1/subscriptions');
    expect(listed.status).toBe(200);
    expect(listed.text).not.toContain(String(secret));
    expect(listed.json.subscriptions).toEqual([
      {
        id,
        name: 'user_changes_stream',
        table: 'users',
        events: ['insert', 'update', 'delete'],
        delivery: 'webhook',
        endpoint: 'https://app.internal/hooks/user-changes',
        status: 'active',
        status_reason: null,
        created_at,
        last_delivered_at: null,
        delivered_count: 0,
        lag_bytes: expect.any(Number),
      },
    ]);
    expect(listed.json.pagination).toEqual({ total: 1, limit: 100, has_more: false, next_cursor: null });

    const deleted = await server.delete(`/api/v1/subscriptions/${id}`);
    expect(deleted.status).toBe(200);
    expect(deleted.json).toEqual({
      id,
      deleted: true,
      message: "Subscription 'user_changes_stream' deleted successfully",
    });
    expect((await server.delete(`/api/v1/subscriptions/${id}`)).json.error?.code).toBe(
      'SUBSCRIPTION_NOT_FOUND',
    );
    expect((await server.get(`/api/v1/subscriptions/${id}`)).status).toBe(404);
  });
});

describe('creating', () => {
  it('refuses what is wrong, by name', async () => {
    const hook = { name: 'x', table: 'orders', events: ['insert'], delivery: 'webhook' };
    expect(await refusal(hook)).toEqual([400, 'MISSING_PARAMETER']);
    expect(await refusal({ ...plain, name: 'x', endpoint: receiver.url })).toEqual([
      400,
      'INVALID_PARAMETER',
    ]);
    expect(await refusal({ ...plain, name: 'x', table: 'nowhere' })).toEqual([404, 'TABLE_NOT_FOUND']);
    expect(await refusal({ ...plain, name: 'x', events: ['upsert'] })).toEqual([422, 'INVALID_EVENT']);
    expect(await refusal({ ...plain, name: 'x', events: [] })).toEqual([422, 'INVALID_EVENT']);
    expect(await refusal({ ...plain, name: 'x', filter: 'nope = 1' })).toEqual([422, 'INVALID_FILTER']);
    expect(await refusal({ ...plain, name: 'x', delivery: 'pigeon' })).toEqual([400, 'INVALID_PARAMETER']);
    expect(await refusal({ ...hook, endpoint: 'ftp://host/' })).toEqual([422, 'INVALID_ENDPOINT']);
    expect(await refusal({ ...hook, endpoint: 'not a url' })).toEqual([422, 'INVALID_ENDPOINT']);
    expect(await refusal({ ...hook, endpoint: 'http://me:secret@host/' })).toEqual([422, 'INVALID_ENDPOINT']);
    expect((await server.get('/api/v1/subscriptions')).json.pagination?.total).toBe(0);
  });

  it('takes a name once, and pages the list', async () => {
    const ids = [];
    for (const name of ['a', 'b', 'c']) {
      const { json } = await server.post('/api/v1/subscriptions', { ...plain, name });
      expect(json).not.toHaveProperty('secret');
      ids.push(String(json.id));
    }
    expect(await refusal({ ...plain, name: 'b' })).toEqual([409, 'SUBSCRIPTION_ALREADY_EXISTS']);
    const first = await server.get('/api/v1/subscriptions?limit=2');
    const next = await server.get(
      `/api/v1/subscriptions?limit=2&cursor=${first.json.pagination?.next_cursor}`,
    );
    const names = [first, next].flatMap(({ json }) => json.subscriptions as unknown as { name: string }[]);
    expect(names.map(({ name }) => name)).toEqual(['a', 'b', 'c']);
    for (const id of ids) expect((await server.delete(`/api/v1/subscriptions/${id}`)).status).toBe(200);
  });
});

async function hook(more: object): Promise<{ id: string; secret: string }> {
  const body = {
    table: 'orders',
    events: ['insert', 'update', 'delete'],
    delivery: 'webhook',
    endpoint: receiver.url,
  };
  const { status, json, text } = await server.post('/api/v1/subscriptions', { ...body, ...more });
  expect(status, text).toBe(201);
  return { id: String(json.id), secret: String(json.secret) };
}

const statusOf = async (id: string) => (await server.get(`/api/v1/subscriptions/${id}`)).json;

/** Whatever a test left, also one that failed: the next one finds nobody who listens to its changes. */
afterEach(async () => {
  const { json } = await server.get('/api/v1/subscriptions');
  for (const { id } of json.subscriptions as unknown as { id: string }[]) {
    await server.delete(`/api/v1/subscriptions/${id}`);
  }
  receiver.behave(undefined);
  receiver.requests.length = 0;
  receiver.accepted.length = 0;
  await server.sql('DELETE FROM orders');
});

describe('webhooks', () => {
  it('get signed batches of events', async () => {
    const { id, secret } = await hook({
      name: 'signed',
      batch_size: 3,
      batch_timeout_ms: 10_000,
      include_old_values: true,
      filter: 'total > 5',
    });
    await server.sql("INSERT INTO orders VALUES (1, 12345678.90, 'new'), (2, 1, 'small')");
    await server.sql("UPDATE orders SET status = 'paid' WHERE id = 1");
    await server.sql('DELETE FROM orders WHERE id = 1');
    await until(() => receiver.accepted.length === 1, 'a delivery');
    const [received] = receiver.accepted;
    if (received === undefined) throw new Error('there is one');
    const { headers, text, json } = received;
    const expected = createHmac('sha256', secret)
      .update(`${headers['x-thunder-timestamp']}.${text}`)
      .digest('hex');
    expect(headers['x-thunder-signature']).toBe(`sha256=${expected}`);
    expect(headers['x-thunder-subscription-id']).toBe(id);
    expect(headers['x-thunder-attempt']).toBe('1');
    expect(headers['content-type']).toBe('application/json; charset=utf-8');
    expect(json).toMatchObject({
      subscription_id: id,
      subscription: 'signed',
      batch_id: headers['x-thunder-delivery-id'],
    });
    expect(text).toContain('"total":12345678.90');
    const common = {
      table: 'orders',
      lsn: expect.stringMatching(/^[0-9A-F]+\/[0-9A-F]+$/),
      timestamp: expect.stringMatching(/Z$/),
    };
    const paid = { id: 1, total: 12345678.9, status: 'paid' };
    expect(json.events).toEqual([
      { ...common, operation: 'insert', row: { ...paid, status: 'new' }, sequence: 0 },
      {
        ...common,
        operation: 'update',
        old_row: { ...paid, status: 'new' },
        new_row: paid,
        changed_columns: ['status'],
        sequence: 0,
      },
      { ...common, operation: 'delete', row: paid, sequence: 0 },
    ]);
    await until(async () => (await statusOf(id)).delivered_count === (3 as unknown), 'the count');
    expect((await statusOf(id)).last_delivered_at).toMatch(/Z$/);
  });

  it('get what waits when the time of a batch is over, and old values only when asked for', async () => {
    await hook({ name: 'timed', batch_size: 100, batch_timeout_ms: 100, events: ['update'] });
    await server.sql("INSERT INTO orders VALUES (1, 1, 'a')");
    await server.sql("UPDATE orders SET status = 'b'");
    await until(() => receiver.accepted.length === 1, 'a delivery');
    expect(eventsOf(receiver.accepted)).toEqual([
      expect.not.objectContaining({ old_row: expect.anything() }),
    ]);
  });

  it('that fail at random get every change at least once, in order', async () => {
    const { id } = await hook({
      name: 'random',
      batch_size: 7,
      batch_timeout_ms: 20,
      retry_policy: { max_retries: 50, backoff_ms: 1, backoff_multiplier: 1 },
    });
    let n = 0;
    receiver.behave((_, response) => {
      n++;
      const fate = (n * 7919) % 10;
      if (fate < 3) response.writeHead(500).end();
      else if (fate === 3) response.socket?.destroy();
      else if (fate === 4) response.writeHead(302, { location: receiver.url }).end();
      else if (fate === 5) {
        response.writeHead(200, { 'content-length': '100' });
        response.write('x');
        response.socket?.end();
      } else response.writeHead(200).end('ok');
    });
    for (let from = 0; from < 300; from += 20) {
      await server.sql(`INSERT INTO orders SELECT n, n, 'x' FROM generate_series(${from}, ${from + 19}) n`);
    }
    const seen = (): number[] => eventsOf(receiver.requests).map((event) => (event.row as { id: number }).id);
    await until(() => new Set(seen()).size === 300, 'all changes');
    await until(async () => Number((await statusOf(id)).delivered_count) === 300, 'the count');
    // In order: the first time that each comes is after all before it.
    expect([...new Set(seen())]).toEqual(Array.from({ length: 300 }, (_, at) => at));
    const tries = new Map<unknown, string>();
    for (const { headers, text } of receiver.requests) {
      const known = tries.get(headers['x-thunder-delivery-id']);
      if (known !== undefined) expect(text).toBe(known);
      tries.set(headers['x-thunder-delivery-id'], text);
    }
  });

  it('fail after their retries, say why, and resume where they stood', async () => {
    receiver.behave(answerWith(503));
    const { id } = await hook({
      name: 'dead',
      retry_policy: { max_retries: 2, backoff_ms: 5, backoff_multiplier: 2 },
    });
    await server.sql("INSERT INTO orders VALUES (1, 1, 'a')");
    await until(async () => (await statusOf(id)).status === ('failed' as unknown), 'the failure');
    expect((await statusOf(id)).status_reason).toBe('3 tries failed. The last: The receiver answered 503');
    expect(receiver.requests.map(({ headers }) => headers['x-thunder-attempt'])).toEqual(['1', '2', '3']);
    await server.sql("INSERT INTO orders VALUES (2, 2, 'b')");
    receiver.behave(undefined);
    const resumed = await server.post(`/api/v1/subscriptions/${id}/resume`);
    expect([resumed.status, resumed.json.status]).toEqual([200, 'active']);
    await until(() => receiver.accepted.length === 2, 'both');
    expect(eventsOf(receiver.accepted).map((event) => (event.row as { id: number }).id)).toEqual([1, 2]);
  });

  it('that answer 410 get no more', async () => {
    receiver.behave(answerWith(410));
    const { id } = await hook({ name: 'gone' });
    await server.sql("INSERT INTO orders VALUES (1, 1, 'a')");
    await until(async () => (await statusOf(id)).status === ('failed' as unknown), 'the failure');
    expect(receiver.requests).toHaveLength(1);
  });

  it('are paused and resumed', async () => {
    const { id } = await hook({ name: 'paused' });
    const paused = await server.post(`/api/v1/subscriptions/${id}/pause`);
    expect([paused.status, paused.json.status]).toEqual([200, 'paused']);
    expect((await server.post(`/api/v1/subscriptions/${id}/pause`)).status).toBe(200);
    await server.sql("INSERT INTO orders VALUES (1, 1, 'a')");
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(receiver.requests).toHaveLength(0);
    await server.post(`/api/v1/subscriptions/${id}/resume`);
    await until(() => receiver.accepted.length === 1, 'the change');
    await server.post(`/api/v1/subscriptions/${id}/pause`);
    await server.sql("INSERT INTO orders VALUES (2, 1, 'a')");
    await server.post(`/api/v1/subscriptions/${id}/resume?from_now=true`);
    await server.sql("INSERT INTO orders VALUES (3, 1, 'a')");
    await until(() => receiver.accepted.length === 2, 'the next change');
    expect(eventsOf(receiver.accepted).map((event) => (event.row as { id: number }).id)).toEqual([1, 3]);
  });

  it('that answer endlessly are not listened to', async () => {
    receiver.behave((_, response) => {
      response.writeHead(200);
      const more = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536)));
        if (!response.destroyed) response.once('drain', more);
      };
      more();
    });
    const { id } = await hook({ name: 'endless' });
    await server.sql("INSERT INTO orders VALUES (1, 1, 'a'), (2, 2, 'b'), (3, 3, 'c')");
    await until(async () => Number((await statusOf(id)).delivered_count) === 3, 'three deliveries');
    expect(receiver.requests).toHaveLength(3);
  });

  it('fail alone when users write nonsense into their rows', async () => {
    const broken = await hook({ name: 'broken' });
    const nonsense = "filter = 'a)(', batch_size = 0, generation = generation + 1";
    await server.sql(`UPDATE cdc.subscription SET ${nonsense} WHERE name = 'broken'`);
    await hook({ name: 'beside it' });
    await until(async () => (await statusOf(broken.id)).status === ('failed' as unknown), 'the failure');
    expect((await statusOf(broken.id)).status_reason).toMatch(/not one SQL expression/);
    await server.sql("INSERT INTO orders VALUES (1, 1, 'a')");
    await until(() => receiver.accepted.length === 1, 'the change');
  });

  it('fail with the table that is dropped, after what had been committed', async () => {
    await server.sql('CREATE TABLE brief (id int PRIMARY KEY)');
    const { id } = await hook({ name: 'brief', table: 'brief' });
    await server.sql('INSERT INTO brief VALUES (1)');
    await server.sql('DROP TABLE brief');
    await until(async () => (await statusOf(id)).status === ('failed' as unknown), 'the failure');
    expect((await statusOf(id)).status_reason).toBe("Table 'public.brief' was dropped");
    expect(receiver.accepted).toHaveLength(1);
    expect((await server.post(`/api/v1/subscriptions/${id}/resume`)).json.error?.code).toBe(
      'TABLE_NOT_FOUND',
    );
    await server.sql('CREATE TABLE brief (id int PRIMARY KEY)');
    expect((await server.post(`/api/v1/subscriptions/${id}/resume`)).status).toBe(200);
    await server.sql('INSERT INTO brief VALUES (2)');
    await until(() => receiver.accepted.length === 2, 'the new table');
  });
});

describe('replication slots', () => {
  it('are listed and dropped', async () => {
    expect((await server.get('/api/v1/replication-slots')).json).toEqual({ slots: [] });
    expect((await server.delete('/api/v1/replication-slots/none')).json).toEqual({
      slot: 'none',
      dropped: false,
    });
    expect((await server.delete('/api/v1/replication-slots/No%20Slot')).status).toBe(400);
  });
});
