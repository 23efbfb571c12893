/** Tables, CSV records and JSON lines: alignment, NULL, exact digits, no power over the terminal. */
import { describe, expect, test } from 'vitest';
import { ExactNumber, parseExactJson } from '../base/index.ts';
import { csvRecord, jsonLine, uniqueNames } from './cells.ts';
import { escapeControls, renderTable } from './table.ts';
import { displayWidth } from './width.ts';

const text = (name: string) => ({ name, type: 'Text' });

describe('renderTable', () => {
  test('aligns texts on the left, numbers on the right, by display width', () => {
    const table = renderTable(
      [text('city'), { name: 'routes', type: 'Int64' }],
      [
        ['São Paulo', 7],
        ['東京', 1234],
      ],
    );
    expect(table).toBe(
      [' city      | routes', '-----------+--------', ' São Paulo |      7', ' 東京      |   1234', ''].join(
        '\n',
      ),
    );
  });

  test('tells NULL from a text that reads NULL, and from an empty text', () => {
    const lines = renderTable(
      [text('a'), text('b')],
      [
        [null, 'x'],
        ['NULL', 'x'],
        ["'NULL'", 'x'],
        ['', 'x'],
      ],
    ).split('\n');
    expect(lines.slice(2, 6).map((line) => line.split('|')[0]?.trim())).toEqual([
      'NULL',
      "'NULL'",
      "''NULL''",
      '',
    ]);
  });

  test('keeps the digits of numbers and writes documents as JSON', () => {
    const rows = parseExactJson('[[9223372036854775807, 1.50, {"a":[1.10,null]}, true]]') as never;
    expect(renderTable(['a', 'b', 'c', 'd'].map(text), rows)).toContain(
      '9223372036854775807 | 1.50 | {"a":[1.10,null]} | true',
    );
  });

  test('data cannot drive the terminal nor break the line', () => {
    expect(escapeControls('a\u001b[31m\nb\u009b\u202e')).toBe('a\\x1b[31m\\nb\\x9b\\u202e');
    expect(renderTable([text('\u001b]0;x\u0007')], [['\r\n']])).toBe(
      ' \\x1b]0;x\\x07\n--------------\n \\r\\n\n',
    );
  });

  test('a result without rows has its head', () => {
    expect(renderTable([text('a')], [])).toBe(' a\n---\n');
  });
});

test('displayWidth counts wide, combining and picture characters', () => {
  expect(displayWidth('abc')).toBe(3);
  expect(displayWidth('e\u0301')).toBe(1);
  expect(displayWidth('한글')).toBe(4);
  expect(displayWidth('👩‍👩‍👧')).toBe(2);
  expect(displayWidth('✈️')).toBe(2);
  expect(displayWidth('\u200b')).toBe(0);
});

describe('csvRecord', () => {
  test('quotes what RFC 4180 asks to be quoted', () => {
    expect(csvRecord(['a', 'b,c', 'd"e', 'f\ng', 'h\r'])).toBe('a,"b,c","d""e","f\ng","h\r"\r\n');
  });
  test('tells NULL from an empty text', () => {
    expect(csvRecord([null, '', 0, false])).toBe(',"",0,false\r\n');
  });
  test('keeps the digits of numbers', () => {
    expect(csvRecord([new ExactNumber('0.10'), new ExactNumber('12345678901234567890')])).toBe(
      '0.10,12345678901234567890\r\n',
    );
  });
});

test('uniqueNames numbers repeated names without taking a name that is there', () => {
  expect(uniqueNames(['id', 'name', 'id', 'id_2', 'id'])).toEqual(['id', 'name', 'id_3', 'id_2', 'id_4']);
});

test('jsonLine writes one object with exact numbers', () => {
  expect(jsonLine(['a', 'b"'], [new ExactNumber('1.0'), null])).toBe('{"a":1.0,"b\\"":null}\n');
});
