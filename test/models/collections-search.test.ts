/** Search in collections, on a real PostgreSQL: scores, restrictions and indexes, against looking at everything. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ExactNumber, LIMITS } from '../../src/base/index.ts';
import {
  collectionCreate,
  collectionDelete,
  collectionGet,
  type EmbeddingSearchResult,
  embeddingBuildIndex,
  embeddingCount,
  embeddingDelete,
  embeddingSearch,
  embeddingStore,
  type MetadataCondition,
  sqlQuery,
  transactionBegin,
  transactionRollback,
} from '../../src/models/index.ts';
import { type Model, openModel, READER } from './call-operation.ts';

let model: Model;
const DIMENSIONS = 8;
const ROWS = 600;

/** The same numbers at each run. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32 - 0.5;
  };
}
const next = numbers(11);
const vector = (): number[] => Array.from({ length: DIMENSIONS }, () => Math.fround(next()));

interface Point {
  readonly key: string;
  readonly vector: number[];
  readonly metadata: { readonly n: number; readonly kind: string; readonly deep: { readonly even: boolean } };
}
const points = new Map<string, Point>();

const point = (n: number): Point => ({
  key: `key ${n}`,
  vector: vector(),
  metadata: { n, kind: `kind ${n % 10}`, deep: { even: n % 2 === 0 } },
});

beforeAll(async () => {
  model = await openModel();
  for (let n = 0; n < ROWS; n++) points.set(`key ${n}`, point(n));
  await model.call(embeddingStore, { collection: 'some', points: [...points.values()] });
}, 60_000);
afterAll(() => model.stop());

type Metric = 'cosine' | 'l2' | 'inner_product';
const METRICS: Metric[] = ['cosine', 'l2', 'inner_product'];

const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, x, at) => sum + x * (b[at] ?? 0), 0);

function score(metric: Metric, a: readonly number[], b: readonly number[]): number {
  if (metric === 'inner_product') return dot(a, b);
  if (metric === 'l2') return 1 / (1 + Math.sqrt(a.reduce((sum, x, at) => sum + (x - (b[at] ?? 0)) ** 2, 0)));
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}

const best = (metric: Metric, to: readonly number[], only: (point: Point) => boolean = () => true) =>
  [...points.values()]
    .filter(only)
    .map((one) => ({ key: one.key, score: score(metric, one.vector, to) }))
    .sort((a, b) => b.score - a.score);

const search = (input: object, collection = 'some') =>
  model.call(embeddingSearch, { collection, ...input }, { principal: READER });

function expectItems(found: EmbeddingSearchResult, wanted: readonly { key: string; score: number }[]): void {
  expect(found.items.map(({ key }) => key)).toEqual(wanted.map(({ key }) => key));
  for (const [at, { score: of }] of wanted.entries()) expect(found.items[at]?.score).toBeCloseTo(of, 5);
}

test.each(METRICS)('what is found is what looking at everything finds: %s', async (metric) => {
  const to = vector();
  const found = await search({ vector: to, metric, limit: 25 });
  expect(found).toMatchObject({ metric, plan: { strategy: 'exact', index: null } });
  expectItems(found, best(metric, to).slice(0, 25));
  expect(Object.keys(found.items[0] ?? {}).sort()).toEqual(['distance', 'key', 'score']);
  expectItems(await search({ vector: to, metric }), best(metric, to).slice(0, 10));
});

test("the collection's distance is taken when none is named", async () => {
  await model.call(collectionCreate, { name: 'far', dimension: 2, distance: 'l2' });
  const far = [
    { key: 'near', vector: [1, 1] },
    { key: 'same direction', vector: [30, 40] },
    { key: 'zero', vector: [0, 0] },
  ];
  await model.call(embeddingStore, { collection: 'far', points: far });
  const found = await search({ vector: [3, 4] }, 'far');
  expect(found.metric).toBe('l2');
  expect(found.items.map(({ key, distance }) => [key, distance])).toEqual([
    ['near', Math.sqrt(13)],
    ['zero', 5],
    ['same direction', 45],
  ]);
  expect(found.items.map((item) => item.score)).toEqual([1 / (1 + Math.sqrt(13)), 1 / 6, 1 / 46]);
  const products = await search({ vector: [3, 4], metric: 'inner_product' }, 'far');
  expect(products.items.map(({ key, score: of }) => [key, of])).toEqual([
    ['same direction', 250],
    ['near', 7],
    ['zero', 0],
  ]);
  // Zero has no direction: it is like nothing, and nothing is like it.
  const directions = await search({ vector: [3, 4], metric: 'cosine' }, 'far');
  expect(directions.items.map(({ key }) => key)).toEqual(['same direction', 'near']);
  const none = await search({ vector: [0, 0], metric: 'cosine' }, 'far');
  expect(none).toMatchObject({ items: [], plan: { reason: expect.stringMatching(/no direction/) } });
  expect((await search({ key: 'zero', metric: 'cosine' }, 'far')).items).toEqual([]);
  expect((await search({ key: 'zero' }, 'far')).items[0]).toMatchObject({ key: 'zero', score: 1 });
});

test('a stored embedding is searched by its key, and is among the results', async () => {
  const found = await search({ key: 'key 7', limit: 5 });
  expectItems(found, best('cosine', points.get('key 7')?.vector ?? []).slice(0, 5));
  expect(found.items[0]).toMatchObject({ key: 'key 7' });
  expect((await model.fault(embeddingSearch, { collection: 'some', key: 'nobody' })).code).toBe(
    'EMBEDDING_NOT_FOUND',
  );
  const fault = await model.fault(embeddingSearch, { collection: 'not there', key: 'key 7' });
  expect(fault.code).toBe('EMBEDDING_NOT_FOUND');
});

test('vectors and metadata come when they are asked for', async () => {
  const one = points.get('key 3');
  const both = await search({ key: 'key 3', limit: 1, withVector: true, withMetadata: true });
  expect(both.items[0]).toMatchObject({ key: 'key 3', metadata: one?.metadata });
  expect(both.items[0]?.vector?.map(Math.fround)).toEqual(one?.vector);
  const metadata = await search({ key: 'key 3', limit: 1, withMetadata: true });
  expect(metadata.items[0]).toMatchObject({ metadata: one?.metadata });
  expect(metadata.items[0]).not.toHaveProperty('vector');
});

test('pages are parts of one list, and a lowest score ends it', async () => {
  const to = vector();
  const all = best('cosine', to);
  expectItems(await search({ vector: to, limit: 7, offset: 13 }), all.slice(13, 20));
  expect((await search({ vector: to, offset: ROWS })).items).toEqual([]);
  const scoreMin = ((all[4]?.score ?? 0) + (all[5]?.score ?? 0)) / 2;
  expectItems(await search({ vector: to, scoreMin }), all.slice(0, 5));
  expectItems(await search({ vector: to, scoreMin, offset: 3, limit: 4 }), all.slice(3, 5));
});

test('results that are equally near have the order of their keys', async () => {
  const same = ['d', 'a', 'c', 'b'].map((key) => ({ key, vector: [1, 2] }));
  await model.call(embeddingStore, { collection: 'same', points: same });
  const found = await search({ vector: [2, 1] }, 'same');
  expect(found.items.map(({ key }) => key)).toEqual(['a', 'b', 'c', 'd']);
});

test('only the keys that are named are looked at', async () => {
  const to = vector();
  const keys = ['key 1', 'key 99', 'nobody', 'key 1', "key 'quoted'"];
  const wanted = best('cosine', to, ({ key }) => keys.includes(key));
  expectItems(await search({ vector: to, keys }), wanted);
  expect(wanted).toHaveLength(2);
  expect((await search({ vector: to, keys: [] })).items).toEqual([]);
});

const CONDITIONS: [string, MetadataCondition, (metadata: Point['metadata']) => boolean][] = [
  ['a number', { field: 'n', is: '=', value: 30 }, ({ n }) => n === 30],
  [
    'the same number in other digits',
    { field: 'n', is: '=', value: new ExactNumber('30.00') },
    ({ n }) => n === 30,
  ],
  ['not a number', { field: 'n', is: '<>', value: 30 }, ({ n }) => n !== 30],
  ['less', { field: 'n', is: '<', value: 30.5 }, ({ n }) => n <= 30],
  ['at most', { field: 'n', is: '<=', value: 30 }, ({ n }) => n <= 30],
  ['more', { field: 'n', is: '>', value: 550 }, ({ n }) => n > 550],
  ['a text', { field: 'kind', is: '=', value: 'kind 3' }, ({ n }) => n % 10 === 3],
  ['texts by their bytes', { field: 'kind', is: '>=', value: 'kind 8' }, ({ n }) => n % 10 >= 8],
  ['a member of a member', { field: ['deep', 'even'], is: '=', value: true }, ({ n }) => n % 2 === 0],
  ['some', { field: 'n', in: [1, 2, 'kind 3', 1_000] }, ({ n }) => n === 1 || n === 2],
  ['none', { field: 'n', in: [] }, () => false],
  ['a pattern', { field: 'kind', like: '%d _' }, () => true],
  ['a pattern that is no pattern', { field: 'kind', like: 'kind \\_' }, () => false],
  ['a field that is not there', { field: 'nothing', is: '<>', value: 1 }, () => false],
  ['and nothing is known of it', { not: { field: 'nothing', is: '=', value: 1 } }, () => false],
  ['but that', { field: 'nothing', isNull: true }, () => true],
  ['it is there', { field: 'kind', isNull: false }, () => true],
  ['a number as a text has no order', { field: 'n', is: '<', value: '5' }, () => false],
  ['a text as a number has no order', { field: 'kind', is: '>', value: 5 }, () => false],
  ['but is another one', { field: 'n', is: '<>', value: '5' }, () => true],
  ["a name with '", { field: 'it\'s \\ "odd"', isNull: true }, () => true],
  ['a dollar is a text', { field: '$9', is: '<>', value: '$9' }, () => false],
  [
    'all together',
    {
      or: [
        {
          and: [
            { field: 'kind', is: '=', value: 'kind 4' },
            { field: 'n', is: '<', value: 100 },
          ],
        },
        {
          not: {
            or: [
              { field: 'n', is: '<', value: 590 },
              { field: 'kind', in: ['kind 5'] },
            ],
          },
        },
      ],
    },
    ({ n }) => (n % 10 === 4 && n < 100) || !(n < 590 || n % 10 === 5),
  ],
  ['all of nothing', { and: [] }, () => true],
  ['one of nothing', { or: [] }, () => false],
];

test.each(CONDITIONS)('a condition on metadata: %s', async (_, filter, passes) => {
  const to = vector();
  const wanted = best('cosine', to, ({ metadata }) => passes(metadata));
  expectItems(await search({ vector: to, filter, limit: ROWS }), wanted);
  expect(await model.call(embeddingCount, { collection: 'some', filter })).toEqual({ count: wanted.length });
});

test('a condition and keys together', async () => {
  const filter: MetadataCondition = { field: 'n', is: '>', value: 4 };
  const found = await search({ key: 'key 9', keys: ['key 3', 'key 5'], filter });
  expect(found.items.map(({ key }) => key)).toEqual(['key 5']);
});

test("JSON's null is as if it were not there", async () => {
  const metadata = { a: null, b: [null], c: 'null' };
  await model.call(embeddingStore, { collection: 'nulls', points: [{ key: 'k', vector: [1], metadata }] });
  const count = async (filter: MetadataCondition): Promise<number> =>
    (await model.call(embeddingCount, { collection: 'nulls', filter })).count;
  expect(await count({ field: 'a', isNull: true })).toBe(1);
  expect(await count({ field: 'a', is: '<>', value: 1 })).toBe(0);
  expect(await count({ field: 'c', is: '=', value: 'null' })).toBe(1);
  expect(await count({ field: ['b', '0'], isNull: false })).toBe(0);
});

test.each([
  ['order of truths', { field: 'a', is: '<', value: true }],
  ['no number', { field: 'a', is: '=', value: new ExactNumber('1e999999') }],
  ['text with NUL', { field: 'a', is: '=', value: '\0' }],
  ['name with half of a pair', { field: 'a\ud800', isNull: true }],
  ['pattern that ends early', { field: 'a', like: 'x\\' }],
  [
    'deep',
    Array.from({ length: 40 }).reduce<object>((inner) => ({ not: inner }), { field: 'a', isNull: true }),
  ],
  ['wide', { or: Array.from({ length: 1_000 }, () => ({ field: 'a', isNull: true })) }],
])('a condition that is refused: %s', async (_, filter) => {
  const fault = await model.fault(embeddingSearch, { collection: 'some', vector: vector(), filter });
  expect(fault.code).toBe('INVALID_FILTER');
  expect((await model.fault(embeddingCount, { collection: 'some', filter })).code).toMatch(
    /INVALID_FILTER|NUMERIC/,
  );
});

test.each([
  ['neither', {}, 'INVALID_PARAMETER'],
  ['both', { vector: [1], key: 'a' }, 'INVALID_PARAMETER'],
  ['another dimension', { vector: [1, 2] }, 'VECTOR_DIMENSION_MISMATCH'],
  ['nothing', { vector: [] }, 'INVALID_PARAMETER'],
  ['NaN', { vector: new Array(DIMENSIONS).fill(Number.NaN) }, 'INVALID_VECTOR'],
  ['too large', { vector: new Array(DIMENSIONS).fill(1e39) }, 'INVALID_VECTOR'],
  ['an empty key', { key: '' }, 'INVALID_PARAMETER'],
])('a search that is refused: %s', async (_, input, code) => {
  expect((await model.fault(embeddingSearch, { collection: 'some', ...input })).code).toBe(code);
});

test('in a collection that is not there nothing is found', async () => {
  expect((await search({ vector: [1, 2] }, 'not there')).items).toEqual([]);
});

test('a transaction sees its own embeddings', async () => {
  const { txnId: transactionId } = await model.call(transactionBegin, {});
  const to = vector();
  await model.call(
    embeddingStore,
    { collection: 'some', points: [{ key: 'mine', vector: to }] },
    { transactionId },
  );
  const inside = await model.call(
    embeddingSearch,
    { collection: 'some', vector: to, limit: 1 },
    { transactionId },
  );
  expect(inside.items[0]?.key).toBe('mine');
  expect((await search({ vector: to, limit: 1 })).items[0]?.key).not.toBe('mine');
  await model.call(transactionRollback, { txnId: transactionId });
});

/** Waits until the collection has an index that answers. */
async function indexed(name: string): Promise<void> {
  for (let attempt = 0; attempt < 60; attempt++) {
    const { index } = await model.call(collectionGet, { name });
    if (index?.status === 'ready') return;
    await sleep(50);
  }
  throw new Error(
    `${name} has no index: ${JSON.stringify([await model.call(collectionGet, { name }), model.observations.slice(-5)])}`,
  );
}

test('an index is built when it is asked for, and finds the same', async () => {
  const built = await model.call(embeddingBuildIndex, { collection: 'some' });
  expect(built).toMatchObject({ created: true, points: ROWS });
  expect(await model.call(embeddingBuildIndex, { collection: 'some' })).toMatchObject({ created: false });
  for (const metric of METRICS) {
    const to = vector();
    const found = await search({ vector: to, metric, withVector: true });
    expect(found.plan.index).toBe(built.index);
    expectItems(found, best(metric, to).slice(0, 10));
    const few = await search({ vector: to, metric, filter: { field: 'n', is: '<', value: 40 } });
    expectItems(few, best(metric, to, ({ metadata }) => metadata.n < 40).slice(0, 10));
    const keys = ['key 5', 'key 50', 'key 500'];
    expectItems(
      await search({ vector: to, metric, keys }),
      best(metric, to, ({ key }) => keys.includes(key)),
    );
  }
  // What is stored, replaced and deleted is taken into account at once.
  const to = vector();
  await model.call(embeddingStore, { collection: 'some', points: [{ key: 'new', vector: to }] });
  expect((await search({ vector: to, limit: 1 })).items[0]?.key).toBe('new');
  await model.call(embeddingStore, {
    collection: 'some',
    points: [{ key: 'new', vector: to.map((x) => -x) }],
  });
  expect((await search({ vector: to, limit: 1 })).items[0]?.key).not.toBe('new');
  await model.call(embeddingDelete, { collection: 'some', keys: ['new'] });
  expect((await search({ vector: to.map((x) => -x), limit: 1 })).items[0]?.key).not.toBe('new');
  expect(await model.call(collectionGet, { name: 'some' })).toMatchObject({
    points: ROWS,
    index: { name: built.index, status: 'ready', progress: 1 },
  });
});

test('whoever asks for an index has it when the answer comes, also when another call is building it', async () => {
  const many = Array.from({ length: 3_000 }, (_, at) => ({ key: `${at}`, vector: vector() }));
  for (let from = 0; from < many.length; from += LIMITS.embeddingsMax) {
    const some = many.slice(from, from + LIMITS.embeddingsMax);
    await model.call(embeddingStore, { collection: 'asked', points: some });
  }
  const status = async () => (await model.call(collectionGet, { name: 'asked' })).index?.status;
  const answers = await Promise.all(
    Array.from({ length: 4 }, async () => {
      const { created } = await model.call(embeddingBuildIndex, { collection: 'asked' });
      expect(await status()).toBe('ready');
      return created;
    }),
  );
  expect(answers.filter((created) => created)).toHaveLength(1);
  expect((await search({ vector: vector(), limit: 3 }, 'asked')).plan.index).not.toBeNull();
});

test('a large collection gets an index by itself, of its distance', async () => {
  const dimension = 2_000;
  const long = (at: number): Float32Array =>
    Float32Array.from({ length: dimension }, (_, of) => Math.cos(at * of));
  await model.call(collectionCreate, { name: 'large', dimension, distance: 'l2' });
  const many = Array.from({ length: 90 }, (_, at) => ({ key: `${at}`, vector: long(at) }));
  await model.call(embeddingStore, { collection: 'large', points: many });
  await indexed('large');
  const found = await search({ vector: long(17), limit: 1 }, 'large');
  expect(found.items).toMatchObject([{ key: '17', score: 1 }]);
  expect(found.plan.index).not.toBeNull();
  // A small one does not, however often it is searched.
  expect((await model.call(collectionGet, { name: 'same' })).index).toBeNull();
});

test('an index goes with its collection, and the next one of the name gets its own', async () => {
  const of = (collection: string, sign: number) =>
    model.call(embeddingStore, {
      collection,
      points: [...points.values()].map(({ key, vector: v }) => ({ key, vector: v.map((x) => sign * x) })),
    });
  await of('again', 1);
  await model.call(embeddingBuildIndex, { collection: 'again' });
  await model.call(collectionDelete, { name: 'again' });
  const left = await model.call(sqlQuery, {
    sql: `SELECT i.name FROM vector.index i LEFT JOIN pg_class c ON c.oid = i.relation WHERE c.oid IS NULL`,
  });
  expect(left.rows).toEqual([]);
  await of('again', -1);
  expect((await model.call(embeddingBuildIndex, { collection: 'again' })).created).toBe(true);
  const { vector: one = [] } = points.get('key 1') ?? {};
  const found = await search({ vector: one.map((x) => -x), limit: 1 }, 'again');
  expect(found.items[0]).toMatchObject({ key: 'key 1' });
  expect(found.plan.index).not.toBeNull();
});
