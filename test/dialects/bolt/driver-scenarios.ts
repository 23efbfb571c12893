/** What programs do with Neo4j's driver for JavaScript: the same scenarios for each version of it. */

import type neo4jDriver from 'neo4j-driver';
import type { Driver } from 'neo4j-driver';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { valueScenarios } from './driver-value-scenarios.ts';

/** Another server would keep the driver's default of 30 s of trying again from ending a test in time. */
const RETRY_MS_MAX = 10_000;

export function driverScenarios(name: string, neo4j: typeof neo4jDriver): void {
  let server: TestServer;
  let driver: Driver;
  let uri: string;

  beforeAll(async () => {
    server = await startTestServer({ flags: { 'bolt-listen': '127.0.0.1:0' } });
    uri = `bolt://${server.running.boltAddress}`;
    driver = neo4j.driver(uri, undefined, { maxTransactionRetryTime: RETRY_MS_MAX });
  });
  afterAll(async () => {
    await driver.close();
    await server.stop();
  });

  valueScenarios(name, neo4j, () => driver);

  const { int } = neo4j;
  describe(`${name}: transactions`, () => {
    test('a managed one commits, and a read sees it', async () => {
      const session = driver.session();
      await session.executeWrite((tx) => tx.run('CREATE (:Managed {x: 1})'));
      const found = await session.executeRead((tx) => tx.run('MATCH (n:Managed) RETURN n.x AS x'));
      expect(found.records.map((record) => record.get('x').toNumber())).toEqual([1]);
      await session.close();
    });

    test('a managed one whose work throws is rolled back', async () => {
      const session = driver.session();
      const work = session.executeWrite(async (tx) => {
        await tx.run('CREATE (:Thrown)');
        throw new Error('changed my mind');
      });
      await expect(work).rejects.toThrow('changed my mind');
      const found = await session.run('MATCH (n:Thrown) RETURN count(n) AS c');
      expect(found.records[0]?.get('c').toNumber()).toBe(0);
      await session.close();
    });

    test('an explicit one sees its own writes, others only once they are committed', async () => {
      const [session, other] = [driver.session(), driver.session()];
      const tx = await session.beginTransaction();
      await tx.run('CREATE (:Explicit)');
      const count = async (from: {
        run(query: string): PromiseLike<{ records: { get(key: string): unknown }[] }>;
      }) => Number((await from.run('MATCH (n:Explicit) RETURN count(n) AS c')).records[0]?.get('c'));
      expect(await count(tx)).toBe(1);
      expect(await count(other)).toBe(0);
      await tx.commit();
      expect(await count(other)).toBe(1);
      await session.close();
      await other.close();
    });

    test('an explicit one is rolled back', async () => {
      const session = driver.session();
      const tx = await session.beginTransaction();
      await tx.run('CREATE (:RolledBack)');
      await tx.rollback();
      const found = await session.run('MATCH (n:RolledBack) RETURN count(n) AS c');
      expect(found.records[0]?.get('c').toNumber()).toBe(0);
      await session.close();
    });

    test('several results of one transaction are read side by side', async () => {
      const session = driver.session({ fetchSize: 2 });
      const tx = await session.beginTransaction();
      const [left, right] = [
        tx.run('UNWIND range(1, 7) AS i RETURN i'),
        tx.run('UNWIND range(11, 17) AS i RETURN i'),
      ];
      const seen: number[][] = [[], []];
      const [a, b] = [left[Symbol.asyncIterator](), right[Symbol.asyncIterator]()];
      for (;;) {
        const steps = [await a.next(), await b.next()];
        if (steps.every((step) => step.done)) break;
        for (const [index, step] of steps.entries()) {
          if (!step.done) seen[index]?.push(step.value.get('i').toNumber());
        }
      }
      expect(seen).toEqual([[1, 2, 3, 4, 5, 6, 7].map((i) => i), [11, 12, 13, 14, 15, 16, 17]]);
      await tx.commit();
      await session.close();
    });

    test('a reading one may not write', async () => {
      const session = driver.session();
      const error = await failureOf(session.executeRead((tx) => tx.run('CREATE (:No)')));
      expect(error).toMatchObject({ code: 'Neo.ClientError.Statement.AccessMode', retriable: false });
      await session.close();
      const reading = driver.session({ defaultAccessMode: neo4j.session.READ });
      expect(await failureOf(reading.run('CREATE (:No)'))).toMatchObject({
        code: 'Neo.ClientError.Statement.AccessMode',
      });
      await reading.close();
    });

    test('its timeout ends it', async () => {
      const session = driver.session();
      const tx = await session.beginTransaction({ timeout: 300 });
      await tx.run('CREATE (:TooLate)');
      await new Promise((resolve) => setTimeout(resolve, 600));
      const error = await failureOf(tx.run('RETURN 1'));
      expect(error.code).toBe('Neo.ClientError.Transaction.TransactionTimedOutClientConfiguration');
      await session.close();
      const query = driver.session();
      const slow =
        'UNWIND range(1, 1000000) AS a UNWIND range(1, 1000000) AS b WITH a, b WHERE a + b = -1 RETURN count(*)';
      expect(await failureOf(query.run(slow, {}, { timeout: 300 }))).toMatchObject({
        code: 'Neo.ClientError.Transaction.TransactionTimedOutClientConfiguration',
        retriable: false,
      });
      await query.close();
    });

    test('metadata is shown in the log', async () => {
      const session = driver.session();
      const shown = (): readonly string[] =>
        server.log.flatMap((line) => (JSON.parse(line) as { metadata?: string }).metadata ?? []);
      const app = `${name} ${int(1)}`;
      await session.run('RETURN 1', {}, { metadata: { app, user: { id: int(7) }, tags: ['a', 1.5] } });
      const text = `{"app":"${app}","user":{"id":7},"tags":["a",1.5]}`;
      expect(shown()).toEqual([text]);
      const tx = await session.beginTransaction({ metadata: { app: 'x'.repeat(5_000) } });
      await tx.run('CREATE (:WithMetadata)');
      await tx.commit();
      // Of the beginning, the query and the commit.
      const long = `{"app":"${'x'.repeat(992)}…`;
      expect(shown()).toEqual([text, long, long, long]);
      await session.close();
    });

    test('two that want the same nodes in another order both succeed: the one that lost is run again', async () => {
      await driver.executeQuery('CREATE (:Fought {id: 1, n: 0}), (:Fought {id: 2, n: 0})');
      let runs = 0;
      const fight = async (order: readonly number[]): Promise<void> => {
        const session = driver.session();
        await session.executeWrite(async (tx) => {
          runs += 1;
          for (const id of order) {
            await tx.run('MATCH (n:Fought {id: $id}) SET n.n = n.n + 1', { id: int(id) });
            await new Promise((resolve) => setTimeout(resolve, 100));
          }
        });
        await session.close();
      };
      await Promise.all([fight([1, 2]), fight([2, 1])]);
      const { records } = await driver.executeQuery('MATCH (n:Fought) RETURN n.n AS n');
      expect(records.map((record) => record.get('n').toNumber())).toEqual([2, 2]);
      expect(runs).toBeGreaterThanOrEqual(2);
    });
  });

  describe(`${name}: results`, () => {
    test('stream with a small fetch size', async () => {
      const session = driver.session({ fetchSize: 7 });
      const seen: number[] = [];
      for await (const record of session.run('UNWIND range(1, 100) AS i RETURN i'))
        seen.push(record.get('i').toNumber());
      expect(seen).toEqual(Array.from({ length: 100 }, (_, index) => index + 1));
      await session.close();
    });

    test('a session is closed in the midst of a stream', async () => {
      const session = driver.session({ fetchSize: 10 });
      for await (const record of session.run('UNWIND range(1, 1000000) AS i RETURN i')) {
        if (record.get('i').toNumber() === 25) break;
      }
      await session.close();
      await expect.poll(() => server.store.opened[0]?.counts.poolInUse).toBe(0);
    });

    test('a transaction is rolled back in the midst of a stream', async () => {
      const session = driver.session({ fetchSize: 10 });
      const tx = await session.beginTransaction();
      for await (const record of tx.run('UNWIND range(1, 1000000) AS i RETURN i')) {
        if (record.get('i').toNumber() === 15) break;
      }
      await tx.rollback();
      expect((await session.run('RETURN 1 AS one')).records).toHaveLength(1);
      await session.close();
      expect(server.store.opened[0]?.counts.transactionsOpen).toBe(0);
    });

    test('a summary without the records passes over what is left', async () => {
      const session = driver.session({ fetchSize: 10 });
      const result = session.run('UNWIND range(1, 100000) AS i RETURN i');
      expect(await result.keys()).toEqual(['i']);
      const summary = await result.summary();
      expect(summary.queryType).toBe('r');
      await session.close();
    });

    test('summaries count what was done', async () => {
      const { summary } = await driver.executeQuery(
        'CREATE (a:S1:S2 {x: 1, y: 2})-[:R {z: 3}]->(b:S1) SET b.x = 5, b:S3 REMOVE a:S2 RETURN a',
      );
      expect(summary.counters.updates()).toMatchObject({
        nodesCreated: 2,
        relationshipsCreated: 1,
        propertiesSet: 4,
        labelsAdded: 4,
        labelsRemoved: 1,
      });
      expect([summary.counters.containsUpdates(), summary.queryType]).toEqual([true, 'rw']);
      const gone = await driver.executeQuery('MATCH (n:S1) DETACH DELETE n');
      expect(gone.summary.counters.updates()).toMatchObject({ nodesDeleted: 2, relationshipsDeleted: 1 });
      expect(gone.summary.queryType).toBe('w');
      const read = await driver.executeQuery('RETURN 1');
      expect([read.summary.counters.containsUpdates(), read.summary.queryType]).toEqual([false, 'r']);
      expect(read.summary.database.name).toBe('default');
    });

    test('commands on the schema are counted', async () => {
      const made = await driver.executeQuery('CREATE INDEX by_name FOR (n:Indexed) ON (n.name)');
      expect(made.summary.counters.updates()).toMatchObject({ indexesAdded: 1 });
      expect(made.summary.queryType).toBe('s');
      const dropped = await driver.executeQuery('DROP INDEX by_name');
      expect(dropped.summary.counters.updates()).toMatchObject({ indexesRemoved: 1 });
      const unique = await driver.executeQuery(
        'CREATE CONSTRAINT one_key FOR (n:Keyed) REQUIRE n.key IS UNIQUE',
      );
      expect(unique.summary.counters.updates()).toMatchObject({ constraintsAdded: 1 });
      await driver.executeQuery('DROP CONSTRAINT one_key');
    });

    test('EXPLAIN has a plan and no records, PROFILE has both', async () => {
      const explained = await driver.executeQuery('EXPLAIN MATCH (n:Managed) RETURN n.x AS x');
      expect(explained.records).toEqual([]);
      expect(explained.summary.plan && typeof explained.summary.plan.operatorType).toBe('string');
      expect(explained.summary.hasProfile()).toBe(false);
      const profiled = await driver.executeQuery('PROFILE UNWIND [1, 2, 3] AS i RETURN i');
      expect(profiled.records.map((record) => record.get('i').toNumber())).toEqual([1, 2, 3]);
      const { profile } = profiled.summary;
      expect(profile && Number(profile.rows)).toBe(3);
    });
  });

  describe(`${name}: errors`, () => {
    test.each([
      ['RETURN 1 +', 'Neo.ClientError.Statement.SyntaxError'],
      ['RETURN nothing', 'Neo.ClientError.Statement.SyntaxError'],
      ['RETURN $missing', 'Neo.ClientError.Statement.ParameterMissing'],
      ['RETURN 1 + true - {a: 1}', 'Neo.ClientError.Statement.SyntaxError'],
      ['WITH [1] AS list RETURN list.key', 'Neo.ClientError.Statement.TypeError'],
      ['RETURN 1 / 0', 'Neo.ClientError.Statement.ArithmeticError'],
      ['CALL no.such.procedure()', 'Neo.ClientError.Procedure.ProcedureNotFound'],
      ["RETURN date('2024-13-01')", 'Neo.ClientError.Statement.ArgumentError'],
      ['DROP INDEX there_is_none', 'Neo.ClientError.Schema.IndexNotFound'],
    ])('%s', async (query, code) => {
      const error = await failureOf(driver.executeQuery(query));
      expect(error).toMatchObject({ code, retriable: false });
    });

    test('a constraint is violated', async () => {
      await driver.executeQuery('CREATE CONSTRAINT unique_a FOR (n:Unique) REQUIRE n.a IS UNIQUE');
      await driver.executeQuery('CREATE (:Unique {a: 1})');
      const error = await failureOf(driver.executeQuery('CREATE (:Unique {a: 1})'));
      expect(error.code).toBe('Neo.ClientError.Schema.ConstraintValidationFailed');
    });

    test('a database that does not exist, and system', async () => {
      const session = driver.session({ database: 'No-Such.Database!' });
      expect(await failureOf(session.run('RETURN 1'))).toMatchObject({
        code: 'Neo.ClientError.Database.DatabaseNotFound',
      });
      await session.close();
      const system = driver.session({ database: 'system' });
      expect((await failureOf(system.run('CREATE DATABASE x'))).message).toContain("no database 'system'");
      await system.close();
    });

    test('nobody is impersonated', async () => {
      const session = driver.session({ impersonatedUser: 'somebody' });
      const error = await failureOf(session.run('RETURN 1'));
      expect(error.message).toContain('imp_user');
      await session.close();
    });
  });

  describe(`${name}: databases, bookmarks, routing`, () => {
    test('the database neo4j is the default namespace, by whatever name it has', async () => {
      await driver.executeQuery('CREATE (:Home)');
      for (const database of ['neo4j', 'default', 'DEFAULT']) {
        const { records, summary } = await driver.executeQuery(
          'MATCH (n:Home) RETURN count(n) AS c',
          {},
          { database },
        );
        expect(records[0]?.get('c').toNumber()).toBe(1);
        expect(summary.database.name).toBe('default');
      }
    });

    test('a read with the bookmark of a write sees it', async () => {
      const [writer, bookmarks] = [driver.session(), [] as string[]];
      for (let index = 0; index < 5; index++) {
        await writer.executeWrite((tx) => tx.run('CREATE (:Marked)'));
        const last = writer.lastBookmarks();
        expect(last).toHaveLength(1);
        expect(last[0]).toMatch(/^facet:default:[0-9A-F]+\/[0-9A-F]+$/);
        bookmarks.push(...last);
      }
      expect(new Set(bookmarks).size).toBe(5);
      await writer.close();
      const reader = driver.session({ bookmarks, defaultAccessMode: neo4j.session.READ });
      expect(
        (await reader.run('MATCH (n:Marked) RETURN count(n) AS c')).records[0]?.get('c').toNumber(),
      ).toBe(5);
      await reader.close();
    });

    test('a bookmark of another server is refused', async () => {
      const session = driver.session({ bookmarks: ['FB:kcwQ1234'] });
      expect(await failureOf(session.run('RETURN 1'))).toMatchObject({
        code: 'Neo.ClientError.Transaction.InvalidBookmark',
      });
      await session.close();
    });

    test('a neo4j:// address is routed to this server', async () => {
      const routed = neo4j.driver(uri.replace('bolt:', 'neo4j:'), undefined, {
        maxTransactionRetryTime: RETRY_MS_MAX,
      });
      await routed.executeQuery('CREATE (:Routed)');
      const { records, summary } = await routed.executeQuery(
        'MATCH (n:Routed) RETURN count(n) AS c',
        {},
        {
          routing: neo4j.routing.READ,
        },
      );
      expect(records[0]?.get('c').toNumber()).toBe(1);
      expect(summary.server.address).toBe(server.running.boltAddress);
      expect((await routed.getServerInfo()).agent).toMatch(/^Neo4j\/5\.\d+\.\d+-facet-/);
      await routed.close();
    });
  });

  describe(`${name}: many`, () => {
    test('100 sessions at once', async () => {
      const work = Array.from({ length: 100 }, async (_, index) => {
        const session = driver.session();
        const read = await session.run('RETURN $index AS index', { index: int(index) });
        await session.executeWrite((tx) => tx.run('CREATE (:Crowd {index: $index})', { index: int(index) }));
        const seen = await session.executeRead((tx) =>
          tx.run('MATCH (n:Crowd {index: $index}) RETURN count(n) AS c', { index: int(index) }),
        );
        await session.close();
        return [read.records[0]?.get('index').toNumber(), seen.records[0]?.get('c').toNumber()];
      });
      expect(await Promise.all(work)).toEqual(Array.from({ length: 100 }, (_, index) => [index, 1]));
      expect(server.store.opened[0]?.counts.transactionsOpen).toBe(0);
    });
  });
}

interface DriverError extends Error {
  readonly code: string;
  readonly retriable: boolean;
}

async function failureOf(work: PromiseLike<unknown>): Promise<DriverError> {
  try {
    await work;
  } catch (thrown) {
    return thrown as DriverError;
  }
  throw new Error('it was to fail');
}
