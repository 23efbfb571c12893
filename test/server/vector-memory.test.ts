/** The option vector-memory: indexes that do not fit are refused by its name, and searches are exact. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ flags: { 'vector-memory': '1MB' } });
  await server.sql('CREATE TABLE item (id int PRIMARY KEY, v VECTOR(64))');
}, 60_000);
afterAll(() => server.stop());

const fill = (from: number, to: number) =>
  server.sql(
    `INSERT INTO item SELECT n, array_fill(n::real, ARRAY[64]) FROM generate_series(${from}, ${to}) n`,
  );
const createIndex = () =>
  server.post('/api/v1/indexes', {
    name: 'item_v',
    table: 'item',
    columns: ['v'],
    type: 'hnsw',
    options: { distance_metric: 'l2' },
  });
const search = async () =>
  (
    await server.post('/api/v1/vector-search', {
      table: 'item',
      vector_column: 'v',
      query_vector: Array.from({ length: 64 }, () => 2_500),
      distance_metric: 'l2',
      select_columns: ['id'],
      top_k: 1,
    })
  ).json;
const listed = async () => {
  const { json } = await server.get('/api/v1/indexes?table=item');
  const indexes = json.indexes as unknown as { name: string; status?: string; detail?: string }[];
  return indexes.find(({ name }) => name === 'item_v');
};

test('an index that does not fit is refused, and leaves nothing behind', async () => {
  await fill(1, 4_000);
  const { status, json } = await createIndex();
  expect([status, json.error.code]).toEqual([422, 'LIMIT_EXCEEDED']);
  expect(json.error.message).toContain('of 1048576 (vector-memory)');
  expect(await listed()).toBeUndefined();
});

test('one that outgrows it says so, and searches measure every row', async () => {
  await server.sql('DELETE FROM item WHERE id > 200');
  expect((await createIndex()).status).toBe(201);
  expect((await search()).plan.index).toBe('item_v');
  await fill(201, 4_000);
  await expect
    .poll(listed, { timeout: 20_000 })
    .toMatchObject({ status: 'failed', detail: expect.stringContaining('(vector-memory)') });
  const found = await search();
  expect([found.results[0].id, found.plan.strategy, found.plan.index]).toEqual([2_500, 'exact', null]);
});
