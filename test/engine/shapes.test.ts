/** Texts that differ in literals alone share what was learned of them, and answer as each of them would by itself. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asFacetError } from '../../src/base/index.ts';
import type { Database, ResultSet } from '../../src/engine/index.ts';
import { openTestStore, type TestStore } from '../support/test-store.ts';

let test: TestStore;
let database: Database;
beforeAll(async () => {
  // All statements that do not go over the lane run in one session, so that the backend tells which way one went.
  test = await openTestStore({ poolConnections: 1, transactionsOpenMax: 1 });
  database = test.database;
  await database.runUser(
    `CREATE TABLE item (id int PRIMARY KEY, big bigint UNIQUE, amount numeric UNIQUE, name text, born date, data jsonb)`,
  );
  await database.runUser(
    `INSERT INTO item SELECT g, g * 10000000000, g + 0.5, nullif('name ' || g, 'name 3'), date '2020-01-01' + g, '{"a": 1}'
     FROM generate_series(1, 2000) g`,
  );
  await database.runUser('ANALYZE item');
});
afterAll(() => test.close());

const cellOf = async (sql: string): Promise<string> => String((await database.runUser(sql)).rows[0]?.[0]);

/** The backends of the pool and of the lane. The functions are looked at a moment after a change; until then none is safe. */
async function backends(): Promise<{ readonly pool: string; readonly lane: string }> {
  const pool = await cellOf('SELECT pg_backend_pid() FROM item WHERE id = 1 FOR SHARE');
  for (let n = 0; n < 400; n++) {
    const lane = await cellOf('SELECT pg_backend_pid()');
    if (lane !== pool) return { pool, lane };
    await sleep(25);
  }
  throw new Error('nothing goes over the lane');
}

describe('the lane', () => {
  it('takes a text that was never here, when others of its shape were short', async () => {
    const { pool, lane } = await backends();
    const text = (id: number) => `SELECT pg_backend_pid(), name FROM item WHERE id = ${id}`;
    const seen: string[] = [];
    for (let id = 10; id < 16; id++) seen.push(await cellOf(text(id)));
    expect(seen.slice(0, 2)).toEqual([pool, pool]);
    expect(seen.slice(2)).toEqual([lane, lane, lane, lane]);
  });

  it('tells texts apart that differ in more than literals', async () => {
    const { pool, lane } = await backends();
    for (let id = 0; id < 4; id++)
      await cellOf(`SELECT pg_backend_pid() FROM item WHERE 1 < id AND id = ${id}`);
    expect(await cellOf('SELECT pg_backend_pid() FROM item WHERE 1 < id AND id = 7')).toBe(lane);
    expect(await cellOf('SELECT pg_backend_pid() FROM item WHERE 1 < id AND id <= 7')).toBe(pool);
    expect(await cellOf(`SELECT pg_backend_pid() FROM item WHERE 1 < id AND name = 'name 7'`)).toBe(pool);
  });

  it('hands back one whose literal makes it slow, and all of its shape with it', async () => {
    const text = (most: number) =>
      `SELECT pg_backend_pid(), count(*) FROM generate_series(1, ${most}) GROUP BY 1`;
    const { pool, lane } = await backends();
    for (let n = 0; n < 3; n++) await database.runUser(text(10 + n));
    expect(await cellOf(text(20))).toBe(lane);
    expect((await database.runUser(text(6_000_000))).rows).toEqual([[pool, '6000000']]);
    expect(await cellOf(text(21))).toBe(pool);
  });

  it('does not keep a shape that has become large', async () => {
    const text = (most: number) => `SELECT pg_backend_pid(), id FROM item LIMIT ${most}`;
    const { pool, lane } = await backends();
    for (let n = 1; n < 4; n++) await database.runUser(text(n));
    const large = await database.runUser(text(2_000));
    expect([large.rows.length, large.rows[0]?.[0]]).toEqual([2_000, lane]);
    expect(await cellOf(text(5))).toBe(pool);
  });
});

it('a text with literals is prepared under a name only when it comes again', async () => {
  await backends();
  const names = () => cellOf('SELECT count(*) FROM pg_prepared_statements');
  for (let n = 0; n < 5; n++) await names();
  const before = Number(await names());
  for (let id = 100; id < 150; id++) await database.runUser(`SELECT name, born FROM item WHERE id = ${id}`);
  expect(Number(await names())).toBe(before);
  for (let n = 0; n < 3; n++) await database.runUser('SELECT name, born FROM item WHERE id = 149');
  expect(Number(await names())).toBe(before + 1);
});

type Outcome = Pick<ResultSet, 'columns' | 'rows' | 'command' | 'affected'> | Record<string, unknown>;

const outcomeOf = (running: Promise<ResultSet>): Promise<Outcome> =>
  running.then(
    ({ columns, rows, command, affected }) => ({ columns, rows, command, affected }),
    (thrown: unknown) => {
      const { code, message, detail, hint, position, sqlState } = asFacetError(thrown);
      return { code, message, detail, hint, position, sqlState };
    },
  );

/** In a transaction each text runs by itself, in the pool. */
async function alone(sql: string): Promise<Outcome> {
  const transaction = await database.begin({
    owner: 'ann',
    isolationLevel: 'read_committed',
    readOnly: true,
    timeoutMs: 10_000,
  });
  try {
    return await outcomeOf(database.runUser(sql, [], { transaction }));
  } finally {
    await database.rollback(transaction);
  }
}

describe('the answer is that of the text by itself', () => {
  /** `?` stands for each of the literals. */
  it.each([
    [
      'SELECT ?',
      ['1', '-1', '2147483647', '2147483648', '9223372036854775808', '1.50', '1e3', "'a'", 'NULL'],
    ],
    ['SELECT ? AS a, pg_typeof(?)', ['1', '3000000000', '99999999999999999999', '2.50', "'it''s'", "''"]],
    [
      'SELECT name FROM item WHERE id = ?',
      ['42', '-42', '3', "'42'", '42.0', '42.5', '99999999999999999999', "'x'"],
    ],
    ['SELECT id FROM item WHERE big = ?', ['10000000000', '42', '99999999999999999999', "'30000000000'"]],
    ['SELECT id FROM item WHERE amount = ?', ['1.5', '2', "'3.5'", '9223372036854775808.5']],
    ['SELECT id FROM item WHERE name = ?', ["'name 7'", '7', "'it''s'", 'NULL', "E'name 7'", "'name\\7'"]],
    ['SELECT id FROM item WHERE name IS NULL AND id < ?', ['2', '5', "'5'", '1.0']],
    ['SELECT id FROM item WHERE born = ?', ["'2020-01-03'", "'2020-13-45'", '20200103']],
    ['SELECT id FROM item WHERE id < 20 ORDER BY ? LIMIT 3', ['1', '2', "'a'"]],
    ['SELECT id % 3, count(*) FROM item WHERE id < 9 GROUP BY ?', ['1', '2', "'a'", '7']],
    ['SELECT id FROM item ORDER BY id LIMIT ?', ['2', '0', '-1', "'2'", "'x'", 'NULL', '1.6']],
    ['SELECT id FROM item ORDER BY id OFFSET ? LIMIT 2', ['0', '5', '1999']],
    ['SELECT born + interval ? FROM item WHERE id = 1', ["'1 day'", "'2 months'", "'x'"]],
    ['SELECT data->>? FROM item WHERE id = 1', ["'a'", "'b'", '0', '-1']],
    ['SELECT ? || name FROM item WHERE id = 5', ["'a'", '1']],
    ['SELECT 10 / ?', ['3', '0', '4.0', "'5'", "'x'"]],
    ['SELECT id FROM item WHERE id IN (1, ?)', ['2', "'3'", '3.5', "'x'"]],
    ['SELECT CASE WHEN id = 1 THEN ? ELSE name END FROM item WHERE id < 3', ["'one'", '1']],
    ['SELECT ?::numeric(4,2), CAST(? AS text)', ['12.345', "'12.345'", '100', "'x'"]],
    ['SELECT "no ?" FROM item WHERE id = ?', ['1', "'1'"]],
    ['SELECT id FROM items WHERE id = ?', ['1', "'longer than one'"]],
    ['SELECT id FORM item WHERE id = ?', ['1', '1000']],
    ['VALUES (?, 1), (2, 3)', ['4', "'5'", '6.5', "'x'"]],
    ['SELECT current_query() = ?', ["'a'", "'b'"]],
  ])('%s', async (form, literals) => {
    const texts = literals.map((literal) => form.replaceAll('?', () => literal));
    // The first runs decide where the later ones go.
    for (const text of [...texts, ...texts]) await outcomeOf(database.runUser(text));
    for (const text of texts) {
      const expected = await alone(text);
      for (let n = 0; n < 3; n++)
        expect({ text, ...(await outcomeOf(database.runUser(text))) }).toEqual({ text, ...expected });
      // One that nobody has sent before.
      expect(await outcomeOf(database.runUser(`${text} `))).toEqual(expected);
    }
  });
});

it('the lane never sees a write, a lock or a call of the unknown, whatever their shape did before', async () => {
  await database.runUser(
    'CREATE FUNCTION public.is_odd(n int) RETURNS boolean LANGUAGE sql IMMUTABLE RETURN n % 2 = 1',
  );
  const { pool } = await backends();
  for (const text of [
    (n: number) => `UPDATE item SET name = name WHERE id = ${n} RETURNING pg_backend_pid()`,
    (n: number) => `SELECT pg_backend_pid() FROM item WHERE id = ${n} FOR UPDATE`,
    (n: number) => `SELECT pg_backend_pid(), set_config('a.b', '${n}', true)`,
    (n: number) => `SELECT pg_backend_pid() FROM item WHERE id = ${n} AND public.is_odd(id) IS NOT NULL`,
  ]) {
    for (let n = 20; n < 25; n++) expect(await cellOf(text(n))).toBe(pool);
  }
});
