/** What becomes of vectors in SQL texts, and above all what does not. */
import { expect, test } from 'vitest';
import { vectorText } from './vector-text.ts';

test.each([
  ['CREATE TABLE t (id int, v VECTOR(3) NOT NULL)', 'CREATE TABLE t (id int, v vector.d3 NOT NULL)', [3]],
  ['CREATE TABLE t ("V" vector ( 768 ))', 'CREATE TABLE t ("V" vector.d768   )', [768]],
  [
    'CREATE TABLE t (vector vector(2), w VECTOR(2)[])',
    'CREATE TABLE t (vector vector.d2, w vector.d2[])',
    [2],
  ],
  ['ALTER TABLE t ADD COLUMN v VECTOR(4)', 'ALTER TABLE t ADD COLUMN v vector.d4', [4]],
  ['ALTER TABLE t ADD v VECTOR/* a */(4)', 'ALTER TABLE t ADD v vector.d4       ', [4]],
  ['ALTER TABLE t ALTER v TYPE vector(5)', 'ALTER TABLE t ALTER v TYPE vector.d5', [5]],
  ["SELECT '[1,2,3]'::vector(3)", "SELECT '{1,2,3}'::vector.d3", [3]],
  ["SELECT CAST('[1, -2e3]' AS vector(2))", "SELECT CAST('{1, -2e3}' AS vector.d2)", [2]],
  ["SELECT '[1]'::vector, vector '[2]'", "SELECT '{1}'::vector, vector '{2}'", []],
  ['SELECT $1::vector(3)', 'SELECT $1::vector.d3', [3]],
  [
    "SELECT v <-> '[1,2]' FROM t ORDER BY '[3,4]'<=>v",
    "SELECT v <-> '{1,2}' FROM t ORDER BY '{3,4}'<=>v",
    [],
  ],
])('%s', (sql, wanted, dimensions) => {
  const text = vectorText(sql);
  expect(text).toEqual({ sql: wanted, dimensions });
  expect(text.sql).toHaveLength(sql.length);
});

test.each([
  "SELECT 'v VECTOR(3)', $$ v VECTOR(3) $$ -- v VECTOR(3)",
  'SELECT vector(3), f(vector(3)) FROM vector(3)',
  'SELECT "vector"(3), v."VECTOR"',
  "INSERT INTO vector VALUES ('[1,2]')",
  "SELECT '[1,2]'::jsonb, vector FROM t",
  "SELECT '[1,2]' <@ x, vector FROM t",
  'SELECT \'[1,"a"]\'::vector',
  'CREATE INDEX vector ON t (vector)',
  'CREATE TABLE vector (id int)',
  'ALTER TABLE t ADD COLUMN vector int',
  'ALTER TABLE t RENAME COLUMN a TO vector',
  'DROP EXTENSION vector',
  'CREATE EXTENSION vector',
])('stays as it is: %s', (sql) => expect(vectorText(sql)).toEqual({ sql, dimensions: [] }));

test.each([
  'CREATE TABLE t (v VECTOR)',
  'CREATE TABLE t (v VECTOR(0))',
  'CREATE TABLE t (v VECTOR(16001))',
])('is refused: %s', (sql) =>
  expect(() => vectorText(sql)).toThrow(expect.objectContaining({ code: 'INVALID_TYPE' })));
