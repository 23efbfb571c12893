/** Tables that fit a terminal. */
import { expect, test } from 'vitest';
import { fittedTable } from './fitted-table.ts';

const column = (name: string, type = 'Text') => ({ name, type });

test('what fits is not changed', () => {
  expect(fittedTable([column('n', 'Int32'), column('t')], [[1, null]], 20)).toBe(
    ' n | t\n---+------\n 1 | NULL\n',
  );
});

test('the widest columns are cut', () => {
  const rows = [
    [1, 'x'.repeat(50), 'short'],
    [22, null, 'NULL'],
  ];
  expect(fittedTable([column('n', 'Int32'), column('long'), column('t')], rows, 30)).toBe(
    [
      '  n | long            | t',
      '----+-----------------+--------',
      '  1 | xxxxxxxxxxxxxx… | short',
      " 22 | NULL            | 'NULL'",
      '',
    ].join('\n'),
  );
});

test('letters that take two columns are counted as such', () => {
  const lines = fittedTable([column('a')], [['中'.repeat(20)]], 12).split('\n');
  expect(lines[2]).toBe(' 中中中中中…');
});

test('many columns become a block for each row', () => {
  const columns = ['alpha', 'beta', 'gamma'].map((name) => column(name));
  const text = 'some long text';
  expect(fittedTable(columns, [[text, null, text]], 24)).toBe(
    '[row 1]\n alpha | some long text\n beta  | NULL\n gamma | some long text\n',
  );
});

test('without a width nothing is cut', () => {
  expect(fittedTable([column('a')], [['x'.repeat(300)]], undefined)).toContain('x'.repeat(300));
});
