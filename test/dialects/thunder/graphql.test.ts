/** The GraphQL API over HTTP with the requests of the ThunderDB API reference, and values kept exact. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type GraphqlClient, graphqlOf } from './graphql-client.ts';
import { startThunder, type Thunder } from './harness.ts';

let thunder: Thunder;
let graphql: GraphqlClient;
beforeAll(async () => {
  thunder = await startThunder();
  graphql = graphqlOf(thunder);
  await thunder.sql(`CREATE TABLE users (id bigint PRIMARY KEY, name varchar(100) NOT NULL,
    email varchar(200), active boolean NOT NULL DEFAULT true)`);
  await thunder.sql(`INSERT INTO users VALUES (1, 'Alice Johnson', 'alice@example.com', true),
    (2, 'Bob Smith', 'bob@example.com', true), (3, 'Carol White', NULL, true), (4, 'Dan', NULL, false)`);
  await thunder.sql('CREATE INDEX users_by_name ON users (name, email)');
  await thunder.sql('CREATE TABLE orders (id bigint PRIMARY KEY, total numeric(10,2))');
  await thunder.sql('CREATE TABLE accounts (id int PRIMARY KEY, balance bigint CHECK (balance >= 0))');
  await thunder.sql('CREATE TABLE transfers (from_id int, to_id int, amount bigint)');
  await thunder.sql('INSERT INTO accounts VALUES (1, 700), (2, 0)');
}, 60_000);
afterAll(async () => await thunder.stop());

describe('the examples of the reference', () => {
  it('lists tables', async () => {
    const reply = await thunder.post(
      '/graphql',
      '{\n    "query": "{ tables { name engine rowCount columns { name type nullable } } }"\n  }',
    );
    expect(reply.status).toBe(200);
    expect(reply.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(reply.json.data?.tables).toContainEqual({
      name: 'users',
      engine: 'row',
      rowCount: 4,
      columns: [
        { name: 'id', type: 'Int64', nullable: false },
        { name: 'name', type: 'Varchar(100)', nullable: false },
        { name: 'email', type: 'Varchar(200)', nullable: true },
        { name: 'active', type: 'Boolean', nullable: false },
      ],
    });
  });

  it('executes a query', async () => {
    const data = await graphql.data(
      '{ query(sql: "SELECT name, email FROM users WHERE active = true LIMIT 3") { columns columnTypes rows rowCount executionTimeMs } }',
    );
    expect(data.query).toEqual({
      columns: ['name', 'email'],
      columnTypes: ['Varchar', 'Varchar'],
      rows: [
        ['Alice Johnson', 'alice@example.com'],
        ['Bob Smith', 'bob@example.com'],
        ['Carol White', null],
      ],
      rowCount: 3,
      executionTimeMs: expect.any(Number),
    });
  });

  it('explains a query', async () => {
    const data = await graphql.data(
      '{ explain(sql: "SELECT * FROM orders WHERE total > 100", analyze: true) { plan planningTimeMs executionTimeMs } }',
    );
    const rest = await thunder.post('/api/v1/query-explain', {
      sql: 'SELECT * FROM orders WHERE total > 100',
    });
    expect(Object.keys(data.explain?.plan ?? {})).toEqual(
      expect.arrayContaining(Object.keys(rest.json.plan ?? {})),
    );
    expect(data.explain).toMatchObject({
      plan: { node_type: expect.any(String), table: 'orders', actual_rows: 0 },
      executionTimeMs: expect.any(Number),
    });
    const planned = await graphql.data('{ explain(sql: "SELECT 1") { executionTimeMs } }');
    expect(planned.explain).toEqual({ executionTimeMs: null });
  });

  it('creates a table, inserts and drops', async () => {
    const created = await thunder.post(
      '/graphql',
      String.raw`{
    "query": "mutation { createTable(input: { name: \"events\", engine: \"columnar\", columns: [{ name: \"id\", type: \"Int64\", primaryKey: true }, { name: \"event_type\", type: \"Varchar(50)\", nullable: false }, { name: \"payload\", type: \"Jsonb\" }, { name: \"created_at\", type: \"TimestampTz\", default: \"now()\" }], ifNotExists: true }) { name created } }"
  }`,
    );
    expect(created.json).toEqual({ data: { createTable: { name: 'events', created: true } } });
    const again = await graphql.data(
      'mutation { createTable(input: { name: "events", columns: [{ name: "id", type: "Int64" }], ifNotExists: true }) { created } }',
    );
    expect(again).toEqual({ createTable: { created: false } });
    const inserted = await graphql.data(
      String.raw`mutation { execute(
    sql: "INSERT INTO events (id, event_type, payload) VALUES (1, 'signup', '{\"user_id\": 42}')"
  ) { rowsAffected executionTimeMs } }`,
    );
    expect(inserted.execute).toEqual({ rowsAffected: 1, executionTimeMs: expect.any(Number) });
    const read = await graphql.data('{ query(sql: "SELECT payload FROM events") { rows } }');
    expect(read).toEqual({ query: { rows: [[{ user_id: 42 }]] } });
    const dropped = await graphql.data('mutation { dropTable(name: "events") { name dropped } }');
    expect(dropped).toEqual({ dropTable: { name: 'events', dropped: true } });
    const gone = await graphql.data('mutation { dropTable(name: "events", ifExists: true) { dropped } }');
    expect(gone).toEqual({ dropTable: { dropped: false } });
  });

  it('executes a transaction', async () => {
    const transaction = `mutation {
      executeTransaction(
        statements: [
          { sql: "UPDATE accounts SET balance = balance - 500 WHERE id = 1" }
          { sql: "UPDATE accounts SET balance = balance + 500 WHERE id = 2" }
          { sql: "INSERT INTO transfers (from_id, to_id, amount) VALUES (1, 2, 500)" }
        ]
        isolationLevel: SERIALIZABLE
      ) { committed results { rowsAffected } totalExecutionTimeMs } }`;
    const data = await graphql.data(transaction);
    expect(data.executeTransaction).toEqual({
      committed: true,
      results: [{ rowsAffected: 1 }, { rowsAffected: 1 }, { rowsAffected: 1 }],
      totalExecutionTimeMs: expect.any(Number),
    });

    const failed = await graphql.errors(transaction);
    expect(failed.json.data).toBeNull();
    expect(failed.json.errors).toEqual([
      expect.objectContaining({
        path: ['executeTransaction'],
        extensions: expect.objectContaining({
          code: 'CHECK_VIOLATION',
          sqlstate: '23514',
          statementIndex: 0,
          retryable: false,
        }),
      }),
    ]);
    const after = await thunder.sql(
      'SELECT balance, (SELECT count(*) FROM transfers) FROM accounts ORDER BY id',
    );
    expect(after.json.rows).toEqual([
      [200, 1],
      [500, 1],
    ]);
  });

  it('lists the nodes', async () => {
    const data = await graphql.data('{ nodes { id address role region status } }');
    expect(data.nodes).toEqual([
      { id: 'node-1', address: '127.0.0.1:0', role: 'leader', region: 'local', status: 'healthy' },
    ]);
  });
});

describe('values', () => {
  it('have all their digits, as variables, literals and cells', async () => {
    const query = `query ($id: JSON, $rest: [JSON]) {
      a: query(sql: "SELECT $1::bigint AS id, $2::numeric AS price", params: [$id, 12345678901234567890.1000]) { rows }
      b: query(sql: "SELECT $1::bigint[] AS ids, $2::jsonb AS doc", params: $rest) { rows }
      c: query(sql: "SELECT $1::jsonb AS doc", params: [{big: 9007199254740993, list: [1.10, $id], name: "x"}]) { rows }
    }`;
    const reply = await thunder.post(
      '/graphql',
      `{"query":${JSON.stringify(query)},"variables":{"id":9223372036854775807,
        "rest":[[9007199254740993,1],{"n":0.30000000000000000001}]}}`,
    );
    expect(reply.status).toBe(200);
    expect(reply.text).toContain('"a":{"rows":[[9223372036854775807,12345678901234567890.1000]]}');
    expect(reply.text).toContain('"b":{"rows":[[[9007199254740993,1],{"n": 0.30000000000000000001}]]}');
    expect(reply.text).toContain('"list": [1.10, 9223372036854775807]');
    expect(reply.text).toContain('"big": 9007199254740993');
  });

  it('come one by one beside a question about the schema, and are the same', async () => {
    const sql = 'SELECT 9223372036854775807 AS id, NULL AS nothing, ARRAY[1,2] AS list, $q$a"b$q$ AS text';
    const selection = `query(sql: "${sql.replaceAll('"', String.raw`\"`)}") { rows }`;
    const whole = await graphql.send(`{ ${selection} }`);
    const single = await graphql.send(`{ ${selection} __type(name: "Int") { kind } }`);
    const rows = String.raw`[[9223372036854775807,null,[1,2],"a\"b"]]`;
    expect(whole.text).toBe(`{"data":{"query":{"rows":${rows}}}}`);
    expect(single.text).toBe(`{"data":{"query":{"rows":${rows}},"__type":{"kind":"SCALAR"}}}`);
  });

  it('may be null where the schema says so', async () => {
    const data = await graphql.data(
      'query ($s: String, $p: [JSON]) { tables(schema: $s) { name } query(sql: "SELECT 1", params: $p) { rows } }',
      { s: null, p: null },
    );
    expect(data.query).toEqual({ rows: [[1]] });
    expect(data.tables).toContainEqual({ name: 'users' });
  });

  it('are not taken from names without quotes', async () => {
    const reply = await graphql.errors('{ query(sql: "SELECT $1", params: [RED]) { rows } }');
    expect(reply.json.errors?.[0]).toMatchObject({ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } });
  });
});

describe('query', () => {
  it('only reads, whatever the text says, also in a transaction that may write', async () => {
    const begun = await thunder.post('/api/v1/transactions', {});
    const headers = { 'x-thunder-txn-id': String(begun.json.txn_id) };
    await thunder.sql(
      'CREATE FUNCTION add_user() RETURNS int LANGUAGE sql AS $$INSERT INTO users VALUES (99, $q$Z$q$) RETURNING 1$$',
    );
    for (const sql of [
      'DELETE FROM users',
      'WITH gone AS (DELETE FROM users RETURNING 1) SELECT * FROM gone',
      'SELECT add_user()',
      'SELECT * FROM users FOR UPDATE',
      'COMMIT',
    ]) {
      for (const given of [{}, headers]) {
        const reply = await graphql.errors(
          'query ($sql: String!) { query(sql: $sql) { rows } }',
          { sql },
          given,
        );
        expect([sql, reply.json.data, reply.json.errors?.[0]?.extensions?.code]).toEqual([
          sql,
          null,
          sql === 'COMMIT' ? 'TRANSACTION_CONTROL_NOT_ALLOWED' : 'READ_ONLY_TRANSACTION',
        ]);
      }
    }
    const write = await graphql.send(
      'mutation { execute(sql: "UPDATE users SET active = active") { rowsAffected } }',
      {},
      headers,
    );
    expect(write.json.data).toEqual({ execute: { rowsAffected: 4 } });
    const ended = await thunder.post(`/api/v1/transactions/${String(begun.json.txn_id)}/rollback`);
    expect(ended.status).toBe(200);
  });

  it('sees what its transaction has written', async () => {
    const begun = await thunder.post('/api/v1/transactions', {});
    const headers = { 'x-thunder-txn-id': String(begun.json.txn_id) };
    await graphql.send(
      `mutation { execute(sql: "INSERT INTO users VALUES (50, 'Z')") { rowsAffected } }`,
      {},
      headers,
    );
    const inside = await graphql.send(
      '{ query(sql: "SELECT id FROM users WHERE id = 50") { rows } }',
      {},
      headers,
    );
    expect(inside.json.data).toEqual({ query: { rows: [[50]] } });
    const nested = await graphql.errors(
      'mutation { executeTransaction(statements: [{ sql: "SELECT 1" }]) { committed } }',
      {},
      headers,
    );
    expect(nested.json.errors?.[0]?.extensions?.code).toBe('TRANSACTION_CONTROL_NOT_ALLOWED');
    await thunder.post(`/api/v1/transactions/${String(begun.json.txn_id)}/rollback`);
  });
});

describe('tables', () => {
  it('take two statements, however many there are and whatever is asked of them', async () => {
    await thunder.sql('CREATE SCHEMA wide');
    for (let at = 0; at < 12; at++) {
      await thunder.sql(
        `CREATE TABLE wide.t${at} (id int PRIMARY KEY, v text CHECK (v <> ''), UNIQUE (v, id))`,
      );
    }
    const before = thunder.observed.length;
    const data = await graphql.data(
      '{ tables(schema: "wide") { name schema rowCount sizeBytes columns { name primaryKey default } indexes { name columns type unique } } }',
    );
    const statements = thunder.observed
      .slice(before)
      .filter((seen) => seen.type === 'statement')
      .map(({ statement }) => statement)
      .filter((name) => name.startsWith('sql.tables'));
    expect(statements).toEqual(['sql.tables.describe_all', 'sql.tables.count_all']);
    expect(data.tables).toHaveLength(12);
    const rest = await thunder.get('/api/v1/tables/wide.t3');
    const { columns, indexes } = rest.json;
    expect(data.tables).toContainEqual({
      name: 't3',
      schema: 'wide',
      rowCount: 0,
      sizeBytes: rest.json.size_bytes,
      columns: (columns as unknown as Record<string, unknown>[]).map((column) => ({
        name: column.name,
        primaryKey: column.primary_key,
        default: column.default,
      })),
      indexes,
    });
  });

  it('are looked up only as far as they are asked for', async () => {
    const before = thunder.observed.length;
    await graphql.data('fragment T on Table { name } { tables(schema: "wide") { ...T } }');
    const statements = thunder.observed.slice(before).filter((seen) => seen.type === 'statement');
    expect(statements.map(({ statement }) => statement)).not.toContain('sql.tables.count_all');
    const none = await graphql.data('{ tables(schema: "nowhere") { name } }');
    expect(none).toEqual({ tables: [] });
  });
});
