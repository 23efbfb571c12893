/** A platform without the library of the graphs: every vector in memory is measured, and nothing ends. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LIMITS } from '../../src/base/index.ts';
import { sqlQuery } from '../../src/models/index.ts';
import { GraphThread } from '../../src/models/vector/graph/index.ts';
import { IndexCopy } from '../../src/models/vector/index-copy.ts';
import { findTarget } from '../../src/models/vector/target.ts';
import { type Model, openModel } from './call-operation.ts';

let model: Model;
beforeAll(async () => {
  model = await openModel();
});
afterAll(() => model.stop());

test('searches are exact, for good, and follow the table', async () => {
  await model.call(sqlQuery, { sql: 'CREATE TABLE doc (id int PRIMARY KEY, v VECTOR(2))' });
  const rows = 'SELECT n, ARRAY[n, 0]::real[] FROM generate_series(1, 50) n';
  await model.call(sqlQuery, { sql: `INSERT INTO doc ${rows}` });
  const database = await model.store.namespace(model.store.defaultNamespace);
  const losses: string[] = [];
  const thread = new GraphThread((reason) => losses.push(reason), 'usearch-that-is-not-there');
  const options = { m: 16, ef_construction: 200 };
  const row = { id: 1, name: 'doc_v', type: 'hnsw', metric: 'l2', status: 'building', options } as const;
  let told = 0;
  const copy = new IndexCopy({
    database,
    thread,
    row,
    target: await findTarget(database, { schema: 'public', name: 'doc' }, 'v', {}),
    dimensions: 2,
    files: async () => undefined,
    memoryBytesMax: LIMITS.vectorMemoryBytesMax,
    usesFiles: false,
    after: Promise.resolve(),
    told: () => {
      told++;
      // Whatever who is told does with it.
      if (told > 1) throw new Error('told too often');
    },
  });
  try {
    await copy.built;
    expect(copy.status).toBe('exact');
    expect(copy.detail).toMatch(/usearch-that-is-not-there cannot be loaded on this platform/);
    const signal = new AbortController().signal;
    const nearest = async () => await copy.nearest(new Float32Array([7.1, 0]), 'l2', 2, 64);
    expect(await nearest()).toMatchObject({ keys: ['7', '8'], approximate: false, candidates: 50 });
    await model.call(sqlQuery, { sql: "UPDATE doc SET v = '{7.1,0}' WHERE id = 50" });
    expect(await copy.reaches(await database.changes.now(signal), signal)).toBe(true);
    expect(await nearest()).toMatchObject({ keys: ['50', '7'] });
    // No second attempt is made.
    await new Promise((resolve) => setTimeout(resolve, 1_300));
    expect([copy.status, told, losses]).toEqual(['exact', 1, []]);
    expect(() => copy.graphLost('the thread is gone')).toThrow('told too often');
    expect(await nearest()).toMatchObject({ keys: ['50', '7'] });
  } finally {
    await copy.close();
    await thread.stop();
  }
});
