/**
 * Searches while several connections write: what was acknowledged is found at once, what was deleted never is, and at
 * each moment of rest the answers are those of measuring every row. `FACET_TEST_LONG=1` goes on for much longer.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sqlCreateIndex, sqlQuery, vectorSearch } from '../../src/models/index.ts';
import { type Model, openModel } from './call-operation.ts';
import { numbers } from './vector-calls.ts';

const WRITERS = 3;
const LONG = process.env.FACET_TEST_LONG !== undefined;
const ROUNDS = LONG ? 60 : 4;
const WRITES = LONG ? 400 : 40;
const D = 6;

let model: Model;
beforeAll(async () => {
  model = await openModel();
}, 60_000);
afterAll(() => model.stop());

const query = (sql: string, params?: unknown[]) => model.call(sqlQuery, { sql, params });

type Vector = readonly number[];
const literal = (v: Vector): string => `{${v.join(',')}}`;

const search = async (queryVector: Vector, topK: number) =>
  await model.call(vectorSearch, {
    ...{ table: 'doc', vectorColumn: 'v', selectColumns: ['part', 'id'], distanceMetric: 'l2' },
    ...{ queryVector, topK },
  });

/** Does random things to rows that are its own, and looks after each whether searches know. */
class Writer {
  readonly #part: string;
  readonly #next: () => number;
  readonly rows = new Map<string, Vector | null>();

  constructor(part: string, seed: number) {
    this.#part = part;
    this.#next = numbers(seed);
  }

  async write(): Promise<void> {
    const ids = [...this.rows.keys()];
    const id = ids[Math.floor(this.#next() * ids.length)];
    const dice = this.#next();
    if (id === undefined || dice < 0.4) await this.#insert();
    else if (dice < 0.6) await this.#update(id);
    else if (dice < 0.75) await this.#rename(id);
    else if (dice < 0.85) await this.#empty(id);
    else await this.#delete(id);
  }

  #vector(): Vector {
    return Array.from({ length: D }, () => Math.fround(this.#next()));
  }

  async #insert(): Promise<void> {
    const id = randomUUID();
    const v = this.#vector();
    await query('INSERT INTO doc VALUES ($1, $2, $3)', [this.#part, id, literal(v)]);
    this.rows.set(id, v);
    await this.#expectFound(id, v);
  }

  async #update(id: string): Promise<void> {
    const v = this.#vector();
    await query('UPDATE doc SET v = $3 WHERE part = $1 AND id = $2', [this.#part, id, literal(v)]);
    this.rows.set(id, v);
    await this.#expectFound(id, v);
  }

  async #rename(id: string): Promise<void> {
    const to = randomUUID();
    await query('UPDATE doc SET id = $3 WHERE part = $1 AND id = $2', [this.#part, id, to]);
    const v = this.rows.get(id) ?? null;
    this.rows.delete(id);
    this.rows.set(to, v);
    if (v === null) return;
    await this.#expectFound(to, v);
    await this.#expectGone(id, v);
  }

  async #empty(id: string): Promise<void> {
    const before = this.rows.get(id) ?? null;
    await query('UPDATE doc SET v = NULL WHERE part = $1 AND id = $2', [this.#part, id]);
    this.rows.set(id, null);
    if (before !== null) await this.#expectGone(id, before);
  }

  async #delete(id: string): Promise<void> {
    const before = this.rows.get(id) ?? null;
    await query('DELETE FROM doc WHERE part = $1 AND id = $2', [this.#part, id]);
    this.rows.delete(id);
    if (before !== null) await this.#expectGone(id, before);
  }

  async #expectFound(id: string, v: Vector): Promise<void> {
    const { rows, distances } = await search(v, 1);
    expect([rows, distances]).toEqual([[[this.#part, id]], [0]]);
  }

  async #expectGone(id: string, v: Vector): Promise<void> {
    const { rows } = await search(v, 20);
    expect(rows.map(([, found]) => found)).not.toContain(id);
  }
}

/** The nearest by PostgreSQL, which measures every row. */
async function expectRight(next: () => number): Promise<void> {
  for (let turn = 0; turn < 5; turn++) {
    const to = Array.from({ length: D }, () => Math.fround(next()));
    const { rows } = await query(
      'SELECT part, id FROM doc WHERE v IS NOT NULL ORDER BY vector.l2_distance(v, $1) LIMIT 10',
      [literal(to)],
    );
    const found = await search(to, 10);
    // The graph may overlook one now and then; with so few rows it does not.
    expect(found.rows).toEqual(rows);
  }
}

test(
  'several connections write and search',
  async () => {
    await query(`CREATE TABLE doc (part text, id uuid, v VECTOR(${D}), PRIMARY KEY (part, id))`);
    const options = { distance_metric: 'l2' };
    await model.call(sqlCreateIndex, { name: 'doc_v', table: 'doc', columns: ['v'], type: 'hnsw', options });
    const writers = Array.from({ length: WRITERS }, (_, at) => new Writer(`part "${at}", \\'`, at + 1));
    const next = numbers(99);
    for (let round = 0; round < ROUNDS; round++) {
      await Promise.all(
        writers.map(async (writer) => {
          for (let turn = 0; turn < WRITES; turn++) await writer.write();
        }),
      );
      await expectRight(next);
      const plan = async () => (await search([1, 1, 1, 1, 1, 1], 1)).plan;
      await expect.poll(plan, { timeout: 10_000 }).toMatchObject({ index: 'doc_v' });
      if (round !== ROUNDS >> 1) continue;
      await query('TRUNCATE doc');
      expect((await search([1, 1, 1, 1, 1, 1], 10)).rows).toEqual([]);
      for (const { rows } of writers) rows.clear();
    }
  },
  LONG ? 1_200_000 : 180_000,
);

test('columns that are renamed or dropped, and another primary key, leave no wrong answer', async () => {
  await query('CREATE TABLE pair (a int, b int, v VECTOR(2), w int, PRIMARY KEY (a))');
  await query('INSERT INTO pair SELECT n, 100 - n, ARRAY[n, 0]::real[], 0 FROM generate_series(1, 50) n');
  const options = { distance_metric: 'l2' };
  await model.call(sqlCreateIndex, { name: 'pair_v', table: 'pair', columns: ['v'], type: 'hnsw', options });
  const nearest = async (table = 'pair', vectorColumn = 'v', column = 'b') => {
    const input = { queryVector: [7, 0], topK: 1, distanceMetric: 'l2', selectColumns: [column] };
    return (await model.call(vectorSearch, { table, vectorColumn, ...input })).rows;
  };
  expect(await nearest()).toEqual([['93']]);
  await query('ALTER TABLE pair DROP CONSTRAINT pair_pkey');
  await query('UPDATE pair SET a = 1 WHERE b = 93');
  expect(await nearest()).toEqual([['93']]);
  await query('UPDATE pair SET a = 1007 WHERE b = 93');
  await query('ALTER TABLE pair ADD PRIMARY KEY (b)');
  expect(await nearest()).toEqual([['93']]);
  await query('ALTER TABLE pair RENAME COLUMN b TO c');
  await query('UPDATE pair SET c = 1093 WHERE c = 93');
  expect(await nearest('pair', 'v', 'c')).toEqual([['1093']]);
  await query('ALTER TABLE pair RENAME COLUMN v TO x');
  await query('ALTER TABLE pair RENAME TO couple');
  expect(await nearest('couple', 'x', 'c')).toEqual([['1093']]);
  await query('ALTER TABLE couple DROP COLUMN w');
  await query("UPDATE couple SET x = '{900,0}' WHERE c = 1093");
  expect(await nearest('couple', 'x', 'c')).not.toEqual([['1093']]);
  await query('ALTER TABLE couple DROP COLUMN x');
  await query('ALTER TABLE couple ADD COLUMN x VECTOR(2)');
  expect(await nearest('couple', 'x', 'c')).toEqual([]);
});
