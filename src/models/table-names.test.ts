/** Names with and without schema. */
import { expect, test } from 'vitest';
import { qualifiedName, quotedName } from './table-names.ts';

test.each([
  ['users', undefined, 'public', 'users'],
  ['Users', undefined, 'public', 'Users'],
  ['sales.orders', undefined, 'sales', 'orders'],
  ['"my.schema"."my ""table"', undefined, 'my.schema', 'my "table'],
  ['a.b', 'sales', 'sales', 'a.b'],
  ['naïve', undefined, 'public', 'naïve'],
  ['.x', undefined, 'public', '.x'],
])('%s in %s', (written, schema, expectedSchema, name) => {
  expect(qualifiedName(written, schema, 'table')).toEqual({ schema: expectedSchema, name });
});

test('names are quoted, whatever they contain', () => {
  expect(quotedName({ schema: 'public', name: 'x"; DROP TABLE y; --' })).toBe(
    '"public"."x""; DROP TABLE y; --"',
  );
});

test.each(['a\0', '\ud800', 'é'.repeat(32), `${'s'.repeat(64)}.t`])('%j cannot be a name', (written) => {
  expect(() => qualifiedName(written, undefined, 'table')).toThrow(
    expect.objectContaining({ code: 'INVALID_PARAMETER', message: expect.stringContaining("'table'") }),
  );
});
