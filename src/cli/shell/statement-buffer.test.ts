/** Where statements end: at a `;` that is not within something else. */
import { describe, expect, test } from 'vitest';
import { type Mode, SYNTAX } from './modes.ts';
import { StatementBuffer } from './statement-buffer.ts';

/** All statements of a text, those without an end as well. */
function statements(mode: Mode, text: string): readonly string[] {
  const buffer = new StatementBuffer(SYNTAX[mode]);
  const found = text.split('\n').flatMap((line) => [...buffer.add(line)]);
  return [...found, ...buffer.rest()];
}

describe('SQL', () => {
  test.each([
    ['SELECT 1;', ['SELECT 1']],
    ['SELECT 1; SELECT 2', ['SELECT 1', 'SELECT 2']],
    ['SELECT\n  1\n;', ['SELECT\n  1']],
    [';;\n ;', []],
    ["SELECT 'a;b', 'it''s;';", ["SELECT 'a;b', 'it''s;'"]],
    ["SELECT 'a\\';", ["SELECT 'a\\'"]],
    ["SELECT E'a\\';b';", ["SELECT E'a\\';b'"]],
    ["SELECT 'two\nlines;';", ["SELECT 'two\nlines;'"]],
    ['SELECT "a;b";', ['SELECT "a;b"']],
    ['SELECT $$a;b$$; SELECT $x$;$$;$x$;', ['SELECT $$a;b$$', 'SELECT $x$;$$;$x$']],
    ['SELECT a$b$c; SELECT 2', ['SELECT a$b$c', 'SELECT 2']],
    ['SELECT 1 -- no; end\n;', ['SELECT 1 -- no; end']],
    ['SELECT /* ; /* ; */ ; */ 1;', ['SELECT /* ; /* ; */ ; */ 1']],
    ['-- nothing\n/* ; */', []],
  ])('%j', (text, expected) => {
    expect(statements('sql', text)).toEqual(expected);
  });
});

test('Cypher has comments, names and escapes of its own', () => {
  expect(statements('cypher', "RETURN 'it\\'s;' AS `a;b` // ;\n; RETURN 2;")).toEqual([
    "RETURN 'it\\'s;' AS `a;b` // ;",
    'RETURN 2',
  ]);
});

test('a line is a statement of Neumann', () => {
  expect(statements('neumann', "NODE GET 1;\n\n-- not this\n  BLOB PUT 'a' 'x;y'")).toEqual([
    'NODE GET 1;',
    "BLOB PUT 'a' 'x;y'",
  ]);
});

test('tells whether it waits for an end', () => {
  const buffer = new StatementBuffer(SYNTAX.sql);
  expect(buffer.isEmpty).toBe(true);
  buffer.add('-- a comment');
  expect(buffer.isEmpty).toBe(true);
  buffer.add('/* a comment');
  expect(buffer.isEmpty).toBe(false);
  buffer.add('*/ SELECT');
  buffer.clear();
  expect([buffer.isEmpty, buffer.rest()]).toEqual([true, []]);
});
