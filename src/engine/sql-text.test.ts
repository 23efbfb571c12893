/** What is read from a SQL text, by examples, and for any text at all. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readSqlText } from './sql-text.ts';

describe('verb', () => {
  it.each([
    ['SELECT 1', 'SELECT', 'SELECT'],
    ['  select 1', 'SELECT', 'SELECT'],
    ['-- insert\n/* update /* nested */ */ delete from t', 'DELETE', 'DELETE'],
    ['(SELECT 1) UNION (SELECT 2)', 'SELECT', 'SELECT'],
    ['WITH a AS (SELECT 1) INSERT INTO t SELECT * FROM a', 'INSERT', 'WITH'],
    ['WITH RECURSIVE t(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM t) SELECT n FROM t', 'SELECT', 'WITH'],
    ['WITH a AS MATERIALIZED (DELETE FROM t RETURNING id) SELECT * FROM a', 'SELECT', 'WITH'],
    ['VALUES (1)', 'VALUES', 'VALUES'],
    ['TABLE t', 'TABLE', 'TABLE'],
    ['create unique index i on t (a)', 'CREATE', 'CREATE'],
    ['', '', ''],
    ['-- nothing', '', ''],
    [';;', '', ''],
    ['"select" 1', '', ''],
    ['42', '', ''],
  ])('of %s is %s', (sql, verb, leading) => {
    expect(readSqlText(sql)).toMatchObject({ verb, leading });
  });

  it('is followed by the second word', () => {
    expect(readSqlText('DROP /* x */ INDEX i').second).toBe('INDEX');
    expect(readSqlText('ROLLBACK TO SAVEPOINT a').second).toBe('TO');
    expect(readSqlText('ROLLBACK WORK TO a')).toMatchObject({ second: 'WORK', third: 'TO' });
  });
});

describe('statements', () => {
  it.each([
    ['SELECT 1', 1],
    ['SELECT 1;', 1],
    [';SELECT 1;;', 1],
    ['SELECT 1; SELECT 2', 2],
    [`SELECT ';'; -- ;\n SELECT $$;$$, $a$ ; $$ ; $a$, ";", E'\\';', U&';' /* ; */`, 2],
    [`SELECT 'a''; b'`, 1],
    [`SELECT E'\\\\'; SELECT 2`, 2],
    [`SELECT '\\'; SELECT 2`, 2],
    [`SELECT E'a'\n'\\'; x'`, 1],
    [`SELECT E'a' -- c\n '\\'; x'`, 1],
    [`SELECT 'a'\n'\\'; SELECT 2`, 2],
    ['SELECT a$b$c; SELECT $1', 2],
    ['CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2)', 1],
    ['', 0],
    [' ; -- x', 0],
  ])('in %s: %i', (sql, statements) => {
    expect(readSqlText(sql).statements).toBe(statements);
  });
});

describe('functions', () => {
  it.each([
    ['SELECT now(), Lower(name), "Mixed"(1)', ['now', 'lower', 'Mixed']],
    ['SELECT pg_catalog.set_config (1)', ['pg_catalog.set_config']],
    ['SELECT a . b /* x */ (1)', ['a.b']],
    ['SELECT "set_config"(1)', ['set_config']],
    ['INSERT INTO t (a, b) VALUES (f(1), 2)', ['f']],
    ['INSERT INTO s.t (a) SELECT count(*) FROM u', ['count']],
    ['CREATE TABLE IF NOT EXISTS t (id int REFERENCES u (id), n numeric(10, 2))', ['numeric']],
    ['CREATE INDEX i ON t USING gin (lower(a))', ['lower']],
    ['SELECT * FROM t JOIN u ON lower(t.a) = u.b', ['lower']],
    ['SELECT 1 WHERE x IN (1, 2) AND EXISTS (SELECT 1) OR NOT (a)', []],
    ['WITH a AS (SELECT f(1)) SELECT * FROM a AS b(c)', ['f']],
    [`SELECT 'f(', "g(", $$h($$ -- i(\n`, []],
    ['SELECT U&"set\\005fconfig"(1)', ['\0escaped']],
  ])('called in %s', (sql, functions) => {
    expect(readSqlText(sql).functions).toEqual(functions);
  });
});

describe('flags', () => {
  it('tell what a SELECT does besides reading', () => {
    expect(readSqlText('SELECT * INTO u FROM t').into).toBe(true);
    expect(readSqlText('INSERT INTO t VALUES (1)').into).toBe(false);
    expect(readSqlText('SELECT 1 FROM t FOR NO KEY UPDATE').locking).toBe(true);
    expect(readSqlText('SELECT 1 FROM t FOR SHARE').locking).toBe(true);
    expect(readSqlText(`SELECT substring('abc' FOR 2)`).locking).toBe(false);
    expect(readSqlText('WITH a AS (UPDATE t SET x = 1 RETURNING x) SELECT 1').dataModifyingWith).toBe(true);
    expect(
      readSqlText('WITH a AS (WITH b AS (DELETE FROM t RETURNING 1) SELECT 1) SELECT 1').dataModifyingWith,
    ).toBe(true);
    expect(readSqlText('WITH a AS (SELECT 1) INSERT INTO t SELECT 1').dataModifyingWith).toBe(false);
    expect(readSqlText('WITH a AS (SELECT 1 FROM t FOR UPDATE) SELECT 1')).toMatchObject({
      locking: true,
      dataModifyingWith: false,
    });
    expect(readSqlText('DELETE FROM t RETURNING id').returning).toBe(true);
  });

  it('tell what stays in the session', () => {
    for (const sql of [
      'SELECT 1',
      'INSERT INTO t VALUES (1)',
      'CREATE TABLE t (id int)',
      'EXPLAIN SELECT 1',
      '',
    ]) {
      expect(`${sql}: ${readSqlText(sql).sessionSafe}`).toBe(`${sql}: true`);
    }
    for (const sql of [
      'SET a = 1',
      'RESET ALL',
      'DO $$ $$',
      'CALL p()',
      'LISTEN a',
      'PREPARE a AS SELECT 1',
      'DECLARE a CURSOR FOR SELECT 1',
      'CREATE TEMP TABLE t (id int)',
      'CREATE OR REPLACE TEMPORARY VIEW v AS SELECT 1',
      'CREATE TABLE pg_temp.t (id int)',
      'CREATE TABLE "pg_temp".t (id int)',
      'SELECT 1 INTO TEMP t',
      'DISCARD ALL',
      'LOAD x',
      'SELECT 1; SELECT 2',
      'nonsense',
    ]) {
      expect(`${sql}: ${readSqlText(sql).sessionSafe}`).toBe(`${sql}: false`);
    }
  });
});

describe('any text', () => {
  const piece = fc.constantFrom(
    ...`' " $$ $a$ \\ -- /* */ \n ; ( ) . , E' U&" select insert into with as for update f g $1 1e5 é ::`.split(
      ' ',
    ),
    ' ',
  );

  it('is read without throwing', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.array(piece).map((pieces) => pieces.join('')),
        ),
        (sql) => {
          const text = readSqlText(sql);
          expect(text.statements).toBeGreaterThanOrEqual(0);
          expect(text.verb).toBe(text.verb.toUpperCase());
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('has no statement, call or verb inside a quoted string', () => {
    fc.assert(
      fc.property(
        fc.array(piece).map((pieces) => pieces.join('')),
        (inner) => {
          const quoted = `SELECT '${inner.replaceAll("'", "''")}'`;
          expect(readSqlText(quoted)).toMatchObject({ verb: 'SELECT', statements: 1, functions: [] });
          const tagged = `SELECT $tag$${inner}$tag$`;
          expect(readSqlText(tagged)).toMatchObject({ verb: 'SELECT', statements: 1, functions: [] });
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it.each([
    `'`,
    '"',
    '$a$',
    '/*',
    '--',
    '(',
    'f(',
    `E'\\`,
    `'\n`,
    `E'a'\n`,
    '$',
    'a.',
    'with ',
    ';',
    '*/',
  ])('is read in time linear in its length: %s repeated', (unit) => {
    // Two thousand times the work for a thousand times the length would take minutes if it were quadratic.
    const text = readSqlText(unit.repeat(300_000));
    expect(text.statements).toBeGreaterThanOrEqual(0);
  });
});

describe('an EXPLAIN that could make a table', () => {
  it.each([
    ['EXPLAIN ANALYZE CREATE TABLE t AS SELECT 1', true],
    ['EXPLAIN ("analyze") SELECT 1 INTO t', true],
    ['explain (analyze) create materialized view v as select 1', true],
    ['EXPLAIN ANALYZE EXECUTE p', true],
    ['EXPLAIN WITH x AS (INSERT INTO a VALUES (1)) SELECT 1 INTO t', true],
    ['EXPLAIN INSERT INTO t SELECT 1', false],
    ['EXPLAIN MERGE INTO t USING u ON true WHEN MATCHED THEN DELETE', false],
    ['EXPLAIN SELECT "create", t.into FROM t', false],
    ['CREATE TABLE t AS SELECT 1', false],
  ])('%s: %s', (sql, creates) => {
    expect(readSqlText(sql).explainsCreation).toBe(creates);
  });
});

it.each([
  `CREATE TABLE U&"pg\\005ftemp".accounts (id int)`,
  'CREATE TABLE "pg_temp".accounts (id int)',
  `UPDATE pg_settings SET setting = 'x' WHERE name = 'search_path'`,
  `EXPLAIN ANALYZE UPDATE pg_catalog."pg_settings" SET setting = 'x'`,
])('%s is not safe for a shared session', (sql) => {
  expect(readSqlText(sql).sessionSafe).toBe(false);
});
