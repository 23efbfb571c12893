/** Rows as NDJSON: lines, errors before and after the first, back-pressure, and clients that leave. */
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rowsText, startThunder, type Thunder } from './harness.ts';

const NDJSON = { 'content-type': 'application/json', accept: 'application/x-ndjson' };

let thunder: Thunder;
beforeAll(async () => {
  // Streams tell the rates, too.
  thunder = await startThunder({ rateLimits: {} });
}, 60_000);
afterAll(async () => await thunder.stop());

const sleep = async (ms: number): Promise<void> => await new Promise((resolve) => setTimeout(resolve, ms));

/** Backends that run a statement with `mark` in its text. */
async function running(mark: string, states = "state <> 'idle'"): Promise<string> {
  const reply = await thunder.sql(
    `SELECT count(*) FROM pg_stat_activity WHERE ${states} AND query LIKE '%' || $1 || '%' AND pid <> pg_backend_pid()`,
    [mark],
  );
  return rowsText(reply);
}

async function until(what: () => Promise<boolean>): Promise<void> {
  for (let at = 0; at < 200; at++) {
    if (await what()) return;
    await sleep(25);
  }
  throw new Error('did not come true');
}

/** The request, and its response once the head is there, not yet read. */
async function openStream(body: object): Promise<[ClientRequest, IncomingMessage]> {
  return await new Promise((resolve, reject) => {
    const sent = httpRequest(`${thunder.url}/api/v1/query`, { method: 'POST', headers: NDJSON });
    sent.on('error', reject);
    sent.on('response', (response) => resolve([sent, response]));
    sent.end(JSON.stringify(body));
  });
}

describe('NDJSON', () => {
  it('has the columns first, then rows, then the count', async () => {
    const reply = await thunder.post(
      '/api/v1/query',
      {
        sql: `SELECT g AS id, 9007199254740993 AS big, E'{"a":\\n1}'::json AS j FROM generate_series(1, $1::int) g`,
        params: [3],
      },
      NDJSON,
    );
    expect(reply.status).toBe(200);
    expect(reply.headers.get('content-type')).toBe('application/x-ndjson');
    expect(reply.headers.get('x-ratelimit-limit')).toBe('1000');
    expect(reply.headers.get('x-request-id')).toMatch(/^req_/);
    const lines = reply.text.split('\n');
    expect(lines.pop()).toBe('');
    expect(lines.slice(0, 4)).toEqual([
      '{"columns":["id","big","j"],"column_types":["Int32","Int64","Json"]}',
      '[1,9007199254740993,{"a": 1}]',
      '[2,9007199254740993,{"a": 1}]',
      '[3,9007199254740993,{"a": 1}]',
    ]);
    expect(lines[4]).toMatch(/^\{"row_count":3,"execution_time_ms":[\d.]+\}$/);
    expect(lines).toHaveLength(5);
  });

  it('has many rows, in order', async () => {
    const reply = await thunder.post(
      '/api/v1/query',
      { sql: 'SELECT g FROM generate_series(1, 50000) g' },
      NDJSON,
    );
    const lines = reply.text.split('\n');
    expect(lines).toHaveLength(50_003);
    expect([lines[1], lines[25_000], lines[50_000]]).toEqual(['[1]', '[25000]', '[50000]']);
    expect(lines[50_001]).toContain('"row_count":50000');
  });

  it('of no rows is two lines', async () => {
    const reply = await thunder.post('/api/v1/query', { sql: 'SELECT 1 AS a WHERE false' }, NDJSON);
    expect(reply.text).toMatch(
      /^\{"columns":\["a"\],"column_types":\["Int32"\]\}\n\{"row_count":0,"execution_time_ms":[\d.]+\}\n$/,
    );
  });

  it('works in a transaction', async () => {
    const begun = await thunder.post('/api/v1/transactions');
    const headers = { ...NDJSON, 'x-thunder-txn-id': String(begun.json.txn_id) };
    await thunder.post(
      '/api/v1/query',
      { sql: 'CREATE TABLE only_here AS SELECT generate_series(1, 5) AS a' },
      { 'x-thunder-txn-id': String(begun.json.txn_id) },
    );
    const reply = await thunder.post('/api/v1/query', { sql: 'SELECT a FROM only_here' }, headers);
    expect(reply.text).toContain('"row_count":5');
    expect((await thunder.post(`/api/v1/transactions/${begun.json.txn_id}/rollback`)).status).toBe(200);
  });

  it('fails with a status of its own before the first line', async () => {
    for (const [sql, status, code] of [
      ['SELEC', 400, 'INVALID_SQL'],
      ['SELECT * FROM nope', 404, 'TABLE_NOT_FOUND'],
    ] as const) {
      const reply = await thunder.post('/api/v1/query', { sql }, NDJSON);
      expect([reply.status, reply.json.error?.code]).toEqual([status, code]);
    }
    const unknown = await thunder.post('/api/v1/query', { sql: 'SELECT 1', nope: 1 }, NDJSON);
    expect([unknown.status, unknown.json.error?.code]).toEqual([400, 'INVALID_PARAMETER']);
  });

  it('fails with a last line after it', async () => {
    const reply = await thunder.post(
      '/api/v1/query',
      { sql: 'SELECT 10 / (5000 - g) FROM generate_series(1, 10000) g' },
      { ...NDJSON, 'x-request-id': 'mid-stream' },
    );
    expect(reply.status).toBe(200);
    const lines = reply.text.trimEnd().split('\n');
    expect(lines.length).toBeGreaterThan(1_000);
    const last = JSON.parse(lines.at(-1) ?? '') as unknown;
    expect(last).toMatchObject({
      error: { code: 'DIVISION_BY_ZERO', request_id: 'mid-stream', sqlstate: '22012' },
    });
    expect(lines.filter((line) => line.startsWith('{'))).toHaveLength(2);
  });

  it('ends with its timeout', async () => {
    const reply = await thunder.post(
      '/api/v1/query',
      {
        sql: 'SELECT g, CASE WHEN g > 2000 THEN pg_sleep(1)::text END FROM generate_series(1, 100000) g',
        timeout_ms: 700,
      },
      NDJSON,
    );
    expect(JSON.parse(reply.text.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({
      error: { code: 'QUERY_TIMEOUT' },
    });
  }, 20_000);
});

describe('pace', () => {
  it('is that of the reader: PostgreSQL waits, and nothing piles up', async () => {
    const mark = 'pace_of_the_reader';
    const before = process.memoryUsage().rss;
    // 2 GB if nobody held it back.
    const [sent, response] = await openStream({
      sql: `SELECT g AS ${mark}, repeat('x', 1000) FROM generate_series(1, 2000000) g`,
    });
    await sleep(1_500);
    expect(process.memoryUsage().rss - before).toBeLessThan(150 * 1024 * 1024);
    // Still open on the server: it waits for us.
    expect(await running(mark)).toBe('[[1]]');
    let bytes = 0;
    for await (const chunk of response) {
      bytes += (chunk as Buffer).length;
      if (bytes > 5_000_000) break;
    }
    sent.destroy();
    await until(async () => (await running(mark)) === '[[0]]');
  }, 30_000);
});

describe('clients that leave', () => {
  it('cancel their statement', async () => {
    const mark = 'left_alone';
    const controller = new AbortController();
    const gone = fetch(`${thunder.url}/api/v1/query`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ sql: `SELECT pg_sleep(60) AS ${mark}` }),
      signal: controller.signal,
    }).catch((error: Error) => error.name);
    await until(async () => (await running(mark)) === '[[1]]');
    controller.abort();
    expect(await gone).toBe('AbortError');
    await until(async () => (await running(mark)) === '[[0]]');
    expect(thunder.observed).toContainEqual(
      expect.objectContaining({ type: 'operation', operation: 'sql.query', outcome: 'QUERY_CANCELLED' }),
    );
  }, 20_000);

  it('cancel their stream, also while it waits for a row', async () => {
    const mark = 'left_stream';
    const [sent] = await openStream({
      sql: `SELECT g AS ${mark}, CASE WHEN g > 3000 THEN pg_sleep(60)::text END FROM generate_series(1, 100000) g`,
    });
    await until(async () => (await running(mark)) === '[[1]]');
    sent.destroy();
    await until(async () => (await running(mark)) === '[[0]]');
  }, 20_000);

  it('do not disturb the transaction they are in, beyond the statement', async () => {
    const begun = await thunder.post('/api/v1/transactions');
    const headers = { 'content-type': 'application/json', 'x-thunder-txn-id': String(begun.json.txn_id) };
    const controller = new AbortController();
    const gone = fetch(`${thunder.url}/api/v1/query`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ sql: 'SELECT pg_sleep(60) AS left_txn' }),
      signal: controller.signal,
    }).catch((error: Error) => error.name);
    await until(async () => (await running('left_txn')) === '[[1]]');
    controller.abort();
    await gone;
    await until(async () => (await running('left_txn', "state = 'active'")) === '[[0]]');
    const later = await thunder.post('/api/v1/query', { sql: 'SELECT 1' }, headers);
    expect([later.status, later.json.error?.code]).toEqual([409, 'TRANSACTION_ABORTED']);
    expect((await thunder.post(`/api/v1/transactions/${begun.json.txn_id}/rollback`)).status).toBe(200);
  }, 20_000);

  it('leave nothing behind', async () => {
    await until(async () => {
      const [database] = thunder.store.opened;
      return (
        database !== undefined && database.counts.poolInUse === 0 && database.counts.transactionsOpen === 0
      );
    });
  });
});
