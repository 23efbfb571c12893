/** Bad input: each kind has a status, a code and a message, and the server goes on. */
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { keysOf, type Reply, rowsText, startThunder, type Thunder } from './harness.ts';

let thunder: Thunder;
beforeAll(async () => {
  thunder = await startThunder();
  await thunder.sql('CREATE TABLE parent (id int PRIMARY KEY)');
  await thunder.sql(`CREATE TABLE t (id int PRIMARY KEY, name varchar(5) NOT NULL, age int CHECK (age > 0),
    parent int REFERENCES parent)`);
  await thunder.sql("INSERT INTO t VALUES (1, 'one', 1, NULL)");
}, 60_000);
afterAll(async () => await thunder.stop());
afterEach(async () => {
  // The server goes on, and nobody left anything behind.
  expect(rowsText(await thunder.sql('SELECT count(*) FROM t'))).toBe('[[1]]');
});

const JSON_HEADERS = { 'content-type': 'application/json' };
const query = async (body: unknown): Promise<Reply> => await thunder.post('/api/v1/query', body);
const refused = ({ status, json }: Reply): unknown[] => {
  expect(keysOf(json)).toEqual(['error']);
  expect(keysOf(json.error)).toEqual(expect.arrayContaining(['code', 'detail', 'message', 'request_id']));
  return [status, json.error?.code, json.error?.message];
};

describe('bodies', () => {
  it.each([
    ['{"sql": "SELECT 1"', 'INVALID_JSON', /^The body is not valid JSON: /],
    ['{"sql": "SELECT 1",}', 'INVALID_JSON', /position 20/],
    ["{'sql': 'SELECT 1'}", 'INVALID_JSON', /position 2/],
    ['{"sql": 01}', 'INVALID_JSON', /^The body is not valid JSON: /],
    ['', 'MISSING_PARAMETER', /^'sql' is required$/],
    ['{}', 'MISSING_PARAMETER', /^'sql' is required$/],
    ['{"sql": 1}', 'INVALID_PARAMETER', /^'sql': .*expected string/],
    ['{"sql": null}', 'INVALID_PARAMETER', /^'sql': .*expected string/],
    ['{"sql": "SELECT 1", "params": {}}', 'INVALID_PARAMETER', /^'params': .*expected array/],
    ['{"sql": "SELECT 1", "timeout_ms": "5"}', 'INVALID_PARAMETER', /^'timeout_ms': /],
    ['{"sql": "SELECT 1", "timeout_ms": 0}', 'INVALID_PARAMETER', /^'timeout_ms': /],
    ['{"sql": "SELECT 1", "timeout_ms": 1.5}', 'INVALID_PARAMETER', /^'timeout_ms': /],
    ['{"sql": "SELECT 1", "timeout_ms": 99999999999999999999}', 'INVALID_PARAMETER', /^'timeout_ms': /],
    ['{"sql": "SELECT 1", "consistency": "weak"}', 'INVALID_PARAMETER', /^'consistency': /],
    ['{"sql": "SELECT 1", "timeoutMs": 5}', 'INVALID_PARAMETER', /^Unknown field: 'timeoutMs'$/],
    ['{"sql": "SELECT 1", "paramz": [], "x": 1}', 'INVALID_PARAMETER', /^Unknown field: 'paramz', 'x'$/],
    ['{"sql": "SELECT 1", "__proto__": {}}', 'INVALID_PARAMETER', /^Unknown field: '__proto__'$/],
    ['[]', 'INVALID_PARAMETER', /^The input: .*expected object/],
    ['"SELECT 1"', 'INVALID_PARAMETER', /^The input: .*expected object/],
    ['null', 'INVALID_PARAMETER', /^The input: .*expected object/],
    ['12345678901234567890', 'INVALID_PARAMETER', /^The input: .*expected object/],
  ])('%s', async (body, code, message) => {
    expect(refused(await query(body))).toEqual([400, code, expect.stringMatching(message)]);
  });

  it('nesting is bounded', async () => {
    const deep = `{"sql": "SELECT $1::jsonb", "params": [${'['.repeat(100_000)}${']'.repeat(100_000)}]}`;
    expect(refused(await query(deep))).toEqual([
      400,
      'INVALID_JSON',
      expect.stringContaining('jsonDepthMax'),
    ]);
    const fine = `{"sql": "SELECT $1::jsonb", "params": [${'['.repeat(100)}${']'.repeat(100)}]}`;
    expect((await query(fine)).status).toBe(200);
  });

  it('must be UTF-8', async () => {
    const body = Buffer.concat([
      Buffer.from('{"sql":"SELECT \''),
      Buffer.from([0xff, 0xfe]),
      Buffer.from('\'"}'),
    ]);
    const reply = await thunder.raw('/api/v1/query', { method: 'POST', headers: JSON_HEADERS, body });
    expect(refused(reply)).toEqual([400, 'INVALID_JSON', 'The body is not valid UTF-8']);
  });

  it.each([
    ['{"sql": "SELECT \'\\ud83d\'"}', /^'sql' has half of a surrogate pair/],
    ['{"sql": "SELECT $1", "params": ["\\ude00\\ud83d"]}', /^'params.0' has half of a surrogate pair/],
  ])('lone surrogates: %s', async (body, message) => {
    expect(refused(await query(body))).toEqual([400, 'INVALID_JSON', expect.stringMatching(message)]);
  });

  it.each([
    ['{"sql": "SELECT \'a\\u0000b\'"}', 'INVALID_VALUE', 422],
    ['{"sql": "SELECT $1::text", "params": ["a\\u0000b"]}', 'INVALID_VALUE', 422],
    ['{"sql": "SELECT $1::jsonb", "params": [{"a": "\\u0000"}]}', 'INVALID_VALUE', 422],
  ])('NUL characters: %s', async (body, code, status) => {
    expect(refused(await query(body))).toEqual([status, code, expect.stringMatching(/NUL/)]);
  });

  it.each([
    [{ 'content-type': 'application/x-www-form-urlencoded' }],
    [{ 'content-type': 'text/plain' }],
    [{ 'content-type': 'application/json; charset=latin1' }],
    [{ 'content-type': 'nonsense' }],
    [{ 'content-type': 'application/json', 'content-encoding': 'gzip' }],
  ])('other content types: %o', async (headers) => {
    const reply = await thunder.raw('/api/v1/query', { method: 'POST', headers, body: '{"sql":"SELECT 1"}' });
    expect(refused(reply)).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE', expect.stringMatching(/json|gzip/i)]);
  });

  it('a body without a content type is 415 as well', async () => {
    const reply = await thunder.raw('/api/v1/query', {
      method: 'POST',
      body: new Uint8Array(Buffer.from('{}')),
    });
    expect(refused(reply).slice(0, 2)).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE']);
  });

  it('query parameters on a route with a body', async () => {
    const reply = await thunder.post('/api/v1/query?timeout_ms=5', { sql: 'SELECT 1' });
    expect(refused(reply)).toEqual([400, 'INVALID_PARAMETER', "Unknown query parameter: 'timeout_ms'"]);
  });
});

describe('size', () => {
  it('a body of 100 MB is 413, with a length or in chunks', async () => {
    const megabyte = Buffer.alloc(1024 * 1024, 0x20);
    for (const length of [100 * megabyte.length, undefined]) {
      const { status, text } = await new Promise<{ status: number; text: string }>((resolve, reject) => {
        const sent = httpRequest(`${thunder.url}/api/v1/query`, {
          method: 'POST',
          headers: { ...JSON_HEADERS, ...(length === undefined ? {} : { 'content-length': length }) },
        });
        sent.on('error', reject);
        sent.on('response', (response) => {
          let text = '';
          response.setEncoding('utf8');
          response.on('data', (chunk: string) => {
            text += chunk;
          });
          response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
        });
        void (async () => {
          for (let at = 0; at < 100; at++) {
            if (!sent.write(megabyte)) await new Promise((drained) => sent.once('drain', drained));
          }
          sent.end();
        })();
      });
      expect(status).toBe(413);
      expect(JSON.parse(text)).toMatchObject({
        error: {
          code: 'PAYLOAD_TOO_LARGE',
          message: 'The body is larger than 10485760 bytes (bodyBytesMax)',
        },
      });
    }
  }, 60_000);

  it('a SQL text beyond its limit is refused by name', async () => {
    const reply = await query({ sql: `SELECT '${'x'.repeat(9 * 1024 * 1024)}'` });
    expect(refused(reply)).toEqual([413, 'PAYLOAD_TOO_LARGE', expect.stringContaining('sqlTextBytesMax')]);
  });

  it('10,000 parameters work, 70,000 are refused by name', async () => {
    const many = Array.from({ length: 10_000 }, (_, at) => at);
    const sql = `SELECT ${many.map((at) => `$${at + 1}::int`).join(' + ')}`;
    // PostgreSQL refuses expressions this deep or answers them; either way it says so.
    const sum = await query({
      sql: `SELECT sum(v) FROM (VALUES ${many.map((at) => `($${at + 1}::int)`).join(',')}) AS x(v)`,
      params: many,
    });
    expect([sum.status, rowsText(sum)]).toEqual([200, '[[49995000]]']);
    expect([200, 422]).toContain((await query({ sql, params: many })).status);
    const more = await query({ sql: 'SELECT 1', params: Array.from({ length: 70_000 }, () => 1) });
    expect(refused(more)).toEqual([422, 'LIMIT_EXCEEDED', expect.stringContaining('sqlParametersMax')]);
  });
});

describe('SQL', () => {
  it('a syntax error has its position', async () => {
    const reply = await query({ sql: 'SELECT * FORM users' });
    expect(refused(reply).slice(0, 2)).toEqual([400, 'INVALID_SQL']);
    expect(reply.json.error).toMatchObject({ sqlstate: '42601', position: 10, retryable: false });
    expect(reply.json.error?.message).toContain('FORM');
  });

  it('a misspelt column has a hint', async () => {
    const reply = await query({ sql: 'SELECT nam FROM t' });
    expect(refused(reply).slice(0, 2)).toEqual([422, 'COLUMN_NOT_FOUND']);
    expect(reply.json.error).toMatchObject({ sqlstate: '42703', position: 8 });
    expect(reply.json.error?.hint).toContain('t.name');
    expect(reply.json.error?.detail).toBe(reply.json.error?.hint);
  });

  it.each([
    ['SELECT * FROM nope', 404, 'TABLE_NOT_FOUND', '42P01'],
    ['SELECT 1 / 0', 422, 'DIVISION_BY_ZERO', '22012'],
    ["INSERT INTO t VALUES (1, 'x', 1)", 409, 'UNIQUE_VIOLATION', '23505'],
    ["INSERT INTO t VALUES (2, 'x', 1, 7)", 409, 'FOREIGN_KEY_VIOLATION', '23503'],
    ['INSERT INTO t VALUES (2, NULL, 1)', 422, 'NOT_NULL_VIOLATION', '23502'],
    ["INSERT INTO t VALUES (2, 'x', -1)", 422, 'CHECK_VIOLATION', '23514'],
    ["INSERT INTO t VALUES (2, 'too long', 1)", 422, 'VALUE_TOO_LONG', '22001'],
    ['SELECT 2147483647 + 1', 422, 'NUMERIC_OUT_OF_RANGE', '22003'],
    ["SELECT 'x'::int", 422, 'INVALID_VALUE', '22P02'],
    ["SELECT '2025-13-01'::date", 422, 'INVALID_DATETIME', '22008'],
    ['SELECT nope(1)', 422, 'FUNCTION_NOT_FOUND', '42883'],
    ['SELECT id FROM t, parent', 422, 'AMBIGUOUS_COLUMN', '42702'],
    ['SELECT id, count(*) FROM t', 422, 'SEMANTIC_ERROR', '42803'],
    ['CREATE TABLE t (a int)', 409, 'TABLE_ALREADY_EXISTS', '42P07'],
    ["SELECT pg_read_file('/etc/passwd')", 403, 'PERMISSION_DENIED', '42501'],
  ])('%s', async (sql, status, code, sqlstate) => {
    const reply = await query({ sql });
    expect(refused(reply).slice(0, 2)).toEqual([status, code]);
    expect(reply.json.error?.sqlstate).toBe(sqlstate);
    expect(String(reply.json.error?.message).length).toBeGreaterThan(10);
  });

  it.each([
    ['SELECT 1; SELECT 2', 400, 'INVALID_SQL'],
    ['', 400, 'INVALID_SQL'],
    ['-- nothing', 400, 'INVALID_SQL'],
    ['COPY t FROM STDIN', 422, 'FEATURE_NOT_SUPPORTED'],
    ['LISTEN x', 422, 'FEATURE_NOT_SUPPORTED'],
  ])('%s is refused before it runs', async (sql, status, code) => {
    expect(refused(await query({ sql })).slice(0, 2)).toEqual([status, code]);
  });

  it('the wrong number of parameters', async () => {
    for (const params of [[], [1, 2]]) {
      expect(refused(await query({ sql: 'SELECT $1::int', params })).slice(0, 2)).toEqual([
        400,
        'PARAMETER_COUNT_MISMATCH',
      ]);
    }
  });

  it('a statement over its timeout is 504, and stops', async () => {
    const reply = await query({ sql: 'SELECT pg_sleep(30)', timeout_ms: 100 });
    expect(refused(reply)).toEqual([
      504,
      'QUERY_TIMEOUT',
      expect.stringContaining('longer than its timeout'),
    ]);
    const running = await thunder.sql(
      "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%pg_sleep(30%' AND pid <> pg_backend_pid()",
    );
    expect(rowsText(running)).toBe('[[0]]');
  });
});

describe('paths', () => {
  it.each(['/api/v1/tables/%ff', '/api/v1/tables/%', '/api/v1/tables/%00'])('%s', async (path) => {
    const reply = await thunder.get(path);
    expect([400, 404, 422]).toContain(reply.status);
    expect(reply.json.error?.code).toEqual(expect.any(String));
  });

  it('a name that no table can have is refused by name', async () => {
    const reply = await thunder.get(`/api/v1/tables/${'x'.repeat(300)}`);
    expect(refused(reply)).toEqual([400, 'INVALID_PARAMETER', "'table' is longer than 63 bytes"]);
  });

  it('bytes that are not HTTP', async () => {
    const { port } = new URL(thunder.url);
    const answer = await new Promise<string>((resolve) => {
      const socket = connect(Number(port), '127.0.0.1', () => socket.write('GARBAGE\r\n\r\n'));
      let text = '';
      socket.on('data', (chunk) => {
        text += chunk.toString();
      });
      socket.on('close', () => resolve(text));
    });
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  });
});
