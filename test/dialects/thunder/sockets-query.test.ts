/** `/ws/query`: the examples of the reference, several queries at once, cancelling, transactions, pace. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LIMITS } from '../../../src/base/index.ts';
import type { Leaves } from '../../support/leaves.ts';
import { connectSocket, type SocketClient } from '../../support/socket-client.ts';
import { rowsText, startThunder, type Thunder } from './harness.ts';

let thunder: Thunder;
beforeAll(async () => {
  thunder = await startThunder();
}, 60_000);
afterAll(async () => await thunder.stop());

const connect = (): Promise<SocketClient> => connectSocket(thunder.url, '/ws/query');

const query = (id: string, sql: string, more: object = {}): object => ({ type: 'query', id, sql, ...more });

/** Frames of one query, up to its last. */
async function framesOf(client: SocketClient, id: string): Promise<Leaves[]> {
  const frames: Leaves[] = [];
  for (;;) {
    const frame = await client.find((message) => message.id === id);
    frames.push(frame);
    if (frame.type === 'complete' || frame.type === 'error') return frames;
  }
}

/** Backends that run a statement with `mark` in its text. */
async function running(mark: string): Promise<number> {
  const reply = await thunder.sql(
    "SELECT count(*) FROM pg_stat_activity WHERE state <> 'idle' AND query LIKE '%' || $1 || '%' AND pid <> pg_backend_pid()",
    [mark],
  );
  return Number(JSON.parse(rowsText(reply))[0][0]);
}

async function until(what: () => Promise<boolean>): Promise<void> {
  for (let at = 0; at < 200; at++) {
    if (await what()) return;
    await sleep(25);
  }
  throw new Error('did not come true');
}

describe('a query', () => {
  it('is answered as the reference shows it', async () => {
    await thunder.sql(
      'CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), status varchar(20), created_at timestamptz)',
    );
    await thunder.sql(
      `INSERT INTO orders VALUES (1001, 42, 299.99, 'pending', '2025-12-15T10:00:00Z'),
         (1002, 87, 149.50, 'pending', '2025-12-15T10:05:00Z'), (1003, 1, 1, 'new', now())`,
    );
    const client = await connect();
    client.send(
      '{\n  "type": "query",\n  "id": "q1",\n  "sql": "SELECT * FROM orders WHERE status = \'pending\'",\n  "params": []\n}',
    );
    expect((await client.nextFrame()).text).toBe(
      '{"type":"metadata","id":"q1","columns":["id","customer_id","total","status","created_at"],' +
        '"column_types":["Int64","Int64","Decimal","Varchar","TimestampTz"]}',
    );
    expect((await client.nextFrame()).text).toBe(
      '{"type":"row","id":"q1","data":[1001,42,299.99,"pending","2025-12-15T10:00:00Z"]}',
    );
    expect((await client.nextFrame()).text).toBe(
      '{"type":"row","id":"q1","data":[1002,87,149.50,"pending","2025-12-15T10:05:00Z"]}',
    );
    expect((await client.nextFrame()).text).toMatch(
      /^\{"type":"complete","id":"q1","row_count":2,"execution_time_ms":\d+(\.\d+)?\}$/,
    );
    await client.close();
  });

  it('has parameters with all their digits, and cells too', async () => {
    const client = await connect();
    client.send(
      '{"type":"query","id":"p","sql":"SELECT $1::bigint, $2::numeric, $3::jsonb, $4::int[], $5::text",' +
        '"params":[9007199254740993,0.10000000000000000001,{"n":9007199254740993},[1,null],"ü€𝒳\\n"]}',
    );
    await client.next();
    expect((await client.nextFrame()).text).toBe(
      '{"type":"row","id":"p","data":[9007199254740993,0.10000000000000000001,{"n": 9007199254740993},[1,null],"ü€𝒳\\n"]}',
    );
    expect(await client.next()).toMatchObject({ type: 'complete', row_count: 1 });
    await client.close();
  });

  it('that writes tells how many rows it changed', async () => {
    const client = await connect();
    client.send(query('w', 'CREATE TABLE written (n int)'));
    expect(await framesOf(client, 'w')).toMatchObject([
      { type: 'metadata', columns: [], column_types: [] },
      { type: 'complete', row_count: 0, rows_affected: 0 },
    ]);
    client.send(query('w', 'INSERT INTO written SELECT generate_series(1, 3000)'));
    expect((await framesOf(client, 'w'))[1]).toMatchObject({ row_count: 0, rows_affected: 3_000 });
    client.send(query('w', 'UPDATE written SET n = n + 1 WHERE n <= 2000 RETURNING n'));
    const frames = await framesOf(client, 'w');
    expect(frames).toHaveLength(2_002);
    expect(frames.at(-1)).toMatchObject({ type: 'complete', row_count: 2_000, rows_affected: 2_000 });
    client.send(query('w', 'SELECT count(*) FROM written'));
    const [, row, complete] = await framesOf(client, 'w');
    expect(row.data).toEqual([3_000]);
    expect(complete).not.toHaveProperty('rows_affected');
    await client.close();
  });

  it('that fails is an error with its id, and the connection goes on', async () => {
    const client = await connect();
    for (const [sql, code] of [
      ['SELEC', 'INVALID_SQL'],
      ['SELECT * FROM nope', 'TABLE_NOT_FOUND'],
      ['SELECT 1; SELECT 2', 'INVALID_SQL'],
      ['BEGIN', 'TRANSACTION_CONTROL_NOT_ALLOWED'],
      ['COPY orders TO STDOUT', 'FEATURE_NOT_SUPPORTED'],
    ] as const) {
      client.send(query('bad', sql));
      const [error] = await framesOf(client, 'bad');
      expect(error).toMatchObject({
        type: 'error',
        id: 'bad',
        error: { code, request_id: expect.any(String) },
      });
    }
    client.send(query('late', 'SELECT 10 / (5000 - g) FROM generate_series(1, 10000) g'));
    const frames = await framesOf(client, 'late');
    expect(frames.length).toBeGreaterThan(1_000);
    expect(frames.at(-1)).toMatchObject({ type: 'error', error: { code: 'DIVISION_BY_ZERO' } });
    client.send(query('slow', 'SELECT pg_sleep(30)', { timeout_ms: 300 }));
    expect((await framesOf(client, 'slow')).at(-1)).toMatchObject({ error: { code: 'QUERY_TIMEOUT' } });
    client.send(query('fine', 'SELECT 1', { consistency: 'eventual' }));
    expect((await framesOf(client, 'fine')).at(-1).type).toBe('complete');
    await client.close();
  });
});

describe('several queries', () => {
  it('run side by side, told apart by their ids', async () => {
    const client = await connect();
    client.send(query('long', 'SELECT pg_sleep(1)'));
    for (let n = 0; n < 3; n++)
      client.send(query(`q${n}`, 'SELECT $1::int AS n, g FROM generate_series(1, 3) g', { params: [n] }));
    for (let n = 0; n < 3; n++) {
      const frames = await framesOf(client, `q${n}`);
      expect(frames.map(({ type }) => type)).toEqual(['metadata', 'row', 'row', 'row', 'complete']);
      expect(frames[1].data).toEqual([n, 1]);
    }
    expect((await framesOf(client, 'long')).at(-1).type).toBe('complete');
    await client.close();
  });

  it('have different ids while they run, and there is a bound', async () => {
    const client = await connect();
    for (let n = 0; n < LIMITS.socketQueriesMax; n++) client.send(query(`s${n}`, 'SELECT pg_sleep(30)'));
    client.send(query('s0', 'SELECT 1'));
    const errors = (): Promise<Leaves> => client.find(({ type }) => type === 'error');
    expect(await errors()).toMatchObject({ id: 's0', error: { code: 'DUPLICATE_ID' } });
    client.send(query('more', 'SELECT 1'));
    expect(await errors()).toMatchObject({
      type: 'error',
      id: 'more',
      error: { code: 'LIMIT_EXCEEDED' },
    });
    client.send({ type: 'cancel', id: 's0' });
    expect(await errors()).toMatchObject({
      type: 'error',
      id: 's0',
      error: { code: 'QUERY_CANCELLED' },
    });
    client.send(query('s0', 'SELECT 1'));
    expect((await framesOf(client, 's0')).at(-1).type).toBe('complete');
    await client.close();
  });
});

describe('cancelling', () => {
  it('ends the statement in PostgreSQL, and is answered once', async () => {
    const client = await connect();
    client.send(query('c', 'SELECT pg_sleep(60) AS cancelled_by_frame'));
    await until(async () => (await running('cancelled_by_frame')) === 1);
    client.send({ type: 'cancel', id: 'c' });
    client.send({ type: 'cancel', id: 'c' });
    expect(await client.find(({ type }) => type === 'error')).toMatchObject({
      id: 'c',
      error: { code: 'QUERY_CANCELLED' },
    });
    await until(async () => (await running('cancelled_by_frame')) === 0);
    client.send({ type: 'cancel', id: 'never' });
    client.send(query('c', 'SELECT 1'));
    expect((await client.next()).type).toBe('metadata');
    await client.close();
  });

  it('reaches a query whose rows nobody reads', async () => {
    const client = await connect();
    client.send(query('c', "SELECT g AS nobody_reads, repeat('x', 1000) FROM generate_series(1, 2000000) g"));
    expect((await client.next()).type).toBe('metadata');
    client.ws.pause();
    await sleep(500);
    expect(await running('nobody_reads')).toBe(1);
    client.send({ type: 'cancel', id: 'c' });
    await until(async () => (await running('nobody_reads')) === 0);
    client.ws.resume();
    const frames = await framesOf(client, 'c');
    expect(frames.length).toBeLessThan(100_000);
    expect(frames.at(-1)).toMatchObject({ type: 'error', error: { code: 'QUERY_CANCELLED' } });
    await client.close();
  });

  it('is what the end of the connection does to all of its queries', async () => {
    const client = await connect();
    for (let n = 0; n < 3; n++) client.send(query(`q${n}`, 'SELECT pg_sleep(60) AS left_by_socket'));
    client.send(
      query('rows', "SELECT g AS left_by_socket, repeat('x', 1000) FROM generate_series(1, 2000000) g"),
    );
    await until(async () => (await running('left_by_socket')) === 4);
    client.ws.terminate();
    await until(async () => (await running('left_by_socket')) === 0);
  });
});

describe('transactions', () => {
  it('are joined by txn_id', async () => {
    const begun = await thunder.post('/api/v1/transactions');
    const txn_id = String(begun.json.txn_id);
    const client = await connect();
    client.send(query('t1', 'CREATE TABLE in_transaction (n int)', { txn_id }));
    client.send(query('t2', 'INSERT INTO in_transaction SELECT generate_series(1, 2500)', { txn_id }));
    client.send(query('t3', 'SELECT n FROM in_transaction', { txn_id }));
    client.send(query('out', "SELECT to_regclass('in_transaction')"));
    expect((await framesOf(client, 't3')).at(-1)).toMatchObject({ type: 'complete', row_count: 2_500 });
    expect((await framesOf(client, 'out'))[1].data).toEqual([null]);
    await thunder.post(`/api/v1/transactions/${txn_id}/commit`);
    client.send(query('out', 'SELECT count(*) FROM in_transaction'));
    expect((await framesOf(client, 'out'))[1].data).toEqual([2_500]);
    client.send(query('gone', 'SELECT 1', { txn_id }));
    expect((await framesOf(client, 'gone'))[0].error.code).toBe('TRANSACTION_NOT_ACTIVE');
    client.send(query('none', 'SELECT 1', { txn_id: 'txn_000000000000' }));
    expect((await framesOf(client, 'none'))[0].error.code).toBe('TRANSACTION_NOT_FOUND');
    await client.close();
  });

  it('are those of the connection, when the upgrade names one', async () => {
    const begun = await thunder.post('/api/v1/transactions');
    const txn_id = String(begun.json.txn_id);
    const client = await connectSocket(thunder.url, '/ws/query', { headers: { 'x-thunder-txn-id': txn_id } });
    client.send(query('a', 'SELECT pg_current_xact_id()'));
    client.send(query('b', 'SELECT pg_current_xact_id()', { txn_id }));
    client.send(query('c', 'SELECT 1', { txn_id: 'txn_000000000000' }));
    const [a, b, c] = [await framesOf(client, 'a'), await framesOf(client, 'b'), await framesOf(client, 'c')];
    expect(a[1].data).toEqual(b[1].data);
    expect(c[0].error.code).toBe('INVALID_PARAMETER');
    await thunder.post(`/api/v1/transactions/${txn_id}/rollback`);
    await client.close();
  });
});

describe('pace', () => {
  it('a million rows come whole, and take no more memory than a few', async () => {
    const client = await connectSocket(thunder.url, '/ws/query');
    client.ws.removeAllListeners('message');
    let rows = 0;
    let sum = 0;
    let last = '';
    let peak = 0;
    const before = process.memoryUsage().rss;
    const done = new Promise<void>((resolve) =>
      client.ws.on('message', (data: Buffer) => {
        // Of each row only its number is looked at: the test shares the process with the server.
        if (data[9] === 0x72) {
          rows++;
          sum += Number(data.toString('latin1', 31, data.indexOf(0x2c, 31)));
          if (rows % 50_000 === 0) peak = Math.max(peak, process.memoryUsage().rss);
        } else if (data[9] === 0x63 || data[9] === 0x65) {
          last = data.toString();
          resolve();
        }
      }),
    );
    client.send(query('m', "SELECT g, 'row ' || g, now() FROM generate_series(1, 1000000) g"));
    await done;
    expect(last).toMatch(/^\{"type":"complete","id":"m","row_count":1000000,/);
    expect([rows, sum]).toEqual([1_000_000, 500_000_500_000]);
    expect(peak - before).toBeLessThan(200 * 1024 * 1024);
    await client.close();
  }, 60_000);

  it('is that of the reader: PostgreSQL waits, and nothing piles up', async () => {
    const client = await connect();
    const before = process.memoryUsage().rss;
    for (let n = 0; n < 4; n++) {
      client.send(
        query(`q${n}`, "SELECT g AS slow_reader, repeat('x', 1000) FROM generate_series(1, 1000000) g"),
      );
    }
    await until(async () => (await running('slow_reader')) === 4);
    client.ws.pause();
    await sleep(1_500);
    expect(await running('slow_reader')).toBe(4);
    expect(process.memoryUsage().rss - before).toBeLessThan(150 * 1024 * 1024);
    client.ws.terminate();
    await until(async () => (await running('slow_reader')) === 0);
  }, 30_000);

  it('rows that come one by one are not held back', async () => {
    const client = await connect();
    client.send(
      query('r', 'SELECT g, CASE WHEN g > 64 THEN pg_sleep(30) END FROM generate_series(1, 100) g'),
    );
    for (let n = 0; n <= 64; n++) await client.next();
    client.send({ type: 'cancel', id: 'r' });
    expect((await client.next()).error.code).toBe('QUERY_CANCELLED');
    await client.close();
  });
});
