/** Plans of credentials, enforced over real HTTP: rate, operations, storage, connections, payload, time to live. */
import { Agent, request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseCredentials } from '../../src/server/credentials.ts';
import { newToken } from '../../src/server/index.ts';
import { parsePlans } from '../../src/server/plans.ts';
import { type Answer, startTestServer, type TestServer } from '../support/server.ts';

const PLANS = parsePlans(
  [
    { name: 'Few', based_on: 'Enterprise', operations_per_month_max: 5 },
    { name: 'Slow', based_on: 'Enterprise', requests_per_second_max: 1 },
    {
      name: 'Narrow',
      based_on: 'Enterprise',
      payload_bytes_max: '2kB',
      ttl_ms_max: '1h',
    },
    { name: 'Two', based_on: 'Enterprise', connections_max: 2 },
    { name: 'Full', based_on: 'Enterprise', storage_bytes_max: 1_000 },
  ],
  'test',
);
const NAMES = ['Few', 'Slow', 'Narrow', 'Two', 'Full', 'Free'] as const;
const tokens = new Map(NAMES.map((name) => [name, newToken()]));
const free = newToken();

let server: TestServer;
beforeAll(async () => {
  const tables = [
    ...[...tokens].map(([plan, token]) => ({
      name: plan.toLowerCase(),
      role: 'write',
      secret: token.hash,
      namespace: `of_${plan.toLowerCase()}`,
      plan,
    })),
    { name: 'nobody', role: 'admin', secret: free.hash },
  ];
  server = await startTestServer({
    // Its own PostgreSQL: on the shared one nobody may make a database for a namespace.
    flags: { store: 'memory://plans' },
    config: { credentials: parseCredentials(tables, 'test', PLANS) },
  });
});
afterAll(async () => {
  await server.stop();
});

const as = (plan: (typeof NAMES)[number]) => ({
  headers: { authorization: `Bearer ${tokens.get(plan)?.token}` },
});
const withoutPlan = { headers: { authorization: `Bearer ${free.token}` } };
const command = (plan: (typeof NAMES)[number], name: string, payload: unknown): Promise<Answer> =>
  server.post('/api/v1/command', { command: name, request_id: 'r', payload }, as(plan));

describe('operations of a month', () => {
  test('are counted over all dialects; when they are used up everything but the quota is refused', async () => {
    expect((await server.sql('SELECT 1', [], as('Few'))).status).toBe(200);
    expect((await server.post('/v0/cypher', { query: 'RETURN 1' }, as('Few'))).status).toBe(200);
    expect((await command('Few', 'kv.set', { key: 'k', value: 1 })).status).toBe(200);
    expect((await command('Few', 'kv.get', { key: 'k' })).status).toBe(200);
    expect((await server.sql('SELECT 2', [], as('Few'))).status).toBe(200);

    const sql = await server.sql('SELECT 3', [], as('Few'));
    expect(sql.status).toBe(429);
    expect(sql.json.error.code).toBe('QUOTA_EXCEEDED');
    expect(sql.json.error.message).toMatch(
      /^Quota exceeded: 5 of the 5 operations per month of plan Few are used; they start anew at \d{4}-\d\d-01T00:00:00Z$/,
    );
    expect(Number(sql.headers.get('retry-after'))).toBeGreaterThan(0);
    const cypher = await server.post('/v0/cypher', { query: 'RETURN 1' }, as('Few'));
    expect(cypher.status).toBe(429);
    const synap = await command('Few', 'kv.get', { key: 'k' });
    expect([synap.status, synap.json.status, synap.json.error.code]).toEqual([
      429,
      'error',
      'QUOTA_EXCEEDED',
    ]);

    const quota = await server.get('/hub/quota', as('Few'));
    expect(quota.status).toBe(200);
    expect(quota.json.quotas.operations).toMatchObject({ limit: 5, used: 5, available: 0, percentage: 100 });
    expect((await server.get('/health')).status).toBe(200);
  });
});

describe('rates', () => {
  test('are those of the plan, also where those of the server are off', async () => {
    const answers: Answer[] = [];
    for (let index = 0; index < 6; index++) answers.push(await server.sql('SELECT 1', [], as('Slow')));
    const statuses = answers.map(({ status }) => status);
    expect(statuses.slice(0, 2)).toEqual([200, 200]);
    expect(statuses).toContain(429);
    expect(answers[0]?.headers.get('x-ratelimit-limit')).toBe('1');
    expect(answers.find(({ status }) => status === 429)?.json.error.code).toBe('RATE_LIMITED');
    for (let index = 0; index < 10; index++) {
      expect((await server.sql('SELECT 1', [], withoutPlan)).status).toBe(200);
    }
  });
});

describe('batches', () => {
  const batch = (plan: (typeof NAMES)[number], items: number): Promise<Answer> => {
    const commands = Array.from({ length: items }, (_, n) => ({
      command: 'kv.set',
      payload: { key: `b${n}`, value: n },
    }));
    return server.post('/api/v1/command', { type: 'batch', commands }, as(plan));
  };

  test('have as many items as the plan allows, and each of them is an operation', async () => {
    const operations = async () => (await server.get('/hub/quota', as('Free'))).json.quotas.operations.used;
    const before = await operations();
    expect((await batch('Free', 101)).status).toBe(413);
    expect(await operations()).toBe(before);
    expect((await batch('Free', 100)).status).toBe(200);
    expect(await operations()).toBe(before + 100);
  });
});

describe('payload and time to live', () => {
  const value = 'x'.repeat(3_000);

  test('larger bodies are refused before they are read, and those in chunks when they are there', async () => {
    const announced = await command('Narrow', 'kv.set', { key: 'k', value });
    expect(announced.status).toBe(413);
    const chunked = await fetch(`${server.url}/api/v1/query`, {
      method: 'POST',
      headers: { ...as('Narrow').headers, 'content-type': 'application/json' },
      body: new Blob([JSON.stringify({ sql: 'SELECT $1', params: [value] })]).stream(),
      duplex: 'half',
    } as RequestInit);
    expect(chunked.status).toBe(413);
    expect(await chunked.text()).toContain('larger than the 2048 bytes of plan Narrow');
    expect((await command('Narrow', 'kv.set', { key: 'k', value: 'x'.repeat(1_000) })).status).toBe(200);
    expect(
      (await server.post('/api/v1/query', { sql: 'SELECT $1', params: [value] }, withoutPlan)).status,
    ).toBe(200);
  });

  test('a longer time to live is refused, and the key is left as it was', async () => {
    expect((await command('Narrow', 'kv.set', { key: 't', value: 1, ttl: 3_600 })).status).toBe(200);
    const set = await command('Narrow', 'kv.set', { key: 't', value: 2, ttl: 3_601 });
    expect(set.status).toBeGreaterThanOrEqual(400);
    expect(set.json.error.message).toContain('longer than the 3600 s of plan Narrow');
    expect((await command('Narrow', 'kv.expire', { key: 't', ttl: 4_000 })).status).toBeGreaterThanOrEqual(
      400,
    );
    expect((await command('Narrow', 'kv.get', { key: 't' })).text).toContain('"value":1');
  });
});

describe('connections', () => {
  test('of a caller are counted while they are open', async () => {
    const agents = [1, 2, 3].map(() => new Agent({ keepAlive: true, maxSockets: 1 }));
    try {
      expect(await statusOver(agents[0])).toBe(200);
      expect(await statusOver(agents[1])).toBe(200);
      expect(await statusOver(agents[2])).toBe(429);
      expect(await statusOver(agents[0])).toBe(200);
      agents[1]?.destroy();
      await expect.poll(() => statusOver(agents[2])).toBe(200);
    } finally {
      for (const agent of agents) agent.destroy();
    }
  });

  /** Over the one connection of that agent. */
  function statusOver(agent: Agent | undefined): Promise<number> {
    return new Promise((resolve, reject) => {
      const body = JSON.stringify({ sql: 'SELECT 1' });
      const headers = { ...as('Two').headers, 'content-type': 'application/json' };
      const request = httpRequest(
        `${server.url}/api/v1/query`,
        { method: 'POST', headers, ...(agent === undefined ? {} : { agent }) },
        (response) => {
          response.resume();
          response.once('end', () => resolve(response.statusCode ?? 0));
        },
      );
      request.once('error', reject);
      request.end(body);
    });
  }
});

describe('storage', () => {
  test('over the limit what writes is refused in every dialect, what reads or deletes is not', async () => {
    const created = await server.sql('CREATE TABLE t (n int)', [], as('Full'));
    expect([created.status, created.json.error?.code]).toEqual([429, 'QUOTA_EXCEEDED']);
    expect(created.json.error.message).toMatch(/of the 1000 bytes of storage of plan Full are used/);
    expect((await command('Full', 'kv.set', { key: 'k', value: 1 })).status).toBe(429);
    expect((await server.post('/v0/cypher', { query: 'CREATE (:A)' }, as('Full'))).status).toBe(429);
    expect(
      (await server.sql('WITH x AS (INSERT INTO t VALUES (1) RETURNING n) SELECT * FROM x', [], as('Full')))
        .status,
    ).toBe(429);

    expect((await command('Full', 'kv.get', { key: 'k' })).status).toBe(200);
    expect((await command('Full', 'kv.del', { keys: ['k'] })).status).toBe(200);
    expect((await server.sql('SELECT 1', [], as('Full'))).status).toBe(200);
    expect((await server.sql('DROP TABLE IF EXISTS t', [], as('Full'))).status).toBe(200);
    expect((await server.post('/v0/cypher', { query: 'MATCH (n) DELETE n' }, as('Full'))).status).toBe(200);
    const { json } = await server.get('/hub/quota', as('Full'));
    expect(json.quotas.storage).toMatchObject({ limit: 1_000, available: 0, percentage: 100 });
  });
});

describe('who has no plan', () => {
  test('has no quota, and no limits but those of the server', async () => {
    const { status, json } = await server.get('/hub/quota', withoutPlan);
    expect([status, json.error]).toEqual([404, 'NotFound']);
  });

  test('a plan holds in one namespace only', async () => {
    const { status } = await server.sql('SELECT 1', [], {
      headers: { ...as('Free').headers, 'x-facet-namespace': 'another' },
    });
    expect(status).toBe(403);
  });
});

test('the user id is the same each time, and another for another caller', async () => {
  const [first, second, other] = await Promise.all([
    server.get('/hub/quota', as('Free')),
    server.get('/hub/quota', as('Free')),
    server.get('/hub/quota', as('Few')),
  ]);
  expect(first.json.user_id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(second.json.user_id).toBe(first.json.user_id);
  expect(other.json.user_id).not.toBe(first.json.user_id);
});

describe('two servers on one store', () => {
  const few = newToken();
  const plans = parsePlans([{ name: 'Few', based_on: 'Enterprise', operations_per_month_max: 4 }], 'test');
  const table = { name: 'few', role: 'write', secret: few.hash, plan: 'Few' };
  const config = { credentials: parseCredentials([table], 'test', plans) };
  const headers = { authorization: `Bearer ${few.token}` };

  test('count together, and what was counted outlives a stop', async () => {
    const first = await startTestServer({ config });
    const flags = { store: first.running.store.facts.uri };
    const second = await startTestServer({ config, flags });
    const used = async (server: TestServer): Promise<number> =>
      (await server.get('/hub/quota', { headers })).json.quotas.operations.used;
    try {
      for (const server of [first, second]) {
        expect((await server.sql('SELECT 1', [], { headers })).status).toBe(200);
      }
      await expect.poll(() => used(first), { timeout: 20_000, interval: 500 }).toBe(2);
      for (const expected of [200, 200, 429]) {
        expect((await first.sql('SELECT 1', [], { headers })).status).toBe(expected);
      }
    } finally {
      await second.stop();
    }
    const third = await startTestServer({ config, flags });
    try {
      await expect.poll(() => used(third), { timeout: 20_000, interval: 500 }).toBe(4);
      expect((await third.sql('SELECT 1', [], { headers })).status).toBe(429);
    } finally {
      await third.stop();
      await first.stop();
    }
  });
});
