/** Transactions of connections: what they see, how they end, and that nothing is left of those whose client goes. */
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { LIMITS } from '../../../src/base/index.ts';
import { query } from '../../../src/engine/query.ts';
import { until } from '../../support/patience.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { asSuperuser } from '../../support/test-store.ts';
import {
  batch,
  begin,
  CLOSE,
  COMMIT,
  connect,
  errorOf,
  execute,
  type GraphdClient,
  HELLO,
  open,
  ROLLBACK,
} from './client.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

const opened: GraphdClient[] = [];
async function client(): Promise<GraphdClient> {
  const made = await open(server);
  opened.push(made);
  return made;
}
afterEach(async () => {
  vi.restoreAllMocks();
  for (const each of opened.splice(0)) await each.close();
});

const transactionsOpen = (): number =>
  server.store.opened.reduce((sum, { counts }) => sum + counts.transactionsOpen, 0);

/** Ends the sessions of PostgreSQL that have a transaction open and nothing to do. */
async function endIdleTransactions(): Promise<void> {
  const { rows } = (await server.sql('SELECT current_database() AS name')).json;
  const sql =
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND state = 'idle in transaction'";
  await asSuperuser('postgres', async (session) => {
    expect((await query(session, sql, [String(Object.values(rows[0])[0])])).rows).toHaveLength(1);
  });
}

const count = async (asked: GraphdClient, label: string): Promise<unknown> =>
  (await asked.run(`MATCH (n:${label}) RETURN count(n)`))[0]?.[0];

test('nobody else sees what was not committed, and everybody what was', async () => {
  const [writer, reader] = [await client(), await client()];
  await writer.ask(begin('write'));
  await writer.run('CREATE (:Seen)');
  expect(await count(writer, 'Seen')).toBe(1n);
  expect(await count(reader, 'Seen')).toBe(0n);
  expect(await writer.ask({ case: 'commit', value: { requestId: 'c' } })).toMatchObject({
    case: 'commitOk',
    value: { requestId: 'c' },
  });
  expect(await count(reader, 'Seen')).toBe(1n);
});

test('a transaction that reads sees one state, and writes nothing', async () => {
  const [writer, reader] = [await client(), await client()];
  await reader.ask(begin('read'));
  expect(await count(reader, 'State')).toBe(0n);
  await writer.run('CREATE (:State)');
  expect(await count(reader, 'State')).toBe(0n);
  for (const query of [
    'CREATE (:State)',
    'MERGE (:State {n: 1})',
    'CREATE INDEX state FOR (n:State) ON (n.n)',
  ]) {
    expect(await reader.ask(execute(query))).toMatchObject({ case: 'error' });
  }
  expect(await reader.ask(batch(['MATCH (n:State) DELETE n']))).toMatchObject({
    case: 'batchResult',
    value: { results: [{ entry: { case: 'error' } }] },
  });
  expect(await reader.ask(COMMIT)).toMatchObject({ case: 'commitOk' });
  expect(await count(reader, 'State')).toBe(1n);
});

test('a batch within a transaction belongs to it, also when it fails', async () => {
  const asked = await client();
  await asked.ask(begin());
  const answer = await asked.ask(batch(['CREATE (:Batched)', 'RETURN nothing', 'CREATE (:Batched)'], 'b'));
  expect(answer).toMatchObject({
    case: 'batchResult',
    value: {
      requestId: 'b',
      results: [
        { entry: { case: 'result' } },
        { entry: { case: 'error', value: { message: expect.stringMatching(/^Binder exception: /) } } },
      ],
    },
  });
  if (answer.case === 'batchResult') expect(answer.value.results).toHaveLength(2);
  expect(await count(asked, 'Batched')).toBe(1n);
  expect(await asked.ask(ROLLBACK)).toMatchObject({ case: 'rollbackOk' });
  expect(await count(asked, 'Batched')).toBe(0n);
});

test('a batch by itself keeps what went before a failure', async () => {
  const asked = await client();
  await asked.ask(batch(['CREATE (:Kept)', 'CREATE (:Kept)', 'NONSENSE', 'CREATE (:Kept)']));
  expect(await count(asked, 'Kept')).toBe(2n);
});

test.each([
  ['closes the connection', async (asked: GraphdClient) => asked.close()],
  ['breaks it off', async (asked: GraphdClient) => asked.ws.terminate()],
  ['says Close', async (asked: GraphdClient) => void (await asked.ask(CLOSE))],
  ['sends a text', async (asked: GraphdClient) => asked.sendRaw('text')],
  [
    'breaks off in the middle of a query',
    async (asked: GraphdClient) => {
      asked.send(execute('UNWIND range(1, 1000000000) AS n WITH n WHERE n < 0 RETURN n'));
      await new Promise((resolve) => setTimeout(resolve, 100));
      asked.ws.terminate();
    },
  ],
])('a client that %s leaves nothing behind', async (_, leave) => {
  const [gone, next] = [await client(), await client()];
  await next.run('MERGE (:Counter {id: 1})');
  await gone.ask(begin());
  await gone.run('MATCH (n:Counter) SET n.by = "gone"');
  await leave(gone);
  // It waits for the lock of the one who left.
  await next.run('MATCH (n:Counter) SET n.at = "next"');
  expect(await next.run('MATCH (n:Counter) RETURN n.by')).toEqual([[null]]);
  await until('no transaction is open', () => transactionsOpen() === 0);
});

test('messages that are sent ahead are answered one by one, in their order', async () => {
  const asked = await client();
  const sent = Array.from({ length: 300 }, (_, n) => n);
  asked.send(begin());
  for (const n of sent)
    asked.send(execute(`CREATE (:Ahead {n: ${n}}) RETURN ${n}`, { requestId: String(n) }));
  asked.send(COMMIT);
  expect(await asked.next()).toMatchObject({ case: 'beginOk' });
  for (const n of sent)
    expect(await asked.next()).toMatchObject({ case: 'result', value: { requestId: String(n) } });
  expect(await asked.next()).toMatchObject({ case: 'commitOk' });
  expect(await count(asked, 'Ahead')).toBe(300n);
});

test('what was sent behind Close is not looked at', async () => {
  const asked = await client();
  asked.send(CLOSE);
  asked.send(execute('CREATE (:Behind)'));
  expect(await asked.next()).toMatchObject({ case: 'closeOk' });
  expect((await asked.closed).code).toBe(1000);
  expect(await count(await client(), 'Behind')).toBe(0n);
});

test('a commit that fails leaves the transaction to be rolled back', async () => {
  const asked = await client();
  await asked.ask(begin());
  await asked.run('CREATE (:Failed)');
  await endIdleTransactions();
  expect(await asked.ask(COMMIT)).toMatchObject({
    case: 'error',
    value: { message: expect.stringMatching(/./) },
  });
  expect(await asked.ask(begin())).toMatchObject(errorOf('Transaction already active'));
  expect(await asked.ask(ROLLBACK)).toMatchObject({ case: 'rollbackOk' });
  expect(await asked.ask(begin())).toMatchObject({ case: 'beginOk' });
  expect(await asked.ask(ROLLBACK)).toMatchObject({ case: 'rollbackOk' });
});

test('a transaction that lies idle for too long is rolled back, and says so until it is ended', async () => {
  const asked = await client();
  await client();
  const real = globalThis.setTimeout;
  vi.spyOn(globalThis, 'setTimeout').mockImplementation(((run: () => void, ms?: number) =>
    real(run, ms === LIMITS.graphdTransactionIdleMs ? 300 : ms)) as typeof setTimeout);
  await asked.ask(begin());
  vi.restoreAllMocks();
  await asked.run('CREATE (:Idle)');
  await until('no transaction is open', () => transactionsOpen() === 0);
  const told = errorOf(expect.stringContaining('graphdTransactionIdleMs'));
  expect(await asked.ask(execute('RETURN 1'))).toMatchObject(told);
  expect(await asked.ask(COMMIT)).toMatchObject(told);
  expect(await asked.ask(begin())).toMatchObject(errorOf('Transaction already active'));
  expect(await asked.ask(ROLLBACK)).toMatchObject({ case: 'rollbackOk' });
  expect(await asked.run('MATCH (n:Idle) RETURN n')).toEqual([]);
});

test('a transaction is not idle while what is left of its streams is read for its commit', async () => {
  const asked = await client();
  const real = globalThis.setTimeout;
  vi.spyOn(globalThis, 'setTimeout').mockImplementation(((run: () => void, ms?: number) =>
    real(run, ms === LIMITS.graphdTransactionIdleMs ? 300 : ms)) as typeof setTimeout);
  await asked.ask(begin());
  vi.restoreAllMocks();
  await asked.run('CREATE (:Slow)');
  const slow = 'UNWIND range(1, 4000) AS i RETURN size([x IN range(1, 2000) | x * i]) AS n';
  expect(await asked.ask(execute(slow, { fetchSize: 1n }))).toMatchObject({ case: 'result' });
  expect(await asked.ask(COMMIT)).toMatchObject({ case: 'commitOk' });
  expect(await count(asked, 'Slow')).toBe(1n);
});

test('a thousand connections that begin and wait: some are let in, the others told why, and all go on', async () => {
  const clients = await Promise.all(Array.from({ length: 1_000 }, () => connect(server)));
  await Promise.all(clients.map((each) => each.ask(HELLO)));
  const answers = await Promise.all(clients.map((each) => each.ask(begin())));
  const begun = answers.filter(({ case: kind }) => kind === 'beginOk').length;
  expect(begun).toBe(LIMITS.transactionsPerPrincipalMax);
  for (const answer of answers) {
    if (answer.case !== 'beginOk')
      expect(answer).toMatchObject(errorOf(expect.stringMatching(/transactions/)));
  }
  expect(await Promise.all(clients.slice(0, 100).map((each) => each.run('RETURN 1')))).toHaveLength(100);
  await Promise.all(clients.map((each) => each.close()));
  const after = await client();
  await until('there is room again', async () => (await after.ask(begin())).case === 'beginOk');
});
