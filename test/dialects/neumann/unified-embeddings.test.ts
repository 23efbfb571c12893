/** EMBED, SHOW EMBEDDINGS, SHOW VECTOR INDEX, COUNT EMBEDDINGS and SIMILAR. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openStatements, type Statements } from './unified-support.ts';

let db: Statements;
beforeAll(async () => {
  db = await openStatements();
});
afterAll(() => db.stop());

test('stores, reads, counts and removes', async () => {
  await db.run("EMBED STORE 'rock' [0.1, 0.25] IN minerals METADATA { hardness: 6 }");
  expect(await db.run("EMBED GET 'rock' IN minerals")).toEqual({ value: '[0.1, 0.25]' });
  expect(
    await db.run("EMBED BATCH [('chalk', [1, 0]), ('talc', [0, 1], { hardness: 1 })] IN minerals"),
  ).toEqual({
    count: 2n,
  });
  expect(await db.run('COUNT EMBEDDINGS IN minerals')).toEqual({ count: 3n });
  expect(await db.run('SHOW EMBEDDINGS LIMIT 2 IN minerals')).toEqual({
    value: 'Embeddings: ["chalk", "rock"]',
  });
  expect(await db.run('SHOW EMBEDDINGS LIMIT 0 IN minerals')).toEqual({ value: 'Embeddings: []' });
  expect(await db.run("EMBED DELETE 'chalk' IN minerals")).toEqual({ count: 1n });
  expect(await db.run("EMBED DELETE 'chalk' IN minerals")).toEqual({ count: 0n });
  expect(await db.sql('SELECT key FROM embedding.minerals ORDER BY key')).toEqual([['rock'], ['talc']]);
});

test('refuses what is not there and what does not fit', async () => {
  await db.run("EMBED STORE 'a' [1, 2] IN pairs");
  expect(await db.failure("EMBED GET 'b' IN pairs")).toMatchObject({
    code: 'EMBEDDING_NOT_FOUND',
    message: "Collection 'pairs' has no embedding 'b'",
  });
  expect(await db.failure("EMBED STORE 'c' [1, 2, 3] IN pairs")).toMatchObject({
    code: 'VECTOR_DIMENSION_MISMATCH',
  });
  const batch = "EMBED BATCH [('c', [1, 2]), ('d', [1])] IN pairs";
  expect(await db.failure(batch)).toMatchObject({ code: 'VECTOR_DIMENSION_MISMATCH' });
  expect(await db.run('COUNT EMBEDDINGS IN pairs')).toEqual({ count: 1n });
  expect(await db.failure('SHOW EMBEDDINGS LIMIT 10001')).toMatchObject({ code: 'LIMIT_EXCEEDED' });
  expect(await db.failure('SIMILAR [1, 2] TOP 10001 IN pairs')).toMatchObject({
    code: 'LIMIT_EXCEEDED',
    message: expect.stringContaining('vectorTopKMax'),
  });
  expect(await db.failure("SIMILAR 'b' IN pairs")).toMatchObject({ code: 'EMBEDDING_NOT_FOUND' });
  expect(await db.failure('SIMILAR [1] IN pairs')).toMatchObject({ code: 'VECTOR_DIMENSION_MISMATCH' });
});

test('tells about the index', async () => {
  expect(await db.run('SHOW VECTOR INDEX')).toEqual({ value: 'No HNSW index built' });
  expect(await db.failure('SHOW VECTOR INDEX IN nowhere')).toMatchObject({ code: 'COLLECTION_NOT_FOUND' });
  await db.run("EMBED BATCH [('a', [1, 0]), ('b', [0, 1])] IN indexed");
  expect(await db.run('SHOW VECTOR INDEX IN indexed')).toEqual({ value: 'No HNSW index built' });
  expect(await db.run('EMBED BUILD INDEX IN indexed')).toEqual({ value: 'HNSW index: 2 vectors indexed' });
  await expect
    .poll(() => db.run('SHOW VECTOR INDEX IN indexed'), { timeout: 20_000 })
    .toEqual({ value: 'HNSW index: 2 vectors indexed' });
});

const keys = async (text: string): Promise<string[]> =>
  (await db.run(text)).items.map(({ key }: { key: string }) => key);

test('finds by key and by vector, by each metric, on metadata', async () => {
  await db.run(
    `EMBED BATCH [('e', [1, 0], { hue: 'red', year: 2001 }), ('ne', [3, 3], { hue: 'blue', year: 1999.5 }),
                  ('n', [0, 1], { hue: 'red' }), ('w', [-1, 0])] IN winds`,
  );
  expect(await db.run("SIMILAR 'e' LIMIT 2 IN winds")).toEqual({
    items: [
      { key: 'e', score: 1 },
      { key: 'ne', score: expect.closeTo(Math.SQRT1_2, 6) },
    ],
  });
  expect(await keys('SIMILAR [1, 0] TOP 4 METRIC EUCLIDEAN IN winds')).toEqual(['e', 'n', 'w', 'ne']);
  expect(await db.run('SIMILAR [1, 0] TOP 1 DOT_PRODUCT INTO winds')).toEqual({
    items: [{ key: 'ne', score: 3 }],
  });
  expect((await db.run('SIMILAR [1, 0] LIMIT 1 EUCLIDEAN IN winds WHERE hue = blue')).items).toEqual([
    { key: 'ne', score: expect.closeTo(1 / (1 + Math.sqrt(13)), 6) },
  ]);
  const found = async (condition: string) =>
    (await keys(`SIMILAR [1, 0] IN winds WHERE ${condition}`)).sort();
  expect(await found("hue <> 'red'")).toEqual(['ne', 'w']);
  expect(await found("NOT hue = 'red'")).toEqual(['ne', 'w']);
  expect(await found('NOT hue < 5')).toEqual(['e', 'n', 'ne', 'w']);
  expect(await found('NOT (year >= 2000 OR hue = blue)')).toEqual(['n', 'w']);
  expect(await found('year BETWEEN 1999 AND 2001')).toEqual(['e', 'ne']);
  expect(await found("hue IN ('blue', NULL)")).toEqual(['ne', 'w']);
  expect(await found("hue LIKE '_ed' AND year IS NULL")).toEqual(['n']);
  expect(await found("hue CONTAINS 'lu' OR hue STARTS WITH 'r' AND hue ENDS WITH '%'")).toEqual(['ne']);
  expect(await db.failure('SIMILAR [1, 0] IN winds WHERE hue = [1]')).toMatchObject({
    code: 'INVALID_FILTER',
  });
});

test('finds only what an entity is connected to', async () => {
  await db.run(
    `ENTITY BATCH CREATE [{ key: 'user:a', embedding: [1, 0] }, { key: 'user:b', embedding: [0.9, 0.1] },
                          { key: 'user:c', embedding: [0, 1] }, { key: 'user:d' }, { key: 'user:e', embedding: [1, 0.1] }]`,
  );
  await db.run("ENTITY CONNECT 'user:a' -> 'user:b' : knows");
  await db.run("ENTITY CONNECT 'user:c' -> 'user:a' : knows");
  await db.run("ENTITY CONNECT 'user:a' -> 'user:d' : knows");
  expect(await keys("SIMILAR 'user:a' CONNECTED TO 'user:a'")).toEqual(['user:b', 'user:c']);
  expect(await keys("SIMILAR [0, 1] LIMIT 1 CONNECTED TO 'user:a' METRIC EUCLIDEAN")).toEqual(['user:c']);
  expect(await keys("SIMILAR [0, 1] CONNECTED TO 'user:e'")).toEqual([]);
  expect(await db.failure("SIMILAR [0, 1] CONNECTED TO 'user:x'")).toMatchObject({
    code: 'ENTITY_NOT_FOUND',
  });
  expect((await db.run("EXPLAIN SIMILAR [0, 1] CONNECTED TO 'user:a'")).value.split('\n')).toEqual([
    "1. graph: entities with an edge to or from 'user:a': 3",
    "2. vector: the 10 embeddings in 'default' most like a vector of 2 (cosine), of these 3 keys, measured one by one",
  ]);
});
