/** What Neo4j's transactional endpoint refuses, and how: before anything runs, with Neo4j's codes. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

const TX = '/db/neo4j/tx';
const statements = (...queries: (string | object)[]) => ({
  statements: queries.map((query) => (typeof query === 'string' ? { statement: query } : query)),
});

it.each<[string, unknown, string]>([
  ['no JSON', '{', 'Request.InvalidFormat'],
  ['an array', [], 'Request.Invalid'],
  ['statements that are no array', { statements: {} }, 'Request.Invalid'],
  ['a statement that is no object', { statements: ['RETURN 1'] }, 'Request.Invalid'],
  ['a statement without its text', { statements: [{}] }, 'Request.Invalid'],
  ['parameters that are no object', statements({ statement: 'RETURN 1', parameters: [] }), 'Request.Invalid'],
  ['a flag that is none', statements({ statement: 'RETURN 1', includeStats: 1 }), 'Request.Invalid'],
  [
    'a form that is not offered',
    statements({ statement: 'RETURN 1', resultDataContents: ['rest'] }),
    'Statement.UnsupportedOperationError',
  ],
  [
    'too many statements',
    statements(...Array.from({ length: 1_001 }, () => 'RETURN 1')),
    'Statement.ExecutionFailed',
  ],
])('%s is refused before anything runs', async (_name, body, code) => {
  for (const path of [TX, `${TX}/commit`]) {
    const answer = await server.post(path, body);
    expect([answer.status, answer.json.results, answer.json.errors[0].code]).toEqual([
      400,
      [],
      `Neo.ClientError.${code}`,
    ]);
    expect(answer.headers.get('location')).toBeNull();
  }
});

it('headers', async () => {
  for (const [name, value] of [
    ['access-mode', 'read'],
    ['bookmarks', 'x'],
    ['bookmarks', '[1]'],
    ['max-execution-time', '-1'],
    ['max-execution-time', 'soon'],
  ] as const) {
    const answer = await server.post(TX, statements('RETURN 1'), { headers: { [name]: value } });
    expect([answer.status, answer.json.errors[0].code]).toEqual([400, 'Neo.ClientError.Request.Invalid']);
  }
});

it('databases, paths, methods and media types', async () => {
  const system = await server.post('/db/system/tx/commit', statements('SHOW DATABASES'));
  expect([system.status, system.json.errors[0].code]).toEqual([
    400,
    'Neo.ClientError.Statement.UnsupportedOperationError',
  ]);
  const name = await server.post('/db/not%20a%20name/tx/commit', statements('RETURN 1'));
  expect([name.status, name.json.errors[0].code]).toEqual([404, 'Neo.ClientError.Database.DatabaseNotFound']);
  const path = await server.post(`${TX}/a/b/c`);
  expect([path.status, path.json.errors[0].code]).toEqual([404, 'Neo.ClientError.Request.Invalid']);
  const method = await server.get(TX);
  expect([method.status, method.json.errors[0].code]).toEqual([405, 'Neo.ClientError.Request.Invalid']);
  const media = await server.post(TX, '<a/>', { headers: { 'content-type': 'application/xml' } });
  expect([media.status, media.json.errors[0].code]).toEqual([415, 'Neo.ClientError.Request.InvalidFormat']);
});

it('a query that takes too long', async () => {
  const headers = { 'max-execution-time': '50' };
  const query = 'UNWIND range(1, 100000) AS i UNWIND range(1, 100000) AS j RETURN count(i + j)';
  const answer = await server.post(`${TX}/commit`, statements(query), { headers });
  expect(answer.json.errors[0].code).toBe('Neo.ClientError.Transaction.TransactionTimedOut');
});
