/** Who writes a graph: claims, fencing, the manifest version and flushes, with two processes' worth of stores. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ignoreObservations } from '../../src/base/index.ts';
import { type Database, openStore, type Store, type Transaction } from '../../src/engine/index.ts';
import type { OperationContext, ServerFacts } from '../../src/models/index.ts';
import { graphFlush, graphQuery, graphStatus } from '../../src/models/index.ts';
import { openTestStore, type TestStore } from '../support/test-store.ts';

interface Process {
  readonly store: Store;
  readonly database: Database;
  query(text: string, transaction?: Transaction): Promise<readonly (readonly unknown[])[]>;
  status(): Promise<readonly [epoch: bigint, manifestVersion: bigint]>;
  flush(): Promise<{ tablesWritten: number; manifestVersion: bigint }>;
}

let test: TestStore;
let second: Store;

beforeEach(async () => {
  test = await openTestStore();
  second = await openStore(test.uri, { observe: ignoreObservations });
});
afterEach(async () => {
  await second.stop();
  await test.close();
});

async function processOn(store: Store, graphWriter?: ServerFacts['graphWriter']): Promise<Process> {
  const database = await store.namespace('default');
  const context = (transaction?: Transaction): OperationContext => ({
    store,
    database,
    transaction,
    principal: { name: 'tester', role: 'write' },
    requestId: 'req_00000000',
    signal: new AbortController().signal,
    observe: ignoreObservations,
    server: {
      version: '0.0.0',
      clusterId: 'test',
      nodeId: 'node-1',
      region: 'local',
      address: '',
      startedAtMs: 0,
      metricsText: async () => '',
      accepting: () => true,
      ...(graphWriter === undefined ? {} : { graphWriter }),
    },
  });
  return {
    store,
    database,
    query: async (query, transaction) => (await graphQuery.run(context(transaction), { query })).rows,
    async status() {
      const { epoch, manifestVersion } = await graphStatus.run(context(), {});
      return [epoch, manifestVersion];
    },
    flush: () => graphFlush.run(context(), {}),
  };
}

const begin = (database: Database): Promise<Transaction> =>
  database.begin({
    owner: 'tester',
    isolationLevel: 'repeatable_read',
    readOnly: false,
    timeoutMs: 60_000,
  });

const FENCED = { code: 'WRITER_FENCED', message: 'writer fenced: local epoch 1, current epoch 2' };

describe('a graph that another process claimed', () => {
  it('is only read by the first', async () => {
    const [a, b] = [await processOn(test.store), await processOn(second)];
    expect(await a.status()).toEqual([0n, 0n]);
    await a.query('CREATE (:A)');
    expect(await a.status()).toEqual([1n, 2n]);
    expect(await b.query('MATCH (n) RETURN count(*)')).toEqual([[1n]]);
    expect(await b.status()).toEqual([1n, 2n]);

    await b.query('CREATE (:B)');
    await expect(a.query('CREATE (:C)')).rejects.toMatchObject(FENCED);
    await expect(a.query('CREATE (:C)')).rejects.toMatchObject(FENCED);
    await expect(a.flush()).rejects.toMatchObject(FENCED);
    expect(await a.query('MATCH (n) RETURN count(*)')).toEqual([[2n]]);
    await b.query('CREATE (:B)');
    expect(await a.status()).toEqual([2n, 5n]);
  });

  it('is said to be fenced whatever else is wrong with a query, and nothing of it is written', async () => {
    const [a, b] = [await processOn(test.store), await processOn(second)];
    await a.query('CREATE CONSTRAINT FOR (n:A) REQUIRE n.x IS UNIQUE');
    await a.query('CREATE (:A {x: 1})');
    await b.query('CREATE (:B)');
    const wrong = [
      'CREATE (:A {x: 1})',
      'CREATE (:A {x: 2}) WITH 0 AS z RETURN 1 / z',
      'MATCH (n) SET n.y = 1',
    ];
    for (const text of wrong) await expect(a.query(text)).rejects.toMatchObject({ code: 'WRITER_FENCED' });
    expect(await b.query('MATCH (n) RETURN count(*), count(n.y)')).toEqual([[2n, 0n]]);
  });

  it('is fenced in a transaction that was open before, whatever its snapshot', async () => {
    const [a, b] = [await processOn(test.store), await processOn(second)];
    await a.query('CREATE (:A)');
    const transaction = await begin(a.database);
    expect(await a.query('MATCH (n) RETURN count(*)', transaction)).toEqual([[1n]]);
    await b.query('CREATE (:B)');
    await expect(a.query('CREATE (:C)', transaction)).rejects.toMatchObject(FENCED);
    expect(await a.query('MATCH (n) RETURN count(*)', transaction)).toEqual([[1n]]);
    await a.database.rollback(transaction);
  });

  it('is not claimed while the first has a write open, and the others of the first go on meanwhile', async () => {
    const [a, b] = [await processOn(test.store), await processOn(second)];
    await a.query('CREATE (:A)');
    const transaction = await begin(a.database);
    await a.query('CREATE (:A)', transaction);
    await a.query('CREATE (:A)');
    let claimed = false;
    const claim = b.query('CREATE (:B)').then(() => {
      claimed = true;
    });
    await untilBlocked();
    await a.query('CREATE (:A)', transaction);
    expect(claimed).toBe(false);
    await a.database.commit(transaction);
    await claim;
    await expect(a.query('CREATE (:A)')).rejects.toMatchObject(FENCED);
    expect(await b.query('MATCH (n:A) RETURN count(*)')).toEqual([[4n]]);
  });

  it('lost nothing that was acknowledged, in takeovers under load', async () => {
    let acknowledged = 0;
    let fenced = 0;
    const takeovers = 8;
    for (let takeover = 0; takeover < takeovers; takeover++) {
      const stores = await Promise.all(
        [0, 1].map(() => openStore(test.uri, { observe: ignoreObservations })),
      );
      const [old, next] = await Promise.all(stores.map((store) => processOn(store)));
      if (old === undefined || next === undefined) throw new Error('two stores');
      await old.query('CREATE (:N)');
      acknowledged++;
      const load = [1, 2, 3, 4].map(async () => {
        for (;;) {
          try {
            await old.query('CREATE (:N)');
            acknowledged++;
          } catch (error) {
            expect(error).toMatchObject({ code: 'WRITER_FENCED' });
            fenced++;
            return;
          }
        }
      });
      await next.query('CREATE (:N)');
      acknowledged++;
      const sum = await next.query('MATCH (n:N) RETURN count(*)');
      await Promise.all(load);
      // Nothing of the old one came after the claim.
      expect(await next.query('MATCH (n:N) RETURN count(*)')).toEqual(sum);
      await Promise.all(stores.map((store) => store.stop()));
    }
    const last = await processOn(second);
    expect(await last.query('MATCH (n:N) RETURN count(*)')).toEqual([[BigInt(acknowledged)]]);
    expect(fenced).toBe(takeovers * 4);
    expect(await last.status()).toEqual([BigInt(takeovers * 2), BigInt(takeovers * 2 + acknowledged)]);
  });
});

/** Until a session of this database waits for a lock. */
async function untilBlocked(): Promise<void> {
  const waiting = `SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted`;
  for (;;) {
    const [row] = await test.admin(waiting);
    if (row?.[0] !== '0') return;
  }
}

describe('processes that share a graph', () => {
  it('write side by side, and epochs count', async () => {
    const [a, b] = [await processOn(test.store, 'shared'), await processOn(second, 'shared')];
    await Promise.all([a.query('CREATE (:A)'), b.query('CREATE (:B)')]);
    await Promise.all([a.query('CREATE (:A)'), b.query('CREATE (:B)')]);
    expect(await a.query('MATCH (n) RETURN count(*)')).toEqual([[4n]]);
    expect(await a.status()).toEqual([2n, 6n]);
  });
});

describe('the manifest version', () => {
  it('counts what was committed, once for each query that changed something', async () => {
    const a = await processOn(test.store);
    await a.query('CREATE (:A)-[:T]->(:B) CREATE (:C) WITH 1 AS x MATCH (n) SET n.x = 1');
    expect(await a.status()).toEqual([1n, 2n]);
    await a.query('MATCH (n:Nobody) SET n.x = 1');
    await expect(a.query('CREATE (:A) WITH 1 AS x RETURN x / 0')).rejects.toMatchObject({
      code: 'CYPHER_ARITHMETIC_ERROR',
    });
    const transaction = await begin(a.database);
    await a.query('CREATE (:A)', transaction);
    await a.database.rollback(transaction);
    expect(await a.status()).toEqual([1n, 2n]);
    await Promise.all(Array.from({ length: 20 }, () => a.query('CREATE (:A)')));
    expect(await a.status()).toEqual([1n, 22n]);
  });

  it('never falls while it is claimed and read at once', async () => {
    const a = await processOn(test.store, 'shared');
    await a.query('CREATE (:A)');
    let last = 0n;
    let over = false;
    const watch = (async () => {
      while (!over) {
        const [, version] = await a.status();
        expect(version).toBeGreaterThanOrEqual(last);
        last = version;
      }
    })();
    for (let claims = 0; claims < 10; claims++) {
      const store = await openStore(test.uri, { observe: ignoreObservations });
      const other = await processOn(store, 'shared');
      await Promise.all([other.query('CREATE (:A)'), a.query('CREATE (:A)')]);
      await store.stop();
    }
    over = true;
    await watch;
    expect(await a.status()).toEqual([11n, 32n]);
  });
});

describe('a flush', () => {
  it('says that nothing was written where the server does not let us', async () => {
    const a = await processOn(test.store);
    await a.query('CREATE (:A)');
    expect(await a.flush()).toEqual({ tablesWritten: 0, manifestVersion: 2n });
  });

  it('writes what changed since the last one', async () => {
    const store = await openStore('memory://flush', { observe: ignoreObservations });
    try {
      const a = await processOn(store);
      expect(await a.flush()).toEqual({ tablesWritten: 0, manifestVersion: 0n });
      await a.query('CREATE (:A)');
      expect(await a.flush()).toEqual({ tablesWritten: 1, manifestVersion: 3n });
      expect(await a.flush()).toEqual({ tablesWritten: 0, manifestVersion: 3n });
      await a.query('MATCH (a:A) CREATE (a)-[:T]->(:B)');
      expect(await a.flush()).toEqual({ tablesWritten: 2, manifestVersion: 5n });
      await a.query('MATCH ()-[t:T]->() DELETE t');
      expect(await a.flush()).toEqual({ tablesWritten: 1, manifestVersion: 7n });
    } finally {
      await store.stop();
    }
  });
});
