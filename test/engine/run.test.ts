/** Statements of Facet itself and of clients, each by itself: results, errors, limits, lane and pool. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LIMITS } from '../../src/base/index.ts';
import { statement } from '../../src/engine/index.ts';
import { failure } from '../support/failure.ts';
import { openTestStore, type TestStore } from '../support/test-store.ts';

let test: TestStore;
beforeAll(async () => {
  test = await openTestStore();
  await test.database.runUser('CREATE TABLE item (id int PRIMARY KEY, name text NOT NULL)');
  await test.database.runUser(`INSERT INTO item SELECT g, 'item ' || g FROM generate_series(1, 100) g`);
});
afterAll(() => test.close());

describe('results', () => {
  it('are the text that PostgreSQL sends, with columns', async () => {
    const result = await test.database.run(
      statement(
        'test.values',
        `SELECT 9007199254740993::int8 AS big, 0.1::float8 AS float, 1.10::numeric AS exact, true AS yes, NULL AS none,
                timestamptz '2026-01-31 10:00:00.5+02' AS time, '\\x00ff'::bytea AS bytes, interval '1 day 02:03' AS span,
                '{1,2}'::int[] AS list, $1::text AS text`,
      ),
      ['é🙂'],
    );
    expect(result.rows).toEqual([
      [
        '9007199254740993',
        '0.1',
        '1.10',
        't',
        null,
        '2026-01-31 08:00:00.5+00',
        '\\x00ff',
        '1 day 02:03:00',
        '{1,2}',
        'é🙂',
      ],
    ]);
    expect(result.columns[0]).toEqual({ name: 'big', typeOid: 20, typeModifier: -1 });
    expect(result.command).toBe('SELECT');
    expect(result.affected).toBe(1);
  });

  it('have no columns and a count for statements that change rows', async () => {
    const result = await test.database.runUser(`UPDATE item SET name = name WHERE id <= 3`);
    expect(result).toEqual({ command: 'UPDATE', columns: [], rows: [], affected: 3 });
  });

  it('come also when a statement of Facet itself takes longer than the lane lets it', async () => {
    const seconds = (LIMITS.laneStatementMsMax + 300) / 1_000;
    const slow = statement('test.slow', `SELECT $1::int FROM pg_sleep(${seconds})`);
    const [reads, writes] = await Promise.all([
      test.database.run(slow, ['1'], { reads: true }),
      test.database.run(slow, ['2']),
    ]);
    expect([reads.rows, writes.rows]).toEqual([[['1']], [['2']]]);
    const bounded = failure(test.database.run(slow, ['3'], { timeoutMs: LIMITS.laneStatementMsMax - 200 }));
    expect(await bounded).toMatchObject({ code: 'QUERY_TIMEOUT' });
  });

  it('are empty for an empty statement', async () => {
    expect(await test.database.runUser(' -- nothing\n')).toEqual({
      command: '',
      columns: [],
      rows: [],
      affected: 0,
    });
  });

  it('come back in order when many are in flight on the lane', async () => {
    const add = statement('test.add', 'SELECT $1::int + 1');
    const results = await Promise.all(
      Array.from({ length: 500 }, (_, n) => test.database.run(add, [String(n)])),
    );
    expect(results.map((result) => Number(result.rows[0]?.[0]))).toEqual(
      Array.from({ length: 500 }, (_, n) => n + 1),
    );
  });

  it('are not disturbed by a failing statement beside them on the lane', async () => {
    const divide = statement('test.divide', 'SELECT 10 / $1::int');
    const results = await Promise.allSettled(
      ['1', '0', '2', '0', '5'].map((by) => test.database.run(divide, [by])),
    );
    expect(
      results.map((result) => (result.status === 'fulfilled' ? result.value.rows[0]?.[0] : 'failed')),
    ).toEqual(['10', 'failed', '5', 'failed', '2']);
  });

  it('carry a parameter of a megabyte and 10,000 parameters', async () => {
    const big = 'x'.repeat(1_000_000);
    expect((await test.database.runUser('SELECT length($1)', [big])).rows).toEqual([['1000000']]);
    const numbers = Array.from({ length: 10_000 }, (_, n) => String(n));
    const values = numbers.map((_, n) => `($${n + 1}::int)`).join(', ');
    const sum = await test.database.runUser(`SELECT sum(n) FROM (VALUES ${values}) AS v(n)`, numbers);
    expect(sum.rows).toEqual([['49995000']]);
  });
});

describe('errors', () => {
  it.each([
    ['SELECT * FORM item', 'INVALID_SQL', "Syntax error at position 10: unexpected token 'FORM'"],
    ['SELECT (', 'INVALID_SQL', 'Syntax error at position 9: unexpected end of input'],
    [`SELECT 'x`, 'INVALID_SQL', "Syntax error at position 8: unterminated quoted string near ''x'"],
    ['SELECT 1; SELECT 2', 'INVALID_SQL', 'cannot insert multiple commands into a prepared statement'],
    ['SELECT * FROM nothing', 'TABLE_NOT_FOUND', 'relation "nothing" does not exist'],
    ['SELECT nothing FROM item', 'COLUMN_NOT_FOUND', 'column "nothing" does not exist'],
    ['SELECT nothing(1)', 'FUNCTION_NOT_FOUND', 'function nothing(integer) does not exist'],
    ['SELECT 1/0', 'DIVISION_BY_ZERO', 'division by zero'],
    [
      `INSERT INTO item VALUES (1, 'again')`,
      'UNIQUE_VIOLATION',
      'duplicate key value violates unique constraint "item_pkey"',
    ],
    ['INSERT INTO item VALUES (1000, NULL)', 'NOT_NULL_VIOLATION', undefined],
    ['DROP INDEX nothing', 'INDEX_NOT_FOUND', 'index "nothing" does not exist'],
    ['CREATE TABLE item (id int)', 'TABLE_ALREADY_EXISTS', 'relation "item" already exists'],
    ['CREATE INDEX item_pkey ON item (name)', 'INDEX_ALREADY_EXISTS', 'relation "item_pkey" already exists'],
    ['CREATE TABLE other (id nothing)', 'INVALID_TYPE', 'type "nothing" does not exist'],
    [`SELECT 'x'::int`, 'INVALID_VALUE', 'invalid input syntax for type integer: "x"'],
    [`SELECT 99999999999::int4`, 'NUMERIC_OUT_OF_RANGE', 'integer out of range'],
    [`SELECT '2026-02-30'::date`, 'INVALID_DATETIME', undefined],
    [`SELECT pg_read_file('/etc/passwd')`, 'PERMISSION_DENIED', undefined],
    [`COPY item TO PROGRAM 'true'`, 'PERMISSION_DENIED', undefined],
    ['COPY item FROM STDIN', 'FEATURE_NOT_SUPPORTED', 'COPY from or to the client is not offered here'],
    ['COPY item TO STDOUT', 'FEATURE_NOT_SUPPORTED', 'COPY from or to the client is not offered here'],
    ['BEGIN', 'TRANSACTION_CONTROL_NOT_ALLOWED', undefined],
    ['SAVEPOINT a', 'TRANSACTION_CONTROL_NOT_ALLOWED', undefined],
    [`SELECT 'a\0b'`, 'INVALID_SQL', 'Syntax error at position 10: a NUL character'],
    [`SELECT '\ud800'`, 'INVALID_SQL', 'Syntax error at position 9: half of a surrogate pair'],
    ['SELECT $1::int', 'PARAMETER_COUNT_MISMATCH', undefined],
  ])('%s: %s', async (sql, code, message) => {
    const error = await failure(test.database.runUser(sql));
    expect(error.code).toBe(code);
    if (message !== undefined) expect(error.message).toBe(message);
    expect((await test.database.runUser('SELECT 1')).rows).toEqual([['1']]);
  });

  it('carry position, detail, hint and state', async () => {
    const syntax = await failure(test.database.runUser('SELECT * FORM item'));
    expect(syntax.position).toBe(10);
    const unique = await failure(test.database.runUser(`INSERT INTO item VALUES (1, 'x')`));
    expect(unique).toMatchObject({ detail: 'Key (id)=(1) already exists.', sqlState: '23505' });
    const type = await failure(test.database.runUser(`SELECT 1 + 'a'::text`));
    expect(type.hint).toMatch(/explicit type casts/);
  });

  it('refuse text that cannot travel, in parameters too', async () => {
    expect((await failure(test.database.runUser('SELECT $1', ['a\0b']))).code).toBe('INVALID_VALUE');
    expect((await failure(test.database.runUser('SELECT $1', ['\udc00']))).code).toBe('INVALID_VALUE');
    const long = `SELECT '${'x'.repeat(1_100_000)}'`;
    expect((await failure(test.database.runUser(long))).code).toBe('LIMIT_EXCEEDED');
    const many = Array.from({ length: 70_000 }, () => '1');
    expect((await failure(test.database.runUser('SELECT 1', many))).code).toBe('LIMIT_EXCEEDED');
  });

  it('come when a deferred constraint fails at the end of the statement', async () => {
    await test.database.runUser('CREATE TABLE parent (id int PRIMARY KEY)');
    await test.database.runUser(
      'CREATE TABLE child (id int REFERENCES parent DEFERRABLE INITIALLY DEFERRED)',
    );
    const error = await failure(test.database.runUser('INSERT INTO child VALUES (1) RETURNING id'));
    expect(error.code).toBe('FOREIGN_KEY_VIOLATION');
    expect((await test.database.runUser('SELECT count(*) FROM child')).rows).toEqual([['0']]);
  });
});

describe('limits of a result', () => {
  it('refuse more rows than allowed, and accept as many', async () => {
    const { database } = test;
    expect((await database.runUser('SELECT id FROM item', [], { rowsMax: 100 })).rows).toHaveLength(100);
    const error = await failure(database.runUser('SELECT id FROM item', [], { rowsMax: 99 }));
    expect(error.code).toBe('RESULT_TOO_LARGE');
    expect(error.message).toBe('The result has more than 99 rows (resultRowsMax)');
  });

  it('refuse more bytes than allowed, without gathering them', async () => {
    const sql = `SELECT repeat('x', 1000000) FROM generate_series(1, 100000)`;
    const error = await failure(test.database.runUser(sql, [], { bytesMax: 5_000_000 }));
    expect(error.message).toBe('The result has more than 5000000 bytes (resultBytesMax)');
  });

  it('undo what a statement wrote whose result is too large', async () => {
    const { database } = test;
    const sql = `UPDATE item SET name = 'changed' RETURNING id`;
    expect((await failure(database.runUser(sql, [], { rowsMax: 10 }))).code).toBe('RESULT_TOO_LARGE');
    const changed = await database.runUser(`SELECT count(*) FROM item WHERE name = 'changed'`);
    expect(changed.rows).toEqual([['0']]);
  });

  it('leave a transaction usable', async () => {
    const { database } = test;
    await database.inTransaction(async (transaction) => {
      const large = database.runUser('SELECT id FROM item', [], { transaction, rowsMax: 5 });
      expect((await failure(large)).code).toBe('RESULT_TOO_LARGE');
      expect((await database.runUser('SELECT 1', [], { transaction })).rows).toEqual([['1']]);
    });
  });
});

describe('describe', () => {
  it('gives parameter types and columns without running', async () => {
    const { database } = test;
    expect(await database.describe('SELECT id, name FROM item WHERE id = $1 AND name = $2')).toEqual({
      parameterTypeOids: [23, 25],
      columns: [
        { name: 'id', typeOid: 23, typeModifier: -1 },
        { name: 'name', typeOid: 25, typeModifier: -1 },
      ],
    });
    expect(await database.describe('DELETE FROM item')).toEqual({ parameterTypeOids: [], columns: [] });
    expect((await failure(database.describe('SELECT FROM WHERE'))).code).toBe('INVALID_SQL');
  });
});

describe('prepared forms', () => {
  it('follow a change of the table, in and out of transactions', async () => {
    const { database } = test;
    await database.runUser('CREATE TABLE grows (a int)');
    for (let n = 0; n < 4; n++) await database.runUser('SELECT * FROM grows');
    await database.runUser('ALTER TABLE grows ADD COLUMN b int');
    expect((await database.runUser('SELECT * FROM grows')).columns.map((column) => column.name)).toEqual([
      'a',
      'b',
    ]);
    await database.inTransaction(async (transaction) => {
      await database.runUser('SELECT * FROM grows', [], { transaction });
      await database.runUser('ALTER TABLE grows ADD COLUMN c int', [], { transaction });
      const result = await database.runUser('SELECT * FROM grows', [], { transaction });
      expect(result.columns).toHaveLength(3);
    });
  });

  it('follow a change that somebody else made', async () => {
    const { database } = test;
    await database.runUser('CREATE TABLE foreign_change (a int)');
    for (let n = 0; n < 4; n++) await database.runUser('SELECT * FROM foreign_change');
    await test.admin('ALTER TABLE foreign_change ADD COLUMN b int');
    expect((await database.runUser('SELECT * FROM foreign_change')).columns).toHaveLength(2);
    expect(
      (await database.runUser('SELECT * FROM foreign_change', [], { readOnly: true })).columns,
    ).toHaveLength(2);
  });

  it('are bounded per session', async () => {
    const { database } = test;
    for (let n = 0; n < 700; n++) await database.runUser(`SELECT true AS c${n}`);
    const names = await database.runUser('SELECT count(*) FROM pg_prepared_statements');
    expect(Number(names.rows[0]?.[0])).toBeLessThanOrEqual(500);
  });
});
