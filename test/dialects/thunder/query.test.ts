/** Query, explain and prepared statements with the requests of the ThunderDB API reference, and values kept exact. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keysOf, rowsText, startThunder, type Thunder } from './harness.ts';

const RESULT = ['column_types', 'columns', 'execution_time_ms', 'row_count', 'rows'];

let thunder: Thunder;
beforeAll(async () => {
  thunder = await startThunder();
  await thunder.sql(`CREATE TABLE users (id bigint PRIMARY KEY, name varchar(100) NOT NULL,
    email varchar(200), active boolean NOT NULL DEFAULT true)`);
  await thunder.sql(`INSERT INTO users VALUES (1, 'Alice Johnson', 'alice@example.com', true),
    (2, 'Bob Smith', 'bob@example.com', true), (3, 'Carol White', 'carol@example.com', true), (4, 'Dan', NULL, false)`);
  await thunder.sql(`CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint NOT NULL REFERENCES users,
    product_id integer, quantity integer, total numeric(10,2), status varchar(20), created_at timestamptz)`);
  await thunder.sql(`INSERT INTO orders VALUES (5012, 1, 42, 2, 99.98, 'shipped', '2025-12-01T14:30:00Z'),
    (5013, 1, 43, 1, 50.00, 'new', '2025-12-01T14:30:00.123Z'), (5014, 2, 42, 1, 50.10, 'shipped', NULL)`);
}, 60_000);
afterAll(async () => await thunder.stop());

describe('POST /api/v1/query', () => {
  it('returns rows as JSON', async () => {
    const reply = await thunder.post(
      '/api/v1/query',
      '{\n    "sql": "SELECT id, name, email FROM users WHERE active = true LIMIT 5"\n  }',
    );
    expect(reply.status).toBe(200);
    expect(keysOf(reply.json)).toEqual(RESULT);
    const { execution_time_ms, ...rest } = reply.json;
    expect(rest).toEqual({
      columns: ['id', 'name', 'email'],
      column_types: ['Int64', 'Varchar', 'Varchar'],
      rows: [
        [1, 'Alice Johnson', 'alice@example.com'],
        [2, 'Bob Smith', 'bob@example.com'],
        [3, 'Carol White', 'carol@example.com'],
      ],
      row_count: 3,
    });
    expect(execution_time_ms).toBeGreaterThan(0);
  });

  it('binds parameters', async () => {
    const reply = await thunder.post(
      '/api/v1/query',
      '{"sql": "SELECT * FROM orders WHERE customer_id = $1 AND total > $2", "params": [1, 50.00]}',
    );
    expect(reply.status).toBe(200);
    expect(rowsText(reply)).toBe('[[5012,1,42,2,99.98,"shipped","2025-12-01T14:30:00Z"]]');
    expect(reply.json.column_types).toEqual([
      'Int64',
      'Int64',
      'Int32',
      'Int32',
      'Decimal',
      'Varchar',
      'TimestampTz',
    ]);
  });

  it('takes timeout_ms and every consistency', async () => {
    for (const consistency of ['strong', 'eventual', 'stale']) {
      const reply = await thunder.post('/api/v1/query', {
        sql: 'SELECT 1 AS one',
        timeout_ms: 5_000,
        consistency,
      });
      expect([reply.status, rowsText(reply)]).toEqual([200, '[[1]]']);
    }
  });

  it('says how many rows a statement changed, with and without RETURNING', async () => {
    const insert = await thunder.sql("INSERT INTO users VALUES (10, 'Eve', NULL), (11, 'Fay', NULL)");
    expect(keysOf(insert.json)).toEqual([...RESULT, 'rows_affected'].sort());
    expect(insert.json).toMatchObject({
      columns: [],
      column_types: [],
      rows: [],
      row_count: 0,
      rows_affected: 2,
    });
    const returning = await thunder.sql('DELETE FROM users WHERE id >= 10 RETURNING id');
    expect(returning.json).toMatchObject({ columns: ['id'], row_count: 2, rows_affected: 2 });
    const ddl = await thunder.sql('CREATE TABLE nothing (a int)');
    expect(ddl.json).toMatchObject({ columns: [], rows: [], row_count: 0 });
  });

  it('keeps columns of one name apart', async () => {
    const reply = await thunder.sql('SELECT 1 AS a, 2 AS a');
    expect([reply.json.columns, rowsText(reply)]).toEqual([['a', 'a'], '[[1,2]]']);
  });
});

describe('values', () => {
  it.each([
    ['9007199254740993::int8', 'Int64', '9007199254740993'],
    ['(-9223372036854775808)::int8', 'Int64', '-9223372036854775808'],
    ['50.10::numeric', 'Decimal', '50.10'],
    [
      '12345678901234567890.123456789012345678901::numeric',
      'Decimal',
      '12345678901234567890.123456789012345678901',
    ],
    ["'NaN'::numeric", 'Decimal', 'null'],
    ['1e-7::float8', 'Float64', '1e-07'],
    ['0.1::float4', 'Float32', '0.1'],
    ['(0.1::float8 + 0.2::float8)', 'Float64', '0.30000000000000004'],
    ["'-Infinity'::float8", 'Float64', 'null'],
    ['true', 'Boolean', 'true'],
    ['NULL::int', 'Int32', 'null'],
    ["'\\x00ff10'::bytea", 'Binary', '"AP8Q"'],
    ['\'{"n": 9007199254740993, "a": [1.50]}\'::json', 'Json', '{"n": 9007199254740993, "a": [1.50]}'],
    ['\'{"b": 1, "a": null}\'::jsonb', 'Jsonb', '{"a": null, "b": 1}'],
    ["'2025-12-01 14:30:00+02'::timestamptz", 'TimestampTz', '"2025-12-01T12:30:00Z"'],
    ["'2025-12-01 14:30:00.000001+00'::timestamptz", 'TimestampTz', '"2025-12-01T14:30:00.000001Z"'],
    ["'infinity'::timestamptz", 'TimestampTz', '"infinity"'],
    ["'0044-03-15 BC'::date", 'Date', '"0044-03-15 BC"'],
    ["'2025-12-01 14:30:00.5'::timestamp", 'Timestamp', '"2025-12-01T14:30:00.5"'],
    ["'2025-12-01'::date", 'Date', '"2025-12-01"'],
    ["'14:30:00.25'::time", 'Time', '"14:30:00.25"'],
    ["'1 day 2 hours'::interval", 'Interval', '"1 day 02:00:00"'],
    ["'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'::uuid", 'Uuid', '"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"'],
    ["'ab'::char(4)", 'Char', '"ab  "'],
    ['E\'say "hi"\\n\\u00fc \\U0001F600\'', 'Text', '"say \\"hi\\"\\nü 😀"'],
    ["'[1,5)'::int4range", 'Text', '"[1,5)"'],
    ['ARRAY[[1,2],[NULL,4]]', 'Array<Int32>', '[[1,2],[null,4]]'],
    ["'[0:1]={1,2}'::int8[]", 'Array<Int64>', '[1,2]'],
    ["ARRAY['a,b', 'NULL', NULL, '', 'q\"\\']", 'Array<Text>', '["a,b","NULL",null,"","q\\"\\\\"]'],
    ['ARRAY[\'{"a": [1]}\'::jsonb]', 'Array<Jsonb>', '[{"a": [1]}]'],
    ["'{}'::text[]", 'Array<Text>', '[]'],
    ["ARRAY['NaN', '1e30']::real[]", 'Array<Float32>', '[null,1e+30]'],
  ])('%s is %s %s', async (expression, type, expected) => {
    const reply = await thunder.sql(`SELECT ${expression} AS v`);
    expect([reply.json.column_types?.[0], rowsText(reply)]).toEqual([type, `[[${expected}]]`]);
  });

  it('come in exactly as well', async () => {
    const reply = await thunder.post(
      '/api/v1/query',
      `{"sql": "SELECT $1::int8, $2::numeric, $3::text, $4::bool, $5::int, $6::int[], $7::jsonb, $8::jsonb, $9::float8",
        "params": [9007199254740993, 50.10, "ü😀", true, null, [1,null,3], {"n": 9007199254740993}, [1,"a"], 1e-7]}`,
    );
    expect(reply.status).toBe(200);
    expect(rowsText(reply)).toBe(
      '[[9007199254740993,50.10,"ü😀",true,null,[1,null,3],{"n": 9007199254740993},[1, "a"],1e-07]]',
    );
  });

  it('are in UTC whatever time zone a transaction sets', async () => {
    const begun = await thunder.post('/api/v1/transactions');
    const headers = { 'x-thunder-txn-id': String(begun.json.txn_id) };
    await thunder.post('/api/v1/query', { sql: "SET LOCAL TIME ZONE 'Asia/Kolkata'" }, headers);
    const reply = await thunder.post(
      '/api/v1/query',
      { sql: "SELECT '2025-12-01 00:30:00.5Z'::timestamptz" },
      headers,
    );
    expect(rowsText(reply)).toBe('[["2025-12-01T00:30:00.5Z"]]');
    await thunder.post(`/api/v1/transactions/${begun.json.txn_id}/rollback`);
  });
});

describe('POST /api/v1/query-explain', () => {
  const sql = 'SELECT u.name, COUNT(o.id) FROM users u JOIN orders o ON u.id = o.customer_id GROUP BY u.name';

  it('returns a tree', async () => {
    const { status, json } = await thunder.post('/api/v1/query-explain', {
      sql,
      analyze: false,
      verbose: true,
    });
    expect(status).toBe(200);
    expect(keysOf(json)).toEqual(['plan', 'planning_time_ms']);
    expect(json.plan).toMatchObject({ node_type: expect.any(String), output: expect.any(Array) });
    const text = JSON.stringify(json.plan);
    for (const key of ['children', 'group_by', 'join_type', 'condition', 'estimated_rows', 'table']) {
      expect(text).toContain(`"${key}":`);
    }
    expect(text).not.toMatch(/"[a-z]+[A-Z]\w*":/);
  });

  it('returns text and dot, and real timings with analyze', async () => {
    const asText = await thunder.post('/api/v1/query-explain', { sql, format: 'text' });
    expect(typeof asText.json.plan).toBe('string');
    const dot = await thunder.post('/api/v1/query-explain', { sql, format: 'dot' });
    expect(String(dot.json.plan)).toMatch(/^digraph/);
    const analyzed = await thunder.post('/api/v1/query-explain', { sql, analyze: true });
    expect(keysOf(analyzed.json)).toEqual(['execution_time_ms', 'plan', 'planning_time_ms']);
    expect(JSON.stringify(analyzed.json.plan)).toContain('"actual_rows":');
  });

  it('refuses an unknown format and statements without a plan', async () => {
    const format = await thunder.post('/api/v1/query-explain', { sql, format: 'yaml' });
    expect([format.status, format.json.error?.code]).toEqual([400, 'INVALID_PARAMETER']);
    const utility = await thunder.post('/api/v1/query-explain', { sql: 'DROP TABLE users' });
    expect([utility.status, utility.json.error?.code]).toEqual([422, 'FEATURE_NOT_SUPPORTED']);
  });
});

describe('POST /api/v1/prepared', () => {
  it('creates, executes and deallocates', async () => {
    const created = await thunder.post('/api/v1/prepared', {
      action: 'create',
      name: 'get_user_orders',
      sql: 'SELECT * FROM orders WHERE customer_id = $1 AND status = $2',
    });
    expect(created.status).toBe(200);
    expect(keysOf(created.json)).toEqual(['created', 'name', 'param_types']);
    expect(created.json).toMatchObject({ name: 'get_user_orders', created: true });
    expect(created.json.param_types?.[0]).toBe('Int64');

    const executed = await thunder.post('/api/v1/prepared', {
      action: 'execute',
      name: 'get_user_orders',
      params: [1, 'shipped'],
    });
    expect(executed.status).toBe(200);
    expect(keysOf(executed.json)).toEqual(RESULT);
    expect(executed.json.columns).toEqual([
      'id',
      'customer_id',
      'product_id',
      'quantity',
      'total',
      'status',
      'created_at',
    ]);
    expect(rowsText(executed)).toBe('[[5012,1,42,2,99.98,"shipped","2025-12-01T14:30:00Z"]]');

    const gone = await thunder.post('/api/v1/prepared', { action: 'deallocate', name: 'get_user_orders' });
    expect([gone.status, gone.json]).toEqual([200, { name: 'get_user_orders', deallocated: true }]);
    const again = await thunder.post('/api/v1/prepared', { action: 'execute', name: 'get_user_orders' });
    expect([again.status, again.json.error?.code]).toEqual([404, 'PREPARED_STATEMENT_NOT_FOUND']);
  });

  it('refuses wrong actions, names taken and wrong numbers of parameters', async () => {
    const codes = async (body: unknown): Promise<unknown[]> => {
      const { status, json } = await thunder.post('/api/v1/prepared', body);
      return [status, json.error?.code, json.error?.message];
    };
    expect(await codes({ name: 'x' })).toEqual([400, 'MISSING_PARAMETER', "'action' is required"]);
    expect(await codes({ action: 'run', name: 'x' })).toEqual([
      400,
      'INVALID_PARAMETER',
      "'action': expected one of create, execute, deallocate",
    ]);
    expect(await codes({ action: 'create', name: 'x' })).toEqual([
      400,
      'MISSING_PARAMETER',
      "'sql' is required",
    ]);
    expect(await codes({ action: 'execute', name: 'x', sql: 'SELECT 1' })).toEqual([
      400,
      'INVALID_PARAMETER',
      "Unknown field: 'sql'",
    ]);
    await thunder.post('/api/v1/prepared', { action: 'create', name: 'taken', sql: 'SELECT $1::int' });
    expect(await codes({ action: 'create', name: 'taken', sql: 'SELECT 2' })).toEqual([
      409,
      'PREPARED_STATEMENT_EXISTS',
      expect.any(String),
    ]);
    expect(await codes({ action: 'execute', name: 'taken', params: [] })).toEqual([
      400,
      'PARAMETER_COUNT_MISMATCH',
      expect.any(String),
    ]);
    expect(await codes({ action: 'execute', name: 'taken', params: [1, 2] })).toEqual([
      400,
      'PARAMETER_COUNT_MISMATCH',
      expect.any(String),
    ]);
    expect(await codes({ action: 'create', name: 'bad', sql: 'SELEC' })).toEqual([
      400,
      'INVALID_SQL',
      expect.any(String),
    ]);
  });
});
