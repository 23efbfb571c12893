/** Collections of embeddings through their operations, on a real PostgreSQL: what is stored, read, listed and deleted. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ExactNumber, LIMITS } from '../../src/base/index.ts';
import {
  collectionCreate,
  collectionDelete,
  collectionGet,
  collectionList,
  embeddingBuildIndex,
  embeddingCount,
  embeddingDelete,
  embeddingGet,
  embeddingList,
  embeddingSearch,
  embeddingStore,
  sqlQuery,
} from '../../src/models/index.ts';
import { type Model, openModel, READER } from './call-operation.ts';

let model: Model;
beforeAll(async () => {
  model = await openModel();
});
afterAll(() => model.stop());

const sql = async (text: string, params?: unknown[]) =>
  (await model.call(sqlQuery, { sql: text, params })).rows;
const store = (collection: string, ...points: object[]) => model.call(embeddingStore, { collection, points });
const stored = async (collection: string, keys: string[]) =>
  (await model.call(embeddingGet, { collection, keys, withVector: true, withMetadata: true })).embeddings;

describe('collections', () => {
  test('one is made, told about, listed and deleted', async () => {
    const made = await model.call(collectionCreate, { name: 'ores', dimension: 3, distance: 'l2' });
    expect(made).toEqual({ name: 'ores', dimension: 3, distance: 'l2', declared: true, created: true });
    const told = await model.call(collectionGet, { name: 'ores' }, { principal: READER });
    expect(told).toMatchObject({
      dimension: 3,
      distance: 'l2',
      points: 0,
      table: 'embedding.ores',
      index: null,
    });
    expect(Math.abs(Date.parse(told.createdAt) - Date.now())).toBeLessThan(600_000);
    const { collections } = await model.call(collectionList, {});
    expect(collections).toContainEqual({ name: 'ores', dimension: 3, distance: 'l2', declared: true });
    expect(await model.call(collectionDelete, { name: 'ores' })).toEqual({ deleted: true });
    expect((await model.fault(collectionGet, { name: 'ores' })).code).toBe('COLLECTION_NOT_FOUND');
    expect((await model.fault(collectionDelete, { name: 'ores' })).code).toBe('COLLECTION_NOT_FOUND');
    expect(await sql("SELECT to_regclass('embedding.ores')")).toEqual([[null]]);
  });

  test('one of the same name exists, unless that is allowed', async () => {
    await model.call(collectionCreate, { name: 'twice', dimension: 2 });
    expect((await model.fault(collectionCreate, { name: 'twice', dimension: 5 })).code).toBe(
      'COLLECTION_EXISTS',
    );
    const again = await model.call(collectionCreate, { name: 'twice', dimension: 5, ifNotExists: true });
    expect(again).toMatchObject({ created: false, dimension: 2 });
  });

  test('without a dimension it gets that of the first vector', async () => {
    await model.call(collectionCreate, { name: 'open', distance: 'inner_product' });
    expect(await model.call(collectionGet, { name: 'open' })).toMatchObject({ dimension: null, points: 0 });
    expect((await model.call(embeddingSearch, { collection: 'open', vector: [1] })).items).toEqual([]);
    expect((await model.fault(embeddingBuildIndex, { collection: 'open' })).code).toBe('INVALID_PARAMETER');
    expect(await store('open', { key: 'a', vector: [1, 2] })).toEqual({ stored: 1, created: false });
    expect(await model.call(collectionGet, { name: 'open' })).toMatchObject({
      dimension: 2,
      distance: 'inner_product',
      declared: true,
      points: 1,
    });
  });

  test('the first vector makes one that is not there', async () => {
    expect(await store('default', { key: 'a', vector: [1, 2, 3] })).toEqual({ stored: 1, created: true });
    expect(await store('default', { key: 'b', vector: [1, 2, 3] })).toEqual({ stored: 1, created: false });
    expect(await model.call(collectionGet, { name: 'default' })).toMatchObject({
      dimension: 3,
      distance: 'cosine',
      declared: false,
      points: 2,
    });
    expect(await store('nothing')).toEqual({ stored: 0, created: false });
    expect((await model.fault(collectionGet, { name: 'nothing' })).code).toBe('COLLECTION_NOT_FOUND');
  });

  test('they are listed in pages, by the bytes of their names', async () => {
    for (const name of ['p/b', 'p/A', 'p/ä', 'p/c']) await model.call(collectionCreate, { name });
    const names: string[] = [];
    let after: string | undefined = 'p/';
    for (;;) {
      const page: { collections: { name: string }[]; next: string | null } = await model.call(
        collectionList,
        {
          after,
          limit: 2,
        },
      );
      names.push(...page.collections.map(({ name }) => name));
      if (page.next === null) break;
      after = page.next;
    }
    expect(names.filter((name) => name.startsWith('p/'))).toEqual(['p/A', 'p/b', 'p/c', 'p/ä']);
  });

  test.each([
    ['My "ores"; DROP TABLE x', 'My "ores"; DROP TABLE x'],
    ['a.b', 'a.b'],
    ['ores_pkey', 'ores_pkey'],
    ['Ärzte 🧪', 'Ärzte 🧪'],
    ['x'.repeat(63), 'x'.repeat(63)],
    ['x'.repeat(64), /^x{46}~[0-9a-f]{16}$/],
    ['🧪'.repeat(20), /^(🧪){11}~[0-9a-f]{16}$/u],
    ['sly~0123456789abcdef', /^sly~0123456789abcdef~[0-9a-f]{16}$/],
  ])('any name has a table: %s', async (name, table) => {
    await store(name, { key: 'k', vector: [1, 0] });
    const told = await model.call(collectionGet, { name });
    const relation = told.table.slice('embedding.'.length);
    if (typeof table === 'string') expect(relation).toBe(table);
    else expect(relation).toMatch(table);
    const [row] = await sql(
      `SELECT c.relname FROM pg_class c WHERE relnamespace = 'embedding'::regnamespace AND relname = $1`,
      [relation],
    );
    expect(row).toEqual([relation]);
    expect((await model.call(embeddingSearch, { collection: name, vector: [1, 0] })).items).toHaveLength(1);
    await model.call(collectionDelete, { name });
  });

  test.each([
    ['', /empty/],
    ['a\nb', /control/],
    ['a\0', /control/],
    ['a\ud800', /half/],
    ['x'.repeat(256), /255 bytes/],
  ])('other names are refused: %j', async (name, message) => {
    for (const fault of [
      await model.fault(collectionCreate, { name, dimension: 2 }),
      await model.fault(embeddingStore, { collection: name, points: [] }),
      await model.fault(embeddingSearch, { collection: name, vector: [1] }),
    ]) {
      expect(fault.code).toBe('INVALID_PARAMETER');
      expect(fault.message).toMatch(message);
    }
  });

  test('a table of somebody else in the schema is left alone', async () => {
    await sql('CREATE TABLE embedding.mine (a int)');
    expect((await model.fault(collectionCreate, { name: 'mine', dimension: 2 })).code).toBe(
      'TABLE_ALREADY_EXISTS',
    );
    const fault = await model.fault(embeddingStore, {
      collection: 'mine',
      points: [{ key: 'a', vector: [1] }],
    });
    expect(fault.code).toBe('TABLE_ALREADY_EXISTS');
    expect((await model.fault(collectionGet, { name: 'mine' })).code).toBe('COLLECTION_NOT_FOUND');
  });

  test('what needs the table keeps the collection', async () => {
    await store('needed', { key: 'a', vector: [1] });
    await sql('CREATE VIEW on_needed AS SELECT key FROM embedding.needed');
    expect((await model.fault(collectionDelete, { name: 'needed' })).code).toBe('DEPENDENT_OBJECTS_EXIST');
    expect(await stored('needed', ['a'])).toHaveLength(1);
  });
});

describe('embeddings', () => {
  test('they are stored, replaced and read in the order of the keys asked for', async () => {
    expect(
      await store(
        'rocks',
        { key: 'b', vector: [0.1, -2] },
        { key: 'a', vector: [1e-30, 3], metadata: { n: 1 } },
      ),
    ).toEqual({ stored: 2, created: true });
    expect(await stored('rocks', ['b', 'missing', 'a', 'b'])).toEqual([
      { key: 'b', vector: [0.1, -2], metadata: {} },
      { key: 'a', vector: [1e-30, 3], metadata: { n: 1 } },
    ]);
    await store('rocks', { key: 'a', vector: [5, 6] }, { key: 'b', vector: [7, 8], metadata: { x: [1] } });
    expect(await stored('rocks', ['a', 'b'])).toEqual([
      // Metadata that is not given stays.
      { key: 'a', vector: [5, 6], metadata: { n: 1 } },
      { key: 'b', vector: [7, 8], metadata: { x: [1] } },
    ]);
    await store('rocks', { key: 'a', vector: [5, 6], metadata: {} });
    const plain = await model.call(embeddingGet, { collection: 'rocks', keys: ['a'] });
    expect(plain).toEqual({ embeddings: [{ key: 'a' }] });
    expect(await stored('rocks', ['a'])).toEqual([{ key: 'a', vector: [5, 6], metadata: {} }]);
  });

  test('of one key in a call the last one counts', async () => {
    const result = await store(
      'last',
      { key: 'a', vector: [1], metadata: { n: 1 } },
      { key: 'a', vector: [2] },
    );
    expect(result.stored).toBe(1);
    expect(await stored('last', ['a'])).toEqual([{ key: 'a', vector: [2], metadata: {} }]);
  });

  test('vectors come in memory, too, and exact numbers keep their digits', async () => {
    const exact = { n: new ExactNumber('12345678901234567890.5') };
    await store('given', { key: 'a', vector: Float32Array.of(0.5, 1), metadata: exact });
    expect(await stored('given', ['a'])).toEqual([{ key: 'a', vector: [0.5, 1], metadata: exact }]);
    await store('given', { key: 'b', vector: [new ExactNumber('0.25'), 1] });
    expect((await stored('given', ['b']))[0]?.vector).toEqual([0.25, 1]);
  });

  test('many are stored by one call, and every number is what it was', async () => {
    const dimensions = 16;
    const points = Array.from({ length: LIMITS.embeddingsMax }, (_, at) => ({
      key: `k${String(at).padStart(5, '0')}`,
      vector: Float32Array.from({ length: dimensions }, (_, of) => Math.sin(at * dimensions + of)),
    }));
    expect(await store('many', ...points)).toEqual({ stored: points.length, created: true });
    expect(await model.call(embeddingCount, { collection: 'many' })).toEqual({ count: points.length });
    const some = points.filter((_, at) => at % 997 === 0);
    const read = await stored(
      'many',
      some.map(({ key }) => key),
    );
    expect(read.map(({ vector }) => Float32Array.from(vector ?? []))).toEqual(
      some.map(({ vector }) => vector),
    );
  });

  test('they are listed in pages, by the bytes of their keys', async () => {
    const keys = ['a', 'B', 'ä', 'b', "c'", 'zz'];
    await store('paged', ...keys.map((key) => ({ key, vector: [1, 2], metadata: { key } })));
    const page = { collection: 'paged', limit: 4 };
    const first = await model.call(embeddingList, page);
    expect(first).toEqual({ embeddings: ['B', 'a', 'b', "c'"].map((key) => ({ key })), next: "c'" });
    const second = await model.call(embeddingList, {
      ...page,
      after: "c'",
      withVector: true,
      withMetadata: true,
    });
    expect(second).toEqual({
      embeddings: ['zz', 'ä'].map((key) => ({ key, vector: [1, 2], metadata: { key } })),
      next: null,
    });
    // Between two keys.
    expect((await model.call(embeddingList, { ...page, after: 'aa', limit: 1 })).next).toBe('b');
    expect(await model.call(embeddingList, { collection: 'not there' })).toEqual({
      embeddings: [],
      next: null,
    });
  });

  test('only those that were there are counted as deleted', async () => {
    await store('gone', { key: 'a', vector: [1] }, { key: 'b', vector: [1] });
    const deletion = { collection: 'gone', keys: ['a', 'x', 'a'] };
    expect(await model.call(embeddingDelete, deletion)).toEqual({ deleted: 1 });
    expect(await model.call(embeddingDelete, deletion)).toEqual({ deleted: 0 });
    expect(await model.call(embeddingDelete, { collection: 'gone', keys: [] })).toEqual({ deleted: 0 });
    expect(await model.call(embeddingDelete, { ...deletion, collection: 'not there' })).toEqual({
      deleted: 0,
    });
    expect(await model.call(embeddingCount, { collection: 'gone' })).toEqual({ count: 1 });
    expect(await model.call(embeddingCount, { collection: 'not there' })).toEqual({ count: 0 });
    expect(await stored('not there', ['a'])).toEqual([]);
  });

  test.each([
    ['NaN', { vector: [1, Number.NaN] }, 'INVALID_VECTOR', /'k': component 1/],
    ['an infinite number', { vector: [Number.NEGATIVE_INFINITY, 1] }, 'INVALID_VECTOR', /component 0/],
    ['a number beyond four bytes', { vector: [1, 1e39] }, 'INVALID_VECTOR', /component 1/],
    ['NaN in memory', { vector: Float32Array.of(Number.NaN, 1) }, 'INVALID_VECTOR', /component 0/],
    ['no number', { vector: [1, '2'] }, 'INVALID_PARAMETER', /component 1 is no number/],
    ['nothing', { vector: [] }, 'INVALID_PARAMETER', /empty/],
    ['too many', { vector: new Array(16_001).fill(1) }, 'LIMIT_EXCEEDED', /vectorDimensionsMax/],
    [
      'another dimension',
      { vector: [1, 2, 3] },
      'VECTOR_DIMENSION_MISMATCH',
      /3 dimensions.*'strict' have 2/,
    ],
    ['an empty key', { key: '', vector: [1, 2] }, 'INVALID_PARAMETER', /empty/],
    ['NUL in the key', { key: 'a\0', vector: [1, 2] }, 'INVALID_PARAMETER', /NUL/],
    ['half a pair in the key', { key: '\udc00', vector: [1, 2] }, 'INVALID_PARAMETER', /half/],
    ['a long key', { key: 'ä'.repeat(513), vector: [1, 2] }, 'INVALID_PARAMETER', /embeddingKeyBytesMax/],
    [
      'large metadata',
      { metadata: { a: 'x'.repeat(65_536) } },
      'VALUE_TOO_LARGE',
      /embeddingMetadataBytesMax/,
    ],
    ['NUL in metadata', { metadata: { a: '\0' } }, 'INVALID_PARAMETER', /cannot be stored/],
    [
      'half a pair in metadata',
      { metadata: { a: { '\ud800': 1 } } },
      'INVALID_PARAMETER',
      /cannot be stored/,
    ],
  ])('a bad one leaves all of its call unstored: %s', async (_, bad, code, message) => {
    await model.call(collectionCreate, { name: 'strict', dimension: 2, ifNotExists: true });
    const points = [
      { key: 'good', vector: [1, 2] },
      { key: 'k', vector: [1, 2], ...bad },
    ];
    // The first vector may be the bad one.
    for (const order of [points, [...points].reverse()]) {
      const fault = await model.fault(embeddingStore, { collection: 'strict', points: order });
      expect(fault.code).toBe(code);
    }
    const fault = await model.fault(embeddingStore, { collection: 'strict', points: points.slice(1) });
    expect(fault.message).toMatch(message);
    expect(await model.call(embeddingCount, { collection: 'strict' })).toEqual({ count: 0 });
  });

  test('bounds of a call', async () => {
    const long = new Float32Array(16_000);
    const points = Array.from({ length: 132 }, (_, at) => ({ key: `${at}`, vector: long }));
    const fault = await model.fault(embeddingStore, { collection: 'bounds', points });
    expect([fault.code, fault.message]).toEqual([
      'LIMIT_EXCEEDED',
      expect.stringMatching(/embeddingNumbersMax/),
    ]);
    await store('bounds', ...points.slice(0, 131));
    const keys = points.map(({ key }) => key);
    const read = { collection: 'bounds', keys, withVector: true };
    expect((await model.fault(embeddingGet, read)).code).toBe('RESULT_TOO_LARGE');
    const search = { collection: 'bounds', vector: long, metric: 'l2', limit: 132, withVector: true };
    expect((await model.fault(embeddingSearch, search)).code).toBe('RESULT_TOO_LARGE');
    // A page is as long as it may be, and goes on.
    const page = await model.call(embeddingList, { collection: 'bounds', limit: 10_000, withVector: true });
    expect(page).toMatchObject({ next: null });
    expect(page.embeddings).toHaveLength(131);
    const beyond = { collection: 'bounds', vector: long, limit: 9_000, offset: 1_001 };
    expect((await model.fault(embeddingSearch, beyond)).code).toBe('LIMIT_EXCEEDED');
    const many = new Array(LIMITS.embeddingsMax + 1).fill('a');
    await expect(model.call(embeddingGet, { collection: 'bounds', keys: many })).rejects.toThrow();
  });

  test('a backslash before a u is no escape of a character', async () => {
    const metadata = { path: 'C:\\u0000', real: '\\\\u0000', emoji: '🧪' };
    await store('texts', { key: 'a', vector: [1], metadata });
    expect((await stored('texts', ['a']))[0]?.metadata).toEqual(metadata);
  });
});

describe('SQL', () => {
  test('it reads and writes the same rows', async () => {
    await store('minerals', { key: 'rock', vector: [0.5, 0.25], metadata: { hardness: 5 } });
    expect(await sql('SELECT key, vector, metadata FROM embedding.minerals')).toEqual([
      ['rock', '{0.5,0.25}', '{"hardness": 5}'],
    ]);
    await sql("INSERT INTO embedding.minerals (key, vector) VALUES ('talc', '{1,0}'), ('gold', ARRAY[0,1])");
    await sql("UPDATE embedding.minerals SET metadata = metadata || '{\"soft\": true}' WHERE key = 'talc'");
    expect(await stored('minerals', ['talc', 'gold'])).toEqual([
      { key: 'talc', vector: [1, 0], metadata: { soft: true } },
      { key: 'gold', vector: [0, 1], metadata: {} },
    ]);
    const found = await model.call(embeddingSearch, { collection: 'minerals', vector: [1, 0.1], limit: 1 });
    expect(found.items[0]?.key).toBe('talc');
    const near = await sql(`SELECT key FROM embedding.minerals ORDER BY vector <=> '[0.1,1]' LIMIT 1`);
    expect(near).toEqual([['gold']]);
  });

  test('the checks of the table hold for it', async () => {
    await store('checked', { key: 'a', vector: [1, 2] });
    const insert = (values: string) =>
      model.fault(sqlQuery, {
        sql: `INSERT INTO embedding.checked (key, vector, metadata) VALUES (${values})`,
      });
    expect((await insert(`'b', '{1,2,3}', '{}'`)).code).toBe('VECTOR_DIMENSION_MISMATCH');
    expect((await insert(`'b', '{1,NaN}', '{}'`)).code).toBe('INVALID_VECTOR');
    expect((await insert(`'b', '{1,2}', '[]'`)).code).toBe('CHECK_VIOLATION');
    expect((await insert(`'a', '{1,2}', '{}'`)).code).toBe('UNIQUE_VIOLATION');
    expect((await insert(`'', '{1,2}', '{}'`)).code).toBe('CHECK_VIOLATION');
  });

  test('a table that was dropped is an empty collection, and made again', async () => {
    await store('dropped', { key: 'a', vector: [1, 2] });
    await sql('DROP TABLE embedding.dropped');
    expect(await stored('dropped', ['a'])).toEqual([]);
    expect(await model.call(collectionGet, { name: 'dropped' })).toMatchObject({ dimension: 2, points: 0 });
    const other = { collection: 'dropped', points: [{ key: 'a', vector: [1] }] };
    expect((await model.fault(embeddingStore, other)).code).toBe('VECTOR_DIMENSION_MISMATCH');
    expect(await store('dropped', { key: 'b', vector: [3, 4] })).toEqual({ stored: 1, created: false });
    expect(await stored('dropped', ['a', 'b'])).toEqual([{ key: 'b', vector: [3, 4], metadata: {} }]);
  });
});
