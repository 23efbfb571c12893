/** Expressions stay in their parentheses, whatever they contain. */
import { expect, test } from 'vitest';
import { enclosedExpression } from './sql-expression.ts';

test.each([
  'now()',
  "nextval('users_id_seq')",
  "'it''s; (fine'",
  '1 + (2 * 3)',
  '1 -- a remark',
  "$$ ; ) $$ || E'\\')'",
  '/* ) */ 1',
  "'a'::text",
])('%s is enclosed', (expression) => {
  expect(enclosedExpression(expression, 'It')).toBe(`(${expression}\n)`);
});

test.each([
  '',
  '   ',
  '-- only a remark',
  '1) , (2',
  '1), evil int DEFAULT (2',
  '1; DROP TABLE users',
  "'open",
  "E'open\\'",
  '$$open',
  '/* open',
  '"open',
  '(1',
  '1)',
  ')(',
  '1) --',
  "1) /* ' */ , x int default (1",
  '\0',
])('%j is refused', (expression) => {
  expect(() => enclosedExpression(expression, 'The default')).toThrow(
    expect.objectContaining({ code: 'INVALID_SQL', message: expect.stringContaining('The default') }),
  );
});
