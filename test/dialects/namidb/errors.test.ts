/** Refusals of the namidb dialect: status, body and headers of each, and a server that goes on. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, startTestServer, type TestServer } from '../../support/server.ts';

const TOKEN = 'c0ffee00c0ffee00c0ffee00c0ffee00';
let server: TestServer;

beforeAll(async () => {
  server = await startTestServer({ flags: { 'auth-token': TOKEN, 'body-bytes-max': '64kB' } });
});
afterAll(async () => {
  const { json } = await cypher('MATCH (n) RETURN count(*) AS n');
  expect(json.rows).toEqual([{ n: 0 }]);
  await server.stop();
});

const headers = { authorization: `Bearer ${TOKEN}` };
const cypher = (query: string, params: object = { list: ['a'] }): Promise<Answer> =>
  server.post('/v0/cypher', { query, params }, { headers });
const brief = ({ status, json }: Answer) => [status, json.code, json.error];

describe('a query', () => {
  it.each([
    ['MATCH (n RETURN n', 400, 'INVALID_CYPHER', /^parse error: .* at \[9\.\.15\)$/],
    ['RETURN "é", x', 400, 'INVALID_CYPHER', /^plan error: BindingNotFound: .* at \[13\.\.14\)$/],
    ['MATCH (n) MATCH (n)-[n]->() RETURN n', 400, 'INVALID_CYPHER', /^plan error: DoubleBinding: /],
    ['RETURN 1 AS a UNION RETURN 2 AS b', 400, 'INVALID_CYPHER', /^plan error: InvalidUnion: /],
    ['RETURN nosuch(1)', 400, 'INVALID_CYPHER', /^plan error: UnknownFunction: /],
    ['RETURN $missing', 400, 'PARAMETER_MISSING', /^read execution failed: EvalError: .*missing/],
    ['RETURN 1 / 0', 400, 'CYPHER_ARITHMETIC_ERROR', /^read execution failed: EvalError: /],
    ['CREATE (n) SET n.x = 1 / 0', 400, 'CYPHER_ARITHMETIC_ERROR', /^write execution failed: EvalError: /],
    [
      'CALL dbms.components() YIELD name CREATE (n) SET n.x = 1 / 0',
      400,
      'CYPHER_ARITHMETIC_ERROR',
      /^write execution failed: EvalError: .* at \[55\.\.60\)$/,
    ],
    [
      'CALL dbms.components() YIELD name RETURN 1 / 0',
      400,
      'CYPHER_ARITHMETIC_ERROR',
      /^read execution failed: EvalError: /,
    ],
    ['UNWIND $list AS x RETURN x.y', 400, 'CYPHER_TYPE_ERROR', /^read execution failed: EvalError: /],
    ['CREATE (a)-[:T]->(b) DELETE a', 409, 'GRAPH_CONSTRAINT_VIOLATION', /^write execution failed: /],
  ])('%s', async (query, status, code, error) => {
    const answer = await cypher(query);
    expect(brief(answer)).toEqual([status, code, expect.stringMatching(error)]);
    expect(answer.headers.get('content-type')).toMatch(/^application\/json\b/);
    expect(answer.json.type).toEqual(expect.any(String));
  });

  it('has parameters of 64 bits', async () => {
    const body = '{"query":"RETURN $n","params":{"n":9223372036854775808}}';
    expect(brief(await server.post('/v0/cypher', body, { headers }))).toEqual([
      400,
      'INVALID_VALUE',
      'integer param 9223372036854775808 exceeds the 64-bit signed range',
    ]);
    const huge = '{"query":"RETURN $n","params":{"n":[1e999]}}';
    expect(brief(await server.post('/v0/cypher', huge, { headers }))).toEqual([
      400,
      'INVALID_VALUE',
      'unsupported numeric param: 1e999',
    ]);
  });
});

describe('a body', () => {
  it.each([
    ['{"query": ', 400, 'INVALID_JSON'],
    ['{}', 422, 'MISSING_PARAMETER'],
    ['{"query": 1}', 422, 'INVALID_PARAMETER'],
    ['{"query": "RETURN 1", "params": null}', 422, 'INVALID_PARAMETER'],
    ['{"query": "RETURN 1", "params": [1]}', 422, 'INVALID_PARAMETER'],
    ['{"query": "RETURN 1", "parms": {}}', 422, 'INVALID_PARAMETER'],
    ['[]', 422, 'INVALID_PARAMETER'],
    [`{"query": "${' '.repeat(70_000)}"}`, 413, 'PAYLOAD_TOO_LARGE'],
  ])('%.40s', async (body, status, code) => {
    const answer = await server.post('/v0/cypher', body, { headers });
    expect([answer.status, answer.json.code, typeof answer.json.error]).toEqual([status, code, 'string']);
  });

  it('is JSON by name', async () => {
    const answer = await server.post('/v0/cypher', 'RETURN 1', {
      headers: { ...headers, 'content-type': 'text/plain' },
    });
    expect([answer.status, answer.json.code]).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE']);
    const suffix = await server.post('/v0/cypher', '{"query":"RETURN 1 AS a"}', {
      headers: { ...headers, 'content-type': 'application/cypher+json' },
    });
    expect(suffix.json.rows).toEqual([{ a: 1 }]);
  });
});

describe('the gate', () => {
  it.each([
    [{}],
    [{ authorization: 'Bearer wrong' }],
    [{ authorization: 'Basic YTpi' }],
  ])('refuses %o before it looks at the body', async (credentials) => {
    const answer = await server.post('/v0/cypher', '{', { headers: credentials as Record<string, string> });
    expect([answer.status, answer.json.error]).toEqual([401, 'missing or invalid bearer token']);
    expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="namidb"');
    const flush = await server.post('/v0/admin/flush', undefined, {
      headers: credentials as Record<string, string>,
    });
    expect(flush.status).toBe(401);
  });

  it('names what is not there', async () => {
    expect((await server.get('/v0/nothing')).json.code).toBe('NOT_FOUND');
    const wrong = await server.get('/v0/cypher', { headers });
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'POST']);
    expect((await server.get('/default/v0/cypher', { headers })).status).toBe(405);
  });

  it('has namespaces of sane names only', async () => {
    const answer = await server.post('/No-Such/v0/cypher', { query: 'RETURN 1' }, { headers });
    expect([answer.status, answer.json.code]).toEqual([400, 'NAMESPACE_INVALID']);
  });
});

describe('a stream', () => {
  it('that fails at once has a status of its own', async () => {
    const answer = await server.post('/v0/cypher/stream', { query: 'RETURN x' }, { headers });
    expect(brief(answer)).toEqual([400, 'INVALID_CYPHER', expect.stringContaining('BindingNotFound')]);
  });
});

describe('a constraint', () => {
  const outcome = (counts: object) => ({
    indexes_added: 0,
    indexes_removed: 0,
    constraints_added: 0,
    constraints_removed: 0,
    ...counts,
  });

  it('is made without write_outcome, and its violation is 409', async () => {
    const made = await cypher('CREATE CONSTRAINT one_name FOR (u:User) REQUIRE u.name IS UNIQUE');
    expect([made.status, made.json]).toEqual([
      200,
      { columns: [], rows: [], schema_outcome: outcome({ constraints_added: 1 }) },
    ]);
    expect((await cypher('CREATE (:User {name: "ann"})')).status).toBe(200);
    const twice = await cypher('CREATE (:User {name: "ann"})');
    expect([twice.status, twice.json.code]).toEqual([409, 'GRAPH_CONSTRAINT_VIOLATION']);
    expect((await cypher('MATCH (u:User) DELETE u')).status).toBe(200);
    const dropped = await server.post(
      '/v0/cypher/stream',
      { query: 'DROP CONSTRAINT one_name' },
      { headers },
    );
    expect(
      dropped.text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual([{ columns: [] }, { row_count: 0, schema_outcome: outcome({ constraints_removed: 1 }) }]);
  });
});
