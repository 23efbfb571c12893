/** The examples of the NamiDB HTTP API page, and values, over a real socket: bodies letter for letter. */
import { tableFromIPC } from 'apache-arrow';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, startTestServer, type TestServer } from '../../support/server.ts';

const TOKEN = 'c0ffee00c0ffee00c0ffee00c0ffee00';
let server: TestServer;

beforeAll(async () => {
  server = await startTestServer({ flags: { 'auth-token': TOKEN } });
});
afterAll(() => server.stop());
afterEach(async () => {
  await cypher('MATCH (n) DETACH DELETE n');
});

const headers = { authorization: `Bearer ${TOKEN}` };

function cypher(query: string, params?: object): Promise<Answer> {
  return server.post('/v0/cypher', params === undefined ? { query } : { query, params }, { headers });
}

async function ok(query: string, params?: object): Promise<string> {
  const answer = await cypher(query, params);
  expect([answer.status, answer.text.slice(0, 200)]).toEqual([200, expect.any(String)]);
  return answer.text;
}

describe('the curl round trip', () => {
  it('asks for health without credentials', async () => {
    const answer = await server.get('/v0/health');
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toMatch(/^application\/json\b/);
    expect(answer.text).toMatch(
      /^\{"status":"ok","namespace":"default","manifest_version":\d+,"epoch":\d+\}$/,
    );
  });

  it('creates, and matches', async () => {
    const created = await cypher('CREATE (a:Person {name: "Alice", age: 30}) RETURN a.name AS name');
    expect([created.status, created.text]).toEqual([
      200,
      '{"columns":["name"],"rows":[{"name":"Alice"}],"write_outcome":{"nodes_created":1,"edges_created":0,' +
        '"nodes_deleted":0,"edges_deleted":0,"properties_set":0}}',
    ]);
    expect(await ok('MATCH (p:Person) RETURN p.name AS name, p.age AS age')).toBe(
      '{"columns":["name","age"],"rows":[{"name":"Alice","age":30}]}',
    );
  });
});

describe('POST /v0/cypher', () => {
  it('reads with parameters', async () => {
    await ok(
      'CREATE (:Person {name: "Alice", age: 18}), (:Person {name: "Bob", age: 40}), (:Person {age: 3})',
    );
    const text = await ok('MATCH (p:Person) WHERE p.age >= $min RETURN p.name AS name ORDER BY name', {
      min: 18,
    });
    expect(text).toBe('{"columns":["name"],"rows":[{"name":"Alice"},{"name":"Bob"}]}');
  });

  it('returns a node that it made', async () => {
    const { json } = await cypher('CREATE (a:Person) RETURN a');
    expect(json).toEqual({
      columns: ['a'],
      rows: [{ a: { _kind: 'node', id: expect.stringMatching(/^\d+$/), label: 'Person', properties: {} } }],
      write_outcome: {
        nodes_created: 1,
        edges_created: 0,
        nodes_deleted: 0,
        edges_deleted: 0,
        properties_set: 0,
      },
    });
    const again = await cypher('MATCH (a:Person) RETURN a');
    expect(again.json.rows).toEqual(json.rows);
    expect(Object.keys(again.json)).toEqual(['columns', 'rows']);
  });

  it('has write_outcome for what can write, also when it did not', async () => {
    const { json } = await cypher('MATCH (n:Nobody) SET n.x = 1 RETURN n');
    expect(json).toEqual({
      columns: ['n'],
      rows: [],
      write_outcome: {
        nodes_created: 0,
        edges_created: 0,
        nodes_deleted: 0,
        edges_deleted: 0,
        properties_set: 0,
      },
    });
  });

  it('counts', async () => {
    await ok('CREATE (:A)-[:T]->(:B), (:C)');
    const { json } = await cypher('MATCH (n) SET n.x = 1 DETACH DELETE n');
    expect(json.write_outcome).toEqual({
      nodes_created: 0,
      edges_created: 0,
      nodes_deleted: 3,
      edges_deleted: 1,
      properties_set: 3,
    });
  });

  it('keeps the order of RETURN', async () => {
    expect(await ok('RETURN 1 AS z, 2 AS a, 3 AS m')).toBe(
      '{"columns":["z","a","m"],"rows":[{"z":1,"a":2,"m":3}]}',
    );
  });
});

describe('the type mapping', () => {
  it.each([
    ['null', 'null'],
    ['true', 'true'],
    ['9223372036854775807', '9223372036854775807'],
    ['-9007199254740993', '-9007199254740993'],
    ['1.0', '1.0'],
    ['-0.0', '-0.0'],
    ['1e300', '1e+300'],
    ['0.1', '0.1'],
    ['0.0 / 0.0', 'null'],
    ['1.0 / 0.0', 'null'],
    ['"é \\"q\\""', '"é \\"q\\""'],
    ['[1, 2.0, [null]]', '[1,2.0,[null]]'],
    ['{b: 1, a: {c: "x"}}', '{"b":1,"a":{"c":"x"}}'],
    ['date("2024-01-15")', '"2024-01-15"'],
    ['datetime("2024-01-15T12:00:00Z")', '"2024-01-15T12:00:00+00:00"'],
    ['datetime("2024-01-15T12:00:01.5+01:00[Europe/Stockholm]")', '"2024-01-15T12:00:01.5+01:00"'],
    ['localdatetime("2024-01-15T12:30")', '"2024-01-15T12:30:00"'],
    ['time("12:30+02:00")', '"12:30:00+02:00"'],
    ['localtime("12:30:15.000000001")', '"12:30:15.000000001"'],
    ['duration("P1Y2M3DT4.5S")', '"P1Y2M3DT4.5S"'],
    ['point({x: 1, y: 2})', '{"srid":7203,"x":1.0,"y":2.0}'],
  ])('%s is %s', async (expression, json) => {
    expect(await ok(`RETURN ${expression} AS v`)).toBe(`{"columns":["v"],"rows":[{"v":${json}}]}`);
  });

  it('of relationships and paths', async () => {
    await ok('CREATE (:A {n: 1})<-[:KNOWS {since: 2020}]-(:B:C)');
    const { json } = await cypher('MATCH p = (a:A)<-[r]-(b) RETURN a, r, b, p');
    const [{ a, r, b, p }] = json.rows;
    expect(a).toEqual({ _kind: 'node', id: a.id, label: 'A', properties: { n: 1 } });
    expect(b).toEqual({ _kind: 'node', id: b.id, label: 'B', labels: ['B', 'C'], properties: {} });
    expect(r).toEqual({
      _kind: 'rel',
      edge_type: 'KNOWS',
      src: b.id,
      dst: a.id,
      properties: { since: 2020 },
    });
    expect(p).toEqual([a, r, b]);
  });

  it('of parameters keeps every digit, and tells INTEGER from FLOAT', async () => {
    const body =
      '{"query":"RETURN $p AS p, [x IN $p | valueType(x)] AS t","params":{"p":[1, 1.0, 1e2, 9223372036854775807, -0.5]}}';
    const answer = await server.post('/v0/cypher', body, { headers });
    expect(answer.status).toBe(200);
    expect(answer.text).toContain('"p":[1,1.0,100.0,9223372036854775807,-0.5]');
    expect(
      await ok('RETURN $m.a.b AS v, $t AS t, $n AS n', { m: { a: { b: 'x' } }, t: true, n: null }),
    ).toContain('{"v":"x","t":true,"n":null}');
  });
});

describe('the other routes', () => {
  it('say the version', async () => {
    const { json } = await server.get('/v0/version');
    expect(Object.keys(json)).toEqual(['version', 'build_target']);
  });

  it('are alive', async () => {
    expect((await server.get('/v0/livez')).text).toBe('{"status":"ok"}');
    expect((await server.get('/default/v0/livez')).text).toBe('{"status":"ok"}');
  });

  it('give metrics to those with credentials', async () => {
    expect((await server.get('/v0/metrics')).status).toBe(401);
    const { status, text } = await server.get('/v0/metrics', { headers });
    expect([status, text.includes('# HELP')]).toEqual([200, true]);
  });

  it('flush, whatever the body is', async () => {
    const answer = await server.post('/v0/admin/flush', undefined, { headers });
    expect([answer.status, Object.keys(answer.json)]).toEqual([
      200,
      ['ssts_written', 'bloom_sidecars_written', 'manifest_version'],
    ]);
    const odd = await fetch(`${server.url}/v0/admin/flush`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'text/plain' },
      body: 'now',
    });
    expect(odd.status).toBe(200);
    await odd.arrayBuffer();
  });

  it('stream rows as lines', async () => {
    const query = 'UNWIND range(1, 2500) AS i CREATE (n:S {i: i}) RETURN n.i AS i, "x" AS x';
    const answer = await server.post('/v0/cypher/stream', { query }, { headers });
    expect(answer.headers.get('content-type')).toBe('application/x-ndjson');
    const lines = answer.text.trimEnd().split('\n');
    expect(lines.slice(0, 2)).toEqual(['{"columns":["i","x"]}', '{"i":1,"x":"x"}']);
    expect(lines).toHaveLength(2502);
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({
      row_count: 2500,
      write_outcome: { nodes_created: 2500 },
    });
  });

  it('know namespaces by path and header', async () => {
    const byPath = await server.post('/default/v0/cypher', { query: 'RETURN 1 AS one' }, { headers });
    expect(byPath.json.rows).toEqual([{ one: 1 }]);
    const wrong = await server.get('/nowhere/v0/health');
    expect([wrong.status, wrong.json.code]).toEqual([404, 'DATABASE_NOT_FOUND']);
    const header = await server.get('/v0/health', { headers: { 'x-namidb-namespace': 'default' } });
    expect(header.json.namespace).toBe('default');
  });
});

describe('PROFILE', () => {
  it('runs the query and answers with the rows of each step, in a stream too', async () => {
    const query = 'PROFILE UNWIND [1, 2, 3] AS x CREATE (p:Profiled {x: x}) WITH p WHERE p.x > 1 DELETE p';
    const { status, json } = await server.post('/v0/cypher', { query }, { headers });
    expect([status, json.columns]).toEqual([200, ['operator', 'details', 'rows', 'time_ms', 'sql']]);
    expect(json.rows.map((row: { operator: string; rows: number }) => [row.operator, row.rows])).toEqual([
      ['UNWIND', 3],
      ['CREATE', 3],
      ['WITH', 2],
      ['DELETE', 2],
    ]);
    for (const { time_ms: timeMs } of json.rows) expect(timeMs).toBeGreaterThanOrEqual(0);
    expect(json.write_outcome).toMatchObject({ nodes_created: 3, nodes_deleted: 2 });

    const left = { query: 'PROFILE MATCH (p:Profiled) DELETE p' };
    const { text } = await server.post('/v0/cypher/stream', left, { headers });
    const lines = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.slice(1, 3).map(({ operator, rows }) => [operator, rows])).toEqual([
      ['MATCH', 1],
      ['DELETE', 1],
    ]);
    expect(lines[1].sql).toContain('graph.node');
    expect(lines[3]).toMatchObject({ row_count: 2, write_outcome: { nodes_deleted: 1 } });
  });
});

describe('POST /v0/cypher/arrow', () => {
  it('answers with an Arrow stream', async () => {
    const query = 'UNWIND [1, 2] AS n RETURN n, toString(n) AS text, {n: n} AS map';
    const answer = await fetch(`${server.url}/v0/cypher/arrow`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    });
    expect(answer.headers.get('content-type')).toBe('application/vnd.apache.arrow.stream');
    const table = tableFromIPC(new Uint8Array(await answer.arrayBuffer()));
    expect(table.toArray().map(({ n, text, map }) => [n, text, map])).toEqual([
      [1n, '1', '{"n":1}'],
      [2n, '2', '{"n":2}'],
    ]);
  });

  it('answers a fault as the other routes do', async () => {
    const answer = await server.post('/v0/cypher/arrow', { query: 'RETURN x' }, { headers });
    expect([answer.status, answer.json.code]).toEqual([400, 'INVALID_CYPHER']);
  });
});
