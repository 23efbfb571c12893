/** Subscriptions when something has gone: the process that held one, the log, the server; and filters that hold others up. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { FacetError } from '../../src/base/index.ts';
import { type Database, openStore, type Store } from '../../src/engine/index.ts';
import { query } from '../../src/engine/query.ts';
import {
  changesFollow,
  Deliveries,
  type Delivery,
  type RowChange,
  sqlQuery,
  subscriptionAttach,
  subscriptionCreate,
  subscriptionDelete,
  subscriptionGet,
  subscriptionList,
  subscriptionResume,
} from '../../src/models/index.ts';
import { replicate } from '../../src/models/subscriptions/replicate.ts';
import { asSuperuser, openTestStore, type TestStore } from '../support/test-store.ts';
import { type Receiver, startReceiver } from '../support/webhook-receiver.ts';
import { callerOn } from './kv-support.ts';
import { collect, range, until } from './live-support.ts';

const rules = { allowPrivate: true };
const quiet = (): void => {};
const encode = ({ changes }: Delivery): string =>
  JSON.stringify({ events: changes.map(({ newRow }) => Number(newRow?.[0])) });
const times = { leaseMs: 1_000, renewMs: 250, lookMs: 30_000 };

let test: TestStore;
let receiver: Receiver;
beforeAll(async () => {
  test = await openTestStore();
  receiver = await startReceiver();
  await run(sqlQuery, { sql: 'CREATE TABLE item (id bigint PRIMARY KEY, n int)' });
}, 60_000);
/** What a test has left open when it failed: the next ones begin anew all the same. */
const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
  receiver.behave(undefined);
  const { subscriptions } = await run(subscriptionList, {});
  for (const { id } of subscriptions) await run(subscriptionDelete, { subscriptionId: id });
  await sql('TRUNCATE item');
});
afterAll(async () => {
  await receiver.close();
  await test.close();
});

/** As a client of the server would, by default on the default namespace. */
function call(database: Database, signal = new AbortController().signal) {
  return callerOn(test.store, database, signal);
}
const run: ReturnType<typeof callerOn> = (operation, input) => call(test.database)(operation, input);
const sql = async (text: string): Promise<void> => void (await run(sqlQuery, { sql: text }));
const failure = async (work: Promise<unknown>): Promise<FacetError> => {
  const thrown = await work.then(() => undefined).catch((error: unknown) => error);
  if (thrown instanceof FacetError) return thrown;
  throw new Error('It should have failed');
};

/** A subscription as `subscription.create` makes it, with the receiver's address written in after. */
async function hook(name: string, database: Database = test.database): Promise<string> {
  const input = { name, table: 'item', events: ['insert'], delivery: 'webhook' };
  const { id } = await call(database)(subscriptionCreate, { ...input, endpoint: 'https://93.184.215.14/' });
  const endpoint = ['UPDATE cdc.subscription SET endpoint = $1 WHERE id = $2', receiver.url, id] as const;
  await database.run({ name: 'test.endpoint', text: endpoint[0] }, [endpoint[1], endpoint[2]]);
  receiver.requests.length = 0;
  receiver.accepted.length = 0;
  return id;
}

function deliver(store: Store = test.store): Deliveries {
  const deliveries = new Deliveries({ store, encode, rules, observe: quiet, times });
  ends.push(() => deliveries.stop());
  return deliveries;
}
const events = (): number[] => receiver.accepted.flatMap(({ json }) => json.events as number[]);
const slotOf = async (): Promise<string> =>
  (
    await test.admin('SELECT slot_name FROM pg_replication_slots WHERE database = current_database()')
  )[0]?.[0] ?? '';

describe('a lease', () => {
  it('of a process that has died is taken over when it ends, not before', async () => {
    const id = await hook('orphan');
    await test.admin(
      `UPDATE cdc.subscription SET holder = 'dead', held_until = clock_timestamp() + interval '1200 ms'`,
    );
    const startedMs = performance.now();
    const deliveries = deliver();
    await sql('INSERT INTO item VALUES (1)');
    await until(() => events().length === 1, 'the take-over');
    expect(performance.now() - startedMs).toBeGreaterThan(1_000);
    await deliveries.stop();
    await run(subscriptionDelete, { subscriptionId: id });
  });

  it('that cannot be renewed is given up before another process begins', async () => {
    const id = await hook('stuck');
    let open = 0;
    let most = 0;
    // The first is never answered.
    receiver.behave((_, response) => {
      open++;
      most = Math.max(most, open);
      response.once('close', () => open--);
      if (receiver.requests.length > 1) response.writeHead(204).end();
    });
    const otherStore = await openStore(test.uri, { observe: quiet });
    ends.push(() => otherStore.stop());
    await otherStore.namespace('default');
    const here = deliver();
    await sql('INSERT INTO item VALUES (1)');
    await until(() => receiver.requests.length === 1, 'a delivery under way');
    const there = deliver(otherStore);
    // The row is locked, so that nobody renews anything for longer than the lease.
    const blocked = asSuperuser(test.name, async (session) => {
      await query(session, 'BEGIN');
      await query(session, 'SELECT FROM cdc.subscription FOR UPDATE');
      await query(session, 'SELECT pg_sleep(2)');
      await query(session, 'COMMIT');
    });
    await until(() => open === 0, 'the end of the one under way');
    expect(receiver.requests).toHaveLength(1);
    await blocked;
    await until(() => events().length === 1, 'the delivery');
    expect(most).toBe(1);
    const { deliveredCount } = await run(subscriptionGet, { subscriptionId: id });
    await until(() => receiver.accepted.length === 1, 'one');
    expect(deliveredCount).toBeLessThanOrEqual(1);
    await here.stop();
    await there.stop();
  });

  it('keeps two clients from one subscription, and its acknowledgements from who has lost it', async () => {
    const input = { name: 'one', table: 'item', events: ['insert'], delivery: 'websocket' };
    const { id } = await run(subscriptionCreate, input);
    const session = new AbortController();
    const attached = await call(test.database, session.signal)(subscriptionAttach, { subscriptionId: id });
    const got = collect(attached.feed);
    await sql('INSERT INTO item VALUES (1)');
    await until(() => got.length === 1, 'the change');
    await test.admin(`UPDATE cdc.subscription SET holder = 'another'`);
    expect((await failure(attached.ack(got[0]?.commitLsn ?? 0n))).code).toBe('SLOT_IN_USE');
    expect(await run(subscriptionGet, { subscriptionId: id })).toMatchObject({ deliveredCount: 0 });
    session.abort();
    await run(subscriptionDelete, { subscriptionId: id });
  });
});

describe('what PostgreSQL no longer keeps', () => {
  it('makes a subscription lost, which says so, until it is resumed from now on', async () => {
    const waiting = { name: 'waiting', table: 'item', events: ['insert'], delivery: 'websocket' };
    const { id } = await run(subscriptionCreate, waiting);
    const posted = await hook('posted');
    await sql('INSERT INTO item VALUES (1)');
    // One who follows may still read it; it comes back soon.
    const slot = await slotOf();
    await eventually(() =>
      // One statement, or whoever comes back is there before the slot is dropped, each time anew.
      test
        .admin(
          `SELECT pg_drop_replication_slot($1) FROM (SELECT pg_terminate_backend(active_pid, 5000) AS ended
           FROM pg_replication_slots WHERE slot_name = $1 OFFSET 0) WHERE ended IS NOT FALSE`,
          [slot],
        )
        .then(
          () => true,
          () => false,
        ),
    );
    // Who looks sees it, before anybody has tried.
    await test.database.changes.consumer('test');
    const reason = 'Changes that it has not had are no longer kept';
    const { subscriptions } = await run(subscriptionList, {});
    expect(subscriptions.map(({ status, statusReason }) => [status, statusReason])).toEqual([
      ['lost', reason],
      ['lost', reason],
    ]);
    const deliveries = deliver();
    const stored = async (): Promise<string> =>
      String((await test.admin(`SELECT status FROM cdc.subscription WHERE id = '${posted}'`))[0]?.[0]);
    await eventually(async () => (await stored()) !== 'active');
    expect(await stored()).toBe('lost');
    for (const subscriptionId of [id, posted]) {
      const refused = await failure(run(subscriptionResume, { subscriptionId }));
      expect([refused.code, refused.hint]).toEqual([
        'LSN_NOT_AVAILABLE',
        expect.stringContaining('from_now'),
      ]);
    }
    for (const _ of range(2)) {
      const refused = await failure(run(subscriptionAttach, { subscriptionId: id }));
      expect([refused.code, refused.hint]).toEqual([
        'LSN_NOT_AVAILABLE',
        expect.stringContaining('from_now'),
      ]);
    }
    for (const subscriptionId of [id, posted]) {
      const resumed = await run(subscriptionResume, { subscriptionId, fromNow: true });
      expect([resumed.status, resumed.statusReason]).toEqual(['active', null]);
    }
    const session = new AbortController();
    const { feed } = await call(test.database, session.signal)(subscriptionAttach, { subscriptionId: id });
    const got = collect(feed);
    await sql('INSERT INTO item VALUES (2)');
    await until(() => got.length === 1 && events().length === 1, 'what came after');
    expect([got[0]?.newRow?.[0], events()]).toEqual(['2', [2]]);
    session.abort();
    await deliveries.stop();
    await test.database.changes.forget('test');
    for (const subscriptionId of [id, posted]) await run(subscriptionDelete, { subscriptionId });
  });
});

it('webhooks of namespaces that nobody uses begin with the server', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'facet-far-'));
  const uri = `file://${folder}`;
  try {
    const before = await openStore(uri, { observe: quiet });
    const far = await before.namespace('far');
    await call(far)(sqlQuery, { sql: 'CREATE TABLE item (id bigint PRIMARY KEY)' });
    await hook('far', far);
    await call(far)(sqlQuery, { sql: 'INSERT INTO item VALUES (7)' });
    await before.stop();
    const after = await openStore(uri, { observe: quiet });
    ends.push(() => after.stop());
    const deliveries = deliver(after);
    await until(() => events().length === 1, 'the change that waited');
    expect(events()).toEqual([7]);
    await deliveries.stop();
    await after.stop();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}, 60_000);

it('one who replicates is told how far an idle log has come, and may acknowledge it', async () => {
  const session = new AbortController();
  const context = {
    ...{ store: test.store, database: test.database, transaction: undefined, requestId: 'req_00000000' },
    ...{ principal: { name: 'admin', role: 'admin' as const }, signal: session.signal, observe: quiet },
    server: {
      ...{ version: '0.0.0', clusterId: 'facet-test', nodeId: 'node-1', region: 'local' },
      ...{ address: '127.0.0.1:8088', startedAtMs: 0, metricsText: async () => '', accepting: () => true },
    },
  } as const;
  const { feed, ack, startLsn } = await replicate(context, { slot: 'idle' }, 40);
  const got = collect(feed);
  // Nothing that is followed: the log moves all the same.
  await test.admin("SELECT pg_logical_emit_message(true, 'test', 'x')");
  await until(() => got.some(({ lsn }) => lsn > startLsn), 'a sign that it has moved');
  expect(new Set(got.map(({ kind }) => kind))).toEqual(new Set(['keepalive']));
  const seen = got.length;
  await until(() => got.length > seen + 1, 'more of them');
  const last = got.findLast(({ kind }) => kind === 'keepalive')?.lsn ?? 0n;
  expect(got.every(({ lsn }, at) => at === 0 || lsn >= (got[at - 1]?.lsn ?? 0n))).toBe(true);
  await ack(last);
  const [consumer] = await test.database.changes.consumers('slot:idle');
  expect(consumer?.position).toBe(last);
  session.abort();
  await test.database.changes.forget('slot:idle');
});

describe('a filter that is hard to evaluate', () => {
  async function follow(filter?: string) {
    const session = new AbortController();
    ends.push(async () => session.abort());
    const { feed } = await call(test.database, session.signal)(changesFollow, { table: 'item', filter });
    return { feed, got: collect<RowChange>(feed), stop: () => session.abort() };
  }

  it('ends when it raises for too many rows; where it raises for some, these are no match', async () => {
    const bad = await follow('10 / n > 1');
    const other = await follow('n = 0');
    const plain = await follow();
    await sql(
      'INSERT INTO item SELECT g, CASE WHEN g % 100 = 0 THEN 0 ELSE 2 END FROM generate_series(1, 400) g',
    );
    await until(() => bad.got.length === 396 && other.got.length === 4, 'all that match');
    expect(bad.feed.ended).toBeUndefined();
    await sql('INSERT INTO item SELECT g, g % 2 FROM generate_series(1001, 2800) g');
    await until(() => bad.feed.ended !== undefined, 'the end');
    expect(bad.feed.ended?.reason).toMatchObject({
      code: 'INVALID_FILTER',
      message: 'The filter raises for too many rows: division by zero',
    });
    await until(() => plain.got.length === 2_200 && other.got.length === 904, 'the others');
    // Anew it begins anew.
    const again = await follow('10 / n > 1');
    await sql('INSERT INTO item VALUES (5000, 1), (5001, 0)');
    await until(() => again.got.length === 1, 'the next change');
    for (const { stop } of [bad, other, plain, again]) stop();
  });

  /** A condition that takes about so long for a row whose n is not 0. */
  async function slowFilter(ms: number): Promise<string> {
    const hash = (n: string): string => `length(md5(repeat('abcdefghij', 3000000 + ${n})))`;
    const startedMs = performance.now();
    await sql(`SELECT ${hash('0')}`);
    const times = Math.min(60, Math.max(1, Math.ceil(ms / (performance.now() - startedMs))));
    return `n <> 0 AND ${range(times)
      .map((k) => hash(`n + ${k}`))
      .join(' + ')} > 0`;
  }

  it('holds up nobody but who asked for it', async () => {
    await sql('CREATE TABLE noisy (id int PRIMARY KEY, n int)');
    const follow = async (filter?: string) => {
      const session = new AbortController();
      ends.push(async () => session.abort());
      const { feed } = await call(test.database, session.signal)(changesFollow, { table: 'noisy', filter });
      const atMs: number[] = [];
      const got: RowChange[] = [];
      feed.onReady(() => {
        for (const change of feed.take(100)) {
          got.push(change);
          atMs.push(performance.now());
        }
      });
      return { feed, got, atMs };
    };
    const plain = await follow();
    const quick = await follow('id > 0');
    const slow = await follow(await slowFilter(300));
    // The first time they are evaluated together: then it is known which one is slow.
    const rounds = 5;
    for (let id = 1; id <= rounds; id++) {
      await sql(`INSERT INTO noisy VALUES (${id}, ${id})`);
      await until(() => plain.got.length === id && quick.got.length === id, 'those that are quick');
      if (id === 1)
        await until(() => slow.got.length === 1 || slow.feed.ended !== undefined, 'the first', 30_000);
      else expect(slow.got.length).toBeLessThan(id);
    }
    await until(() => slow.got.length === rounds || slow.feed.ended !== undefined, 'the slow one', 60_000);
    expect(slow.feed.ended?.reason).toBeUndefined();
    expect(slow.got.map(({ newRow }) => newRow?.[0])).toEqual(['1', '2', '3', '4', '5']);
    await sql('DROP TABLE noisy');
  }, 120_000);

  it('ends when it is too slow again and again', async () => {
    const slow = await follow(await slowFilter(4_000));
    const plain = await follow();
    await sql('INSERT INTO item SELECT g, g FROM generate_series(1, 64) g');
    await until(() => plain.got.length === 64, 'the other one');
    expect(slow.feed.ended).toBeUndefined();
    await until(() => slow.feed.ended !== undefined, 'the end', 60_000);
    expect(slow.feed.ended?.reason).toMatchObject({
      code: 'INVALID_FILTER',
      message: expect.stringContaining('too slow'),
    });
    slow.stop();
    plain.stop();
  }, 90_000);
});

it('a filter that was written into the row is judged before it is used', async () => {
  await sql(
    "CREATE FUNCTION mine(bigint) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN true; END'",
  );
  const id = await hook('rewritten');
  await test.admin(`UPDATE cdc.subscription SET filter = 'public.mine(id)'`);
  deliver();
  await sql('INSERT INTO item VALUES (1)');
  const row = async () =>
    (await test.admin('SELECT status, status_reason FROM cdc.subscription WHERE id = $1', [id]))[0];
  await eventually(async () => (await row())?.[0] !== 'active');
  expect(await row()).toEqual(['failed', expect.stringMatching(/function public\.mine\(bigint\)/)]);
  expect(receiver.requests).toEqual([]);
});

async function eventually(met: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await met()); tries++) {
    if (tries === 500) throw new Error('not in 10 s');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
