/** Which texts are PostgreSQL's, what is told about their answers, and what short forms become. */
import { describe, expect, it } from 'vitest';
import { read, refuses } from '../../../test/support/nql.ts';
import { readStatement } from '../read-statement.ts';

describe("PostgreSQL's own statements", () => {
  it.each([
    ['SELECT 1', 'SELECT', 'rows'],
    ["SELECT * FROM t WHERE \"Name\" = $1 AND a::text ~ E'\\'' -- RETURNING", 'SELECT', 'rows'],
    ['SELECT now()', 'SELECT', 'rows'],
    ['SELECT current_date', 'SELECT', 'rows'],
    ['SELECT a, b', 'SELECT', 'rows'],
    ['VALUES (1), (2)', 'VALUES', 'rows'],
    ['TABLE t', 'TABLE', 'rows'],
    ['EXPLAIN ANALYZE SELECT 1', 'EXPLAIN', 'rows'],
    ['UPDATE t SET a = 1 WHERE b IN (SELECT 1)', 'UPDATE', 'count'],
    ['UPDATE t SET a = (SELECT 1 AS returning)', 'UPDATE', 'count'],
    ['UPDATE t SET a = 1 RETURNING *', 'UPDATE', 'rows'],
    ["UPDATE t SET a = 'RETURNING' /* RETURNING */ -- RETURNING", 'UPDATE', 'count'],
    ['UPDATE t SET "returning" = $x$ RETURNING $x$', 'UPDATE', 'count'],
    ['DELETE FROM t', 'DELETE', 'count'],
    ['DELETE FROM t returning a', 'DELETE', 'rows'],
    ['INSERT INTO t SELECT 1 RETURNING a', 'INSERT', 'rows'],
    ['MERGE INTO t USING s ON t.a = s.a WHEN MATCHED THEN DELETE', 'MERGE', 'count'],
    ['WITH a AS (INSERT INTO t VALUES (1) RETURNING *) SELECT * FROM a', 'SELECT', 'rows'],
    ['WITH RECURSIVE a (x) AS (SELECT 1) DELETE FROM t', 'DELETE', 'count'],
    ['WITH a AS (SELECT 1) UPDATE t SET b = 1 RETURNING b', 'UPDATE', 'rows'],
    ["CREATE TABLE t (a int, b text DEFAULT ':')", 'CREATE', 'empty'],
    ['CREATE TABLE t ()', 'CREATE', 'empty'],
    ['CREATE INDEX ON t (c)', 'CREATE', 'empty'],
    ['CREATE UNIQUE INDEX i ON t (c)', 'CREATE', 'empty'],
    ['CREATE VIEW v AS SELECT 1', 'CREATE', 'empty'],
    ['DROP INDEX i', 'DROP', 'empty'],
    ['DROP INDEX i CASCADE', 'DROP', 'empty'],
    ['DROP INDEX CONCURRENTLY i', 'DROP', 'empty'],
    ['DROP INDEX IF EXISTS i', 'DROP', 'empty'],
    ['DROP TABLE t', 'DROP', 'empty'],
    ['TRUNCATE t;', 'TRUNCATE', 'empty'],
    ['ALTER TABLE t ADD a int', 'ALTER', 'empty'],
  ])('%s', (text, verb, answer) => {
    expect(readStatement(text)).toEqual({
      kind: 'sql',
      text,
      parameters: [],
      verb,
      answer,
      isRewritten: false,
      insert: undefined,
    });
  });

  it('go without the semicolons before them, and with all else', () => {
    expect(read(' ; /* a */ SELECT 1 ; -- b')).toMatchObject({ text: 'SELECT 1 ; -- b' });
    expect(read(' /* a */ SELECT 1 ; -- b')).toMatchObject({ text: ' /* a */ SELECT 1 ; -- b' });
  });

  it.each([
    ['INSERT INTO Crew (a) VALUES (1)', ['crew'], 'INSERT INTO Crew (a) VALUES (1)\nRETURNING "_id"'],
    ['INSERT INTO "Crew" VALUES (1); -- x', ['Crew'], 'INSERT INTO "Crew" VALUES (1)\nRETURNING "_id"; -- x'],
    [
      'INSERT INTO crew VALUES (1); DELETE FROM crew',
      ['crew'],
      'INSERT INTO crew VALUES (1)\nRETURNING "_id"; DELETE FROM crew',
    ],
    ["INSERT INTO s.t VALUES (';') -- x", ['s', 't'], 'INSERT INTO s.t VALUES (\';\') -- x\nRETURNING "_id"'],
    [
      'WITH a AS (SELECT 1) INSERT INTO "S""q"."T" SELECT * FROM a',
      ['S"q', 'T'],
      'WITH a AS (SELECT 1) INSERT INTO "S""q"."T" SELECT * FROM a\nRETURNING "_id"',
    ],
  ])('%s answers ids', (text, table, returningId) => {
    expect(read(text)).toMatchObject({ text, answer: 'ids', insert: { table, returningId } });
  });
});

describe('short forms', () => {
  it.each([
    [
      "INSERT Moons Name='Io', radius = -1821.6, ringed=FALSE, note=null, n=7, tags=[1, 'a']",
      'INSERT INTO "moons" ("name", "radius", "ringed", "note", "n", "tags") VALUES ($1, $2, $3, $4, $5, $6)',
      ['Io', -1821.6, false, null, 7n, [1n, 'a']],
    ],
    ['INSERT INTO t `A"b` = 1', 'INSERT INTO "t" ("A""b") VALUES ($1)', [1n]],
    ['INSERT s.t a=1;', 'INSERT INTO "s"."t" ("a") VALUES ($1)', [1n]],
    ["INSERT t a='it''s; -- DROP'", 'INSERT INTO "t" ("a") VALUES ($1)', ["it's; -- DROP"]],
    ['SELECT Moons', 'SELECT * FROM "moons"', []],
    ['SELECT `Moons`;', 'SELECT * FROM "Moons"', []],
    ['SELECT s.t LIMIT 3', 'SELECT * FROM "s"."t" LIMIT $1', [3n]],
    [
      'SELECT t WHERE a > 1.5 AND b = "x" LIMIT 3',
      'SELECT * FROM "t" WHERE ("a" > $1::numeric AND "b" = $2) LIMIT $3',
      [1.5, 'x', 3n],
    ],
    ['SELECT t LIMIT 3 WHERE t.A != 1', 'SELECT * FROM "t" WHERE "a" IS DISTINCT FROM $1 LIMIT $2', [1n, 3n]],
    ['DELETE t', 'DELETE FROM "t"', []],
    ['DELETE t WHERE a IS NULL', 'DELETE FROM "t" WHERE "a" IS NULL', []],
    [
      'CREATE TABLE Moons (Name:string, radius:FLOAT, ringed:bool, n:int?, `Note`:text?)',
      'CREATE TABLE "moons" ("name" TEXT NOT NULL, "radius" DOUBLE PRECISION NOT NULL, "ringed" BOOLEAN NOT NULL, "n" BIGINT, "Note" TEXT, "_id" BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY)',
      [],
    ],
    [
      'create table if not exists s.t (a:int)',
      'CREATE TABLE IF NOT EXISTS "s"."t" ("a" BIGINT NOT NULL, "_id" BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY)',
      [],
    ],
    ['CREATE INDEX Moons Radius', 'CREATE INDEX "moons_radius_idx" ON "moons" ("radius")', []],
    ['CREATE INDEX s.t c', 'CREATE INDEX "t_c_idx" ON "s"."t" ("c")', []],
    ['DROP INDEX s.t c', 'DROP INDEX "s"."t_c_idx"', []],
    ['DROP INDEX ON Moons(Radius)', 'DROP INDEX "moons_radius_idx"', []],
    ['DROP INDEX IF EXISTS ON t (c);', 'DROP INDEX IF EXISTS "t_c_idx"', []],
  ])('%s', (text, sql, parameters) => {
    expect(readStatement(text)).toMatchObject({ kind: 'sql', text: sql, parameters, isRewritten: true });
  });

  it('say what they answer', () => {
    expect(read('INSERT s.T a=1')).toMatchObject({
      verb: 'INSERT',
      answer: 'ids',
      insert: { table: ['s', 't'], returningId: 'INSERT INTO "s"."t" ("a") VALUES ($1) RETURNING "_id"' },
    });
    expect(read('SELECT t')).toMatchObject({ verb: 'SELECT', answer: 'rows' });
    expect(read('DELETE t')).toMatchObject({ verb: 'DELETE', answer: 'count' });
    expect(read('CREATE TABLE t (a:int)')).toMatchObject({ verb: 'CREATE', answer: 'empty' });
    expect(read('DROP INDEX t c')).toMatchObject({ verb: 'DROP', answer: 'empty' });
  });

  it.each([
    ['INSERT', 'Unexpected end of the statement at line 1, column 7: expected the name of a table'],
    ['INSERT t', 'Unexpected end of the statement at line 1, column 9: expected the name of a column'],
    ['INSERT t a', "Unexpected end of the statement at line 1, column 11: expected '='"],
    ['INSERT t a=1,', 'expected the name of a column'],
    ['INSERT t a=1 b=2', "Unexpected 'b' at line 1, column 14: expected the end of the statement >b<"],
    ['INSERT t a=1, A=2', "The column 'a' is given twice, at line 1, column 15 >A<"],
    ["INSERT t a='x", 'The string is not closed, at line 1, column 12'],
    [
      'DELETE t LIMIT 1',
      "Unexpected 'LIMIT' at line 1, column 10: expected WHERE or the end of the statement",
    ],
    [
      'SELECT t WHERE',
      'Unexpected end of the statement at line 1, column 15: expected the name of a property',
    ],
    ['SELECT t LIMIT 1 LIMIT 2', 'LIMIT is given twice, at line 1, column 18'],
    ['SELECT t LIMIT -1', 'LIMIT is at least 0, at line 1, column 16 >-1<'],
    ['SELECT t WHERE a = 1 ORDER BY a', "Unexpected 'ORDER' at line 1, column 22: expected LIMIT or the end"],
    [
      'CREATE TABLE t (a:money)',
      "Unexpected 'money' at line 1, column 19: expected a type: INT, FLOAT, STRING or BOOL",
    ],
    ['CREATE TABLE t (a:strin)', '(Did you mean STRING?)'],
    ['CREATE TABLE t (a:int, _id:int)', "The column '_id' is there by itself, at line 1, column 24 >_id<"],
    ['CREATE TABLE t (a:int, A:int)', "The column 'a' is given twice, at line 1, column 24 >A<"],
    ['CREATE TABLE t (a:int) x', "Unexpected 'x' at line 1, column 24: expected the end of the statement"],
  ])('%s is refused', (text, message) => {
    expect(refuses(text)).toContain(message);
  });
});
