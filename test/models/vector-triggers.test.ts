/** Vector indexes where changes are followed by triggers, whose positions are not those of the write-ahead log. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sqlQuery, transactionBegin, transactionRollback } from '../../src/models/index.ts';
import { type Model, openTriggerModel } from './call-operation.ts';
import { createL2Index, foundIn } from './vector-calls.ts';

let model: Model;
beforeAll(async () => {
  model = await openTriggerModel();
  await query('CREATE TABLE doc (id int PRIMARY KEY, v VECTOR(2))');
  await query('INSERT INTO doc SELECT n, ARRAY[n, n]::real[] FROM generate_series(1, 200) n');
  await createL2Index(model, 'doc');
}, 60_000);
afterAll(() => model.stop());

const query = (sql: string) => model.call(sqlQuery, { sql });

const found = (more: object = {}) => foundIn(model, 'doc', more);

test('the feed is one of triggers', async () => {
  expect((await model.store.namespace('default')).changes.source).toBe('triggers');
});

test('searches go through the index, and find what has just been written', async () => {
  expect(await found()).toEqual(['index', 1, 2]);
  for (let turn = 1; turn <= 30; turn++) {
    const id = 1_000 + turn;
    await query(`INSERT INTO doc VALUES (${id}, ARRAY[${1 / id}, 0])`);
    expect(await found({ topK: 1 })).toEqual(['index', id]);
    const filter = `id > 999`;
    expect(await found({ topK: 1, filter })).toEqual(['exact', id]);
    await query(`DELETE FROM doc WHERE id = ${id}`);
    expect(await found()).toEqual(['index', 1, 2]);
    expect(await found({ filter })).toEqual(['exact']);
  }
});

test('a transaction that has written and goes on holds no search up', async () => {
  const { txnId } = await model.call(transactionBegin, {});
  const inside = { transactionId: txnId };
  await model.call(sqlQuery, { sql: "INSERT INTO doc VALUES (0, '{0,0}')" }, inside);
  try {
    for (const pauseMs of [0, 400, 400]) {
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
      expect(await found()).toEqual(['index', 1, 2]);
      await model.call(sqlQuery, { sql: 'UPDATE doc SET v = v WHERE id = 0' }, inside);
      expect(await found()).toEqual(['index', 1, 2]);
      expect(await found({ filter: 'id < 0' })).toEqual(['exact']);
    }
  } finally {
    await model.call(transactionRollback, { txnId });
  }
});
