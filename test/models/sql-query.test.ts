/** SQL text through sql.query and sql.stream, on a real PostgreSQL. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ExactNumber, LIMITS, parseExactJson } from '../../src/base/index.ts';
import { sqlQuery, sqlStream, transactionBegin, transactionRollback } from '../../src/models/index.ts';
import {
  type CallOptions,
  createAccounts,
  type Model,
  openModel,
  READER,
  refillAccounts,
} from './call-operation.ts';

let model: Model;
beforeAll(async () => {
  model = await openModel();
  await createAccounts(model);
  await query("CREATE TYPE mood AS ENUM ('glad', 'sad')");
  await query('CREATE TABLE document (id int, body jsonb, tags text[], moods mood[])');
});
afterAll(() => model.stop());
beforeEach(async () => {
  await query('TRUNCATE document');
  await refillAccounts(model);
});

const query = (sql: string, params?: unknown[], options?: CallOptions) =>
  model.call(sqlQuery, { sql, params }, options);
const fault = (sql: string, params?: unknown[], options?: CallOptions) =>
  model.fault(sqlQuery, { sql, params }, options);

describe('results', () => {
  test('columns have bare type names, cells keep every digit', async () => {
    const result = await query(
      "SELECT 9223372036854775807 AS big, balance, owner, NULL::int AS nothing, ARRAY[1,2] AS list, now() > 'epoch' AS late FROM account WHERE id = 1",
    );
    expect(result.columns.map(({ name, type }) => [name, type])).toEqual([
      ['big', 'Int64'],
      ['balance', 'Decimal'],
      ['owner', 'Varchar'],
      ['nothing', 'Int32'],
      ['list', 'Array<Int32>'],
      ['late', 'Boolean'],
    ]);
    expect(result.rows).toEqual([['9223372036854775807', '10.50', 'Ann', null, '{1,2}', 't']]);
    expect(result).toMatchObject({ rowCount: 1, rowsAffected: null });
    expect(result.executionTimeMs).toBeGreaterThan(0);
  });

  test('types of a user are looked up', async () => {
    const result = await query("SELECT 'glad'::mood AS a, ARRAY['sad']::mood[] AS b");
    expect(result.columns.map(({ type }) => type)).toEqual(['Text', 'Array<Text>']);
  });

  test('columns of one name stay two columns', async () => {
    expect((await query('SELECT 1 AS a, 2 AS a')).rows).toEqual([['1', '2']]);
  });

  test('changes are counted, rows that come back are rows', async () => {
    expect(await query('UPDATE account SET balance = 1')).toMatchObject({
      columns: [],
      rows: [],
      rowCount: 0,
      rowsAffected: 2,
    });
    expect(await query('DELETE FROM account WHERE id = 1 RETURNING id')).toMatchObject({
      rows: [['1']],
      rowCount: 1,
      rowsAffected: 1,
    });
    expect(await query('CREATE TABLE copied AS SELECT 1 AS a UNION SELECT 2')).toMatchObject({
      rowsAffected: 2,
    });
    expect(await query('DROP TABLE copied')).toMatchObject({ rowCount: 0, rowsAffected: 0 });
  });

  test('every consistency level answers', async () => {
    for (const consistency of ['strong', 'eventual', 'stale']) {
      expect((await model.call(sqlQuery, { sql: 'SELECT 1', consistency })).rows).toEqual([['1']]);
    }
    expect(sqlQuery.input.safeParse({ sql: 'SELECT 1', consistency: 'weak' }).success).toBe(false);
  });

  test('each statement is observed by its verb', async () => {
    model.observations.length = 0;
    await query('SELECT 1');
    await fault('SELECT 1/0');
    const seen = model.observations.filter(({ type }) => type === 'query');
    expect(seen).toEqual([
      { type: 'query', verb: 'select', ok: true, durationMs: expect.any(Number) },
      { type: 'query', verb: 'select', ok: false, durationMs: expect.any(Number) },
    ]);
  });
});

describe('parameters', () => {
  test('every JSON kind arrives', async () => {
    const values = parseExactJson('[12345678901234567890, true, null, "a\'b"]') as unknown[];
    const { rows } = await query('SELECT $1::numeric, $2::boolean, $3::text, $4::text', values);
    expect(rows).toEqual([['12345678901234567890', 't', null, "a'b"]]);
  });

  test('lists follow the type of their place', async () => {
    await query('INSERT INTO document VALUES ($1, $2, $3, $4)', [
      7,
      [1, { a: null }],
      ['x"', null],
      ['glad'],
    ]);
    await query('INSERT INTO document VALUES ($1, $2, $3, $4)', [
      8,
      { a: [new ExactNumber('1.10')] },
      [],
      null,
    ]);
    expect((await query('SELECT id, body, tags, moods FROM document ORDER BY id')).rows).toEqual([
      ['7', '[1, {"a": null}]', '{"x\\"",NULL}', '{glad}'],
      ['8', '{"a": [1.10]}', '{}', null],
    ]);
    expect((await query('SELECT id FROM account WHERE id = ANY ($1) ORDER BY id', [[1, 2, 3]])).rows).toEqual(
      [['1'], ['2']],
    );
  });

  test('10,000 of them are fine', async () => {
    const params = Array.from({ length: 10_000 }, (_, at) => at);
    const places = params.map((_, at) => `$${at + 1}::int`).join(', ');
    const { rows } = await query(`SELECT sum(n) FROM unnest(ARRAY[${places}]) n`, params);
    expect(rows).toEqual([['49995000']]);
  });

  test.each([
    ['too few', 'SELECT $1::int + $2::int', [1]],
    ['too many', 'SELECT $1::int', [1, 2]],
    ['none', 'SELECT $1::int', undefined],
  ])('%s of them', async (_, sql, params) => {
    expect((await fault(sql, params)).code).toBe('PARAMETER_COUNT_MISMATCH');
  });

  test('a value that does not fit', async () => {
    expect((await fault('SELECT id FROM account WHERE id = $1', ['one'])).code).toBe('INVALID_VALUE');
    expect((await fault('SELECT $1::smallint', [70_000])).code).toBe('NUMERIC_OUT_OF_RANGE');
  });

  test('NUL and half characters are refused by place', async () => {
    expect(await fault('SELECT $1::text, $2::text', ['a', 'b\0'])).toMatchObject({
      code: 'INVALID_VALUE',
      message: expect.stringContaining('$2'),
    });
    expect((await fault('SELECT $1::text', ['\ud800'])).code).toBe('INVALID_VALUE');
    expect(await fault("SELECT '\0'")).toMatchObject({
      code: 'INVALID_VALUE',
      message: expect.stringContaining('sql'),
    });
    expect((await fault("SELECT '\udfff'")).code).toBe('INVALID_VALUE');
  });
});

describe('statements that are refused', () => {
  test.each([
    ['', 'INVALID_SQL'],
    ['SELECT 1; SELECT 2', 'INVALID_SQL'],
    ['BEGIN', 'TRANSACTION_CONTROL_NOT_ALLOWED'],
    ['SAVEPOINT a', 'TRANSACTION_CONTROL_NOT_ALLOWED'],
    ['COPY account FROM STDIN', 'FEATURE_NOT_SUPPORTED'],
    ['LISTEN a', 'FEATURE_NOT_SUPPORTED'],
    ['SET search_path = a', 'FEATURE_NOT_SUPPORTED'],
    ['SELECT * FROM missing', 'TABLE_NOT_FOUND'],
    ['SELECT missing FROM account', 'COLUMN_NOT_FOUND'],
    ['SELECT missing()', 'FUNCTION_NOT_FOUND'],
    ['SELECT 1/0', 'DIVISION_BY_ZERO'],
    ["INSERT INTO account VALUES (1, 'Eve', 0)", 'UNIQUE_VIOLATION'],
    ['INSERT INTO account VALUES (3, NULL, 0)', 'NOT_NULL_VIOLATION'],
    [`INSERT INTO account VALUES (3, '${'x'.repeat(41)}', 0)`, 'VALUE_TOO_LONG'],
    ["SELECT 'nonsense'::date", 'INVALID_DATETIME'],
    ["COPY account TO PROGRAM 'id'", 'PERMISSION_DENIED'],
    ["SELECT pg_read_file('/etc/passwd')", 'PERMISSION_DENIED'],
  ])('%j: %s', async (sql, code) => {
    expect((await fault(sql)).code).toBe(code);
  });

  test('a syntax error says where', async () => {
    const error = await fault('SELECT * FORM account');
    expect(error).toMatchObject({ code: 'INVALID_SQL', position: 10 });
    expect(error.message).toContain("'FORM'");
  });

  test('a text beyond the limit is named, one below it runs', async () => {
    const long = (bytes: number) => `SELECT '${'x'.repeat(bytes - 9)}'`;
    expect(await fault(long(LIMITS.sqlTextBytesMax + 1))).toMatchObject({
      code: 'PAYLOAD_TOO_LARGE',
      message: expect.stringContaining('sqlTextBytesMax'),
    });
    expect((await fault(long(10 * LIMITS.sqlTextBytesMax))).code).toBe('PAYLOAD_TOO_LARGE');
    expect((await query(long(LIMITS.sqlTextBytesMax))).rowCount).toBe(1);
  });

  test('a timeout is kept, and its bounds are checked', async () => {
    const error = await model.fault(sqlQuery, { sql: 'SELECT pg_sleep(30)', timeoutMs: 50 });
    expect(error.code).toBe('QUERY_TIMEOUT');
    for (const timeoutMs of [0, -1, 1.5, LIMITS.queryTimeoutMsMax + 1, '5']) {
      expect(sqlQuery.input.safeParse({ sql: 'SELECT 1', timeoutMs }).success).toBe(false);
    }
  });

  test('a client that goes away cancels its statement', async () => {
    const controller = new AbortController();
    const running = fault('SELECT pg_sleep(30)', [], { signal: controller.signal });
    setTimeout(() => controller.abort(), 50);
    expect((await running).code).toBe('QUERY_CANCELLED');
  });

  test('after all that the next statement works', async () => {
    expect((await query('SELECT count(*) FROM account')).rows).toEqual([['2']]);
  });
});

describe('a reader', () => {
  const reader = { principal: READER };

  test('reads', async () => {
    expect((await query('SELECT count(*) FROM account', [], reader)).rows).toEqual([['2']]);
  });

  test.each([
    'DELETE FROM account',
    'WITH gone AS (DELETE FROM account RETURNING id) SELECT * FROM gone',
    'CREATE TABLE intruder (a int)',
    'SELECT 1 AS a INTO intruder',
    "DO $$ BEGIN EXECUTE 'DELETE FROM account'; END $$",
    "SELECT set_config('transaction_read_only', 'off', false), pg_notify('a', '') FROM account",
  ])('cannot: %s', async (sql) => {
    const refused = await model.fault(sqlQuery, { sql }, reader).catch(() => undefined);
    expect(refused === undefined || refused.kind === 'forbidden' || refused.kind === 'state').toBe(true);
    expect((await query('SELECT count(*) FROM account')).rows).toEqual([['2']]);
    expect((await query("SELECT to_regclass('intruder')")).rows).toEqual([[null]]);
  });

  test('has read-only transactions, whatever was asked, and cannot lift it', async () => {
    const { txnId, readOnly } = await model.call(transactionBegin, { readOnly: false }, reader);
    const inside = { ...reader, transactionId: txnId };
    expect(readOnly).toBe(true);
    expect((await fault('SET TRANSACTION READ WRITE', [], inside)).code).toBe('READ_ONLY_TRANSACTION');
    expect((await fault('DELETE FROM account', [], inside)).code).toBe('READ_ONLY_TRANSACTION');
    await model.call(transactionRollback, { txnId }, reader);
  });
});

describe('streams', () => {
  async function rowsOf(
    input: { sql: string; params?: unknown[] },
    options?: CallOptions,
  ): Promise<unknown[][]> {
    const { batches } = await model.call(sqlStream, input, options);
    const rows: unknown[][] = [];
    for await (const batch of batches) rows.push(...batch.map((row) => [...row]));
    return rows;
  }

  test('rows arrive in order, in batches', async () => {
    const { columns, batches } = await model.call(sqlStream, {
      sql: 'SELECT * FROM generate_series(1, 2500) AS n',
    });
    expect(await columns).toEqual([{ name: 'n', type: 'Int32', typeOid: 23 }]);
    const sizes: number[] = [];
    for await (const batch of batches) sizes.push(batch.length);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(2_500);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(LIMITS.streamRowsPerFetch);
  });

  test('an error before the first row rejects the call', async () => {
    expect((await model.fault(sqlStream, { sql: 'SELECT * FROM missing' })).code).toBe('TABLE_NOT_FOUND');
    expect((await model.fault(sqlStream, { sql: 'BEGIN' })).code).toBe('TRANSACTION_CONTROL_NOT_ALLOWED');
  });

  test('an error between rows rejects the batch', async () => {
    model.observations.length = 0;
    const sql = 'SELECT 1 / (5000 - n) FROM generate_series(1, 10000) AS n';
    await expect(rowsOf({ sql })).rejects.toMatchObject({ code: 'DIVISION_BY_ZERO' });
    expect(model.observations.filter(({ type }) => type === 'query')).toMatchObject([{ ok: false }]);
  });

  test('leaving early ends the statement', async () => {
    model.observations.length = 0;
    const { batches } = await model.call(sqlStream, { sql: 'SELECT generate_series(1, 100000000)' });
    for await (const batch of batches) {
      expect(batch.length).toBeGreaterThan(0);
      break;
    }
    expect(model.observations.filter(({ type }) => type === 'query')).toHaveLength(1);
    expect(await rowsOf({ sql: 'SELECT $1::int', params: [4] })).toEqual([['4']]);
  });

  test('a stream sees its transaction', async () => {
    const { txnId } = await model.call(transactionBegin, {});
    await query("INSERT INTO account VALUES (3, 'Cid', 1)", [], { transactionId: txnId });
    expect(await rowsOf({ sql: 'SELECT count(*) FROM account' }, { transactionId: txnId })).toEqual([['3']]);
    await model.call(transactionRollback, { txnId });
    expect(await rowsOf({ sql: 'SELECT count(*) FROM account' })).toEqual([['2']]);
  });
});
