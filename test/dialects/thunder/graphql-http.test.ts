/** GraphQL as a protocol: methods, types and statuses of HTTP, errors, bounds, roles and rates, clients that leave. */
import { readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  buildClientSchema,
  buildSchema,
  getIntrospectionQuery,
  type IntrospectionQuery,
  lexicographicSortSchema,
  printSchema,
} from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FacetError } from '../../../src/base/index.ts';
import { type GraphqlClient, graphqlOf } from './graphql-client.ts';
import { startThunder, type Thunder } from './harness.ts';

let thunder: Thunder;
let graphql: GraphqlClient;
beforeAll(async () => {
  thunder = await startThunder();
  graphql = graphqlOf(thunder);
  await thunder.sql('CREATE TABLE users (id bigint PRIMARY KEY, name text UNIQUE)');
  await thunder.sql("INSERT INTO users VALUES (1, 'Alice')");
}, 60_000);
afterAll(async () => await thunder.stop());

const urlOf = (parameters: Readonly<Record<string, string>>): string =>
  `/graphql?${new URLSearchParams(parameters)}`;

describe('the schema', () => {
  const ordered = (text: string): string => printSchema(lexicographicSortSchema(buildSchema(text)));

  it('is that of the file, as clients see it', async () => {
    const reply = await graphql.send(getIntrospectionQuery({ descriptions: false }));
    const seen = printSchema(buildClientSchema(reply.json.data as unknown as IntrospectionQuery));
    const file = readFileSync(new URL('./graphql-schema.graphql', import.meta.url), 'utf8');
    expect(ordered(seen)).toBe(ordered(file));
  });
});

describe('over HTTP', () => {
  it('answers queries by GET, with variables and a name', async () => {
    const reply = await thunder.get(
      urlOf({
        query:
          'query A { nodes { id } } query B($p: [JSON]) { query(sql: "SELECT $1::bigint", params: $p) { rows } }',
        operationName: 'B',
        variables: '{"p":[9007199254740993]}',
      }),
    );
    expect([reply.status, reply.text]).toEqual([200, '{"data":{"query":{"rows":[[9007199254740993]]}}}']);
  });

  it('refuses mutations and subscriptions by GET', async () => {
    const mutation = await thunder.get(
      urlOf({ query: 'mutation { execute(sql: "DELETE FROM users") { rowsAffected } }' }),
    );
    expect([mutation.status, mutation.headers.get('allow')]).toEqual([405, 'POST']);
    expect(mutation.json.errors?.[0]?.extensions?.code).toBe('METHOD_NOT_ALLOWED');
    const subscription = await thunder.get(
      urlOf({ query: 'subscription { onRowInserted(table: "users") { lsn } }' }),
    );
    expect(subscription.status).toBe(405);
    const other = await thunder.raw('/graphql', { method: 'PUT' });
    expect(other.status).toBe(405);
  });

  it('changes nothing by GET, not even by a statement that is explained, alone or in a transaction', async () => {
    await thunder.sql('CREATE SEQUENCE tickets');
    const begun = await thunder.post('/api/v1/transactions', {});
    const transaction = { 'x-facet-txn-id': String(begun.json.txn_id) };
    const asked = [
      `query(sql: "INSERT INTO users VALUES (7, 'Eve')") { rows }`,
      `query(sql: "EXPLAIN ANALYZE INSERT INTO users VALUES (7, 'Eve')") { rows }`,
      `query(sql: "WITH gone AS (DELETE FROM users RETURNING id) SELECT * FROM gone") { rows }`,
      `explain(sql: "INSERT INTO users VALUES (7, 'Eve')", analyze: true) { plan }`,
      `explain(sql: "SELECT nextval('tickets')", analyze: true) { plan }`,
    ];
    for (const headers of [{}, transaction]) {
      for (const field of asked) {
        const reply = await thunder.get(urlOf({ query: `{ ${field} }` }), headers);
        expect([field, reply.json.errors?.[0]?.extensions?.code]).toEqual([field, 'READ_ONLY_TRANSACTION']);
      }
      const plan = await thunder.get(
        urlOf({ query: `{ explain(sql: "INSERT INTO users VALUES (7, 'Eve')") { plan } }` }),
        headers,
      );
      expect(plan.json.data?.explain?.plan?.node_type).toBe('Insert');
    }
    const path = `/api/v1/transactions/${begun.json.txn_id}/commit`;
    expect((await thunder.post(path, {})).status).toBe(200);
    const left = await thunder.sql('SELECT count(*), (SELECT is_called FROM tickets) FROM users');
    expect(left.json.rows).toEqual([[1, false]]);
    // By POST an analyzed statement runs, and is rolled back.
    const analyzed = `{ explain(sql: "INSERT INTO users VALUES (7, 'Eve')", analyze: true) { executionTimeMs } }`;
    expect((await graphql.data(analyzed)).explain?.executionTimeMs).toBeGreaterThan(0);
  });

  it.each([
    ['application/json', 200],
    ['application/graphql-response+json', 400],
    ['application/graphql-response+json; charset=utf-8, application/json;q=0.5', 400],
    ['*/*', 200],
  ])('says %s by status %i that nothing ran', async (accept, status) => {
    for (const query of ['{ nope }', '{ nodes', 'query A { nodes { id } } query B { nodes { id } }']) {
      const reply = await thunder.post('/graphql', { query }, { accept });
      expect(reply.status).toBe(status);
      expect(reply.headers.get('content-type')).toContain(
        status === 400 ? 'graphql-response+json' : 'application/json',
      );
      expect(reply.json).not.toHaveProperty('data');
      expect(reply.json.errors?.[0]?.extensions?.code).toMatch(/^GRAPHQL_(PARSE|VALIDATION)_FAILED$/);
    }
    const failed = await thunder.post('/graphql', { query: '{ query(sql: "SELEC") { rows } }' }, { accept });
    expect([failed.status, failed.json.data]).toEqual([200, null]);
  });

  it.each([
    ['', 'MISSING_PARAMETER|INVALID_PARAMETER'],
    ['{}', 'MISSING_PARAMETER'],
    ['{"query":1}', 'INVALID_PARAMETER'],
    ['{"query":"{ nodes { id } }","variables":[]}', 'INVALID_PARAMETER'],
    ['{"query":"{ nodes { id } }","variables":9007199254740993}', 'INVALID_PARAMETER'],
    ['{"query":"{ nodes { id } }","operationName":1}', 'INVALID_PARAMETER'],
    ['{"query":"{ nodes { id } }","extra":1}', 'INVALID_PARAMETER'],
    ['{"extensions":{"persistedQuery":{"version":1,"sha256Hash":"ab"}}}', 'FEATURE_NOT_SUPPORTED'],
    ['[{"query":"{ nodes { id } }"}]', 'FEATURE_NOT_SUPPORTED'],
  ])('refuses the body %s', async (body, code) => {
    const reply = await thunder.post('/graphql', body);
    expect(reply.status).toBe(400);
    expect(reply.json.errors?.[0]?.extensions?.code).toMatch(new RegExp(`^(${code})$`));
  });

  it('refuses what is no JSON in the words of the REST API', async () => {
    const broken = await thunder.post('/graphql', '{"query":');
    expect([broken.status, broken.json.error?.code]).toEqual([400, 'INVALID_JSON']);
    const plain = await thunder.post('/graphql', '{ nodes { id } }', {
      'content-type': 'application/graphql',
    });
    expect([plain.status, plain.json.error?.code]).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE']);
  });

  it('refuses what a variable cannot be', async () => {
    const reply = await graphql.errors(
      'query ($v: Boolean!) { explain(sql: "SELECT 1", verbose: $v) { plan } }',
      {
        v: 'yes',
      },
    );
    expect(reply.json).not.toHaveProperty('data');
    expect(reply.json.errors?.[0]?.extensions?.code).toBe('GRAPHQL_VALIDATION_FAILED');
  });
});

describe('errors', () => {
  it('say what PostgreSQL said, and where it is in the document', async () => {
    const reply = await graphql.errors('{\n  broken: query(sql: "SELECT nothing FROM users") { rows }\n}');
    expect(reply.json.errors).toEqual([
      {
        message: expect.stringContaining('nothing'),
        locations: [{ line: 2, column: 3 }],
        path: ['broken'],
        extensions: {
          code: 'COLUMN_NOT_FOUND',
          sqlstate: '42703',
          position: 8,
          requestId: reply.headers.get('x-request-id'),
          retryable: false,
        },
      },
    ]);
    const unique = await graphql.errors(
      `mutation { execute(sql: "INSERT INTO users VALUES (2, 'Alice')") { rowsAffected } }`,
    );
    expect(unique.json.errors?.[0]?.extensions).toMatchObject({
      code: 'UNIQUE_VIOLATION',
      detail: expect.stringContaining('Alice'),
    });
  });

  it('leave other fields of a mutation as they are, and take those of a query with them', async () => {
    // Every field at the top is non-null, so one failure is the failure of all data.
    const reply = await graphql.errors(
      'mutation { a: execute(sql: "SELECT 1") { rowsAffected } b: execute(sql: "SELEC") { rowsAffected } }',
    );
    expect(reply.json.data).toBeNull();
    expect(reply.json.errors).toHaveLength(1);
  });

  it('of the operations themselves are told by their codes', async () => {
    const missing = await graphql.errors('mutation { dropTable(name: "nope") { dropped } }');
    expect(missing.json.errors?.[0]?.extensions?.code).toBe('TABLE_NOT_FOUND');
    const engine = await graphql.errors(
      'mutation { createTable(input: { name: "x", engine: "quantum", columns: [{ name: "id", type: "Int64" }] }) { created } }',
    );
    expect(engine.json.errors?.[0]).toMatchObject({
      message: expect.stringContaining('engine'),
      extensions: { code: 'INVALID_PARAMETER' },
    });
  });

  it('of subscriptions name the way they come', async () => {
    const reply = await graphql.errors('subscription { onRowInserted(table: "users") { lsn } }');
    expect(reply.json.errors?.[0]?.extensions).toMatchObject({
      code: 'FEATURE_NOT_SUPPORTED',
      hint: expect.stringContaining('graphql-transport-ws'),
    });
  });
});

describe('bounds', () => {
  const many = (count: number, text: (at: number) => string): string =>
    Array.from({ length: count }, (_, at) => text(at)).join(' ');

  it.each([
    ['graphqlRootFieldsMax', `{ ${many(21, (at) => `a${at}: nodes { id }`)} }`],
    ['graphqlAliasesMax', `{ nodes { ${many(51, (at) => `a${at}: id`)} } }`],
    ['graphqlFieldsMax', `{ nodes { ${many(501, () => 'id')} } }`],
    ['graphqlDirectivesMax', `{ nodes { id ${many(51, () => '@skip(if: false)')} } }`],
    ['graphqlDepthMax', `{ tables ${'{ columns '.repeat(20)}{ name }${' }'.repeat(20)} }`],
    ['graphqlNestingMax', `{ query(sql: "", params: ${'['.repeat(130)}1${']'.repeat(130)}) { rows } }`],
    ['graphqlNestingMax', '['.repeat(100_000)],
    ['graphqlTokensMax', `{ ${many(20_001, () => 'a')} }`],
    ['graphqlDocumentCharactersMax', `{ nodes { id } } #${'x'.repeat(1_048_576)}`],
    ['graphqlDefinitionsMax', many(51, (at) => `query q${at} { nodes { id } }`)],
    // 2^40 fields in 1 KB.
    [
      'graphqlFieldsMax',
      `{ nodes { ...f0 } } ${many(40, (at) => `fragment f${at} on Node { ...f${at + 1} ...f${at + 1} }`)} fragment f40 on Node { id }`,
    ],
  ])('name %s', async (limit, query) => {
    const reply = await graphql.errors(query);
    expect(reply.json).not.toHaveProperty('data');
    expect(reply.json.errors).toHaveLength(1);
    expect(reply.json.errors?.[0]).toMatchObject({
      message: expect.stringContaining(`(${limit})`),
      extensions: { code: 'LIMIT_EXCEEDED' },
    });
  });

  it.each([
    ['fragments in a circle', '{ nodes { ...a } } fragment a on Node { ...b } fragment b on Node { ...a }'],
    [
      'the schema in the schema',
      `{ __schema { types ${'{ fields { type '.repeat(4)}{ name }${' } }'.repeat(4)} } }`,
    ],
    [
      'many faults',
      `{ ${many(100, (at) => `no${at}`)
        .split(' ')
        .slice(0, 20)
        .join(' ')} }`,
    ],
  ])('hold for %s', async (_, query) => {
    const reply = await graphql.errors(query);
    expect(reply.json.errors?.[0]?.extensions?.code).toBe('GRAPHQL_VALIDATION_FAILED');
    expect((reply.json.errors as unknown as unknown[]).length).toBeLessThanOrEqual(21);
  });

  it('of results count those of one document together', async () => {
    const field = (at: number): string => `a${at}: query(sql: "SELECT repeat('x', 9000000)") { rows }`;
    const reply = await graphql.errors(`{ ${many(9, field)} }`);
    expect(reply.json.errors?.[0]?.extensions?.code).toMatch(/RESULT_TOO_LARGE|UNAVAILABLE/);
  });
});

describe('the gate', () => {
  it('charges a request once, as any other path', async () => {
    const limited = await startThunder({ rateLimits: { default: { perSecond: 1, burst: 2 } } });
    const query = `{ ${['a', 'b', 'c', 'd'].map((name) => `${name}: query(sql: "SELECT 1") { rows }`).join(' ')} }`;
    const first = await limited.post('/graphql', { query });
    expect([first.status, first.json.errors, first.headers.get('x-ratelimit-limit')]).toEqual([
      200,
      undefined,
      '1',
    ]);
    await limited.post('/graphql', { query });
    const third = await limited.post('/graphql', { query });
    expect([third.status, third.json.error?.code, third.headers.get('retry-after')]).toEqual([
      429,
      'RATE_LIMITED',
      '1',
    ]);
    await limited.stop();
  });

  it('lets readers read only, and strangers not at all', async () => {
    const guarded = await startThunder({
      authenticate: (credentials) => {
        if (credentials.scheme === 'bearer' && credentials.secret === 'reader')
          return { name: 'reader', role: 'read' };
        throw new FacetError('UNAUTHORIZED', 'Who are you?');
      },
    });
    const client = graphqlOf(guarded);
    const stranger = await client.send('{ nodes { id } }');
    expect([stranger.status, stranger.json.error?.code]).toEqual([401, 'UNAUTHORIZED']);
    const headers = { authorization: 'Bearer reader' };
    const read = await client.send('{ query(sql: "SELECT 1") { rows } }', {}, headers);
    expect(read.json.data).toEqual({ query: { rows: [[1]] } });
    const write = await client.errors(
      'mutation { execute(sql: "CREATE TABLE t ()") { rowsAffected } }',
      {},
      headers,
    );
    expect(write.json.errors?.[0]?.extensions?.code).toBe('READ_ONLY_TRANSACTION');
    const create = await client.errors(
      'mutation { createTable(input: { name: "t", columns: [{ name: "a", type: "Text" }] }) { created } }',
      {},
      headers,
    );
    expect(create.json.errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
    const transaction = await client.errors(
      'mutation { executeTransaction(statements: [{ sql: "CREATE TABLE t ()" }]) { committed } }',
      {},
      headers,
    );
    expect(transaction.json.errors?.[0]?.extensions).toMatchObject({
      code: 'READ_ONLY_TRANSACTION',
      statementIndex: 0,
    });
    await guarded.stop();
  });

  it('sees every field as an operation', async () => {
    const before = thunder.observed.length;
    await graphql.data('{ nodes { id } tables { name } query(sql: "SELECT 1") { rows } }');
    const seen = thunder.observed.slice(before).filter((each) => each.type === 'operation');
    expect(seen.map(({ operation, outcome }) => [operation, outcome]).sort()).toEqual([
      ['cluster.nodes', 'ok'],
      ['sql.describe_tables', 'ok'],
      ['sql.query', 'ok'],
    ]);
  });
});

it('ends in PostgreSQL what a client that leaves was waiting for', async () => {
  const running = async (): Promise<unknown> => {
    const reply = await thunder.sql(
      "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(61)%' AND state = 'active'",
    );
    return (reply.json.rows as unknown as unknown[][])[0]?.[0];
  };
  const body = JSON.stringify({ query: '{ query(sql: "SELECT pg_sleep(61)") { rows } }' });
  const request = httpRequest(`${thunder.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
  });
  request.on('error', () => {});
  request.end(body);
  for (let tries = 0; (await running()) !== 1; tries++) {
    expect(tries).toBeLessThan(200);
    await sleep(20);
  }
  request.destroy();
  for (let tries = 0; (await running()) !== 0; tries++) {
    expect(tries).toBeLessThan(200);
    await sleep(20);
  }
});
