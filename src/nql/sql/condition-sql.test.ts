/** Conditions as SQL: operators, the two values of their logic, and no text of a client outside of parameters. */
import { expect, test } from 'vitest';
import { condition } from '../syntax/conditions.ts';
import { Reader } from '../syntax/reader.ts';
import type { Value } from '../syntax/values.ts';
import { conditionSql } from './condition-sql.ts';

const sqlOf = (text: string): readonly [string, ...Value[]] => {
  const parameters: Value[] = [];
  return [conditionSql(condition(new Reader(text)), parameters), ...parameters];
};

test.each([
  ['a = 1', '"a" = $1', [1n]],
  ['A <> 1', '"a" IS DISTINCT FROM $1', [1n]],
  ['`A"` >= -1.5', '"A""" >= $1::numeric', [-1.5]],
  ['a = 2.0', '"a" = $1', [2]],
  ['a = NULL', '"a" IS NULL', []],
  ['a != NULL', '"a" IS NOT NULL', []],
  ['a IS NOT NULL', '"a" IS NOT NULL', []],
  ['NOT a = 1', '("a" = $1) IS NOT TRUE', [1n]],
  ['a NOT IN (1, 2)', '(("a" IN ($1, $2))) IS NOT TRUE', [1n, 2n]],
  ["a IN ('x', NULL)", '("a" IN ($1) OR "a" IS NULL)', ['x']],
  ['a IN (NULL)', '("a" IS NULL)', []],
  ['a IN ()', 'FALSE', []],
  ['a BETWEEN 1 AND 2', '"a" BETWEEN $1 AND $2', [1n, 2n]],
  ["a LIKE 'x%'", '"a"::text LIKE $1::text', ['x%']],
  ["a CONTAINS 'x'", 'strpos("a"::text, $1::text) > 0', ['x']],
  ["a STARTS WITH 'x'", 'starts_with("a"::text, $1::text)', ['x']],
  ["a ENDS WITH 'x'", 'right("a"::text, length($1::text)) = $1::text', ['x']],
  ['a = 1 AND (b = 2 OR c = 3)', '("a" = $1 AND ("b" = $2 OR "c" = $3))', [1n, 2n, 3n]],
  ["a = '\"; DROP TABLE t'", '"a" = $1', ['"; DROP TABLE t']],
])('%s', (text, sql, parameters) => {
  expect(sqlOf(text)).toEqual([sql, ...parameters]);
});

test('fields may be something else than columns, and parameters may be there before', () => {
  const parameters: Value[] = ['first'];
  const found = condition(new Reader("m.hardness >= 5 AND name = 'x'"));
  expect(conditionSql(found, parameters, ({ name }) => `metadata->>'${name}'`)).toBe(
    "(metadata->>'hardness' >= $2 AND metadata->>'name' = $3)",
  );
  expect(parameters).toEqual(['first', 5n, 'x']);
});
