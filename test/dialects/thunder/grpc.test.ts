/** The gRPC services of the ThunderDB API, by a client that builds itself from the reflected descriptors. */
import { status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type GrpcClient, grpcClient, grpcFailure } from '../../support/grpc.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
let client: GrpcClient;

beforeAll(async () => {
  server = await startTestServer({ flags: { 'grpc-listen': '127.0.0.1:0' } });
  client = await grpcClient(server.running.grpcAddress ?? '');
  await server.sql('CREATE TABLE users (id int PRIMARY KEY, name text NOT NULL)');
  await server.sql("INSERT INTO users SELECT n, 'user ' || n FROM generate_series(1, 7) n");
  await server.sql('CREATE TABLE orders (id int PRIMARY KEY, customer_id int)');
  await server.sql('INSERT INTO orders SELECT n, 1000 + n % 10 FROM generate_series(1, 100) n');
});
afterAll(async () => {
  client?.close();
  await server?.stop();
});

const execute = (request: object, options = {}) =>
  client.call('thunder.ThunderQuery/Execute', request, options);
const value = async (sql: string, params: readonly object[] = []) =>
  (await execute({ sql, params })).rows[0].values[0];

describe('reflection', () => {
  it('lists the services of the API, health and itself, in both versions', async () => {
    const names = [
      'facet.v1.ChangesService',
      'grpc.health.v1.Health',
      'grpc.reflection.v1.ServerReflection',
      'neumann.v1.BlobService',
      'neumann.v1.Health',
      'neumann.v1.QueryService',
      'neumann.vector.v1.CollectionsService',
      'neumann.vector.v1.PointsService',
      'thunder.Cluster',
      'thunder.ThunderQuery',
    ];
    expect([...client.services].sort()).toEqual(names);
    const older = await grpcClient(server.running.grpcAddress ?? '', undefined, {}, 'v1alpha');
    expect([...older.services].sort()).toEqual(names);
    const answer = await older.call('thunder.ThunderQuery/Execute', { sql: 'SELECT 1' });
    expect(answer.row_count).toBe('1');
    older.close();
  });
});

describe('the examples of the reference', () => {
  it('execute a query', async () => {
    const answer = await execute({ sql: 'SELECT id, name FROM users LIMIT 5' });
    expect(answer).toMatchObject({
      columns: ['id', 'name'],
      column_types: ['Int32', 'Text'],
      row_count: '5',
    });
    expect(answer.rows[0].values).toMatchObject([
      { kind: 'int_value', int_value: '1' },
      { kind: 'string_value', string_value: 'user 1' },
    ]);
    expect(answer.execution_time_ms).toBeGreaterThan(0);
  });

  it('explain a query', async () => {
    const sql = 'SELECT * FROM orders WHERE customer_id = 1001';
    const answer = await client.call('thunder.ThunderQuery/Explain', { sql, analyze: true });
    const plan = JSON.parse(answer.plan_json.toString('utf8'));
    expect(plan).toMatchObject({ table: 'orders', actual_rows: 10 });
    expect(answer.plan_text).toContain('Seq Scan on orders');
    expect(answer.planning_time_ms).toBeGreaterThan(0);
    expect(answer.execution_time_ms).toBeGreaterThan(0);
  });

  it('begin, commit and roll back', async () => {
    const begun = await client.call('thunder.ThunderQuery/BeginTransaction', {
      isolation_level: 'SERIALIZABLE',
    });
    expect(begun).toMatchObject({ isolation_level: 'SERIALIZABLE' });
    expect(begun.txn_id).toMatch(/^txn_/);
    expect(Math.abs(Number(begun.started_at.seconds) * 1_000 - Date.now())).toBeLessThan(60_000);
    const { txn_id } = begun;
    const inserted = await execute({ sql: "INSERT INTO users VALUES (100, 'x'), (101, 'y')", txn_id });
    expect(inserted).toMatchObject({ columns: [], rows: [], row_count: '2' });
    expect(await value('SELECT count(*) FROM users WHERE id >= 100')).toMatchObject({ int_value: '0' });
    const committed = await client.call('thunder.ThunderQuery/Commit', { txn_id });
    expect(committed).toMatchObject({ txn_id, success: true, rows_affected: '2' });
    expect(await value('SELECT count(*) FROM users WHERE id >= 100')).toMatchObject({ int_value: '2' });

    const second = await client.call('thunder.ThunderQuery/BeginTransaction', {});
    await execute({ sql: 'DELETE FROM users', txn_id: second.txn_id });
    const rolled = await client.call('thunder.ThunderQuery/Rollback', { txn_id: second.txn_id });
    expect(rolled).toEqual({ txn_id: second.txn_id, success: true });
    expect(await value('SELECT count(*) FROM users')).toMatchObject({ int_value: '9' });
  });

  it('cluster: nodes, regions, a proposal', async () => {
    const { nodes } = await client.call('thunder.Cluster/GetNodes');
    // Replicas of other tests may be connected to the PostgreSQL that all share.
    expect(nodes[0]).toMatchObject({ role: 'leader', status: 'healthy', raft_term: '1' });
    const [{ id, region }] = nodes;
    expect((await client.call('thunder.Cluster/GetNodes', { region })).nodes[0].id).toBe(id);
    expect((await client.call('thunder.Cluster/GetNodes', { region: 'nowhere' })).nodes).toEqual([]);
    const { regions } = await client.call('thunder.Cluster/GetRegions');
    expect(regions).toMatchObject([{ name: region, leader_count: 1, status: 'healthy' }]);
    const add_node = {
      node_id: 'node-4',
      address: '10.0.3.10:5432',
      region: 'eu-west-1',
      as_learner: true,
    };
    const proposed = await client.call('thunder.Cluster/Propose', { add_node });
    expect(proposed).toMatchObject({ accepted: false, proposal_id: '' });
    expect(proposed.message).toContain('streaming replica');
    for (const other of [{ remove_node: { node_id: 'a' } }, { transfer_leader: { target_node_id: 'a' } }]) {
      expect(await client.call('thunder.Cluster/Propose', other)).toMatchObject({ accepted: false });
    }
  });

  it('watch the cluster until the client has had enough', async () => {
    const stream = client.open('thunder.Cluster/WatchEvents', {
      event_types: ['leader_change', 'node_join'],
    });
    await new Promise<void>((resolve) => stream.once('metadata', () => resolve()));
    const ended = new Promise<number>((resolve) =>
      stream.on('error', (error: Error & { code?: number }) => resolve(error.code ?? -1)),
    );
    stream.cancel();
    expect(await ended).toBe(status.CANCELLED);
  });
});

describe('values', () => {
  it.each([
    ['true', { bool_value: true }],
    ['32767::int2', { int_value: '32767' }],
    ['(-2147483648)::int4', { int_value: '-2147483648' }],
    ['9223372036854775807::int8', { int_value: '9223372036854775807' }],
    ['(-9223372036854775808)::int8', { int_value: '-9223372036854775808' }],
    ['1.5::float4', { float_value: 1.5 }],
    ["'NaN'::float8", { float_value: Number.NaN }],
    ["'-0'::float8", { float_value: -0 }],
    ["'-Infinity'::float8", { float_value: Number.NEGATIVE_INFINITY }],
    ['12345678901234567890.123456789::numeric', { string_value: '12345678901234567890.123456789' }],
    ["'grüße 🌍'", { string_value: 'grüße 🌍' }],
    ["''", { string_value: '' }],
    ["'\\xdeadbeef'::bytea", { bytes_value: Buffer.from('deadbeef', 'hex') }],
    ['NULL', { null_value: 'NULL_VALUE' }],
    ["'2025-12-01 14:30:00.5'::timestamp", { string_value: '2025-12-01T14:30:00.5' }],
    ["'2025-12-01 14:30:00+02'::timestamptz", { string_value: '2025-12-01T12:30:00Z' }],
    ["'2025-12-01'::date", { string_value: '2025-12-01' }],
    ["'1 day'::interval", { string_value: '1 day' }],
    ['\'{"a": 1}\'::jsonb', { string_value: '{"a": 1}' }],
    ["'{1,2.5,-3}'::float4[]", { vector_value: { elements: [1, 2.5, -3] } }],
    ["'{}'::float4[]", { vector_value: { elements: [] } }],
    ["'{1,NULL}'::float4[]", { string_value: '[1,null]' }],
    ["'{{1},{2}}'::float4[]", { string_value: '[[1],[2]]' }],
    ['\'{a,"b c"}\'::text[]', { string_value: '["a","b c"]' }],
    ["'{1,2}'::int[]", { string_value: '[1,2]' }],
  ])('%s', async (sql, expected) => {
    expect(await value(`SELECT ${sql}`)).toMatchObject(expected);
  });

  it.each([
    ['bool', { bool_value: false }],
    ['int8', { int_value: '9007199254740993' }],
    ['float8', { float_value: 0.1 }],
    ['text', { string_value: 'a\u0301 ✓' }],
    ['bytea', { bytes_value: Buffer.from([0, 255, 92]) }],
    ['float4[]', { vector_value: { elements: [0.5, -2] } }],
  ])('take a parameter of %s', async (type, given) => {
    expect(await value(`SELECT $1::${type}`, [given])).toMatchObject(given);
  });

  it.each([
    ['float8', { float_value: -0 }, '-0'],
    ['numeric', { float_value: -0 }, '0'],
    ['int', { float_value: -0 }, '0'],
    ['float4[]', { vector_value: { elements: [-0, 0] } }, '{-0,0}'],
    ['float8', { float_value: Number.NEGATIVE_INFINITY }, '-Infinity'],
    ['float8', { float_value: Number.NaN }, 'NaN'],
    ['float8', { float_value: 5e-324 }, '5e-324'],
  ])('take a parameter of %s, %j, as %s', async (type, given, text) => {
    expect(await value(`SELECT $1::${type}::text`, [given])).toMatchObject({ string_value: text });
  });

  it('keep the digits of vector elements, and take NULL in two ways', async () => {
    const vector_value = { elements: [0.1, 0.2, 1e-7] };
    expect(await value('SELECT $1::float4[]::text', [{ vector_value }])).toMatchObject({
      string_value: '{0.1,0.2,1e-07}',
    });
    for (const given of [{ null_value: 'NULL_VALUE' }, {}]) {
      expect(await value('SELECT $1::int IS NULL', [given])).toMatchObject({ bool_value: true });
    }
  });

  it('of every row and column of a larger result', async () => {
    const sql = "SELECT n, repeat('é', n % 200), n::float8 / 3, n % 2 = 0 FROM generate_series(1, 5000) n";
    const { rows, row_count } = await execute({ sql });
    expect(row_count).toBe('5000');
    for (const [index, { values }] of rows.entries()) {
      const n = index + 1;
      expect(values[0].int_value).toBe(String(n));
      expect(values[1].string_value).toBe('é'.repeat(n % 200));
      expect(values[2].float_value).toBe(n / 3);
      expect(values[3].bool_value).toBe(n % 2 === 0);
    }
  });
});

describe('streams', () => {
  const stream = (sql: string, options = {}) =>
    client.collect('thunder.ThunderQuery/ExecuteStream', { sql }, options);

  it('give a message for each row, the first one with the columns', async () => {
    const rows = await stream("SELECT n, 'row ' || n AS text FROM generate_series(1, 3000) n");
    expect(rows).toHaveLength(3_000);
    expect(rows[0]).toMatchObject({ columns: ['n', 'text'], column_types: ['Int32', 'Text'] });
    expect(rows[1]).toMatchObject({ columns: [], column_types: [] });
    expect(rows[2_999]?.values).toMatchObject([{ int_value: '3000' }, { string_value: 'row 3000' }]);
  });

  it('say the columns of a result without rows', async () => {
    expect(await stream('SELECT 1 AS one WHERE false')).toMatchObject([{ values: [], columns: ['one'] }]);
  });

  it('fail with a status, before and within the rows', async () => {
    expect((await grpcFailure(stream('SELECT * FROM nowhere'))).code).toBe(status.NOT_FOUND);
    const late = await grpcFailure(stream('SELECT 1 / (5000 - n) FROM generate_series(1, 9000) n'));
    expect(late).toMatchObject({ code: status.INVALID_ARGUMENT });
    expect(late.info).toContain('DIVISION_BY_ZERO');
  });

  it('wait for a client that does not read', async () => {
    const call = client.open('thunder.ThunderQuery/ExecuteStream', {
      sql: "SELECT n, repeat('x', 1000) FROM generate_series(1, 200000) n",
    });
    await new Promise<void>((resolve) => call.once('data', () => resolve()));
    call.pause();
    const before = process.memoryUsage().rss;
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(process.memoryUsage().rss - before).toBeLessThan(100 * 1024 * 1024);
    call.on('error', () => {});
    call.cancel();
    await expect.poll(running, { timeout: 10_000 }).toBe(0);
  });
});

/** Statements of clients that PostgreSQL is running for this server. */
async function running(): Promise<number> {
  const answer = await server.sql(
    "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND datname = current_database() AND pid <> pg_backend_pid() AND (query LIKE '%pg_sleep%' OR query LIKE '%generate_series(1, 200000)%')",
  );
  return answer.json.rows[0][0];
}

describe('time', () => {
  const sleep = { sql: 'SELECT pg_sleep(30)' };

  it('is bounded by timeout_ms', async () => {
    const failure = await grpcFailure(execute({ ...sleep, timeout_ms: 100 }));
    expect(failure.code).toBe(status.DEADLINE_EXCEEDED);
    expect(failure.info).toContain('QUERY_TIMEOUT');
    expect(await running()).toBe(0);
  });

  it('is bounded by the deadline, in PostgreSQL, too', async () => {
    const failure = await grpcFailure(execute(sleep, { deadlineMs: 300 }));
    expect(failure.code).toBe(status.DEADLINE_EXCEEDED);
    await expect.poll(running, { timeout: 5_000 }).toBe(0);
  });

  it('ends when the client cancels, in PostgreSQL, too', async () => {
    const call = client.open('thunder.ThunderQuery/ExecuteStream', sleep);
    call.on('error', () => {});
    await expect.poll(running, { timeout: 5_000 }).toBe(1);
    call.cancel();
    await expect.poll(running, { timeout: 5_000 }).toBe(0);
  });
});

describe('errors', () => {
  it.each([
    ['SELEC 1', status.INVALID_ARGUMENT, 'INVALID_SQL'],
    ['SELECT * FROM nowhere', status.NOT_FOUND, 'TABLE_NOT_FOUND'],
    ['SELECT nothing FROM users', status.INVALID_ARGUMENT, 'COLUMN_NOT_FOUND'],
    ["INSERT INTO users VALUES (1, 'twice')", status.ALREADY_EXISTS, 'UNIQUE_VIOLATION'],
    ['SELECT 300::int2 * 300::int2', status.OUT_OF_RANGE, 'NUMERIC_OUT_OF_RANGE'],
    ['BEGIN', status.INVALID_ARGUMENT, 'TRANSACTION_CONTROL_NOT_ALLOWED'],
    ['', status.INVALID_ARGUMENT, 'INVALID_SQL'],
  ])('%s', async (sql, code, reason) => {
    const failure = await grpcFailure(execute({ sql }));
    expect([failure.code, failure.info.includes(reason)]).toEqual([code, true]);
  });

  it('have details: reason, domain, sqlstate and the request id', async () => {
    const metadata = { 'x-request-id': 'mine-1' };
    const failure = await grpcFailure(execute({ sql: 'SELECT * FROM nowhere' }, { metadata }));
    for (const text of ['google.rpc.ErrorInfo', 'thunderdb', '42P01', 'mine-1']) {
      expect(failure.info).toContain(text);
    }
    expect(failure.metadata.get('x-request-id')).toEqual(['mine-1']);
    expect(failure.details).toContain('nowhere');
  });

  it('of transactions and messages', async () => {
    const codes = async (path: string, request: object) =>
      (await grpcFailure(client.call(path, request))).code;
    expect(await codes('thunder.ThunderQuery/Commit', { txn_id: '' })).toBe(status.INVALID_ARGUMENT);
    expect(await codes('thunder.ThunderQuery/Commit', { txn_id: 'txn_none' })).toBe(status.NOT_FOUND);
    expect(await codes('thunder.ThunderQuery/Execute', { sql: 'SELECT 1', txn_id: 'txn_none' })).toBe(
      status.NOT_FOUND,
    );
    expect(await codes('thunder.ThunderQuery/Execute', { sql: 'SELECT 1', consistency: 9 })).toBe(
      status.INVALID_ARGUMENT,
    );
    expect(await codes('thunder.ThunderQuery/Explain', { sql: 'SELECT 1', format: 'xml' })).toBe(
      status.INVALID_ARGUMENT,
    );
    expect(await codes('thunder.ThunderQuery/BeginTransaction', { isolation_level: 7 })).toBe(
      status.INVALID_ARGUMENT,
    );
    expect(await codes('thunder.Cluster/Propose', {})).toBe(status.INVALID_ARGUMENT);
    const watching = client.collect('thunder.Cluster/WatchEvents', { event_types: ['weather'] });
    expect((await grpcFailure(watching)).code).toBe(status.INVALID_ARGUMENT);
    const { txn_id } = await client.call('thunder.ThunderQuery/BeginTransaction', {});
    await grpcFailure(execute({ sql: 'SELECT 1 / 0', txn_id }));
    expect(await codes('thunder.ThunderQuery/Commit', { txn_id })).toBe(status.FAILED_PRECONDITION);
  });
});
