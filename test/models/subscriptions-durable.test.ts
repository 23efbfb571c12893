/** What outlives a connection: slots of those who replicate, subscriptions that clients attach to, deliveries. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { FacetError } from '../../src/base/index.ts';
import { lsnText, openStore } from '../../src/engine/index.ts';
import {
  changesDropSlot,
  changesListSlots,
  changesReplicate,
  Deliveries,
  type Delivery,
  type Operation,
  type ReplicationEntry,
  sqlQuery,
  subscriptionAttach,
  subscriptionCreate,
  subscriptionDelete,
  subscriptionGet,
  subscriptionPause,
  type WebhookRules,
} from '../../src/models/index.ts';
import { openTestStore, type TestStore } from '../support/test-store.ts';
import { type Receiver, startReceiver } from '../support/webhook-receiver.ts';
import { collect, until } from './live-support.ts';

let test: TestStore;

interface Call {
  readonly signal?: AbortSignal;
  readonly webhooks?: WebhookRules;
}

const facet = {
  /** Input and output are checked against the schemas. */
  async call<Input, Output>(
    operation: Operation<Input, Output>,
    input: unknown,
    how: Call = {},
  ): Promise<Output> {
    const context = {
      store: test.store,
      database: test.database,
      transaction: undefined,
      principal: { name: 'admin', role: 'admin' },
      requestId: 'req_00000000',
      signal: how.signal ?? new AbortController().signal,
      observe: () => {},
      server: {
        ...{ version: '0.0.0', clusterId: 'facet-test', nodeId: 'node-1', region: 'local' },
        ...{ address: '127.0.0.1:8088', startedAtMs: 0, metricsText: async () => '', accepting: () => true },
        webhooks: how.webhooks,
      },
    } as const;
    const output = await operation.run(context, operation.input.parse(input));
    operation.output.parse(output);
    return output;
  },
  async fault<Input, Output>(operation: Operation<Input, Output>, input: unknown): Promise<FacetError> {
    try {
      await facet.call(operation, input);
    } catch (thrown) {
      if (thrown instanceof FacetError) return thrown;
      throw thrown;
    }
    throw new Error(`${operation.name} should have failed`);
  },
};

const sql = async (text: string): Promise<void> => void (await facet.call(sqlQuery, { sql: text }));

beforeAll(async () => {
  test = await openTestStore();
  await sql('CREATE TABLE item (id bigint PRIMARY KEY, word text)');
}, 60_000);
afterAll(async () => await test.close());
afterEach(async () => await sql('TRUNCATE item'));

const spelled = (entry: ReplicationEntry): string => {
  if (entry.kind !== 'change') return entry.kind;
  const { operation, newRow, oldRow } = entry.change;
  return `${operation} ${(newRow ?? oldRow)?.[0]}`;
};

async function replicate(input: Record<string, unknown> = {}) {
  const session = new AbortController();
  const given = { slot: 'mine', includeTransactionBoundaries: true, ...input };
  const result = await facet.call(changesReplicate, given, { signal: session.signal });
  return { ...result, got: collect(result.feed), stop: () => session.abort() };
}

const lastCommit = (entries: readonly ReplicationEntry[]): bigint =>
  entries.findLast(({ kind }) => kind === 'commit')?.lsn ?? 0n;

describe('replication', () => {
  it('goes on behind what was acknowledged', async () => {
    const first = await replicate();
    await sql("INSERT INTO item VALUES (1, 'a'), (2, 'b')");
    await until(() => first.got.length === 4, 'a transaction');
    expect(first.got.map(spelled)).toEqual(['begin', 'insert 1', 'insert 2', 'commit']);
    await first.ack(lastCommit(first.got));
    await sql("UPDATE item SET word = 'c' WHERE id = 1");
    await until(() => first.got.length === 7, 'another one');
    expect((await facet.fault(changesReplicate, { slot: 'mine' })).code).toBe('SLOT_IN_USE');
    expect((await facet.fault(changesDropSlot, { slot: 'mine' })).code).toBe('SLOT_IN_USE');
    await expect(first.ack(first.got.at(-1)?.lsn ?? 0n, 0)).resolves.toBeUndefined();
    await expect(first.ack(1n << 60n)).rejects.toMatchObject({ code: 'INVALID_PARAMETER' });
    first.stop();

    await sql('TRUNCATE item');
    const second = await replicate({ startLsn: '0/0' });
    await until(() => second.got.length >= 3, 'what came meanwhile');
    expect(second.got.map(spelled)).toEqual(['begin', 'truncate', 'commit']);
    second.stop();

    // Not acknowledged: it comes again. Earlier than what was acknowledged it does not begin.
    const third = await replicate({ startLsn: lsnText(first.startLsn), includeTransactionBoundaries: false });
    await until(() => third.got.length >= 1, 'the same');
    expect(third.got.map(spelled)).toEqual(['truncate']);
    third.stop();
    const { slots } = await facet.call(changesListSlots, {});
    expect(slots).toMatchObject([{ name: 'mine', available: true, inUse: false }]);
    expect(await facet.call(changesDropSlot, { slot: 'mine' })).toEqual({ slot: 'mine', dropped: true });
  });

  it('says when what was asked for is gone, or not there yet', async () => {
    expect((await facet.fault(changesReplicate, { slot: 'old', startLsn: '0/1' })).code).toBe(
      'LSN_NOT_AVAILABLE',
    );
    const future = await facet.fault(changesReplicate, { slot: 'old', startLsn: 'FFFF/0' });
    expect(future.code).toBe('INVALID_PARAMETER');
    expect((await facet.fault(changesReplicate, { slot: 'Robert"); --' })).code).toBe('INVALID_PARAMETER');
    await facet.call(changesDropSlot, { slot: 'old' });
  });
});

describe('an attached subscription', () => {
  it('goes on behind what was acknowledged, and has one client at a time', async () => {
    const input = {
      name: 'attached',
      table: 'item',
      events: ['insert'],
      delivery: 'grpc_stream',
      filter: 'id < 100',
    };
    const { id } = await facet.call(subscriptionCreate, input);
    await sql("INSERT INTO item VALUES (1, 'before'), (2, 'anybody'), (3, 'came'), (100, 'no')");
    const attach = async () => {
      const session = new AbortController();
      const result = await facet.call(subscriptionAttach, { subscriptionId: id }, { signal: session.signal });
      return { ...result, got: collect(result.feed), stop: () => session.abort() };
    };
    const first = await attach();
    await until(() => first.got.length === 3, 'what came before');
    expect((await facet.fault(subscriptionAttach, { subscriptionId: id })).code).toBe('SLOT_IN_USE');
    const second = first.got[1];
    await first.ack(second?.commitLsn ?? 0n, second?.sequence);
    await expect(first.ack((second?.commitLsn ?? 0n) + 1_000_000n)).rejects.toMatchObject({
      code: 'INVALID_PARAMETER',
    });
    first.stop();
    expect((await facet.call(subscriptionGet, { subscriptionId: id })).deliveredCount).toBe(2);

    await sql("INSERT INTO item VALUES (4, 'd')");
    // The lease is given back right after the client has gone.
    let again: Awaited<ReturnType<typeof attach>> | undefined;
    for (let tried = 0; again === undefined; tried++) {
      again = await attach().catch(async (thrown: unknown) => {
        if (tried === 20) throw thrown;
        await new Promise((resolve) => setTimeout(resolve, 50));
        return undefined;
      });
    }
    const { got } = again;
    await until(() => got.length === 2, 'the rest');
    expect(got.map(({ newRow }) => newRow?.[0])).toEqual(['3', '4']);
    again.stop();
    await facet.call(subscriptionPause, { subscriptionId: id });
    expect((await facet.fault(subscriptionAttach, { subscriptionId: id })).code).toBe('OBJECT_IN_USE');
    await facet.call(subscriptionDelete, { subscriptionId: id });
    expect((await facet.fault(subscriptionAttach, { subscriptionId: id })).code).toBe(
      'SUBSCRIPTION_NOT_FOUND',
    );
    expect(await test.database.changes.consumers('subscription:')).toEqual([]);
  });
});

const encode = ({ changes }: Delivery): string =>
  JSON.stringify({ events: changes.map(({ newRow }) => Number(newRow?.[0])) });

describe('deliveries', () => {
  let receiver: Receiver;
  beforeAll(async () => {
    receiver = await startReceiver();
  });
  afterAll(async () => await receiver.close());

  const events = (): number[] => receiver.accepted.flatMap(({ json }) => json.events as number[]);
  const quiet = (): void => {};

  it('go on where they stood after a restart, and are not counted as a try when they are broken off', async () => {
    const rules = { allowPrivate: true };
    const options = { store: test.store, encode, rules, observe: quiet };
    let deliveries = new Deliveries(options);
    const { id } = await facet.call(
      subscriptionCreate,
      {
        name: 'restarted',
        table: 'item',
        events: ['insert'],
        delivery: 'webhook',
        endpoint: receiver.url,
        retryPolicy: { maxRetries: 0 },
      },
      { webhooks: rules },
    );
    await sql("INSERT INTO item VALUES (1, 'a')");
    await until(() => events().length === 1, 'the first');
    // Never answers: stopping does not wait for it.
    receiver.behave(quiet);
    await sql("INSERT INTO item VALUES (2, 'b')");
    await until(() => receiver.requests.length === 2, 'the second, unanswered');
    const startedMs = performance.now();
    await deliveries.stop();
    expect(performance.now() - startedMs).toBeLessThan(3_000);
    receiver.behave(undefined);
    await sql("INSERT INTO item VALUES (3, 'c')");
    deliveries = new Deliveries(options);
    await until(() => events().length === 3, 'the rest');
    expect(events()).toEqual([1, 2, 3]);
    expect(receiver.requests.map(({ headers }) => headers['x-thunder-attempt'])).toEqual([
      '1',
      '1',
      '1',
      '1',
    ]);
    await deliveries.stop();
    await facet.call(subscriptionDelete, { subscriptionId: id });
  });

  it('are made by one of two processes, and taken over from one that has gone', async () => {
    receiver.accepted.length = 0;
    const rules = { allowPrivate: true };
    const otherStore = await openStore(test.uri, { observe: quiet });
    const here = new Deliveries({ store: test.store, encode, rules, observe: quiet });
    const there = new Deliveries({ store: otherStore, encode, rules, observe: quiet });
    const input = { table: 'item', events: ['insert'], delivery: 'webhook', endpoint: receiver.url };
    const { id } = await facet.call(subscriptionCreate, { ...input, name: 'held' }, { webhooks: rules });
    for (let n = 0; n < 20; n++) await sql(`INSERT INTO item VALUES (${n}, 'x')`);
    await until(() => events().length >= 20, 'all');
    expect(events()).toEqual(Array.from({ length: 20 }, (_, n) => n));
    await here.stop();
    // As its own look would find it, later.
    await there.stop();
    const next = new Deliveries({ store: otherStore, encode, rules, observe: quiet });
    await sql("INSERT INTO item VALUES (20, 'x')");
    await until(() => events().includes(20), 'the one that was taken over');
    // The last one may come twice: its receiver had it before its place was noted.
    expect([...new Set(events())]).toEqual(Array.from({ length: 21 }, (_, n) => n));
    expect(events().filter((n, at, all) => all.indexOf(n) !== at && n !== 19)).toEqual([]);
    await next.stop();
    await otherStore.stop();
    await facet.call(subscriptionDelete, { subscriptionId: id });
  });

  it('go to public addresses only, whatever a name resolves to', async () => {
    receiver.requests.length = 0;
    let resolvesTo = '93.184.215.14';
    const rules = { allowPrivate: false, resolve: async () => [resolvesTo] };
    const create = (endpoint: string, name: string) => ({
      ...{ name, table: 'item', events: ['insert'], delivery: 'webhook', endpoint },
      retryPolicy: { maxRetries: 0 },
    });
    const port = new URL(receiver.url).port;
    for (const host of [
      ...[
        '127.0.0.1',
        'localhost',
        '[::1]',
        '0.0.0.0',
        '10.0.0.1',
        '192.168.1.1',
        '172.31.0.1',
        '100.64.0.1',
      ],
      ...[
        '169.254.169.254',
        '[fe80::1]',
        '[fd00::1]',
        '[::ffff:127.0.0.1]',
        '[64:ff9b::7f00:1]',
        '224.0.0.1',
      ],
      ...['2130706433', '0x7f.1', '127.1', '[::]', '255.255.255.255', '[2002:7f00:1::]'],
    ]) {
      const refused = await facet.fault(subscriptionCreate, create(`http://${host}:${port}/`, 'ssrf'));
      expect([host, refused.code]).toEqual([host, 'INVALID_ENDPOINT']);
    }
    const { id } = await facet.call(
      subscriptionCreate,
      create(`http://rebound.example:${port}/`, 'rebound'),
      {
        webhooks: rules,
      },
    );
    const deliveries = new Deliveries({ store: test.store, encode, rules, observe: quiet });
    resolvesTo = '127.0.0.1';
    await sql("INSERT INTO item VALUES (1, 'a')");
    let status = '';
    await until(() => {
      void facet.call(subscriptionGet, { subscriptionId: id }).then((found) => {
        status = `${found.status}: ${found.statusReason}`;
      });
      return status.startsWith('failed');
    }, 'the refusal');
    expect(status).toContain('it leads to an address that is not public');
    expect(receiver.requests).toEqual([]);
    await deliveries.stop();
    await facet.call(subscriptionDelete, { subscriptionId: id });
  });
});
