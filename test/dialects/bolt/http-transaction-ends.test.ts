/** How transactions of Neo4j's HTTP APIs end that their clients leave alone, and who may see them. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { LIMITS, monotonicMs, nowMs } from '../../../src/base/index.ts';
import { createNeo4jHttpDialect } from '../../../src/dialects/bolt/index.ts';
import type { Dialect } from '../../../src/dialects/dialect.ts';
import { AdmissionControl, createDispatch, DEFAULT_RATE_LIMITS } from '../../../src/dispatch/index.ts';
import type { Store } from '../../../src/engine/index.ts';
import { createHttpListener, type HttpListener } from '../../../src/server/listeners.ts';
import type { Leaves } from '../../support/leaves.ts';
import { openTestStore } from '../../support/test-store.ts';

const IDLE_MS = 400;
let url: string;
let store: Store;
let stop: () => Promise<void>;

/** Names are tokens here; `reader` may only read. */
beforeAll(async () => {
  const opened = await openTestStore();
  store = opened.store;
  const dispatch = createDispatch({
    store,
    authenticate: (credentials) => {
      const name = 'secret' in credentials ? credentials.secret : 'nobody';
      return { name, role: name === 'reader' ? 'read' : 'write' };
    },
    admission: new AdmissionControl(DEFAULT_RATE_LIMITS, false, { monotonicMs, nowMs }),
    server: {
      version: '0.1.0',
      clusterId: 'c',
      nodeId: 'n',
      region: 'local',
      address: '127.0.0.1:0',
      startedAtMs: nowMs(),
      metricsText: async () => '',
      accepting: () => true,
    },
    observe: () => undefined,
  });
  const dialect: Dialect = createNeo4jHttpDialect({
    dispatch,
    version: '0.1.0',
    limits: { bodyBytesMax: LIMITS.bodyBytesMax },
    trustProxy: true,
    queryTimeoutMsMax: LIMITS.queryTimeoutMsMax,
    transactionIdleMs: IDLE_MS,
  });
  const listener: HttpListener = await createHttpListener({
    tls: undefined,
    bodyBytesMax: LIMITS.bodyBytesMax,
    connectionsMax: 1_000,
    trustProxy: true,
    localOnly: false,
    dialects: [dialect],
    accepting: () => true,
    startPage: () => '',
  });
  ({ url } = await listener.listen({ host: '127.0.0.1', port: 0 }));
  stop = async () => {
    await dialect.stop();
    await listener.close();
    await opened.close();
  };
});
afterAll(() => stop());

const openCount = (): number => store.openNamespace('default')?.counts.transactionsOpen ?? 0;

async function post(path: string, body: object = {}, who = 'writer', headers = {}, method = 'POST') {
  const response = await fetch(url + path, {
    method,
    body: JSON.stringify(body),
    headers: { authorization: `Bearer ${who}`, 'content-type': 'application/json', ...headers },
  });
  return {
    status: response.status,
    location: response.headers.get('location'),
    json: (await response.json()) as Leaves,
  };
}
const statements = (statement: string) => ({ statements: [{ statement }] });
const begin = async (who?: string): Promise<string> => {
  const { location } = await post('/db/neo4j/tx', statements('CREATE (:A) RETURN 1'), who);
  return new URL(location ?? '').pathname;
};

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await sleep(20);
}

it('one that nobody asks for is rolled back', async () => {
  const path = await begin();
  const other = (await post('/db/neo4j/query/v2/tx', { statement: 'CREATE (:A)' })).json.transaction.id;
  expect(openCount()).toBe(2);
  await until(() => openCount() === 0);
  expect((await post(path)).status).toBe(404);
  expect((await post(`/db/neo4j/query/v2/tx/${other}`)).status).toBe(404);
  const { json } = await post('/db/neo4j/tx/commit', statements('MATCH (n) RETURN count(n)'));
  expect(json.results[0].data[0].row).toEqual([0]);
});

it('each request gives it time anew, also one without statements', async () => {
  const path = await begin();
  const expires: number[] = [];
  for (let round = 0; round < 5; round++) {
    await sleep(IDLE_MS / 2);
    const kept = await post(path);
    expect(kept.status).toBe(200);
    expires.push(Date.parse(kept.json.transaction.expires));
  }
  expect(expires.at(-1)).toBeGreaterThan(expires[0] ?? 0);
  expect((await post(path, {}, 'writer', {}, 'DELETE')).status).toBe(200);
  expect(openCount()).toBe(0);
});

it('however often it is asked for, it ends with the life that its client gave it', async () => {
  const { location } = await post('/db/neo4j/tx', statements('CREATE (:A)'), 'writer', {
    'max-execution-time': '700',
  });
  const path = new URL(location ?? '').pathname;
  let status = 200;
  while (status === 200) {
    await sleep(100);
    ({ status } = await post(path, statements('RETURN 1')));
  }
  expect(status).toBe(404);
  expect(openCount()).toBe(0);
});

it('belongs to who has begun it', async () => {
  const path = await begin();
  for (const who of ['somebody', 'reader']) {
    expect((await post(path, statements('RETURN 1'), who)).status).toBe(404);
    expect((await post(`${path}/commit`, {}, who)).status).toBe(404);
    expect((await post(path, {}, who, {}, 'DELETE')).status).toBe(404);
  }
  expect((await post(path, {}, 'writer', {}, 'DELETE')).status).toBe(200);
});

it('readers read', async () => {
  const refused = await post('/db/neo4j/tx/commit', statements('CREATE (:A)'), 'reader');
  expect(refused.json.errors[0].code).toBe('Neo.ClientError.Security.Forbidden');
  const query = await post('/db/neo4j/query/v2', { statement: 'CREATE (:A)' }, 'reader');
  expect([query.status, query.json.errors[0].code]).toEqual([403, 'Neo.ClientError.Security.Forbidden']);
  expect((await post('/db/neo4j/query/v2', { statement: 'RETURN 1' }, 'reader')).status).toBe(202);
});

it('a client that leaves in the middle of a request takes its transaction along', async () => {
  const path = await begin();
  const leaving = new AbortController();
  const request = fetch(url + path, {
    method: 'POST',
    body: JSON.stringify(
      statements('UNWIND range(1, 100000) AS i UNWIND range(1, 100000) AS j RETURN count(i + j)'),
    ),
    headers: { authorization: 'Bearer writer', 'content-type': 'application/json' },
    signal: leaving.signal,
  });
  await sleep(100);
  leaving.abort();
  await expect(request).rejects.toThrow();
  await until(() => openCount() === 0);
  expect((await post(path)).status).toBe(404);
});

it('names itself as its proxy does', async () => {
  const { location, json } = await post('/db/neo4j/tx', {}, 'writer', {
    'x-forwarded-proto': 'https',
    'x-forwarded-host': 'graph.example.org',
  });
  expect(location).toMatch(/^https:\/\/graph\.example\.org\/db\/neo4j\/tx\//);
  expect(json.commit).toBe(`${location}/commit`);
  await post(new URL(location ?? '').pathname, {}, 'writer', {}, 'DELETE');
});

it('a hundred at once wait for each other, and are all committed', async () => {
  await post('/db/neo4j/tx/commit', statements('MATCH (n) DETACH DELETE n'));
  const both = { statements: [{ statement: 'CREATE (:A)' }, { statement: 'CREATE (:B)' }] };
  const answers = await Promise.all(Array.from({ length: 100 }, () => post('/db/neo4j/tx/commit', both)));
  expect(answers.flatMap(({ json }) => json.errors)).toEqual([]);
  const { json } = await post('/db/neo4j/tx/commit', statements('MATCH (n) RETURN count(n)'));
  expect([json.results[0].data[0].row, openCount()]).toEqual([[200], 0]);
});
