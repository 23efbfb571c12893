/** Counts of callers with plans, on a real PostgreSQL, as several processes on one store keep them. */
import { Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { FacetError, LIMITS, type Observation, type Plan, type Principal } from '../../src/base/index.ts';
import { hubQuota, kvDel, kvGet, kvMset, kvSet, OPERATIONS, Usage } from '../../src/models/index.ts';
import { LEAVE_ROOM } from '../../src/models/quota/growth.ts';
import { openTestStore, type TestStore } from '../support/test-store.ts';

const PLAN: Plan = {
  name: 'Tiny',
  storageBytesMax: 10_000_000,
  operationsPerMonthMax: 5,
  connectionsMax: 3,
  ttlMsMax: 60_000,
  payloadBytesMax: 1_000,
  batchItemsMax: 10,
  requestsPerSecondMax: 1_000,
};
const JANUARY = Date.UTC(2026, 0, 31, 23, 59, 50);

let store: TestStore;
let names = 0;
let clockMs = JANUARY;
const started: Usage[] = [];
const observations: Observation[] = [];

beforeAll(async () => {
  store = await openTestStore();
});
afterEach(async () => {
  for (const usage of started.splice(0)) await usage.stop();
  clockMs = JANUARY;
  observations.length = 0;
});
afterAll(async () => {
  await store.close();
});

/** As another process on the same store has one. */
function usageOfProcess(): Usage {
  const usage = new Usage({
    store: store.store,
    observe: (seen) => observations.push(seen),
    nowMs: () => clockMs,
  });
  started.push(usage);
  return usage;
}

const somebody = (plan: Partial<Plan> = {}): Principal => ({
  name: `caller-${++names}`,
  role: 'write',
  plan: { ...PLAN, ...plan },
});

async function operate(usage: Usage, principal: Principal, times = 1): Promise<void> {
  for (let index = 0; index < times; index++) {
    await usage.admit(kvGet, principal, undefined);
    await usage.begin(kvGet, principal, store.database);
  }
}

async function refusal(work: () => Promise<unknown> | undefined): Promise<FacetError> {
  try {
    await work();
  } catch (thrown) {
    if (thrown instanceof FacetError) return thrown;
    throw thrown;
  }
  throw new Error('it was not refused');
}

/** SQL of a caller, so that what it makes belongs to the namespace's role. */
const own = (sql: string) => store.database.runUser(sql);

const countsOf = async (name: string) =>
  await store.admin(
    'SELECT month::text, operations FROM facet.operation_count WHERE principal = $1 ORDER BY month',
    [name],
  );

describe('operations of a month', () => {
  test('are refused when they are used up, with the words that a client needs', async () => {
    const usage = usageOfProcess();
    const caller = somebody();
    await operate(usage, caller, 5);
    const error = await refusal(() => operate(usage, caller));
    expect(error.code).toBe('QUOTA_EXCEEDED');
    expect(error.message).toBe(
      'Quota exceeded: 5 of the 5 operations per month of plan Tiny are used; they start anew at 2026-02-01T00:00:00Z',
    );
    expect(error.retryAfterSeconds).toBe(10);
    // What is used can still be asked for, and asking is not counted.
    await usage.admit(hubQuota, caller, undefined);
    await usage.begin(hubQuota, caller, store.database);
    expect((await usage.used(caller, store.database)).operations).toBe(5);
  });

  test('that begin at the same time do not pass the limit together, nor does one that counts as many', async () => {
    const usage = usageOfProcess();
    const caller = somebody();
    const all = await Promise.allSettled(Array.from({ length: 20 }, () => operate(usage, caller)));
    expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(5);

    const other = somebody();
    await operate(usage, other, 2);
    const error = await refusal(async () => await usage.begin(kvMset, other, store.database, 4));
    expect(error.message).toContain('2 of the 5 operations');
    await usage.begin(kvMset, other, store.database, 3);
  });

  test('start anew with the month, and what was not written yet goes to the old one', async () => {
    const usage = usageOfProcess();
    const caller = somebody();
    await operate(usage, caller, 5);
    clockMs += 10_000;
    await operate(usage, caller, 2);
    await usage.flush();
    expect(await countsOf(caller.name)).toEqual([
      ['2026-01-01', '5'],
      ['2026-02-01', '2'],
    ]);
    expect(await usage.used(caller, store.database)).toMatchObject({
      operations: 2,
      operationsResetAtMs: Date.UTC(2026, 2, 1),
    });
  });

  test('of several processes are one count: each learns of the others when it writes', async () => {
    const [a, b] = [usageOfProcess(), usageOfProcess()];
    const caller = somebody({ operationsPerMonthMax: 6 });
    await operate(a, caller, 3);
    await operate(b, caller, 2);
    await Promise.all([a.flush(), b.flush()]);
    await operate(a, caller);
    await operate(b, caller);
    await a.flush();
    await b.flush();
    expect((await refusal(() => operate(b, caller))).code).toBe('QUOTA_EXCEEDED');
    expect(await countsOf(caller.name)).toEqual([['2026-01-01', '7']]);
    // A process that has never seen the caller reads before it admits.
    expect((await refusal(() => operate(usageOfProcess(), caller))).code).toBe('QUOTA_EXCEEDED');
  });

  test('of others are read again by a process that was idle, before it admits', async () => {
    clockMs -= 2 * LIMITS.usageAgeMsMax;
    const [late, other] = [usageOfProcess(), usageOfProcess()];
    const second = somebody();
    await operate(late, second, 1);
    await late.flush();
    await operate(other, second, 4);
    await other.flush();
    clockMs += LIMITS.usageAgeMsMax + 1;
    expect((await refusal(() => operate(late, second))).message).toContain('5 of the 5 operations');
  });

  test('are written by themselves after some seconds, and at the end', async () => {
    const usage = usageOfProcess();
    const [early, late] = [somebody(), somebody()];
    await operate(usage, early, 4);
    await expect
      .poll(() => countsOf(early.name), { timeout: LIMITS.usageFlushMs * 3 })
      .toEqual([['2026-01-01', '4']]);
    await operate(usage, late, 1);
    await usage.stop();
    expect(await countsOf(late.name)).toEqual([['2026-01-01', '1']]);
  });

  test('many at once are counted to the last', async () => {
    const usages = [usageOfProcess(), usageOfProcess(), usageOfProcess()];
    const caller = somebody({ operationsPerMonthMax: null });
    await Promise.all(
      usages.map(async (usage) => {
        for (let round = 0; round < 20; round++) {
          await Promise.all(Array.from({ length: 50 }, () => operate(usage, caller)));
          await usage.flush();
        }
      }),
    );
    for (const usage of usages) await usage.stop();
    expect(await countsOf(caller.name)).toEqual([['2026-01-01', '3000']]);
  });

  test('wait in memory while PostgreSQL does not take them', async () => {
    const usage = usageOfProcess();
    const caller = somebody();
    await operate(usage, caller, 2);
    await store.admin('ALTER TABLE facet.operation_count RENAME TO elsewhere');
    await operate(usage, caller, 1);
    await usage.flush();
    await store.admin('ALTER TABLE facet.elsewhere RENAME TO operation_count');
    expect(observations.map((seen) => (seen.type === 'warning' ? seen.message : ''))).toContain(
      'operations of callers with plans wait to be counted',
    );
    expect((await usage.used(caller, store.database)).operations).toBe(3);
    await usage.flush();
    expect(await countsOf(caller.name)).toEqual([['2026-01-01', '3']]);
  });
});

describe('connections', () => {
  test('count from their first request until they are closed', async () => {
    const usage = usageOfProcess();
    const caller = somebody({ operationsPerMonthMax: null });
    const sockets = Array.from({ length: 4 }, () => new Socket());
    for (const socket of sockets.slice(0, 3)) {
      await usage.admit(kvGet, caller, socket);
      await usage.admit(kvGet, caller, socket);
    }
    const error = await refusal(async () => await usage.admit(kvGet, caller, sockets[3]));
    expect(error.message).toContain('3 of the 3 connections of plan Tiny are open');
    sockets[0]?.destroy();
    await expect.poll(async () => (await usage.used(caller, store.database)).connections).toBe(2);
    await usage.admit(kvGet, caller, sockets[3]);
    for (const socket of sockets) socket.destroy();
    await expect.poll(async () => (await usage.used(caller, store.database)).connections).toBe(0);
  });

  test('of several processes are counted together; those of one that is gone no more', async () => {
    const [a, b] = [usageOfProcess(), usageOfProcess()];
    const caller = somebody({ operationsPerMonthMax: null });
    const sockets = Array.from({ length: 3 }, () => new Socket());
    for (const socket of sockets) await a.admit(kvGet, caller, socket);
    await a.flush();
    const socket = new Socket();
    expect((await refusal(async () => await b.admit(kvGet, caller, socket))).code).toBe('QUOTA_EXCEEDED');
    await store.admin("UPDATE facet.connection_count SET seen_at = now() - interval '2 minutes'");
    const c = usageOfProcess();
    await c.admit(kvGet, caller, socket);
    await c.flush();
    expect(
      await store.admin('SELECT connections FROM facet.connection_count WHERE principal = $1', [caller.name]),
    ).toEqual([['1']]);
    for (const open of [...sockets, socket]) open.destroy();
  });

  test('that a proxy shares count for each caller once', async () => {
    const usage = usageOfProcess();
    const [ann, bob] = [somebody(), somebody()];
    const socket = new Socket();
    for (const caller of [ann, bob, ann, bob]) await usage.admit(kvGet, caller, socket);
    expect((await usage.used(ann, store.database)).connections).toBe(1);
    expect((await usage.used(bob, store.database)).connections).toBe(1);
    socket.destroy();
    await expect.poll(async () => (await usage.used(bob, store.database)).connections).toBe(0);
  });
});

describe('storage', () => {
  test('is what the namespace takes; over the limit writes are refused, reads and deletions are not', async () => {
    const usage = usageOfProcess();
    const caller = somebody({ operationsPerMonthMax: null });
    const empty = (await usage.used(caller, store.database)).storageBytes;
    expect(empty).toBeGreaterThan(0);
    expect(empty).toBeLessThan(2_000_000);
    await usage.begin(kvSet, caller, store.database);

    await own('CREATE TABLE filling AS SELECT n, md5(n::text) AS text FROM generate_series(1, 300000) AS n');
    const another = usageOfProcess();
    const error = await refusal(async () => await another.begin(kvSet, caller, store.database));
    expect(error.code).toBe('QUOTA_EXCEEDED');
    expect(error.message).toMatch(
      /^Quota exceeded: \d{8} of the 10000000 bytes of storage of plan Tiny are used/,
    );
    await another.begin(kvGet, caller, store.database);
    await another.begin(kvDel, caller, store.database);

    // The files stay as they are, but what the rows take is less. Autovacuum analyzes within a minute or so.
    await own('DELETE FROM filling WHERE n > 100000');
    await expect
      .poll(
        async () => {
          await own('ANALYZE filling');
          return (await usageOfProcess().used(caller, store.database)).storageBytes;
        },
        { timeout: 30_000, interval: 500 },
      )
      .toBeLessThan(10_000_000);
    await usageOfProcess().begin(kvSet, caller, store.database);
    await own('DROP TABLE filling');
  });

  test('values that PostgreSQL stores out of line count', async () => {
    const usage = usageOfProcess();
    const caller = somebody();
    const before = (await usage.used(caller, store.database)).storageBytes;
    await own(
      "CREATE TABLE wide AS SELECT n, (SELECT string_agg(md5((n * 1000 + i)::text), '') FROM generate_series(1, 1000) AS i) AS text FROM generate_series(1, 100) AS n",
    );
    await own('ANALYZE wide');
    const after = (await usageOfProcess().used(caller, store.database)).storageBytes;
    expect(after - before).toBeGreaterThan(1_500_000);
    await own('DROP TABLE wide');
  });
});

test('what leaves room are operations that exist and need role write', () => {
  const access = new Map<string, string>(OPERATIONS.map((known) => [known.name, known.access]));
  for (const name of LEAVE_ROOM) expect([name, access.get(name)]).toEqual([name, 'write']);
});

test('an operation on many keys counts as many', () => {
  const pairs = [1, 2, 3].map((n) => ({ key: `k${n}`, valueJson: '1' }));
  expect(kvMset.weight?.({ pairs })).toBe(3);
});
