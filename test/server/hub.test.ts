/** Access keys and plans from a hub: a real one over HTTP, in good and in bad moods. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { FacetError, LIMITS, type Observation, PLANS } from '../../src/base/index.ts';
import { Hub } from '../../src/server/hub.ts';
import { answering, startHub, type TestHub } from '../support/hub.ts';
import { type Answer, startTestServer, type TestServer } from '../support/server.ts';

const ADA = { user_id: '550e8400-e29b-41d4-a716-446655440000', plan: 'Pro' };
const TINY = {
  user_id: '123e4567-e89b-12d3-a456-426614174000',
  role: 'read',
  namespace: 'tiny',
  plan: { name: 'Tiny', based_on: 'Free', operations_per_month_max: null, payload_bytes_max: 2_000 },
};

const HERE = '192.0.2.1';

let hub: TestHub;
beforeAll(async () => {
  hub = await startHub();
});
beforeEach(() => {
  hub.callers.clear();
  hub.callers.set('sk_live_ada', ADA).set('sk_live_tiny', TINY);
  hub.mood = answering(hub.callers);
});
afterAll(async () => {
  await hub.close();
});

describe('a hub', () => {
  const clock = { ms: 0 };
  const seen: Observation[] = [];

  const client = (timeoutMs = 300): Hub => {
    clock.ms = 0;
    seen.length = 0;
    return new Hub({
      url: hub.url,
      token: 'service-token',
      timeoutMs,
      plans: PLANS,
      observe: (one) => seen.push(one),
      monotonicMs: () => clock.ms,
    });
  };

  async function failure(client: Hub, key = 'sk_live_ada'): Promise<string> {
    try {
      await client.principalOf(key, HERE);
    } catch (thrown) {
      expect(thrown).toBeInstanceOf(FacetError);
      expect((thrown as FacetError).code).toBe('HUB_UNAVAILABLE');
      return (thrown as FacetError).detail ?? '';
    }
    throw new Error('it did not fail');
  }

  test('says who has an access key, and this server names itself to it', async () => {
    let authorization: string | undefined;
    hub.mood = (response, key, headers) => {
      authorization = headers.authorization;
      answering(hub.callers)(response, key, headers);
    };
    expect(await client().principalOf('sk_live_ada', HERE)).toEqual({
      name: 'hub:550e8400-e29b-41d4-a716-446655440000',
      role: 'write',
      namespace: 'u_550e8400e29b41d4a716446655440000',
      plan: PLANS[1],
      userId: ADA.user_id,
    });
    expect(authorization).toBe('Bearer service-token');
    expect(hub.asked.at(-1)).toBe('GET /api/access-key sk_live_ada');
    expect(await client().principalOf('sk_live_tiny', HERE)).toMatchObject({
      role: 'read',
      namespace: 'tiny',
      plan: { name: 'Tiny', operationsPerMonthMax: null, payloadBytesMax: 2_000, connectionsMax: 10 },
    });
  });

  test('is asked once a minute for a key, also for one that it does not know', async () => {
    const cached = client();
    const before = hub.asked.length;
    await Promise.all(Array.from({ length: 20 }, () => cached.principalOf('sk_live_ada', HERE)));
    for (let index = 0; index < 5; index++) expect(await cached.principalOf('nobody', HERE)).toBeUndefined();
    expect(hub.asked.length).toBe(before + 2);
    hub.callers.delete('sk_live_ada');
    clock.ms = LIMITS.hubCacheMs;
    expect(await cached.principalOf('sk_live_ada', HERE)).toBeDefined();
    clock.ms = LIMITS.hubCacheMs + 1;
    expect(await cached.principalOf('sk_live_ada', HERE)).toBeUndefined();
    expect(hub.asked.length).toBe(before + 3);
  });

  test.each<[string, string, TestHub['mood']]>([
    ['is slow', 'Connection timeout', () => {}],
    [
      'is slow with its body',
      'Connection timeout',
      (response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        response.write('{"user_id":');
      },
    ],
    ['answers broken JSON', 'The answer is not JSON', (response) => response.end('{"user_id":')],
    [
      'answers another shape',
      'The answer does not fit: user_id',
      (response) => response.end('{"plan":"Pro"}'),
    ],
    [
      'names a plan that nobody knows',
      'The answer does not fit: plan names no plan',
      (response) => response.end(JSON.stringify({ ...ADA, plan: 'Gold' })),
    ],
    [
      'sends a plan with a wrong limit',
      'connections_max of plan',
      (response) =>
        response.end(JSON.stringify({ ...ADA, plan: { name: 'X', based_on: 'Pro', connections_max: -1 } })),
    ],
    [
      'makes somebody admin',
      'The answer does not fit: role',
      (response) => response.end(JSON.stringify({ ...ADA, role: 'admin' })),
    ],
    ['answers 500', 'HTTP status 500', (response) => response.writeHead(500).end('{}')],
    ['refuses this server', 'HTTP status 401', (response) => response.writeHead(401).end('{}')],
    [
      'sends somewhere else',
      'Connection failed',
      (response) => response.writeHead(302, { location: '/x' }).end(),
    ],
    [
      'answers without end',
      'larger than',
      (response) => response.end(' '.repeat(LIMITS.hubAnswerBytesMax + 1)),
    ],
    ['hangs up', 'Connection failed', (response) => response.destroy()],
  ])('that %s counts as failing', async (_name, reason, mood) => {
    hub.mood = mood;
    const failing = client();
    expect(await failure(failing)).toContain(reason);
    expect(seen).toHaveLength(1);
    // Left alone for a while, then asked again.
    const before = hub.asked.length;
    await failure(failing);
    expect(hub.asked.length).toBe(before);
    hub.mood = answering(hub.callers);
    clock.ms = LIMITS.hubRetryMs;
    expect(await failing.principalOf('sk_live_ada', HERE)).toMatchObject({ userId: ADA.user_id });
  });

  test('that fails is believed for a time in what it said last', async () => {
    const stale = client();
    const ada = await stale.principalOf('sk_live_ada', HERE);
    await hub.close();
    try {
      clock.ms = LIMITS.hubCacheMs + 1;
      expect(await stale.principalOf('sk_live_ada', HERE)).toBe(ada);
      expect(await failure(stale, 'sk_live_tiny')).toBe('Connection refused');
      clock.ms = LIMITS.hubStaleMsMax;
      expect(await stale.principalOf('sk_live_ada', HERE)).toBe(ada);
      clock.ms = LIMITS.hubStaleMsMax + 1;
      expect(await failure(stale)).toBe('Connection refused');
    } finally {
      await hub.reopen();
    }
    clock.ms += LIMITS.hubRetryMs;
    expect(await stale.principalOf('sk_live_ada', HERE)).toEqual(ada);
  });

  test('is not asked too many questions at once, by all or by one address', async () => {
    const waiting: (() => void)[] = [];
    hub.mood = (response, key, headers) =>
      void waiting.push(() => answering(hub.callers)(response, key, headers));
    const busy = client(5_000);
    const own = LIMITS.hubRequestsPerAddressMax;
    const addressOf = (index: number): string => `192.0.2.${Math.floor(index / own)}`;
    const asking = Array.from({ length: own }, (_, n) => busy.principalOf(`key-${n}`, addressOf(n)));
    await expect(busy.principalOf('one-more', addressOf(0))).rejects.toMatchObject({
      detail: expect.stringContaining('hubRequestsPerAddressMax'),
    });
    // It is about no key and not about the hub: somebody else is let through.
    for (let n = own; n < LIMITS.hubRequestsMax; n++) {
      asking.push(busy.principalOf(`key-${n}`, addressOf(n)));
    }
    await expect(busy.principalOf('one-more', '198.51.100.1')).rejects.toMatchObject({
      detail: expect.stringContaining('hubRequestsMax'),
    });
    await expect.poll(() => waiting.length).toBe(LIMITS.hubRequestsMax);
    for (const answer of waiting) answer();
    await Promise.all(asking);
    hub.mood = answering(hub.callers);
    expect(await busy.principalOf('sk_live_ada', addressOf(0))).toMatchObject({ userId: ADA.user_id });
  });

  test.each<[string, TestHub['mood']]>([
    ['429', (response) => response.writeHead(429).end('{}')],
    ['403', (response) => response.writeHead(403).end('{}')],
    ['an answer that does not fit', (response) => response.end('{"user_id":"nobody"}')],
    ['an answer without end', (response) => response.end(' '.repeat(LIMITS.hubAnswerBytesMax + 1))],
  ])('has trouble with one key only: %s', async (_name, trouble) => {
    hub.mood = (response, key, headers) =>
      key === 'sk_bad' ? trouble(response, key, headers) : answering(hub.callers)(response, key, headers);
    const one = client();
    await failure(one, 'sk_bad');
    expect(seen).toHaveLength(1);
    const before = hub.asked.length;
    await failure(one, 'sk_bad');
    expect(hub.asked.length).toBe(before);
    expect(await one.principalOf('sk_live_ada', HERE)).toMatchObject({ userId: ADA.user_id });
    clock.ms = LIMITS.hubRetryMs;
    await failure(one, 'sk_bad');
    expect(hub.asked.length).toBe(before + 2);
    expect(seen).toHaveLength(1);
  });

  test('that fails for one key while it answers others is left alone about that key only', async () => {
    hub.mood = (response, key, headers) => {
      if (key === 'sk_live_ada') answering(hub.callers)(response, key, headers);
    };
    const slow = client();
    const failing = failure(slow, 'sk_slow');
    await slow.principalOf('sk_live_ada', HERE);
    expect(await failing).toBe('Connection timeout');
    hub.mood = answering(hub.callers);
    expect(await slow.principalOf('sk_live_tiny', HERE)).toMatchObject({ namespace: 'tiny' });
    expect(await failure(slow, 'sk_slow')).toBe('Connection timeout');
  });

  test('that fails is believed also by those whose address asks too much', async () => {
    const busy = client(5_000);
    const ada = await busy.principalOf('sk_live_ada', HERE);
    hub.mood = () => {};
    clock.ms = LIMITS.hubCacheMs + 1;
    const lost = Array.from({ length: LIMITS.hubRequestsPerAddressMax }, (_, n) =>
      busy.principalOf(`random-${n}`, HERE).catch(() => undefined),
    );
    expect(await busy.principalOf('sk_live_ada', HERE)).toBe(ada);
    await hub.close();
    await Promise.all(lost);
    await hub.reopen();
  });

  test('and keys tried at random do not push out those who are known', async () => {
    const kept = client();
    const ada = await kept.principalOf('sk_live_ada', HERE);
    for (let n = 0; n <= LIMITS.hubKeysMax; n += 8) {
      await Promise.all([...Array(8).keys()].map((k) => kept.principalOf(`random-${n + k}`, HERE)));
    }
    await hub.close();
    try {
      clock.ms = LIMITS.hubCacheMs + 1;
      expect(await kept.principalOf('sk_live_ada', HERE)).toBe(ada);
    } finally {
      await hub.reopen();
    }
  });

  test('is not asked about what cannot be a key', async () => {
    const before = hub.asked.length;
    for (const key of ['', 'a b', 'ä', 'x'.repeat(513), 'a\r\nb']) {
      expect(await client().principalOf(key, HERE)).toBeUndefined();
    }
    expect(hub.asked.length).toBe(before);
  });
});

describe('a server with a hub', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer({
      flags: { store: 'memory://hub', 'hub-url': `${hub.url}/`, 'hub-timeout-ms': '300ms' },
    });
  });
  afterAll(async () => {
    await server.stop();
  });

  const quota = (headers: Record<string, string>): Promise<Answer> => server.get('/hub/quota', { headers });

  test('answers /hub/quota with the fields of the reference, for both headers', async () => {
    for (const headers of [{ authorization: 'Bearer sk_live_ada' }, { 'x-hub-access-key': 'sk_live_ada' }]) {
      const { status, json } = await quota(headers);
      expect(status).toBe(200);
      const { storage, operations, connections } = json.quotas;
      expect(json).toEqual({
        user_id: ADA.user_id,
        plan: 'Pro',
        quotas: {
          storage: {
            limit: 10_737_418_240,
            used: storage.used,
            available: 10_737_418_240 - storage.used,
            percentage: 0,
          },
          operations: {
            limit: 10_000_000,
            used: 0,
            available: 10_000_000,
            percentage: 0,
            resets_at: expect.stringMatching(/^\d{4}-\d\d-01T00:00:00Z$/),
          },
          connections: {
            limit: 100,
            active: connections.active,
            available: 100 - connections.active,
            percentage: 0,
          },
        },
        restrictions: { max_ttl_seconds: 2_592_000, max_payload_bytes: 10_485_760, max_batch_size: 1_000 },
      });
      expect(operations.used).toBe(0);
    }
  });

  test('has nulls where there is no limit', async () => {
    // Whoever may only read makes no namespace, so it has to be there.
    await server.store.namespace('tiny');
    const { json } = await quota({ authorization: 'Bearer sk_live_tiny' });
    expect(json.quotas.operations).toMatchObject({
      limit: null,
      available: null,
      percentage: 0,
      resets_at: null,
    });
  });

  test('refuses missing and unknown keys in the words of the reference', async () => {
    const before = hub.asked.length;
    for (const headers of [{}, { authorization: 'Bearer sk_live_unknown' }]) {
      const { status, json } = await quota(headers);
      expect(status).toBe(401);
      expect(json).toEqual({
        error: 'Unauthorized',
        message: 'Invalid or missing access key',
        code: 'INVALID_ACCESS_KEY',
      });
    }
    expect(hub.asked.length).toBe(before + 1);
    expect((await server.sql('SELECT 1')).status).toBe(401);
  });

  test('says when the hub fails, and goes on for those it knows', async () => {
    await quota({ authorization: 'Bearer sk_live_ada' });
    hub.mood = () => {};
    const { status, json } = await quota({ authorization: 'Bearer sk_live_new' });
    expect(status).toBe(500);
    expect(json).toEqual({
      error: 'InternalServerError',
      message: 'Failed to fetch quota from Hub API: Connection timeout',
      code: 'HUB_API_ERROR',
    });
    const other = await server.sql('SELECT 1', [], { headers: { authorization: 'Bearer sk_live_new' } });
    expect([other.status, other.json.error.code]).toEqual([503, 'HUB_UNAVAILABLE']);
    expect((await quota({ authorization: 'Bearer sk_live_ada' })).status).toBe(200);
  });

  test('keeps callers apart: each has a namespace', async () => {
    hub.callers.set('sk_live_bob', { ...ADA, user_id: '11111111-2222-3333-4444-555555555555' });
    hub.mood = answering(hub.callers);
    await expect
      .poll(async () => (await quota({ authorization: 'Bearer sk_live_bob' })).status, { timeout: 10_000 })
      .toBe(200);
    const as = (key: string) => ({ headers: { authorization: `Bearer ${key}` } });
    expect((await server.sql('CREATE TABLE t (n int)', [], as('sk_live_ada'))).status).toBe(200);
    expect((await server.sql('SELECT * FROM t', [], as('sk_live_bob'))).status).toBe(404);
    const { json } = await quota({ authorization: 'Bearer sk_live_ada' });
    expect(json.quotas.operations.used).toBe(1);
  });
});
