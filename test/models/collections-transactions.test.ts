/** Collections of embeddings in transactions, on a real PostgreSQL: all of what a transaction did stays, or nothing. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  collectionCreate,
  collectionDelete,
  collectionGet,
  embeddingDelete,
  embeddingGet,
  embeddingSearch,
  embeddingStore,
  sqlQuery,
  transactionBegin,
  transactionCommit,
  transactionRollback,
} from '../../src/models/index.ts';
import { type Model, openModel } from './call-operation.ts';

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

describe('transactions', () => {
  const inside = (transactionId: string) => ({ transactionId });
  const begin = async (options: object = {}): Promise<string> =>
    (await model.call(transactionBegin, options)).txnId;

  test('a rollback leaves nothing, also of a collection that was made in it', async () => {
    await store('kept', { key: 'a', vector: [1, 2] });
    const id = await begin();
    const points = [{ key: 'b', vector: [3, 4] }];
    await model.call(embeddingStore, { collection: 'kept', points }, inside(id));
    await model.call(embeddingDelete, { collection: 'kept', keys: ['a'] }, inside(id));
    await model.call(embeddingStore, { collection: 'fleeting', points }, inside(id));
    await model.call(collectionCreate, { name: 'fleeting too', dimension: 4 }, inside(id));
    const found = await model.call(embeddingSearch, { collection: 'fleeting', vector: [3, 4] }, inside(id));
    expect(found.items.map(({ key }) => key)).toEqual(['b']);
    // Nobody else sees it.
    expect(await stored('kept', ['a', 'b'])).toHaveLength(1);
    expect((await model.fault(collectionGet, { name: 'fleeting' })).code).toBe('COLLECTION_NOT_FOUND');
    await model.call(transactionRollback, { txnId: id });
    expect(await stored('kept', ['a', 'b'])).toEqual([{ key: 'a', vector: [1, 2], metadata: {} }]);
    expect((await model.fault(collectionGet, { name: 'fleeting' })).code).toBe('COLLECTION_NOT_FOUND');
    expect((await model.fault(collectionGet, { name: 'fleeting too' })).code).toBe('COLLECTION_NOT_FOUND');
    expect(await sql("SELECT to_regclass('embedding.fleeting')")).toEqual([[null]]);
    expect(await store('fleeting', { key: 'c', vector: [1] })).toEqual({ stored: 1, created: true });
  });

  test('a commit leaves all of it', async () => {
    const id = await begin();
    await model.call(
      embeddingStore,
      { collection: 'lasting', points: [{ key: 'a', vector: [1] }] },
      inside(id),
    );
    await model.call(sqlQuery, { sql: 'UPDATE embedding.lasting SET vector = ARRAY[2::real]' }, inside(id));
    await model.call(transactionCommit, { txnId: id });
    expect(await stored('lasting', ['a'])).toEqual([{ key: 'a', vector: [2], metadata: {} }]);
  });

  test('a deletion is taken back, too', async () => {
    await store('back', { key: 'a', vector: [1] });
    const id = await begin();
    await model.call(collectionDelete, { name: 'back' }, inside(id));
    const found = await model.call(embeddingSearch, { collection: 'back', vector: [1] }, inside(id));
    expect(found.items).toEqual([]);
    await model.call(transactionRollback, { txnId: id });
    expect(await stored('back', ['a'])).toHaveLength(1);
  });

  test('an error does not end the transaction of who checks before', async () => {
    const id = await begin();
    await store('checks', { key: 'a', vector: [1] });
    const points = [{ key: 'b', vector: [1, 2] }];
    const fault = await model.fault(embeddingStore, { collection: 'checks', points }, inside(id));
    expect(fault.code).toBe('VECTOR_DIMENSION_MISMATCH');
    await model.call(
      embeddingStore,
      { collection: 'checks', points: [{ key: 'b', vector: [2] }] },
      inside(id),
    );
    await model.call(transactionCommit, { txnId: id });
    expect(await stored('checks', ['b'])).toHaveLength(1);
  });

  test('one that only reads cannot store', async () => {
    await store('read', { key: 'a', vector: [1] });
    const id = await begin({ readOnly: true });
    const found = await model.call(embeddingSearch, { collection: 'read', vector: [1] }, inside(id));
    expect(found.items).toHaveLength(1);
    const points = [{ key: 'b', vector: [2] }];
    const fault = await model.fault(embeddingStore, { collection: 'read', points }, inside(id));
    expect(fault.code).toBe('READ_ONLY_TRANSACTION');
    await model.call(transactionRollback, { txnId: id });
  });
});
