/** SQL as statements of the language: what rows, counts and ids become, streams, errors, and the ids of new rows. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resultKindOf } from '../../../src/dialects/neumann/statements/index.ts';
import { graphQuery, sqlQuery, transactionBegin, transactionCommit } from '../../../src/models/index.ts';
import { type Neumann, openNeumann } from './open-neumann.ts';

let neumann: Neumann;
beforeAll(async () => {
  neumann = await openNeumann();
});
afterAll(() => neumann.stop());

const run = (...given: Parameters<Neumann['run']>) => neumann.run(...given);
const valuesOf = (row: { values: readonly { name: string; value: unknown }[] }) =>
  Object.fromEntries(row.values.map(({ name, value }) => [name, value]));

describe('values', () => {
  it('has a kind for numbers and booleans, and text for everything else', async () => {
    const { rows } = await run(`SELECT 1::int2 AS small, -2::int4 AS int, 9223372036854775807::int8 AS big,
      1.5::float4 AS real, 'NaN'::float8 AS nan, '-Infinity'::float8 AS least, true AS yes, false AS no, NULL::int AS nothing,
      ''::text AS empty, 'Ä€😀' AS text, 12345678901234567890.123::numeric AS exact, '2024-02-29'::date AS day,
      '2024-02-29 12:00:00.5+02'::timestamptz AS moment, '{"a": [1, null]}'::jsonb AS json,
      'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid AS uuid, '\\xDEADbeef'::bytea AS bytes, ''::bytea AS none,
      ARRAY[1, 2] AS list, 0::int AS zero, 0::float8 AS zero_float`);
    expect(rows.rows).toHaveLength(1);
    expect(rows.rows[0].id).toBeUndefined();
    expect(valuesOf(rows.rows[0])).toEqual({
      small: { int_value: '1' },
      int: { int_value: '-2' },
      big: { int_value: '9223372036854775807' },
      real: { float_value: 1.5 },
      nan: { float_value: 'NaN' },
      least: { float_value: '-Infinity' },
      yes: { bool_value: true },
      no: { bool_value: false },
      nothing: { null: true },
      empty: { string_value: '' },
      text: { string_value: 'Ä€😀' },
      exact: { string_value: '12345678901234567890.123' },
      day: { string_value: '2024-02-29' },
      moment: { string_value: '2024-02-29 10:00:00.5+00' },
      json: { string_value: '{"a": [1, null]}' },
      uuid: { string_value: 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11' },
      bytes: { string_value: 'deadbeef' },
      none: { string_value: '' },
      list: { string_value: '{1,2}' },
      zero: { int_value: '0' },
      zero_float: { float_value: 0 },
    });
  });

  it('keeps the order of columns, also of those with equal names', async () => {
    const { rows } = await run('SELECT 1 AS b, 2 AS a, 3 AS b');
    expect(rows.rows[0].values.map(({ name }: { name: string }) => name)).toEqual(['b', 'a', 'b']);
  });

  it('makes bytes hexadecimal in the older form, too', async () => {
    const { txnId } = await neumann.dispatch.call(transactionBegin, {}, neumann.callOf().session);
    const inside = { transactionId: txnId };
    await run('SET LOCAL bytea_output = escape', inside);
    const { rows } = await run("SELECT '\\x00ff5c4178'::bytea AS bytes", inside);
    expect(valuesOf(rows.rows[0])).toEqual({ bytes: { string_value: '00ff5c4178' } });
    await neumann.dispatch.call(transactionCommit, { txnId }, neumann.callOf().session);
  });

  it('takes _id as the id of the row, where it is a number', async () => {
    const { rows } = await run('SELECT * FROM (VALUES (7::bigint, 1), (NULL, 2)) AS t ("_id", x) ORDER BY x');
    expect(rows.rows).toEqual([
      { id: '7', values: [{ name: 'x', value: { int_value: '1' } }] },
      { values: [{ name: 'x', value: { int_value: '2' } }] },
    ]);
    const text = await run(`SELECT 'a' AS "_id"`);
    expect(text.rows.rows).toEqual([{ values: [{ name: '_id', value: { string_value: 'a' } }] }]);
    const twice = await run(`SELECT 1 AS "_id", 2 AS "_id"`);
    expect(twice.rows.rows).toEqual([{ id: '1', values: [{ name: '_id', value: { int_value: '2' } }] }]);
  });

  it('answers rows without any', async () => {
    expect(await run('SELECT 1 AS one WHERE false')).toEqual({ rows: {} });
  });

  it('writes rows whose lengths take more than a byte', async () => {
    const { rows } = await run("SELECT n, repeat('x', n) AS text FROM generate_series(100, 20000, 97) AS n");
    for (const row of rows.rows) {
      const { n, text } = valuesOf(row) as { n: { int_value: string }; text: { string_value: string } };
      expect(text.string_value).toBe('x'.repeat(Number(n.int_value)));
    }
    expect(rows.rows).toHaveLength(206);
  });
});

describe('counts, ids and nothing', () => {
  it('makes a table in the short form, and answers ids of its rows', async () => {
    expect(await run('CREATE TABLE moons (name:string, radius:float, ringed:bool, note:string?)')).toEqual({
      empty: {},
    });
    expect(await run("INSERT moons name='Io', radius=1821.6, ringed=false")).toEqual({ ids: { ids: ['1'] } });
    const two =
      "INSERT INTO moons (name, radius, ringed) VALUES ('Europa', 1560.8, false), ('Rhea', 763.8, true)";
    expect(await run(two)).toEqual({ ids: { ids: ['2', '3'] } });
    expect(await run('SELECT moons WHERE radius > 1000.0 AND ringed = false LIMIT 1')).toEqual({
      rows: {
        rows: [
          {
            id: '1',
            values: [
              { name: 'name', value: { string_value: 'Io' } },
              { name: 'radius', value: { float_value: 1821.6 } },
              { name: 'ringed', value: { bool_value: false } },
              { name: 'note', value: { null: true } },
            ],
          },
        ],
      },
    });
    expect(await run('UPDATE moons SET radius = radius + 1 WHERE NOT ringed')).toEqual({
      count: { count: '2' },
    });
    expect(await run("DELETE moons WHERE name = 'Io'")).toEqual({ count: { count: '1' } });
    expect(await run("DELETE moons WHERE name = 'Io'")).toEqual({ count: {} });
  });

  it('takes values in the order of the columns that were given', async () => {
    await run('CREATE TABLE placed (name:string, n:int?)');
    expect(await run("INSERT INTO placed VALUES ('a', 1), ('b', NULL)")).toEqual({
      ids: { ids: ['1', '2'] },
    });
    const { rows } = await run('SELECT placed WHERE n IS NULL');
    expect(rows.rows).toEqual([
      {
        id: '2',
        values: [
          { name: 'name', value: { string_value: 'b' } },
          { name: 'n', value: { null: true } },
        ],
      },
    ]);
  });

  it('answers no ids of a table without _id, and follows what becomes of the table', async () => {
    await run('CREATE TABLE changing (x int)');
    expect(await run('INSERT INTO changing VALUES (1)')).toEqual({ ids: {} });
    await run('ALTER TABLE changing ADD COLUMN _id bigint GENERATED ALWAYS AS IDENTITY');
    expect(await run('INSERT INTO changing (x) VALUES (2)')).toEqual({ ids: { ids: ['2'] } });
    await run('ALTER TABLE changing DROP COLUMN _id');
    expect(await run('INSERT INTO changing VALUES (3)')).toEqual({ ids: {} });
    await run("ALTER TABLE changing ADD COLUMN _id text DEFAULT 'a'");
    expect(await run('INSERT INTO changing (x) VALUES (4)')).toEqual({ ids: {} });
    expect(await run('SELECT count(*) AS n FROM changing')).toEqual({
      rows: { rows: [{ values: [{ name: 'n', value: { int_value: '4' } }] }] },
    });
  });

  it('inserts once, also when the column turns out to be gone', async () => {
    await run('CREATE TABLE once (x:int)');
    await run('INSERT once x=1');
    await run('ALTER TABLE once DROP COLUMN _id');
    expect(await run('INSERT once x=2')).toEqual({ ids: {} });
    const { rows } = await run('SELECT once');
    expect(rows.rows.map(valuesOf)).toEqual([{ x: { int_value: '1' } }, { x: { int_value: '2' } }]);
  });

  it('is inside a transaction what the transaction sees', async () => {
    const { txnId } = await neumann.dispatch.call(transactionBegin, {}, neumann.callOf().session);
    const inside = { transactionId: txnId };
    await run('CREATE TABLE within (x:int)', inside);
    expect(await run('INSERT within x=1', inside)).toEqual({ ids: { ids: ['1'] } });
    await run('ALTER TABLE within DROP COLUMN _id', inside);
    expect(await run('INSERT within x=2', inside)).toEqual({ ids: {} });
    await neumann.dispatch.call(transactionCommit, { txnId }, neumann.callOf().session);
    expect((await run('SELECT within')).rows.rows).toHaveLength(2);
  });

  it('returns rows of an INSERT that asks for them', async () => {
    await run('CREATE TABLE returning_table (x:int)');
    expect(await run('INSERT INTO returning_table (x) VALUES (5) RETURNING x, _id')).toEqual({
      rows: { rows: [{ id: '1', values: [{ name: 'x', value: { int_value: '5' } }] }] },
    });
  });

  it('compares whole numbers with fractions, and texts with what is none', async () => {
    await run('CREATE TABLE mixed (n:int, x:float, t:string)');
    await run("INSERT mixed n=1, x=1.5, t='1.5'");
    await run("INSERT mixed n=2, x=1e300, t='two'");
    const found = async (condition: string) =>
      ((await run(`SELECT mixed WHERE ${condition}`)).rows.rows ?? [])
        .map(({ id }: { id: string }) => id)
        .join('');
    expect(await found('n > 1.5')).toBe('2');
    expect(await found('n = 1.5')).toBe('');
    expect(await found('n <> 1.5')).toBe('12');
    expect(await found('n = 2.0')).toBe('2');
    expect(await found('n IN (1, 1.5)')).toBe('1');
    expect(await found('n BETWEEN 0.5 AND 1e300')).toBe('12');
    expect(await found('x = 1.5')).toBe('1');
    expect(await found('x = 1e300')).toBe('2');
    expect(await found("n LIKE '2%'")).toBe('2');
    expect(await found("t LIKE 't_o'")).toBe('2');
  });

  it('keeps integers of 64 bits and quotes in values', async () => {
    await run('CREATE TABLE exact (n:int, t:string?)');
    await run(`INSERT exact n=9223372036854775807, t='it''s "so"'`);
    const { rows } = await run('SELECT exact WHERE n = 9223372036854775807');
    expect(valuesOf(rows.rows[0])).toEqual({
      n: { int_value: '9223372036854775807' },
      t: { string_value: `it's "so"` },
    });
  });
});

describe('streams', () => {
  it('gives each row in a chunk of its own, in order', async () => {
    const chunks = await neumann.chunks(
      'SELECT n AS "_id", n * 2 AS twice FROM generate_series(1, 3000) AS n',
    );
    expect(chunks).toHaveLength(3000);
    expect(chunks[2999]).toEqual({
      row: { row: { id: '3000', values: [{ name: 'twice', value: { int_value: '6000' } }] } },
    });
    expect(chunks.map(({ row }) => Number(row.row.id))).toEqual(chunks.map((_, at) => at + 1));
  });

  it('has no chunk for no row', async () => {
    expect(await neumann.chunks('SELECT 1 WHERE false')).toEqual([]);
  });

  it('fails before the first chunk where the statement is wrong', async () => {
    await expect(neumann.chunks('SELECT * FROM nowhere_to_be_found')).rejects.toMatchObject({
      code: 'TABLE_NOT_FOUND',
    });
  });

  it('runs nothing whose answer has no items', async () => {
    await run('CREATE TABLE untouched (x:int)');
    await expect(neumann.chunks('INSERT untouched x=1')).rejects.toMatchObject({ code: 'INVALID_PARAMETER' });
    expect(await run('SELECT untouched')).toEqual({ rows: {} });
    expect(resultKindOf('INSERT untouched x=1')).toBe('ids');
  });
});

describe('errors', () => {
  it("are PostgreSQL's, with their place", async () => {
    const fault = await neumann.fault('SELECT 1 FROM no_such_table');
    expect(fault).toMatchObject({
      code: 'TABLE_NOT_FOUND',
      message: 'relation "no_such_table" does not exist',
      position: 15,
    });
  });

  it('have no place in a text that the client has not written', async () => {
    const fault = await neumann.fault('SELECT no_such_table');
    expect(fault).toMatchObject({
      code: 'TABLE_NOT_FOUND',
      message: 'relation "no_such_table" does not exist',
    });
    expect(fault.position).toBeUndefined();
  });

  it('say the same of an INSERT whether or not ids were asked for', async () => {
    await run('CREATE TABLE strict (x:int)');
    await run('INSERT strict x=1');
    expect(await neumann.fault('INSERT INTO strict (y) VALUES (1)')).toMatchObject({
      code: 'COLUMN_NOT_FOUND',
    });
    expect(await neumann.fault('INSERT INTO strict (x) VALUES (NULL)')).toMatchObject({
      code: 'NOT_NULL_VIOLATION',
    });
    expect(await neumann.fault('INSERT INTO nothing_here VALUES (1)')).toMatchObject({
      code: 'TABLE_NOT_FOUND',
    });
  });

  it('ends a statement at the deadline of the client', async () => {
    expect(await neumann.fault('SELECT pg_sleep(30)', { timeLeftMs: 50 })).toMatchObject({
      code: 'QUERY_TIMEOUT',
    });
  });

  it('refuses readers what changes', async () => {
    expect(await neumann.fault('CREATE TABLE of_a_reader (x:int)', { role: 'read' })).toMatchObject({
      kind: 'forbidden',
    });
  });
});

describe('one store for all', () => {
  it('is read by SQL and Cypher in the transaction that a statement has written in, and the other way round', async () => {
    const session = () => neumann.callOf().session;
    const { txnId } = await neumann.dispatch.call(transactionBegin, {}, session());
    const inside = { transactionId: txnId };
    const within = () => ({ ...session(), transactionId: txnId });

    await run('CREATE TABLE crew (name:string)', inside);
    await run("INSERT crew name='Ada'", inside);
    await run("NODE CREATE pilot { name: 'Ada' }", inside);
    const sql = async (text: string) => (await neumann.dispatch.call(sqlQuery, { sql: text }, within())).rows;
    expect(await sql('SELECT "_id", name FROM crew')).toEqual([['1', 'Ada']]);
    const seen = await neumann.dispatch.call(
      graphQuery,
      { query: 'MATCH (n:pilot) RETURN n.name AS name' },
      within(),
    );
    expect(JSON.stringify(seen.rows)).toContain('Ada');

    await sql("INSERT INTO crew (name) VALUES ('Bo')");
    await neumann.dispatch.call(graphQuery, { query: "CREATE (:pilot {name: 'Bo'})" }, within());
    expect((await run('SELECT crew', inside)).rows.rows.map(valuesOf)).toEqual([
      { name: { string_value: 'Ada' } },
      { name: { string_value: 'Bo' } },
    ]);
    const { nodes } = await run('NODE LIST pilot', inside);
    expect(nodes.nodes.map(({ properties }: { properties: unknown }) => properties)).toEqual([
      { name: 'Ada' },
      { name: 'Bo' },
    ]);
    expect(await neumann.fault('SELECT crew')).toMatchObject({ code: 'TABLE_NOT_FOUND' });
    await neumann.dispatch.call(transactionCommit, { txnId }, session());
    expect((await run('SELECT crew')).rows.rows).toHaveLength(2);
  });
});
