/** The journal of a graph that graphd writes to: it is on from the first write, and has what was committed. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { begin, COMMIT, execute, type GraphdClient, open, ROLLBACK } from './client.ts';

let server: TestServer;
let client: GraphdClient;
beforeAll(async () => {
  server = await startTestServer();
  client = await open(server);
});
afterAll(async () => {
  await client.close();
  await server.stop();
});

const status = async () => (await server.get('/v1/journal')).json;

test('reading leaves it undecided, and the first write turns it on', async () => {
  await client.run('MATCH (n) RETURN n');
  await client.run('CALL show_tables() RETURN *');
  await client.run('/* of tables */ CALL show_tables() // all\n RETURN *');
  expect(await client.ask(execute('NONSENSE'))).toMatchObject({ case: 'error' });
  expect((await status()).state).toBe('undecided');
  await client.ask(begin('read'));
  expect(await client.ask(execute('CREATE (:Refused)'))).toMatchObject({ case: 'error' });
  await client.ask(ROLLBACK);
  expect((await status()).state).toBe('undecided');
  await client.ask(begin());
  await client.run('CREATE (:First)');
  expect(await status()).toMatchObject({ state: 'on', head: { sequence: 0 } });
  await client.ask(COMMIT);
  expect(await status()).toMatchObject({ state: 'on', head: { sequence: 1 } });
});

test('it has what was committed, and nothing else', async () => {
  const before = (await status()).head.sequence;
  await client.ask(begin());
  await client.run('CREATE (:Undone)');
  await client.ask(ROLLBACK);
  expect(await client.ask(execute('CREATE (:Failed {n: 1 / 0})'))).toMatchObject({ case: 'error' });
  await client.run('MATCH (n:Nothing) SET n.x = 1');
  expect((await status()).head.sequence).toBe(before);
  await client.ask({
    case: 'batch',
    value: { statements: [{ query: 'CREATE (:A)' }, { query: 'CREATE (:B)' }] },
  });
  await server.post('/v1/execute', { query: 'CREATE (:C)' });
  await server.post('/v1/pipeline', { statements: [{ query: 'CREATE (:D)' }, { query: 'NONSENSE' }] });
  expect((await status()).head.sequence).toBe(before + 3);
});

test('who has turned it off has it off', async () => {
  await server.post('/v1/journal/disable');
  const { sequence } = (await status()).head;
  await client.run('CREATE (:Unrecorded)');
  expect(await status()).toMatchObject({ state: 'off', head: { sequence } });
});
