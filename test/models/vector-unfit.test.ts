/** Vector indexes whose tables become such that no index can keep up with them, and commits that nobody waited for. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sqlExecuteTransaction, sqlQuery, vectorSearch } from '../../src/models/index.ts';
import { type Model, openModel } from './call-operation.ts';
import { createL2Index, foundIn } from './vector-calls.ts';

let model: Model;
beforeAll(async () => {
  model = await openModel();
});
afterAll(() => model.stop());

const query = (sql: string) => model.call(sqlQuery, { sql });

async function indexed(table: string, rows: number): Promise<void> {
  await query(`CREATE TABLE ${table} (id bigint PRIMARY KEY, v VECTOR(2))`);
  await query(`INSERT INTO ${table} SELECT n, ARRAY[n, n]::real[] FROM generate_series(1, ${rows}) n`);
  await createL2Index(model, table);
}

const found = (table: string, more: object = {}) => foundIn(model, table, more);

test('a table that lost its key is searched row by row', async () => {
  await indexed('keyless', 3);
  expect(await found('keyless')).toEqual(['index', 1, 2]);
  await query('ALTER TABLE keyless DROP CONSTRAINT keyless_pkey');
  await query("INSERT INTO keyless VALUES (1, '{0,0}')");
  for (let time = 0; time < 3; time++) expect(await found('keyless')).toEqual(['exact', 1, 1]);
});

test('rows of tables that inherit are found', async () => {
  await indexed('parent', 3);
  await query('CREATE TABLE child () INHERITS (parent)');
  await query("INSERT INTO child VALUES (9, '{0,0}')");
  expect(await found('parent')).toEqual(['exact', 9, 1]);
});

test('what committed without waiting for the disk is found', async () => {
  await indexed('asynchronous', 100);
  for (const filter of [undefined, 'id <> 0']) {
    for (let id = 101; id <= 110; id++) {
      const text = `INSERT INTO asynchronous VALUES (${id}, ARRAY[${1 / id}, 0])`;
      const statements = [
        'SET LOCAL synchronous_commit = off',
        'DELETE FROM asynchronous WHERE id > 100',
        text,
      ];
      await model.call(sqlExecuteTransaction, { statements: statements.map((sql) => ({ sql })) });
      expect((await found('asynchronous', { filter }))[1]).toBe(id);
    }
  }
});

test('an index is built and grows while others are searched', async () => {
  await indexed('busy', 3_000);
  await found('busy');
  await indexed('second', 5_000);
  expect(await found('second')).toEqual(['index', 1, 2]);
});

test('placeholders of a filter are those of its parameters', async () => {
  await indexed('placed', 3);
  expect(await found('placed', { filter: 'id = $1', params: [2] })).toEqual(['exact', 2]);
  for (const filter of ['id = $1', "id = $3 OR 'a' = 'b'", 'id = $0', 'generate_series(1, 2) = id']) {
    const asked = { table: 'placed', vectorColumn: 'v', queryVector: [1, 1], filter };
    expect((await model.fault(vectorSearch, asked)).code).toBe('INVALID_FILTER');
  }
  expect(await found('placed', { filter: "'$9' <> '' AND id < 2" })).toEqual(['exact', 1]);
});
