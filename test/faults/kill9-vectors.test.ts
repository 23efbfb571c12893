/** kill -9 while an index on vectors is being built or saved: the next start searches rightly at once, and has the index again. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type FacetServer, startFacet } from '../support/facet-process.ts';

const ROWS = 12_000;
let directory: string;
let server: FacetServer;
const start = () => startFacet(['--store', `file://${directory}/data`], { directory });
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'facet-vectors-'));
  server = await start();
}, 60_000);
afterAll(async () => {
  await server.stop();
  await rm(directory, { recursive: true, force: true });
}, 60_000);

async function post(path: string, body: unknown): Promise<{ status: number; json: Record<string, never> }> {
  const response = await fetch(`${server.url}/api/v1${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: response.status, json: (await response.json()) as Record<string, never> };
}

/** The vector of row 77 is (77, 1, 77, 1 …), so its own direction finds it. */
const query = Array.from({ length: 64 }, (_, at) => (at % 2 === 0 ? 77 : 1));
const search = async () => {
  const { json } = await post('/vector-search', {
    table: 'item',
    vector_column: 'v',
    query_vector: query,
    distance_metric: 'l2',
    select_columns: ['id'],
    top_k: 3,
  });
  return json as unknown as { results: { id: number }[]; plan: { strategy: string; index: string | null } };
};
const near = [77, 76, 78];

test('what is found is right before, at once after, and with the index that is built again', async () => {
  await post('/query', { sql: 'CREATE TABLE item (id int PRIMARY KEY, v VECTOR(64))' });
  const rows = `INSERT INTO item SELECT n, (SELECT array_agg(CASE WHEN at % 2 = 0 THEN n ELSE 1 END)
    FROM generate_series(0, 63) at) FROM generate_series(1, ${ROWS}) n`;
  expect((await post('/query', { sql: rows })).status).toBe(200);
  const options = { distance_metric: 'l2' };
  const building = post('/indexes', { name: 'item_v', table: 'item', columns: ['v'], type: 'hnsw', options });
  building.catch(() => undefined);
  await sleep(600);
  server.kill('SIGKILL');
  await server.exited;
  await building.catch(() => undefined);
  server = await start();
  const first = await search();
  expect(first.results.map(({ id }) => id).sort()).toEqual([...near].sort());
  await expect
    .poll(async () => (await search()).plan, { timeout: 60_000, interval: 200 })
    .toMatchObject({
      strategy: 'index',
      index: 'item_v',
    });
  expect((await search()).results[0]?.id).toBe(77);
  await post('/query', { sql: 'DELETE FROM item WHERE id = 77' });
  expect((await search()).results.map(({ id }) => id)).not.toContain(77);
}, 120_000);

/** Times that the server is killed while the index is written all the time. */
const KILLS = Number(process.env.FACET_FAULT_ROUNDS ?? 2);

/** Made with `rows` rows and an index, `<table>_v`; `vector` is that of row n. */
async function makeTable(table: string, rows: number, vector: string): Promise<void> {
  await post('/query', { sql: `CREATE TABLE ${table} (id int PRIMARY KEY, v VECTOR(3))` });
  const sql = `INSERT INTO ${table} SELECT n, ${vector} FROM generate_series(1, ${rows}) n`;
  expect((await post('/query', { sql })).status).toBe(200);
  const index = { name: `${table}_v`, table, columns: ['v'], type: 'hnsw' };
  const made = await post('/indexes', { ...index, options: { distance_metric: 'l2' } });
  expect(made.status).toBeLessThan(300);
}

async function listed(table: string): Promise<{ status?: string; detail?: string } | undefined> {
  const response = await fetch(`${server.url}/api/v1/indexes?table=${table}`);
  const body = (await response.json()) as { indexes: { name: string; status?: string; detail?: string }[] };
  return body.indexes.find(({ name }) => name === `${table}_v`);
}

/** Files of all indexes. */
const saved = async () =>
  (await readdir(join(directory, 'data', 'vectors', 'facet')).catch(() => []))
    .filter((name) => !name.endsWith('.draft'))
    .sort();

/** What the manifest says, of one index: files without one are of a save that has not ended. */
async function published(): Promise<string | undefined> {
  const manifest = (await saved()).find((name) => name.endsWith('.manifest'));
  return manifest === undefined
    ? undefined
    : await readFile(join(directory, 'data', 'vectors', 'facet', manifest), 'utf8').catch(() => undefined);
}

/** The search gives what PostgreSQL gives that measures everything; of rows that are equally near it may take any. */
async function expectSame(table: string, to: readonly number[]): Promise<void> {
  const vector = `{${to.join(',')}}`;
  const sql = `SELECT id, vector.l2_distance(v, $1) FROM ${table} ORDER BY 2 LIMIT 50`;
  const { rows } = (await post('/query', { sql, params: [vector] })).json as unknown as {
    rows: [number, number][];
  };
  const { results } = (
    await post('/vector-search', {
      ...{ table, vector_column: 'v', query_vector: to, distance_metric: 'l2' },
      ...{ select_columns: ['id'], top_k: 5 },
    })
  ).json as unknown as { results: { id: number; distance: number }[] };
  const rounded = (distance: number | undefined) => distance?.toFixed(5);
  const nearest = new Map(rows.map(([id, distance]) => [id, rounded(distance)]));
  expect(results.map(({ distance }) => rounded(distance))).toEqual([...nearest.values()].slice(0, 5));
  expect(results.map(({ id }) => nearest.get(id))).toEqual([...nearest.values()].slice(0, 5));
}

test('a server that is killed while it saves is right after each start', async () => {
  await makeTable('live', 2_000, 'ARRAY[n, n % 13, 0.5]');
  let read = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    const before = await saved();
    let alive = true;
    const writing = (async () => {
      for (let turn = 1; alive; turn++) {
        const sql = `UPDATE live SET v = ARRAY[id + ${turn} % 10 * 0.01, id % 13, 0.5] WHERE id % 8 = ${turn % 8}`;
        await post('/query', { sql }).catch(() => undefined);
        await sleep(300);
      }
    })();
    // Once it has saved in this life; the moment within the next save is another one each time.
    await expect.poll(saved, { timeout: 30_000, interval: 50 }).not.toEqual(before);
    await sleep(500 + kill * 173);
    server.kill('SIGKILL');
    await server.exited;
    alive = false;
    await writing;
    server = await start();
    for (const n of [5, 999, 1_801]) await expectSame('live', [n + 0.3, n % 13, 0.5]);
    await expect
      .poll(() => listed('live'), { timeout: 30_000, interval: 100 })
      .toMatchObject({ status: 'ready' });
    if ((await listed('live'))?.detail === 'read from its files') read++;
    for (const n of [5, 999, 1_801]) await expectSame('live', [n + 0.3, n % 13, 0.5]);
  }
  expect(read).toBeGreaterThan(0);
  // What was left half written is gone: a manifest and three files.
  await expect
    .poll(async () => (await saved()).length % 4, {
      timeout: 10_000,
    })
    .toBe(0);
}, 300_000);

const sines = (n: number | string): string => `ARRAY[sin(${n}), sin(${n} * 1.7), sin(${n} * 0.37)]`;

test('an index that is written without a pause is saved, and read from its files', async () => {
  // Files are then those of one index.
  await post('/query', { sql: 'DROP TABLE item, live' });
  await expect.poll(saved, { timeout: 10_000 }).toEqual([]);
  await makeTable('busy', 3_000, sines('n'));
  let id = 3_000;
  for (let kill = 0; kill < KILLS; kill++) {
    const before = await published();
    let alive = true;
    const write = async (text: () => string) => {
      while (alive) await post('/query', { sql: text() }).catch(() => undefined);
    };
    const writing = Promise.all([
      write(() => `INSERT INTO busy VALUES (${++id}, ${sines(id)})`),
      write(() => `INSERT INTO busy VALUES (${++id}, ${sines(id)})`),
      write(() => `UPDATE busy SET v = ${sines(`(id + ${id} + 0.5)`)} WHERE id = ${1 + (id % 3_000)}`),
    ]);
    // Twice: at least one of them was begun and ended among writes.
    for (let time = 0, last = before; time < 2; time++, last = await published()) {
      await expect.poll(published, { timeout: 30_000, interval: 50 }).not.toEqual(last);
    }
    await sleep(kill * 173);
    server.kill('SIGKILL');
    await server.exited;
    alive = false;
    await writing;
    server = await start();
    const places = [5, 1_999, id - 50].map((n) => [1, 1.7, 0.37].map((by) => Math.sin(n * by) + 0.01));
    for (const to of places) await expectSame('busy', to);
    await expect
      .poll(() => listed('busy'), { timeout: 30_000, interval: 100 })
      .toMatchObject({ status: 'ready' });
    // How it came to be so is in the log.
    expect(await listed('busy'), server.log()).toMatchObject({ detail: 'read from its files' });
    for (const to of places) await expectSame('busy', to);
  }
}, 300_000);
