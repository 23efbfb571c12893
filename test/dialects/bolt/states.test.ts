/** Every message in every state: what is answered, and what state the connection is in then. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BoltClient, type MessageName, type Packed, TAGS } from '../../support/bolt-client.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
let address: string;

beforeAll(async () => {
  server = await startTestServer({ flags: { 'bolt-listen': '127.0.0.1:0' } });
  address = server.running.boltAddress ?? '';
});
afterAll(() => server.stop());

const FIELDS: Readonly<Record<MessageName, readonly Packed[]>> = {
  HELLO: [{ user_agent: 'test/1' }],
  LOGON: [{ scheme: 'none' }],
  LOGOFF: [],
  GOODBYE: [],
  RESET: [],
  RUN: ['RETURN 1 AS one', {}, {}],
  PULL: [{ n: -1 }],
  DISCARD: [{ n: -1 }],
  BEGIN: [{}],
  COMMIT: [],
  ROLLBACK: [],
  ROUTE: [{}, [], {}],
  TELEMETRY: [0],
};

type State =
  | 'NEGOTIATION'
  | 'AUTHENTICATION'
  | 'READY'
  | 'STREAMING'
  | 'TX_READY'
  | 'TX_STREAMING'
  | 'FAILED';
const STATES: readonly State[] = [
  'NEGOTIATION',
  'AUTHENTICATION',
  'READY',
  'STREAMING',
  'TX_READY',
  'TX_STREAMING',
  'FAILED',
];

/** A connection that has got into a state. */
async function connectionIn(state: State): Promise<BoltClient> {
  if (state === 'NEGOTIATION' || state === 'AUTHENTICATION') {
    const client = await BoltClient.connect(address);
    await client.agree('5.7');
    if (state === 'NEGOTIATION') return client;
    client.send('HELLO', ...FIELDS.HELLO);
    await client.expect('SUCCESS');
    return client;
  }
  const client = await BoltClient.ready(address);
  if (state === 'TX_READY' || state === 'TX_STREAMING') {
    client.send('BEGIN', {});
    await client.expect('SUCCESS');
  }
  if (state === 'STREAMING' || state === 'TX_STREAMING') {
    client.run('UNWIND range(1, 3) AS i RETURN i');
    await client.expect('SUCCESS');
  }
  if (state === 'FAILED') {
    client.run('RETURN nothing');
    await client.expect('FAILURE');
  }
  return client;
}

/** What a message is answered with where it may come. `CLOSED`: by nothing, and the connection is closed. */
const ANSWERS: Readonly<Record<State, Partial<Record<MessageName, string>>>> = {
  NEGOTIATION: { HELLO: 'SUCCESS', GOODBYE: 'CLOSED' },
  AUTHENTICATION: { LOGON: 'SUCCESS', RESET: 'SUCCESS', GOODBYE: 'CLOSED' },
  READY: {
    LOGOFF: 'SUCCESS',
    RUN: 'SUCCESS',
    BEGIN: 'SUCCESS',
    ROUTE: 'SUCCESS',
    TELEMETRY: 'SUCCESS',
    RESET: 'SUCCESS',
    GOODBYE: 'CLOSED',
  },
  STREAMING: { PULL: 'RECORD', DISCARD: 'SUCCESS', RESET: 'SUCCESS', GOODBYE: 'CLOSED' },
  TX_READY: { RUN: 'SUCCESS', COMMIT: 'SUCCESS', ROLLBACK: 'SUCCESS', RESET: 'SUCCESS', GOODBYE: 'CLOSED' },
  TX_STREAMING: {
    RUN: 'SUCCESS',
    PULL: 'RECORD',
    DISCARD: 'SUCCESS',
    COMMIT: 'SUCCESS',
    ROLLBACK: 'SUCCESS',
    RESET: 'SUCCESS',
    GOODBYE: 'CLOSED',
  },
  FAILED: {
    RESET: 'SUCCESS',
    GOODBYE: 'CLOSED',
    ...Object.fromEntries(
      Object.keys(FIELDS)
        .filter((name) => name !== 'RESET' && name !== 'GOODBYE')
        .map((name) => [name, 'IGNORED']),
    ),
  },
};

/** The connection goes on: what it answers is passed over until RESET has made it anew. */
async function isUsable(client: BoltClient): Promise<void> {
  client.send('RESET');
  for (;;) {
    const { name } = await client.reply();
    if (name === 'SUCCESS') break;
  }
}

const ROWS = STATES.flatMap((state) =>
  (Object.keys(TAGS) as MessageName[]).map((name) => ({
    state,
    name,
    answer: ANSWERS[state][name] ?? 'FAILURE',
  })),
);

describe('5.7', () => {
  test.each(ROWS)('$name in $state: $answer', async ({ state, name, answer }) => {
    const client = await connectionIn(state);
    client.send(name, ...FIELDS[name]);
    if (answer === 'CLOSED') {
      await client.closed;
      return;
    }
    const reply = await client.reply();
    expect(reply.name).toBe(answer);
    if (answer !== 'FAILURE') {
      client.destroy();
      return;
    }
    expect(reply.meta).toMatchObject({
      neo4j_code: 'Neo.ClientError.Request.Invalid',
      message: `${name} cannot come while the connection is ${state}`,
      gql_status: '08N06',
    });
    // The specification: after such a mistake the two sides do not mean the same any more.
    await client.closed;
    await expect(client.reply()).rejects.toThrow('closed');
  });
});

describe('the way of a connection', () => {
  test('a failure is followed by IGNORED until RESET, and then all is well', async () => {
    const client = await BoltClient.ready(address);
    client.run('RETURN nothing');
    client.send('PULL', { n: -1 });
    client.run('RETURN 1');
    client.send('PULL', { n: -1 });
    client.send('COMMIT');
    const failure = await client.expect('FAILURE');
    expect(failure.meta).toMatchObject({
      neo4j_code: 'Neo.ClientError.Statement.SyntaxError',
      gql_status: '42001',
      message: expect.stringContaining('(line 1, column 8 (offset: 7))'),
    });
    for (let index = 0; index < 4; index++) await client.expect('IGNORED');
    client.send('RESET');
    await client.expect('SUCCESS');
    expect(await client.query('RETURN 1')).toEqual([[1]]);
    client.destroy();
  });

  test('a query that fails in a transaction rolls all of it back at once', async () => {
    const client = await BoltClient.ready(address);
    client.send('BEGIN', {});
    client.run('CREATE (:Undone)');
    client.send('PULL', { n: -1 });
    for (const name of ['SUCCESS', 'SUCCESS', 'SUCCESS']) await client.expect(name);
    expect(server.store.opened[0]?.counts.transactionsOpen).toBe(1);
    client.run('RETURN 1 / 0');
    client.send('PULL', { n: -1 });
    const first = await client.reply();
    const failure = first.name === 'SUCCESS' ? await client.expect('FAILURE') : first;
    expect(failure.meta.neo4j_code).toBe('Neo.ClientError.Statement.ArithmeticError');
    expect(server.store.opened[0]?.counts.transactionsOpen).toBe(0);
    client.send('COMMIT');
    if (first.name === 'FAILURE') await client.expect('IGNORED');
    await client.expect('IGNORED');
    await isUsable(client);
    expect(await client.query('MATCH (n:Undone) RETURN count(n)')).toEqual([[0]]);
    client.destroy();
  });

  test('several results of a transaction are taken in any order, by qid', async () => {
    const client = await BoltClient.ready(address);
    client.send('BEGIN', {});
    await client.expect('SUCCESS');
    client.run('UNWIND range(1, 5) AS i RETURN i');
    client.run('UNWIND range(11, 15) AS i RETURN i');
    expect((await client.expect('SUCCESS')).meta.qid).toBe(0);
    expect((await client.expect('SUCCESS')).meta.qid).toBe(1);
    client.send('PULL', { n: 2, qid: 0 });
    expect(await client.records()).toMatchObject({ rows: [[1], [2]], meta: { has_more: true } });
    client.send('PULL', { n: 4 });
    expect(await client.records()).toMatchObject({
      rows: [[11], [12], [13], [14]],
      meta: { has_more: true },
    });
    client.send('PULL', { n: -1, qid: 0 });
    expect((await client.records()).rows).toEqual([[3], [4], [5]]);
    client.send('DISCARD', { n: -1, qid: 1 });
    expect((await client.records()).meta).toMatchObject({ type: 'r' });
    client.send('COMMIT');
    await client.expect('SUCCESS');
    client.destroy();
  });

  test('a result of that number is not open: the transaction fails, the connection stays', async () => {
    const client = await BoltClient.ready(address);
    client.send('BEGIN', {});
    client.run('RETURN 1');
    client.send('PULL', { n: 1, qid: 7 });
    await client.expect('SUCCESS');
    await client.expect('SUCCESS');
    const { meta } = await client.expect('FAILURE');
    expect(meta.message).toContain('There is no result 7');
    await isUsable(client);
    expect(await client.query('RETURN 1')).toEqual([[1]]);
    client.destroy();
  });

  test('records come as many as are asked for, and the server knows whether there are more', async () => {
    const client = await BoltClient.ready(address);
    client.run('UNWIND range(1, 10) AS i RETURN i');
    await client.expect('SUCCESS');
    for (const from of [1, 6]) {
      client.send('PULL', { n: 5 });
      const { rows, meta } = await client.records();
      expect(rows).toEqual([0, 1, 2, 3, 4].map((step) => [from + step]));
      if (from === 1) expect(meta).toEqual({ has_more: true });
      else expect(meta).toMatchObject({ type: 'r', db: 'default' });
    }
    expect(await client.query('RETURN 1')).toEqual([[1]]);
    client.destroy();
  });

  test('DISCARD with n passes over records', async () => {
    const client = await BoltClient.ready(address);
    client.run('UNWIND range(1, 5) AS i RETURN i');
    client.send('DISCARD', { n: 3 });
    client.send('PULL', { n: -1 });
    await client.expect('SUCCESS');
    expect((await client.expect('SUCCESS')).meta).toEqual({ has_more: true });
    expect((await client.records()).rows).toEqual([[4], [5]]);
    client.destroy();
  });
});

describe('LOGON and LOGOFF', () => {
  test('a client may become another one', async () => {
    const client = await BoltClient.ready(address);
    client.send('LOGOFF');
    client.send('LOGON', { scheme: 'basic', principal: 'neo4j', credentials: 'any' });
    await client.expect('SUCCESS');
    await client.expect('SUCCESS');
    expect(await client.query('RETURN 1')).toEqual([[1]]);
    client.destroy();
  });

  test.each(['4.4', '5.0'])('%s has its credentials in HELLO, and no LOGON', async (version) => {
    const client = await BoltClient.ready(address, version, {
      scheme: 'basic',
      principal: '',
      credentials: 'x',
    });
    expect(await client.query('RETURN 1')).toEqual([[1]]);
    client.send('LOGON', { scheme: 'none' });
    const { meta } = await client.expect('FAILURE');
    expect(meta.code).toBe('Neo.ClientError.Request.Invalid');
    await client.closed;
  });
});

describe('RESET', () => {
  test('ends what runs: it and what waits is IGNORED', async () => {
    const client = await BoltClient.ready(address);
    const startedAt = performance.now();
    client.run(
      'UNWIND range(1, 1000000) AS a UNWIND range(1, 1000000) AS b WITH a, b WHERE a + b = -1 RETURN count(*)',
    );
    client.send('PULL', { n: -1 });
    client.run('RETURN 1');
    await new Promise((resolve) => setTimeout(resolve, 200));
    client.send('RESET');
    const names: string[] = [];
    for (;;) {
      const { name, meta } = await client.reply();
      names.push(name);
      if (name === 'SUCCESS' && meta.fields === undefined) break;
    }
    expect(names.filter((name) => name === 'IGNORED').length).toBeGreaterThanOrEqual(2);
    expect(performance.now() - startedAt).toBeLessThan(20_000);
    expect(await client.query('RETURN 1')).toEqual([[1]]);
    client.destroy();
  });

  test('ends a transaction', async () => {
    const client = await BoltClient.ready(address);
    client.send('BEGIN', {});
    client.run('CREATE (:Reset)');
    client.send('PULL', { n: -1 });
    for (let index = 0; index < 3; index++) await client.expect('SUCCESS');
    client.send('RESET');
    await client.expect('SUCCESS');
    expect(server.store.opened[0]?.counts.transactionsOpen).toBe(0);
    expect(await client.query('MATCH (n:Reset) RETURN count(n)')).toEqual([[0]]);
    client.destroy();
  });

  test('several at once are each answered', async () => {
    const client = await BoltClient.ready(address);
    for (let index = 0; index < 5; index++) client.send('RESET');
    for (let index = 0; index < 5; index++) await client.expect('SUCCESS');
    expect(await client.query('RETURN 1')).toEqual([[1]]);
    client.destroy();
  });
});

test('a client that leaves in the midst of a transaction leaves nothing behind', async () => {
  const client = await BoltClient.ready(address);
  client.send('BEGIN', {});
  client.run('CREATE (:Left)');
  client.run('UNWIND range(1, 100000) AS i RETURN i');
  client.send('PULL', { n: 10 });
  await client.expect('SUCCESS');
  await client.expect('SUCCESS');
  client.destroy();
  const database = server.store.opened[0];
  await expect.poll(() => database?.counts.transactionsOpen).toBe(0);
  await expect.poll(() => database?.counts.poolInUse).toBe(0);
  const other = await BoltClient.ready(address);
  expect(await other.query('MATCH (n:Left) RETURN count(n)')).toEqual([[0]]);
  other.destroy();
});
