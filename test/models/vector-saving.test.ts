/** Indexes on vectors over the end of the store: they are read from their files, or made anew when those are of no use. */
import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import {
  SavedVectorIndexes,
  sqlDescribeTable,
  sqlDropIndex,
  sqlListIndexes,
  sqlQuery,
} from '../../src/models/index.ts';
import { type Model, openFileModel } from './call-operation.ts';
import { createL2Index, searchL2 } from './vector-calls.ts';

const ROWS = 1_500;
let folder: string;
let model: Model;
let opening: SavedVectorIndexes;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'facet-saved-'));
  await start();
  await query('CREATE TABLE item (a int, b text, v VECTOR(4), PRIMARY KEY (a, b))');
  await query(`INSERT INTO item SELECT n, 'b' || n, ${vectorSql('n')} FROM generate_series(1, ${ROWS}) n`);
  await query("INSERT INTO item VALUES (0, 'none', NULL)");
}, 60_000);
afterAll(async () => {
  opening.stop();
  await model.stop();
  await rm(folder, { recursive: true, force: true });
}, 60_000);

async function start(): Promise<void> {
  model = await openFileModel(join(folder, 'data'));
  opening = new SavedVectorIndexes(model.store);
}

async function restart(between: () => Promise<void> = async () => undefined): Promise<void> {
  opening.stop();
  await model.stop();
  await between();
  await start();
}

const vectorSql = (n: string): string => `ARRAY[${n}, ${n} % 7, ${n} % 11, 1]::real[]`;
const query = (sql: string, params?: unknown[]) => model.call(sqlQuery, { sql, params });
const index = async () => {
  const { indexes } = await model.call(sqlListIndexes, {});
  return indexes.find(({ name }) => name === 'item_v');
};
const place = () => join(folder, 'data', 'vectors', 'facet');
const files = async (what: string) => (await readdir(place())).filter((name) => name.endsWith(what));
const saved = () => expect.poll(() => files('manifest'), { timeout: 10_000 }).toHaveLength(1);
const ready = async (detail: string) => {
  const plan = async () => (await search([1, 1, 1, 1])).plan;
  await expect.poll(plan, { timeout: 20_000 }).toMatchObject({ strategy: 'index', index: 'item_v' });
  await expect.poll(index, { timeout: 20_000 }).toMatchObject({ status: 'ready', detail });
};

const search = (queryVector: number[], topK = 10) =>
  // So wide that the graph overlooks nothing, whatever it looks like: it is another one each time that it is built.
  searchL2(model, 'item', queryVector, { topK, efSearch: 1_000, selectColumns: ['a', 'b'] });

/**
 * The index gives what PostgreSQL gives that measures everything, in its order. A graph is another one each time that it is
 * built, and now and then has a vector that no way leads to, so one of the five may be the next one instead.
 */
async function expectRight(): Promise<void> {
  for (const n of [3, 700, 1_400]) {
    const to = [n + 0.25, n % 7, n % 11, 1];
    const { rows } = await query(
      `SELECT a, b FROM item WHERE v IS NOT NULL ORDER BY v <-> '[${to.join(',')}]', a LIMIT 6`,
    );
    const found = (await search(to, 5)).rows.map((row) => JSON.stringify(row));
    const nearest = rows.map((row) => JSON.stringify(row));
    expect(found).toHaveLength(5);
    expect(nearest.filter((row) => found.includes(row))).toEqual(found);
  }
}

test('a new index is read from its table, and saved', async () => {
  await createL2Index(model, 'item');
  await ready('read from its table');
  await saved();
});

test('the next start reads it from its files, and what came since from the change feed', async () => {
  await query('DELETE FROM item WHERE a = 700');
  await query(`INSERT INTO item VALUES (7000, 'new', ${vectorSql('700')})`);
  await restart();
  await ready('read from its files');
  await expectRight();
  expect((await search([700, 0, 7, 1], 1)).plan).toMatchObject({ strategy: 'index', index: 'item_v' });
  // Without a clean end, too: changes that no file has.
  await query(`UPDATE item SET v = ${vectorSql('2000')} WHERE a = 3`);
  await expectRight();
});

test('keys that change, and rows whose vector goes are followed over a start', async () => {
  await query("UPDATE item SET b = 'renamed', a = 9000 WHERE a = 1400");
  await query('UPDATE item SET v = NULL WHERE a = 1399');
  await restart();
  await ready('read from its files');
  await expectRight();
});

async function damage(what: string, how: (path: string) => Promise<void>): Promise<void> {
  const names = await files(what);
  expect(names).toHaveLength(1);
  await how(join(place(), names[0] ?? ''));
}

const flip = async (path: string): Promise<void> => {
  const bytes = await readFile(path);
  bytes.writeUInt8(bytes.readUInt8(bytes.length >> 1) ^ 0x40, bytes.length >> 1);
  await writeFile(path, bytes);
};
const cut = async (path: string): Promise<void> => {
  await truncate(path, (await readFile(path)).length >> 1);
};

test.each([
  ['graph', 'flipped', flip],
  ['vectors', 'flipped', flip],
  ['manifest', 'flipped', flip],
  ['graph', 'cut', cut],
  ['keys', 'missing', rm],
])('files that are damaged are told of once, and the index is made anew: %s %s', async (what, _, how) => {
  await saved();
  await restart(() => damage(what, how));
  await ready('read from its table');
  await expectRight();
  const warnings = model.observations.filter(({ type }) => type === 'warning');
  expect(warnings).toEqual([expect.objectContaining({ message: expect.stringContaining('item_v') })]);
  await saved();
  await expect.poll(() => files('graph')).toHaveLength(1);
});

test('without a manifest nothing is read', async () => {
  await restart(() => damage('manifest', rm));
  await search([1, 1, 1, 1]);
  await ready('read from its table');
  await expectRight();
  await saved();
});

test('another definition of the table makes the files useless', async () => {
  await query('ALTER TABLE item RENAME COLUMN v TO w');
  await query('ALTER TABLE item RENAME COLUMN w TO v');
  await query('ALTER TABLE item DROP CONSTRAINT item_pkey');
  await query('ALTER TABLE item ADD PRIMARY KEY (a, b)');
  await restart();
  await ready('read from its table');
  await expectRight();
  await saved();
});

test('a thread that ends is no harm: searches are exact until the graph is there again', async () => {
  const posted = vi.spyOn(Worker.prototype, 'postMessage');
  await search([1, 1, 1, 1]);
  const worker = posted.mock.contexts.at(-1) as Worker | undefined;
  posted.mockRestore();
  await worker?.terminate();
  await expectRight();
  expect((await search([1, 1, 1, 1])).plan.strategy).toBe('exact');
  await expect.poll(index).toMatchObject({ status: 'exact', detail: expect.stringContaining('thread') });
  await expect
    .poll(async () => (await search([1, 1, 1, 1])).plan.strategy, { timeout: 10_000 })
    .toBe('index');
  await expect.poll(index).toMatchObject({ status: 'ready' });
  await expectRight();
});

test('a table lists its indexes of both kinds', async () => {
  const { indexes } = await model.call(sqlDescribeTable, { table: 'item' });
  expect(indexes).toEqual([
    { name: 'item_pkey', columns: ['a', 'b'], type: 'btree', unique: true },
    { name: 'item_v', columns: ['v'], type: 'hnsw', unique: false },
  ]);
});

test('what is dropped leaves neither files nor a consumer', async () => {
  await saved();
  const database = await model.store.namespace(model.store.defaultNamespace);
  expect(await database.changes.consumers('vector:')).toHaveLength(1);
  await model.call(sqlDropIndex, { name: 'item_v' });
  await expect.poll(() => readdir(place()), { timeout: 10_000 }).toEqual([]);
  await expect.poll(() => database.changes.consumers('vector:'), { timeout: 10_000 }).toEqual([]);
});
