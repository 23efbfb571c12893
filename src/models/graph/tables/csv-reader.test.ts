/** CSV as it comes: records, quotes, line breaks, and what is none. */
import { describe, expect, test } from 'vitest';
import { type CsvForm, CsvReader, type CsvRecord, isBlank } from './csv-reader.ts';

const RFC: CsvForm = { delimiter: ',', quote: '"', escape: undefined };

function read(text: string, form: CsvForm = RFC, pieceBytes = 1_000): CsvRecord[] {
  const reader = new CsvReader(form, 'f.csv');
  const bytes = Buffer.from(text);
  const records: CsvRecord[] = [];
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    records.push(...reader.push(bytes.subarray(at, at + pieceBytes)));
  }
  return [...records, ...reader.end()];
}

const cells = (text: string, form?: CsvForm, pieceBytes?: number): readonly (readonly string[])[] =>
  read(text, form, pieceBytes).map((record) => record.cells);

describe('records', () => {
  const text = 'a,b\r\n"x ""y"" z","two\r\nlines"\rü,\n\nlast,"" ';
  const wanted = [['a', 'b'], ['x "y" z', 'two\r\nlines'], ['ü', ''], [''], ['last', '']];

  test('are the same however the bytes come', () => {
    for (let pieceBytes = 1; pieceBytes < 12; pieceBytes++) {
      expect(cells(text, RFC, pieceBytes), `${pieceBytes} bytes`).toEqual(wanted);
    }
  });

  test('know where they begin and which cells stood in quotes', () => {
    const records = read(text);
    expect(records.map(({ line }) => line)).toEqual([1, 2, 4, 5, 6]);
    expect(records.map(({ quoted }) => quoted)).toEqual([
      [false, false],
      [true, true],
      [false, false],
      [false],
      [false, true],
    ]);
    expect(records.map(isBlank)).toEqual([false, false, false, true, false]);
  });

  test('end with the file, with or without a line break', () => {
    expect(cells('a\nb')).toEqual([['a'], ['b']]);
    expect(cells('a\nb\n')).toEqual([['a'], ['b']]);
    expect(cells('a,')).toEqual([['a', '']]);
    expect(cells('')).toEqual([]);
  });

  test('have no byte order mark', () => {
    expect(cells('\ufeffid\n1')).toEqual([['id'], ['1']]);
  });
});

test('delimiter, quote and escape are what is asked for', () => {
  const form: CsvForm = { delimiter: '|', quote: "'", escape: '\\' };
  expect(cells(String.raw`a|'b|c'|'d\'e\\f'|"g"`, form)).toEqual([['a', 'b|c', "d'e\\f", '"g"']]);
  expect(cells('a]b]c', { ...RFC, delimiter: ']' })).toEqual([['a', 'b', 'c']]);
  expect(cells('a-b^c', { ...RFC, delimiter: '-', quote: '^' })).toEqual([['a', 'b^c']]);
});

test.each([
  ['a\n"b\n\nc', 'Copy exception: Error in file f.csv on line 2: The quote that opens here is not closed.'],
  ['"a"b', 'Copy exception: Error in file f.csv on line 1: Something stands behind a closing quote.'],
])('%j is no CSV', (text, message) => {
  expect(() => cells(text)).toThrow(message);
});

test('bytes that are no UTF-8 are told', () => {
  const reader = new CsvReader(RFC, 'f.csv');
  expect(() => reader.push(Uint8Array.of(0x61, 0x0a, 0xff, 0x61))).toThrow('The file is not UTF-8');
});

test('a record has a bound', () => {
  const reader = new CsvReader(RFC, 'f.csv');
  reader.push(Buffer.from('a\n"'));
  const piece = Buffer.alloc(1024 * 1024, 'x');
  expect(() => {
    for (let count = 0; count < 5; count++) reader.push(piece);
  }).toThrow(/line 2: A record has more than \d+ characters \(graphCopyLineBytesMax\)/);
});
