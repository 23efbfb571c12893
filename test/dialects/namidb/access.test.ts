/** Roles on the routes of the namidb dialect: readers read, and change nothing. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseCredentials } from '../../../src/server/credentials.ts';
import { newToken } from '../../../src/server/index.ts';
import { type Answer, startTestServer, type TestServer } from '../../support/server.ts';

const TOKENS = { read: newToken(), write: newToken() };
let server: TestServer;

beforeAll(async () => {
  server = await startTestServer({
    config: {
      credentials: parseCredentials(
        Object.entries(TOKENS).map(([name, { hash }]) => ({ name, role: name, secret: hash })),
        'test',
      ),
    },
  });
});
afterAll(() => server.stop());

type Role = keyof typeof TOKENS;
const as = (role: Role) => ({ headers: { authorization: `Bearer ${TOKENS[role].token}` } });
const cypher = (name: Role, query: string): Promise<Answer> => server.post('/v0/cypher', { query }, as(name));

it('readers read, and writers write', async () => {
  const refused = await cypher('read', 'CREATE (:A)');
  expect([refused.status, refused.json.code]).toEqual([403, 'FORBIDDEN']);
  expect((await cypher('write', 'CREATE (:A)')).status).toBe(200);
  expect((await cypher('read', 'MATCH (a:A) RETURN count(*) AS n')).json.rows).toEqual([{ n: 1 }]);
  expect((await server.post('/v0/admin/flush', undefined, as('read'))).status).toBe(403);
  expect((await server.post('/v0/admin/flush', undefined, as('write'))).status).toBe(200);
});
