/** A store whose PostgreSQL is a hot standby: it is read, says why it cannot be written, and waits for what was committed. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  clusterAwaitPosition,
  clusterNodes,
  graphDefine,
  graphIdentify,
  graphQuery,
  graphStream,
  journalDisable,
  journalEnable,
  journalExport,
  journalStatus,
  journalVerify,
  kvGet,
  kvSet,
  replicationStatus,
  snapshotRead,
  sqlQuery,
  transactionBegin,
  transactionCommit,
  transactionRollback,
  vectorSearch,
} from '../../src/models/index.ts';
import { adminOf, type Standby, startStandby, uriOf } from '../support/standby.ts';
import { type Model, openFileModel, openServerModel } from './call-operation.ts';
import { ADMIN } from './journal-support.ts';
import { createL2Index } from './vector-calls.ts';

let folder: string;
let primary: Model;
let server: Standby;
let standby: Model;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'facet-standby-'));
  primary = await openFileModel(join(folder, 'primary'));
  await primary.call(graphQuery, {
    query: "CREATE (:Person {name: 'Ann', age: 41})-[:KNOWS]->(:Person {name: 'Bob'})",
  });
  await primary.call(kvSet, { key: 'colour', valueJson: '"blue"' });
  await primary.call(sqlQuery, { sql: 'CREATE TABLE item (id bigint PRIMARY KEY, v VECTOR(2))' });
  await primary.call(sqlQuery, { sql: "INSERT INTO item VALUES (1, '{0,0}'), (2, '{3,4}')" });
  await createL2Index(primary, 'item');
  server = await startStandby(join(folder, 'primary'), join(folder, 'standby'));
  standby = await openServerModel(server.uri());
}, 60_000);
afterAll(async () => {
  await standby?.stop();
  await server?.stop();
  await primary?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Commits on the primary, and tells where. */
async function written(query: string): Promise<string> {
  const { txnId } = await primary.call(transactionBegin, {});
  await primary.call(graphQuery, { query }, { transactionId: txnId });
  const { position } = await primary.call(transactionCommit, { txnId, position: true });
  return position ?? '';
}

async function verdictOf(model: Model) {
  let result: unknown;
  for await (const step of (await model.call(journalVerify, {}, ADMIN)).steps) {
    if ('result' in step) ({ result } = step);
  }
  return result;
}

const NAMES = 'MATCH (p:Person) RETURN p.name AS name ORDER BY name';
const names = async (query = NAMES): Promise<readonly unknown[]> =>
  (await standby.call(graphQuery, { query })).rows.map(([name]) => name);

describe('a store on a standby', () => {
  it('says that it is one', async () => {
    expect([standby.store.facts.standby, primary.store.facts.standby ?? false]).toEqual([true, false]);
    expect((await standby.call(replicationStatus, {})).role).toBe('replica');
    expect((await standby.call(clusterNodes, {})).nodes[0]?.role).toBe('follower');
    expect((await primary.call(clusterNodes, {})).nodes).toHaveLength(2);
  });

  it('opens without a word of trouble, and makes nothing', () => {
    const warnings = standby.observations.filter(({ type }) => type === 'warning' || type === 'migration');
    expect(warnings).toEqual([]);
  });

  it('gives no numbers to labels, and tells those that there are', async () => {
    const asked = { labels: ['Person', 'Unheard'], types: ['KNOWS'] };
    const made = await standby.call(graphIdentify, asked);
    expect(made).toEqual(await standby.call(graphIdentify, asked));
    expect(Math.min(...made.labels, ...made.types)).toBeGreaterThan(2 ** 47);
    const given = await primary.call(graphIdentify, { labels: ['Person'], types: [] });
    expect(given.labels).toEqual([1]);
    const seen = async (): Promise<number | undefined> =>
      (await standby.call(graphIdentify, asked)).labels[0];
    await expect.poll(seen, { timeout: 10_000 }).toBe(1);
    const table = { statement: 'CREATE NODE TABLE T(id INT64 PRIMARY KEY)' };
    expect((await standby.fault(graphDefine, table)).code).toBe('READ_ONLY_TRANSACTION');
    expect((await standby.call(graphDefine, { statement: 'CALL show_tables() RETURN *' })).rows).toEqual([]);
  });

  it('is read by every model: rows, keys, the graph, vectors', async () => {
    expect(await names()).toEqual(['Ann', 'Bob']);
    expect(await names('MATCH (:Person {name: "Ann"})-[:KNOWS]->(p) RETURN p.name')).toEqual(['Bob']);
    const streamed = await standby.call(graphStream, { query: NAMES });
    const found: unknown[] = [];
    for await (const batch of streamed.batches) found.push(...batch.map(([name]) => name));
    expect(found).toEqual(['Ann', 'Bob']);
    expect((await standby.call(kvGet, { key: 'colour' })).valueJson).toBe('"blue"');
    const nearest = await standby.call(vectorSearch, {
      table: 'item',
      vectorColumn: 'v',
      queryVector: [3, 3],
      distanceMetric: 'l2',
      selectColumns: ['id'],
    });
    expect(nearest.rows.map(([id]) => Number(id))).toEqual([2, 1]);
  });

  it('is read in transactions', async () => {
    const { txnId } = await standby.call(transactionBegin, { isolationLevel: 'repeatable_read' });
    const inside = { transactionId: txnId };
    expect((await standby.call(graphQuery, { query: NAMES }, inside)).rows).toHaveLength(2);
    const { position } = await standby.call(transactionCommit, { txnId, position: true });
    expect(position).toMatch(/^[0-9A-F]+\/[0-9A-F]+$/);
    // What was read there was committed on the primary before.
    await primary.call(clusterAwaitPosition, { position });
  });

  it('refuses writes, and says why', async () => {
    const refusals = [
      await standby.fault(graphQuery, { query: "CREATE (:Person {name: 'Eve'})" }),
      await standby.fault(graphQuery, { query: 'CREATE INDEX p FOR (p:Person) ON (p.name)' }),
      await standby.fault(kvSet, { key: 'colour', valueJson: '"red"' }),
      await standby.fault(sqlQuery, { sql: 'INSERT INTO item VALUES (3, NULL)' }),
      await standby.fault(sqlQuery, { sql: 'CREATE TABLE other (id int)' }),
    ];
    for (const { code, message, hint } of refusals) {
      expect([code, message, hint]).toEqual([
        'READ_ONLY_TRANSACTION',
        expect.stringContaining('PostgreSQL is a standby here'),
        expect.stringContaining('primary'),
      ]);
    }
    const { txnId } = await standby.call(transactionBegin, {});
    const inside = { transactionId: txnId };
    const error = await standby.fault(graphQuery, { query: 'MATCH (p) SET p.x = 1' }, inside);
    expect(error.message).toContain('standby');
    await standby.call(transactionRollback, { txnId });
  });

  it('has the namespaces that the primary has made, and as this version made them', async () => {
    const home = join(folder, 'primary');
    const made = await openServerModel(await uriOf(home, 'postgres'));
    const reading = await openServerModel(server.uri('postgres'));
    const opening = (name: string): Promise<unknown> =>
      reading.store.namespace(name).then(
        ({ namespace }) => namespace,
        (error: unknown) => error,
      );
    const soon = { timeout: 10_000 };
    try {
      expect(await opening('other')).toMatchObject({ code: 'DATABASE_NOT_FOUND' });
      await made.store.namespace('other');
      await expect.poll(() => opening('other'), soon).toBe('other');
      // As if a release before had made it.
      await adminOf(home, 'CREATE DATABASE facet_older TEMPLATE template0');
      const outdated = { code: 'STORE_UNUSABLE', hint: expect.stringContaining('primary') };
      await expect.poll(() => opening('older'), soon).toMatchObject(outdated);
    } finally {
      await reading.stop();
      await made.stop();
    }
  });

  it('has its graph copied, its journal read and verified', async () => {
    await primary.call(journalEnable, {}, ADMIN);
    await standby.call(clusterAwaitPosition, { position: await written('CREATE (:Journaled)') });
    const { chunks } = await standby.call(journalExport, {}, ADMIN);
    const { pieces } = await standby.call(snapshotRead, {}, ADMIN);
    for (const bytes of [chunks, pieces])
      for await (const piece of bytes) expect(piece).toBeInstanceOf(Uint8Array);
    expect(await verdictOf(standby)).toMatchObject({ sound: true, head: { sequence: 2 } });
    expect((await standby.fault(journalDisable, {}, ADMIN)).code).toBe('READ_ONLY_TRANSACTION');
  });

  it('has no changes to follow', async () => {
    const database = await standby.store.namespace('default');
    const error = await database.changes
      .open({ from: undefined, whenSlow: 'wait' })
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'CHANGES_UNAVAILABLE' });
    expect(await standby.store.followed()).toEqual([]);
  });
});

describe('waiting for a position', () => {
  it('sees what was committed there', async () => {
    for (let n = 0; n < 20; n++) {
      const position = await written(`CREATE (:Bird {n: ${n}})`);
      expect(await standby.call(clusterAwaitPosition, { position })).toEqual({ position });
      expect(await names('MATCH (b:Bird) RETURN max(b.n)')).toEqual([BigInt(n)]);
    }
  });

  it('waits for as long as it is told, and says how far the standby is', async () => {
    await server.admin('SELECT pg_wal_replay_pause()');
    try {
      await expect
        .poll(async () => (await server.admin('SELECT pg_get_wal_replay_pause_state()'))[0]?.[0])
        .toBe('paused');
      const position = await written('CREATE (:Late)');
      for (const timeoutMs of [0, 150]) {
        const error = await standby.fault(clusterAwaitPosition, { position, timeoutMs });
        expect([error.code, error.retryable]).toEqual(['POSITION_NOT_REACHED', true]);
        expect(error.message).toContain(position);
      }
      const abort = new AbortController();
      const waiting = standby.fault(clusterAwaitPosition, { position }, { signal: abort.signal });
      const arriving = Promise.all(
        Array.from({ length: 50 }, () => standby.call(clusterAwaitPosition, { position, timeoutMs: 20_000 })),
      );
      await sleep(50);
      abort.abort();
      expect((await waiting).code).toBe('QUERY_CANCELLED');
      expect(await names('MATCH (l:Late) RETURN count(l)')).toEqual([0n]);
      await server.admin('SELECT pg_wal_replay_resume()');
      expect(await arriving).toHaveLength(50);
      expect(await names('MATCH (l:Late) RETURN count(l)')).toEqual([1n]);
    } finally {
      await server.admin('SELECT pg_wal_replay_resume()');
    }
  });

  it('is over at once on a primary, and refuses what is no position', async () => {
    const position = 'FFFFFFFF/FFFFFFF0';
    expect(await primary.call(clusterAwaitPosition, { position })).toEqual({ position });
    for (const wrong of ['', 'x', '0/', '1/123456789']) {
      expect((await standby.fault(clusterAwaitPosition, { position: wrong })).code).toBe('INVALID_PARAMETER');
    }
  });
});

it('one that is promoted is written, too', async () => {
  const { sequence } = (await standby.call(journalStatus, {})).head;
  await server.admin('SELECT pg_promote(true)');
  await standby.call(graphQuery, { query: "CREATE (:Person {name: 'Eve'})" });
  expect(await names()).toEqual(['Ann', 'Bob', 'Eve']);
  expect((await standby.call(replicationStatus, {})).role).toBe('master');
  expect(await standby.call(clusterAwaitPosition, { position: '0/FFFFFFF0' })).toEqual({
    position: '0/FFFFFFF0',
  });
  // Its journal goes on behind what the primary had.
  expect(await verdictOf(standby)).toMatchObject({ sound: true, head: { sequence: sequence + 1 } });
});
