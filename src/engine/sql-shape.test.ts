/** Which texts share a shape, and that all of one shape read the same. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sqlShape, sqlTextOf } from './sql-shape.ts';
import { readSqlText } from './sql-text.ts';

describe('a shape', () => {
  it.each([
    ["SELECT * FROM t WHERE id = 42 AND s = 'x''y'", "SELECT * FROM t WHERE id = 0 AND s = ''"],
    ['SELECT 1, -2.50, a1, "b 2", $3 FROM t2 LIMIT 10', 'SELECT 0, -0, a1, "b 2", $3 FROM t2 LIMIT 0'],
    ['SELECT 1', 'SELECT 0'],
    ["'a'\n'b'", "''\n''"],
  ])('of %s is %s', (sql, shape) => {
    expect(sqlShape(sql)).toBe(shape);
    expect(sqlShape(shape)).toBe(shape);
  });

  it.each([
    `SELECT E'a', 1`,
    `SELECT e'\\'', 1`,
    `SELECT U&'a', 1`,
    `SELECT U&"a", 1`,
    `SELECT date'2020-01-01', 1`,
    `SELECT 'a\\', 1`,
    `SELECT $$a$$, 1`,
    `SELECT $x$a$x$, 1`,
    `SELECT $1a, 1`,
    `SELECT 1 -- 2`,
    `SELECT /* 2 */ 1`,
    `SELECT 1e5, 1`,
    `SELECT 0x1F, 1`,
    `SELECT 1_000`,
    `SELECT 1.`,
    `SELECT 1.2.3`,
    `SELECT 1 'a`,
    `SELECT 1 "a`,
    `SELECT '${'a'.repeat(20_000)}'`,
  ])('of %s is the text itself', (sql) => {
    expect(sqlShape(sql)).toBe(sql);
  });

  it('keeps what is no literal apart', () => {
    const shapes = [
      'SELECT 1',
      "SELECT '1'",
      'SELECT $1',
      'SELECT "1"',
      'SELECT a1',
      'SELECT -1',
      'SELECT f(1)',
      'select 1',
      'SELECT 1;',
    ].map(sqlShape);
    expect(new Set(shapes).size).toBe(shapes.length);
  });
});

const piece = fc.constantFrom(
  ...`' " $$ $a$ \\ -- /* */ \n ; ( ) . , E' U&" 'x' 'it''s' 42 1.5 7e1 $1 "n 1" select insert into with as for update
  f( pg_temp g t1 é :: & - =`.split(/ +/),
  ' ',
);
const sqls = fc.array(piece, { maxLength: 25 }).map((pieces) => pieces.join(''));

describe('any text', () => {
  it('reads as its shape does', () => {
    fc.assert(
      fc.property(sqls, (sql) => {
        expect(readSqlText(sqlShape(sql))).toEqual(readSqlText(sql));
        expect(sqlTextOf(sql)).toEqual(readSqlText(sql));
      }),
      { numRuns: 5_000 },
    );
  });

  it('has the shape of the same text with other literals', () => {
    const literal = fc.oneof(
      fc.nat().map((number) => ['0', String(number)] as const),
      fc
        .string({ unit: 'binary' })
        .filter((text) => !text.includes('\\'))
        .map((text) => ["''", `'${text.replaceAll("'", "''")}'`] as const),
    );
    fc.assert(
      fc.property(literal, literal, ([a, first], [b, second]) => {
        const sql = (one: string, other: string) =>
          `SELECT * FROM t WHERE x = ${one} OR y IN (${other}) LIMIT 1`;
        expect(sqlShape(sql(first, second))).toBe(sqlShape(sql(a, b)));
      }),
      { numRuns: 2_000 },
    );
  });
});
