/** Restore points over all models: what was there comes back, byte for byte, and what each model keeps in memory is gone. */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { FacetError, Principal } from '../../src/base/index.ts';
import { lsnText } from '../../src/engine/index.ts';
import {
  changesFollow,
  checkpointCreate,
  checkpointDelete,
  checkpointList,
  checkpointRollback,
  collectionGet,
  embeddingBuildIndex,
  embeddingDelete,
  embeddingSearch,
  embeddingStore,
  graphQuery,
  kvGet,
  kvSet,
  kvWatch,
  queueConsume,
  queueCreate,
  queuePublish,
  sqlCreateIndex,
  sqlExecute,
  sqlPrepare,
  sqlQuery,
  streamHistory,
  streamPublish,
  subscriptionAttach,
  subscriptionCreate,
  transactionBegin,
  transactionCommit,
  vaultGet,
  vaultKey,
  vaultSet,
  vectorSearch,
} from '../../src/models/index.ts';
import { type CallOptions, type Model, openEmbeddedModel } from './call-operation.ts';
import { collect } from './live-support.ts';

const ADMIN: CallOptions = { principal: { name: 'root', role: 'admin' } satisfies Principal };
const WITH_VAULT: CallOptions = { server: { vaultKeys: [vaultKey(randomBytes(32))] } };

let model: Model;
const sql = async (text: string) => model.call(sqlQuery, { sql: text });
const rowsOf = async (text: string) => (await sql(text)).rows;
const rollBack = (checkpoint: string) => model.call(checkpointRollback, { checkpoint }, ADMIN);
const graph = async (query: string) => (await model.call(graphQuery, { query })).rows;

/** Of every table but those of the engine itself, a hash of all rows. */
async function everything(): Promise<Record<string, string>> {
  const tables = await rowsOf(`SELECT n.nspname || '.' || c.relname, format('%I.%I', n.nspname, c.relname)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_temp'`);
  const found: Record<string, string> = {};
  for (const [name, quoted] of tables) {
    const [[hash] = []] = await rowsOf(
      `SELECT count(*) || ' ' || coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '') FROM ${quoted} t`,
    );
    found[String(name)] = String(hash);
  }
  return found;
}

const nearest = async () => {
  const input = {
    table: 'doc',
    vectorColumn: 'v',
    queryVector: [5, 0],
    topK: 1,
    distanceMetric: 'l2',
    selectColumns: ['id'],
  };
  const { rows, plan } = await model.call(vectorSearch, input);
  return { id: rows[0], index: plan.index };
};

beforeAll(async () => {
  model = await openEmbeddedModel();
  await sql('CREATE TABLE item (id int PRIMARY KEY, word text)');
  await sql("INSERT INTO item VALUES (1, 'old')");
  await sql('CREATE TABLE doc (id int PRIMARY KEY, v VECTOR(2))');
  await sql('INSERT INTO doc SELECT n, ARRAY[n, 0]::real[] FROM generate_series(1, 20) n');
  const options = { distance_metric: 'l2' };
  await model.call(sqlCreateIndex, { name: 'doc_v', table: 'doc', columns: ['v'], type: 'hnsw', options });
  await graph("CREATE (a:Person {name: 'Ann'})-[:KNOWS]->(b:Person {name: 'Bob'})");
  await model.call(kvSet, { key: 'k', valueJson: '"old"' });
  await model.call(queueCreate, { queue: 'q' });
  await model.call(queuePublish, { queue: 'q', messageJson: '"old"' });
  await model.call(streamPublish, { room: 'r', eventType: 'e', dataJson: '"old"', createRoom: true });
  await model.call(vaultSet, { name: 's', value: 'old' }, WITH_VAULT);
}, 60_000);
afterEach(async () => {
  for (const { id } of (await model.call(checkpointList, {})).checkpoints) {
    await model.call(checkpointDelete, { checkpoint: id }, ADMIN);
  }
});
afterAll(() => model.stop());

async function changeEverything(): Promise<void> {
  await sql("UPDATE item SET word = 'new'");
  await sql('DELETE FROM doc WHERE id BETWEEN 3 AND 7');
  await graph(
    "MATCH (a:Person {name: 'Ann'}) SET a.name = 'Eve' CREATE (a)-[:KNOWS]->(:Person {name: 'Dan'})",
  );
  await model.call(kvSet, { key: 'k', valueJson: '"new"' });
  await model.call(queueConsume, { queue: 'q', consumerId: 'c' });
  await model.call(queuePublish, { queue: 'q', messageJson: '"new"' });
  await model.call(streamPublish, { room: 'r', eventType: 'e', dataJson: '"new"' });
  await model.call(vaultSet, { name: 's', value: 'new' }, WITH_VAULT);
}

it('gives every model what it had, and each of them goes on from there', async () => {
  await expect.poll(async () => (await nearest()).index, { timeout: 20_000 }).toBe('doc_v');
  const found = await nearest();
  await graph("MATCH (a:Person {name: 'Ann'}) SET a.seen = true");
  const before = await everything();
  expect(Object.keys(before).length).toBeGreaterThan(15);
  const made = await model.call(checkpointCreate, { name: 'all' });
  expect(await everything(), 'a restore point changes nothing').toEqual(before);
  await changeEverything();
  expect((await nearest()).id).not.toEqual(found.id);
  expect((await everything())['public.item']).not.toBe(before['public.item']);
  expect(await rollBack('all')).toMatchObject({ id: made.id, name: 'all' });
  expect(await everything()).toEqual(before);

  expect((await nearest()).id).toEqual(found.id);
  expect(Number((await graph('MATCH (p:Person) RETURN count(*) AS n'))[0]?.[0])).toBe(2);
  expect((await model.call(kvGet, { key: 'k' })).valueJson).toBe('"old"');
  expect((await model.call(vaultGet, { name: 's' }, WITH_VAULT)).value).toBe('old');
  const { messages } = await model.call(queueConsume, { queue: 'q', consumerId: 'c' });
  expect(messages.map(({ messageJson }) => messageJson)).toEqual(['"old"']);
  const { events } = await model.call(streamHistory, { room: 'r' });
  expect(events).toHaveLength(1);
  await changeEverything();
  expect(await rowsOf('SELECT word FROM item')).toEqual([['new']]);
  await expect.poll(async () => (await nearest()).index, { timeout: 20_000 }).toBe('doc_v');
  expect((await nearest()).id, 'the index is of the new history').not.toEqual(found.id);
  await rollBack(made.id);
}, 60_000);

it('gives sequences, identity columns and collections what they had, and what is made anew fits', async () => {
  await sql('CREATE TABLE counted (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, n serial, word text)');
  await sql("INSERT INTO counted (word) VALUES ('a'), ('b')");
  const store = (collection: string, points: { key: string; vector: number[] }[]) =>
    model.call(embeddingStore, { collection, points });
  const search = async (collection: string, vector: number[]) =>
    (await model.call(embeddingSearch, { collection, vector, limit: 3 })).items.map(({ key }) => key);
  const points = Array.from({ length: 30 }, (_, n) => ({ key: `k${n}`, vector: [n, 10] }));
  await store('places', points);
  await model.call(embeddingBuildIndex, { collection: 'places' });
  expect(await search('places', [0, 1])).toEqual(['k0', 'k1', 'k2']);
  await model.call(checkpointCreate, { name: 'counted' });

  await sql("INSERT INTO counted (word) VALUES ('c'), ('d'), ('e')");
  await sql('CREATE TABLE later (id int)');
  await store('places', [{ key: 'best', vector: [0, 1] }]);
  await model.call(embeddingDelete, { collection: 'places', keys: ['k0', 'k1'] });
  expect(await search('places', [0, 1])).toEqual(['best', 'k2', 'k3']);
  await store('new', [{ key: 'x', vector: [1, 2, 3] }]);
  await rollBack('counted');

  expect(await search('places', [0, 1]), 'while the index is built again').toEqual(['k0', 'k1', 'k2']);
  await model.call(embeddingBuildIndex, { collection: 'places' });
  const answer = await model.call(embeddingSearch, { collection: 'places', vector: [0, 1], limit: 3 });
  expect(
    answer.items.map(({ key }) => key),
    'by the index',
  ).toEqual(['k0', 'k1', 'k2']);
  expect(answer.plan.index).not.toBeNull();
  expect((await model.call(collectionGet, { name: 'places' })).points).toBe(30);
  // A collection of another length, under the name of one that never was.
  await store('new', [{ key: 'y', vector: [1, 0] }]);
  expect(await search('new', [1, 0])).toEqual(['y']);
  expect(await rowsOf("SELECT to_regclass('later')")).toEqual([[null]]);
  expect(await rowsOf("INSERT INTO counted (word) VALUES ('f') RETURNING id, n")).toEqual([['3', '3']]);
  await sql('DROP TABLE counted');
}, 60_000);

it('lets many write in several models meanwhile: all of a write is there or none, and what came after stays', async () => {
  await sql('CREATE TABLE written (id int PRIMARY KEY)');
  await model.call(checkpointCreate, { name: 'empty' });
  let next = 0;
  let going = true;
  let isOver = false;
  const after: number[] = [];
  const write = async (): Promise<void> => {
    const id = next++;
    const begunAfter = isOver;
    try {
      const { txnId } = await model.call(transactionBegin, {});
      const inside = { transactionId: txnId };
      await model.call(sqlQuery, { sql: `INSERT INTO written VALUES (${id})` }, inside);
      await model.call(kvSet, { key: `written:${id}`, valueJson: 'true' }, inside);
      await model.call(graphQuery, { query: `CREATE (:Written {id: ${id}})` }, inside);
      await model.call(transactionCommit, { txnId });
    } catch (thrown) {
      // Broken off by the rollback: the transaction is gone with the namespace that it was in.
      expect(['TRANSACTION_NOT_FOUND', 'UNAVAILABLE', 'TRANSACTION_ABORTED', 'QUERY_CANCELLED']).toContain(
        (thrown as FacetError).code,
      );
      return;
    }
    if (begunAfter) after.push(id);
  };
  const writers = Array.from({ length: 4 }, async () => {
    while (going) await write();
  });
  await expect.poll(() => next, { timeout: 20_000 }).toBeGreaterThan(40);
  await rollBack('empty');
  isOver = true;
  await expect.poll(() => after.length, { timeout: 20_000 }).toBeGreaterThan(20);
  going = false;
  await Promise.all(writers);
  const there = (await rowsOf('SELECT id FROM written ORDER BY id')).map(([id]) => Number(id));
  expect(there).toEqual(expect.arrayContaining(after));
  // What was acknowledged before is not among them, but for what committed while the answer was on its way.
  expect(there.length).toBeLessThan(next - 20);
  const keys = await rowsOf("SELECT substr(key, 9) FROM kv.entry WHERE key LIKE 'written:%'");
  expect(keys.map(([id]) => Number(id)).sort((a, b) => a - b)).toEqual(there);
  const nodes = await graph('MATCH (n:Written) RETURN n.id AS id ORDER BY id');
  expect(nodes.map(([id]) => Number(id))).toEqual(there);
  await sql('DROP TABLE written');
}, 60_000);

it('ends those who follow, who are told that their position is gone', async () => {
  await model.call(checkpointCreate, { name: 'p' });
  const follow = async (input: object = {}) => {
    const { feed, ...rest } = await model.call(changesFollow, { table: 'item', ...input });
    return { ...rest, feed, got: collect(feed) };
  };
  const followed = await follow();
  const watched = await model.call(kvWatch, { keys: ['k'] });
  collect(watched.feed);
  await sql("UPDATE item SET word = 'followed'");
  await expect.poll(() => followed.got.length, { timeout: 10_000 }).toBe(1);
  const fromLsn = lsnText(await (await model.store.namespace('default')).changes.now());
  const { id } = await model.call(subscriptionCreate, {
    name: 'durable',
    table: 'item',
    events: ['update'],
    delivery: 'grpc_stream',
  });
  await model.call(checkpointCreate, { name: 'with subscription' });
  await expect.poll(() => followed.feed.ended, { timeout: 10_000 }).toBeDefined();
  await expect.poll(() => watched.feed.ended, { timeout: 10_000 }).toBeDefined();
  expect(followed.feed.ended?.reason.code).toBe('UNAVAILABLE');
  const attach = async () => {
    const result = await model.call(subscriptionAttach, { subscriptionId: id });
    return { ...result, got: collect(result.feed) };
  };
  const attached = await attach();
  await sql("UPDATE item SET word = 'after the restore point'");
  await expect.poll(() => attached.got.length, { timeout: 10_000 }).toBe(1);

  await rollBack('with subscription');
  expect(attached.feed.ended).toBeDefined();
  const resumed = await model.fault(changesFollow, { table: 'item', fromLsn });
  expect(resumed.code).toBe('LSN_NOT_AVAILABLE');
  expect((await model.fault(subscriptionAttach, { subscriptionId: id })).code).toBe('LSN_NOT_AVAILABLE');
  const anew = await follow();
  await sql("UPDATE item SET word = 'anew'");
  await expect.poll(() => anew.got.length, { timeout: 10_000 }).toBe(1);
  await rollBack('p');
  for (const checkpoint of ['p', 'with subscription'])
    await model.call(checkpointDelete, { checkpoint }, ADMIN);
}, 60_000);

it('ends transactions, keeps prepared statements, and ends a wait for a message', async () => {
  await model.call(queueCreate, { queue: 'empty' });
  await model.call(checkpointCreate, { name: 'p' });
  await model.call(sqlPrepare, { name: 'words', sql: 'SELECT word FROM item' });
  const { txnId } = await model.call(transactionBegin, {});
  await model.call(sqlQuery, { sql: "UPDATE item SET word = 'in it'" }, { transactionId: txnId });
  const waiting = model.fault(queueConsume, { queue: 'empty', consumerId: 'w', timeoutMs: 20_000 });
  await sleep(50);
  await rollBack('p');
  const ended = await model.fault(transactionCommit, { txnId });
  expect([ended.code, ended.detail]).toEqual(['TRANSACTION_NOT_FOUND', 'rolled back: namespace rolled back']);
  expect((await waiting).code).toBe('UNAVAILABLE');
  expect((await model.call(sqlExecute, { name: 'words', params: [] })).rows).toEqual([['old']]);
}, 60_000);

it('lists what there is, refuses bad names and transactions, and says what is not there', async () => {
  const first = await model.call(checkpointCreate, {});
  expect(first.name).toBe(first.id);
  await model.call(checkpointCreate, { name: 'ünï' });
  const { checkpoints, totalBytes } = await model.call(checkpointList, {});
  expect(checkpoints.map(({ name }) => name)).toEqual(['ünï', first.id]);
  expect(totalBytes).toBe(checkpoints.reduce((sum, { bytes }) => sum + bytes, 0));
  expect((await model.call(checkpointList, { limit: 1 })).checkpoints).toHaveLength(1);
  for (const name of ['x'.repeat(129), 'a\0b', '\ud800', 'rp_0123456789ab']) {
    expect((await model.fault(checkpointCreate, { name })).code).toBe('INVALID_PARAMETER');
  }
  expect((await model.fault(checkpointCreate, { name: 'ünï' })).code).toBe('RESTORE_POINT_EXISTS');
  const missing = { checkpoint: 'nowhere' };
  expect((await model.fault(checkpointRollback, missing, ADMIN)).code).toBe('RESTORE_POINT_NOT_FOUND');
  expect((await model.fault(checkpointDelete, missing, ADMIN)).code).toBe('RESTORE_POINT_NOT_FOUND');
  const { txnId } = await model.call(transactionBegin, {});
  const inside = await model.fault(checkpointCreate, { name: 'in' }, { transactionId: txnId });
  expect(inside.code).toBe('INVALID_TRANSACTION_STATE');
}, 60_000);
