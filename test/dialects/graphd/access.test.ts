/** Who is let in, what they may do, and which graph they are given. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { query } from '../../../src/engine/query.ts';
import { parseCredentials } from '../../../src/server/credentials.ts';
import { newToken } from '../../../src/server/index.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { asSuperuser, dropDatabase } from '../../support/test-store.ts';
import { connect, errorOf, execute, type GraphdClient, HELLO, hello, open } from './client.ts';

const TOKENS = { read: newToken(), write: newToken(), elsewhere: newToken() };
const INVALID = { case: 'helloError', value: { message: 'Invalid token' } };
const RESULT = { case: 'result' };

let server: TestServer;
let otherDatabase: string;
beforeAll(async () => {
  server = await startTestServer({
    config: {
      credentials: parseCredentials(
        [
          { name: 'read', role: 'read', secret: TOKENS.read.hash },
          { name: 'write', role: 'write', secret: TOKENS.write.hash },
          { name: 'elsewhere', role: 'write', secret: TOKENS.elsewhere.hash, namespace: 'other' },
        ],
        'test',
      ),
    },
  });
  const name = /^postgres:\/\/\w+@\/(\w+)/.exec(server.store.facts.uri)?.[1] ?? '';
  otherDatabase = `${name}_other`;
  await asSuperuser('postgres', (session) => query(session, `CREATE DATABASE ${otherDatabase} OWNER facet`));
});
afterAll(async () => {
  await server.stop();
  await dropDatabase(otherDatabase);
});

const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });

async function greeted(token: string, path = '/ws'): Promise<GraphdClient> {
  const client = await connect(server, path);
  expect(await client.ask(hello(token))).toMatchObject({ case: 'helloOk' });
  return client;
}

describe('a connection', () => {
  it.each([
    ['without a token', HELLO],
    ['with a wrong token', hello('wrong')],
    ['with an empty token', hello('')],
  ])('%s is told so and closed', async (_, message) => {
    const client = await connect(server);
    expect(await client.ask(message)).toMatchObject(INVALID);
    expect((await client.closed).code).toBe(1008);
  });

  it('is told by its first message that it has to greet, before tokens are looked at', async () => {
    const client = await connect(server);
    expect(await client.ask(execute('RETURN 1'))).toMatchObject({
      case: 'helloError',
      value: { message: 'First message must be hello' },
    });
  });

  it('may write with a token that may, and not with one that may not', async () => {
    const [reader, writer] = [await greeted(TOKENS.read.token), await greeted(TOKENS.write.token)];
    expect(await writer.ask(execute('CREATE (:Mine)'))).toMatchObject(RESULT);
    expect(await reader.ask(execute('MATCH (n:Mine) RETURN count(n)'))).toMatchObject(RESULT);
    for (const written of [
      'CREATE (:Theirs)',
      'CREATE NODE TABLE T(id INT64, PRIMARY KEY(id))',
      'CREATE INDEX i FOR (n:A) ON (n.a)',
    ]) {
      expect(await reader.ask(execute(written))).toMatchObject(
        errorOf(expect.stringContaining('role write')),
      );
    }
    await Promise.all([reader.close(), writer.close()]);
  });

  it('may have said who it is by its request to upgrade, and another one by Hello', async () => {
    const client = await open(server, '/ws', bearer(TOKENS.read.token));
    expect(await client.ask(execute('CREATE (:Read)'))).toMatchObject({ case: 'error' });
    await client.close();
    const other = await connect(server, '/ws', bearer(TOKENS.read.token));
    expect(await other.ask(hello(TOKENS.write.token))).toMatchObject({ case: 'helloOk' });
    expect(await other.ask(execute('CREATE (:Written)'))).toMatchObject(RESULT);
    await other.close();
    const wrong = await connect(server, '/ws', bearer(TOKENS.read.token));
    expect(await wrong.ask(hello('wrong'))).toMatchObject(INVALID);
    await expect(connect(server, '/ws', bearer('wrong'))).rejects.toThrow(/^401 .*"Unauthorized"/);
  });

  it('is asked to wait after many wrong tokens', async () => {
    const strict = await startTestServer({
      config: {
        credentials: parseCredentials([{ name: 'a', role: 'write', secret: TOKENS.write.hash }], 'test'),
      },
    });
    let answer: unknown;
    for (let tries = 0; tries < 30; tries++) {
      const client = await connect(strict);
      answer = await client.ask(hello('wrong'));
      await client.closed;
    }
    expect(answer).toMatchObject({
      case: 'helloError',
      value: { message: expect.stringMatching(/Too many/) },
    });
    await strict.stop();
  });
});

describe('a namespace', () => {
  it('is that of the URL, of the header, of the token, or the default one', async () => {
    const write = await greeted(TOKENS.write.token);
    await write.run("CREATE (:Here {where: 'default'})");
    const elsewhere = await greeted(TOKENS.elsewhere.token);
    await elsewhere.run("CREATE (:Here {where: 'other'})");
    const byUrl = await greeted(TOKENS.write.token, '/ws?namespace=other');
    const byHeader = await connect(server, '/ws', { headers: { 'x-facet-namespace': 'other' } });
    await byHeader.ask(hello(TOKENS.write.token));
    const where = (client: GraphdClient) => client.run('MATCH (n:Here) RETURN n.where');
    expect(await where(write)).toEqual([['default']]);
    for (const client of [elsewhere, byUrl, byHeader]) expect(await where(client)).toEqual([['other']]);
    await Promise.all([write, elsewhere, byUrl, byHeader].map((client) => client.close()));
  });

  it('of a token is the only one for it', async () => {
    const client = await greeted(TOKENS.elsewhere.token, '/ws?namespace=default');
    expect(await client.ask(execute('RETURN 1'))).toMatchObject(
      errorOf(expect.stringContaining("'other' only")),
    );
    await client.close();
  });

  it('over HTTP is chosen in the same ways', async () => {
    const at = async (path: string, headers: object) =>
      (await server.post(path, { query: 'MATCH (n:Here) RETURN n.where' }, { headers: { ...headers } })).json
        .rows;
    const { headers } = bearer(TOKENS.write.token);
    expect(await at('/v1/execute', headers)).toEqual([['default']]);
    expect(await at('/v1/execute?namespace=other', headers)).toEqual([['other']]);
    expect(await at('/v1/execute', { ...headers, 'x-facet-namespace': 'other' })).toEqual([['other']]);
    expect(await at('/v1/execute', bearer(TOKENS.elsewhere.token).headers)).toEqual([['other']]);
  });
});

describe('HTTP', () => {
  it('refuses who is not known, in the encoding of the request, before it reads the body', async () => {
    const json = await server.post('/v1/execute', '{');
    expect([json.status, json.json]).toEqual([
      401,
      { type: 'error', message: 'Unauthorized', code: 'UNAUTHORIZED' },
    ]);
    const protobuf = await server.post('/v1/batch', 'nonsense', {
      headers: { 'content-type': 'application/x-protobuf', ...bearer('wrong').headers },
    });
    expect([protobuf.status, protobuf.headers.get('content-type')]).toEqual([401, 'application/x-protobuf']);
    expect(Buffer.from(protobuf.text).toString('hex')).toBe(
      `220e0a0c${Buffer.from('Unauthorized').toString('hex')}`,
    );
  });

  it('tells readers that they may not write by a status', async () => {
    const refused = await server.post('/v1/execute', { query: 'CREATE (:A)' }, bearer(TOKENS.read.token));
    expect([refused.status, refused.json.type]).toEqual([403, 'error']);
    expect((await server.post('/v1/snapshot', undefined, bearer(TOKENS.write.token))).status).toBe(403);
  });
});
