/** Collections from several processes and transactions at once, on a real PostgreSQL. */
import { inspect } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FacetError } from '../../src/base/index.ts';
import { openStore } from '../../src/engine/index.ts';
import {
  collectionCreate,
  collectionDelete,
  collectionGet,
  embeddingCount,
  embeddingGet,
  embeddingSearch,
  embeddingStore,
  type Operation,
  transactionBegin,
  transactionCommit,
  transactionRollback,
} from '../../src/models/index.ts';
import { openTestStore, type TestStore } from '../support/test-store.ts';
import { type Caller, callsOn } from './collections-support.ts';

let shared: TestStore;
let one: Caller;
/** As another process: it shares the database, and nothing that is remembered. */
let other: Caller;

beforeAll(async () => {
  shared = await openTestStore();
  one = callsOn(shared.store, shared.database);
  const second = await openStore(shared.uri, { observe: () => undefined });
  other = callsOn(second, await second.namespace('default'));
});
afterAll(async () => {
  await other.store.stop();
  await shared.close();
});

const codeOf = (thrown: unknown): string =>
  thrown instanceof FacetError && thrown.kind !== 'internal' ? thrown.code : inspect(thrown);

async function outcome<I, O>(
  caller: Caller,
  operation: Operation<I, O>,
  input: unknown,
): Promise<O | string> {
  return await caller.call(operation, input).catch(codeOf);
}

test('one of many who make the same collection makes it, the others hear that it exists', async () => {
  const makers = Array.from({ length: 8 }, (_, at) =>
    outcome(at % 2 === 0 ? one : other, collectionCreate, { name: 'race', dimension: 2 }),
  );
  const made = await Promise.all(makers);
  expect(made.filter((result) => result === 'COLLECTION_EXISTS')).toHaveLength(7);
  expect(made.filter((result) => typeof result === 'object')).toHaveLength(1);
});

test('the first vectors of two processes both get into the collection that one of them makes', async () => {
  for (let round = 0; round < 10; round++) {
    const collection = `first ${round}`;
    const stores = Array.from({ length: 6 }, (_, at) =>
      (at % 2 === 0 ? one : other).call(embeddingStore, {
        collection,
        points: [
          { key: `k${at}`, vector: [at, 1] },
          { key: 'shared', vector: [at, 2] },
        ],
      }),
    );
    const results = await Promise.all(stores);
    expect(results.filter(({ created }) => created)).toHaveLength(1);
    expect(await other.call(embeddingCount, { collection })).toEqual({ count: 7 });
  }
});

test('of two dimensions at once one wins', async () => {
  for (let round = 0; round < 5; round++) {
    const collection = `dimension ${round}`;
    const results = await Promise.all([
      outcome(one, embeddingStore, { collection, points: [{ key: 'a', vector: [1, 2] }] }),
      outcome(other, embeddingStore, { collection, points: [{ key: 'a', vector: [1, 2, 3] }] }),
    ]);
    expect(results.filter((result) => result === 'VECTOR_DIMENSION_MISMATCH')).toHaveLength(1);
    expect(await one.call(embeddingCount, { collection })).toEqual({ count: 1 });
  }
});

test('a collection that another transaction is making is waited for', async () => {
  const points = [{ key: 'a', vector: [1, 2] }];
  for (const commits of [true, false]) {
    const collection = `waited for ${commits}`;
    const { txnId } = await one.call(transactionBegin, {});
    await one.call(embeddingStore, { collection, points }, txnId);
    const waiting = outcome(other, embeddingStore, { collection, points: [{ key: 'b', vector: [3, 4] }] });
    await (commits ? one.call(transactionCommit, { txnId }) : one.call(transactionRollback, { txnId }));
    expect(await waiting).toEqual({ stored: 1, created: !commits });
    expect(await one.call(embeddingCount, { collection })).toEqual({
      count: commits ? 2 : 1,
    });
  }
});

test('what another process changes is met, whatever was remembered', async () => {
  const collection = 'changed';
  const search = (vector: number[]) => outcome(one, embeddingSearch, { collection, vector });
  await one.call(embeddingStore, { collection, points: [{ key: 'a', vector: [1, 2] }] });
  await search([1, 2]);
  await other.call(collectionDelete, { name: collection });
  expect(await search([1, 2])).toMatchObject({ items: [] });
  await one.call(embeddingStore, { collection, points: [{ key: 'a', vector: [1, 2] }] });
  await search([1, 2]);
  await other.call(collectionDelete, { name: collection });
  await other.call(embeddingStore, { collection, points: [{ key: 'b', vector: [1, 2, 3] }] });
  expect(await search([1, 2])).toBe('VECTOR_DIMENSION_MISMATCH');
  expect(await search([1, 2, 3])).toMatchObject({ items: [{ key: 'b' }] });
  const stored = await one.call(embeddingStore, { collection, points: [{ key: 'c', vector: [3, 2, 1] }] });
  expect(stored).toEqual({ stored: 1, created: false });
  await other.call(collectionDelete, { name: collection });
  await other.call(embeddingStore, { collection, points: [{ key: 'd', vector: [1] }] });
  const store = (vector: number[]) =>
    outcome(one, embeddingStore, { collection, points: [{ key: 'e', vector }] });
  expect(await store([1, 2, 3])).toBe('VECTOR_DIMENSION_MISMATCH');
  expect(await store([2])).toEqual({ stored: 1, created: false });
});

test('storing, searching and reading while it is deleted again and again', async () => {
  const collection = 'deleted';
  const codes: string[] = [];
  const note = (result: unknown): void => {
    if (typeof result === 'string') codes.push(result);
  };
  let over = false;
  const repeat = async (work: (round: number) => Promise<unknown>): Promise<void> => {
    for (let round = 0; !over; round++) note(await work(round));
  };
  const all = [one, other].flatMap((caller) => [
    repeat((round) =>
      outcome(caller, embeddingStore, { collection, points: [{ key: `${round}`, vector: [round, 1] }] }),
    ),
    repeat(() => outcome(caller, embeddingSearch, { collection, vector: [1, 1], withVector: true })),
    repeat(() => outcome(caller, embeddingGet, { collection, keys: ['1', '2'], withVector: true })),
  ]);
  for (let round = 0; round < 40; round++) {
    const result = await outcome(round % 2 === 0 ? one : other, collectionDelete, { name: collection });
    if (result !== 'COLLECTION_NOT_FOUND') note(result);
  }
  over = true;
  await Promise.all(all);
  expect(codes).toEqual([]);
  await one.call(embeddingStore, { collection, points: [{ key: 'last', vector: [1, 1] }] });
  expect((await other.call(collectionGet, { name: collection })).points).toBeGreaterThan(0);
});

test('a collection that a transaction has stored into is deleted after it', async () => {
  const collection = 'held';
  await one.call(embeddingStore, { collection, points: [{ key: 'a', vector: [1] }] });
  const { txnId } = await one.call(transactionBegin, {});
  await one.call(embeddingStore, { collection, points: [{ key: 'b', vector: [1] }] }, txnId);
  const deletion = other.call(collectionDelete, { name: collection });
  // It is still there for the transaction.
  await one.call(embeddingStore, { collection, points: [{ key: 'c', vector: [1] }] }, txnId);
  await one.call(transactionCommit, { txnId });
  expect(await deletion).toEqual({ deleted: true });
  expect(await outcome(one, collectionGet, { name: collection })).toBe('COLLECTION_NOT_FOUND');
});

test('calls that store the same keys in other orders do not stop each other', async () => {
  const collection = 'crossing';
  const keys = Array.from({ length: 200 }, (_, at) => `k${at}`);
  const work = Array.from({ length: 24 }, (_, at) => {
    const order = at % 2 === 0 ? keys : [...keys].reverse();
    const points = order.map((key) => ({ key, vector: [at, 1] }));
    return (at % 4 < 2 ? one : other).call(embeddingStore, { collection, points });
  });
  await Promise.all(work);
  const { embeddings } = await one.call(embeddingGet, { collection, keys, withVector: true });
  // All of one call.
  expect(new Set(embeddings.map(({ vector }) => vector?.[0])).size).toBe(1);
});

test('an old snapshot hears that it is too old', async () => {
  const collection = 'snapshot';
  const { txnId } = await one.call(transactionBegin, { isolationLevel: 'repeatable_read' });
  await one.call(embeddingGet, { collection, keys: ['a'] }, txnId);
  await other.call(embeddingStore, { collection, points: [{ key: 'a', vector: [1] }] });
  const late = one.call(embeddingStore, { collection, points: [{ key: 'b', vector: [1] }] }, txnId);
  expect(await late.catch(codeOf)).toBe('SERIALIZATION_FAILURE');
  await one.call(transactionRollback, { txnId });
});
