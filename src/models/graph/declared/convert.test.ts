/** Values of columns: from cells of files, from queries, from defaults. */
import { describe, expect, test } from 'vitest';
import {
  DateTimeValue,
  DateValue,
  DurationValue,
  LocalDateTimeValue,
  type Value,
} from '../../../cypher/index.ts';
import { baseNamed, type ColumnType, constraintType, typeOfText, typeText } from './column-type.ts';
import { cellValue, fitted } from './convert.ts';
import { defaultOf } from './default-value.ts';
import { listItems } from './list-text.ts';

const type = (text: string): ColumnType => typeOfText(text);
const cell = (text: string, of: string): Value => cellValue(text, type(of));

const DAY = 19_737;
const HOUR = 3_600_000_000_000;

describe('cells', () => {
  test.each<[string, string, Value]>([
    ['42', 'INT64', 42n],
    [' +7 ', 'INT8', 7n],
    ['-9223372036854775808', 'INT64', -(2n ** 63n)],
    ['1.5', 'DOUBLE', 1.5],
    ['3', 'FLOAT', 3],
    ['1e3', 'DOUBLE', 1_000],
    ['-inf', 'DOUBLE', -Infinity],
    ['12.50', 'DECIMAL(18, 3)', 12.5],
    ['True', 'BOOL', true],
    ['f', 'BOOL', false],
    [' text ', 'STRING', ' text '],
    ['A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11', 'UUID', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'],
    ['2024-01-15', 'DATE', new DateValue(DAY)],
    ['2024-01-15', 'TIMESTAMP', new LocalDateTimeValue(DAY, 0)],
    ['2024-01-15 9:30', 'TIMESTAMP', new LocalDateTimeValue(DAY, 9.5 * HOUR)],
    ['2024-01-15T09:30:00.5Z', 'TIMESTAMP_NS', new LocalDateTimeValue(DAY, 9.5 * HOUR + 500_000_000)],
    ['2024-01-15 01:00:00+02:00', 'TIMESTAMP', new LocalDateTimeValue(DAY - 1, 23 * HOUR)],
    ['2024-01-15 01:00:00+02', 'TIMESTAMP_TZ', new DateTimeValue(DAY, HOUR, 7_200, undefined)],
    ['1 year 2 months 3 days 04:05:06.7', 'INTERVAL', new DurationValue(14n, 3n, 14_706n, 700_000_000)],
    ['P1DT2S', 'INTERVAL', new DurationValue(0n, 1n, 2n, 0)],
    ['-2 hours', 'INTERVAL', new DurationValue(0n, 0n, -7_200n, 0)],
    ['[1, 2,3]', 'INT64[]', [1n, 2n, 3n]],
    ['[]', 'DOUBLE[]', []],
    ['{a,"b, c",\'d\'}', 'STRING[]', ['a', 'b, c', 'd']],
    ['[1.5,2]', 'FLOAT[2]', [1.5, 2]],
  ])('%s as %s', (text, of, wanted) => {
    expect(cell(text, of)).toEqual(wanted);
  });

  test.each([
    ['1.5', 'INT64'],
    ['', 'INT64'],
    ['9223372036854775808', 'INT64'],
    ['128', 'INT8'],
    ['-1', 'UINT64'],
    ['1e999', 'DOUBLE'],
    ['yes', 'BOOL'],
    ['2024-02-30', 'DATE'],
    ['20240115', 'DATE'],
    ['2024-01-15 25:00', 'TIMESTAMP'],
    ['soon', 'INTERVAL'],
    ['not-a-uuid', 'UUID'],
    ['[1, x]', 'INT64[]'],
    ['[1, 2, 3]', 'INT64[2]'],
    ['[[1]]', 'INT64[]'],
    ['1, 2', 'INT64[]'],
  ])('%s is no %s', (text, of) => {
    expect(() => cell(text, of)).toThrow(
      `Conversion exception: Cast failed. Could not convert "${text}" to ${of}.`,
    );
  });
});

describe('values of queries', () => {
  test('are converted where nothing is lost', () => {
    expect(fitted(1n, type('DOUBLE'))).toBe(1);
    expect(fitted([1n, 2.5], type('DOUBLE[]'))).toEqual([1, 2.5]);
    expect(fitted('2024-01-15', type('DATE'))).toEqual(new DateValue(DAY));
    expect(fitted(new DateValue(DAY), type('TIMESTAMP'))).toEqual(new LocalDateTimeValue(DAY, 0));
    expect(fitted(new DateTimeValue(DAY, HOUR, 7_200, undefined), type('TIMESTAMP'))).toEqual(
      new LocalDateTimeValue(DAY - 1, 23 * HOUR),
    );
    expect(fitted(null, type('INT64'))).toBe(null);
  });

  test.each<[Value, string]>([
    [1.5, 'INT64'],
    ['1', 'INT64'],
    [300n, 'UINT8'],
    [1n, 'STRING'],
    ['true', 'BOOL'],
    ['never', 'DATE'],
    [[1n], 'INT64'],
    [1n, 'INT64[]'],
    [[1n, null], 'INT64[]'],
  ])('%s is no %s', (value, of) => {
    expect(fitted(value, type(of))).toBeUndefined();
  });
});

test('types have aliases, texts and constraints', () => {
  expect(baseNamed('hugeint')).toBe('INT128');
  for (const text of ['INT64', 'FLOAT[3]', 'STRING[]', 'DECIMAL(18, 3)', 'DECIMAL(4, 1)[]']) {
    expect(typeText(typeOfText(text))).toBe(text);
  }
  expect(constraintType(type('STRING[]'))).toBe('LIST<STRING>');
  expect(constraintType(type('TIMESTAMP_TZ'))).toBe('ZONED DATETIME');
});

test('defaults are constants, or functions whose value is new each time', () => {
  const value = (text: string, of: string): Value => defaultOf(text, type(of)).make();
  expect(value('-1', 'INT64')).toBe(-1n);
  expect(value('1', 'DOUBLE')).toBe(1);
  expect(value("['a', 'b']", 'STRING[]')).toEqual(['a', 'b']);
  expect(value('NULL', 'STRING')).toBe(null);
  expect(value("date('2024-01-15')", 'DATE')).toEqual(new DateValue(DAY));
  expect(value("interval('1 day')", 'INTERVAL')).toEqual(new DurationValue(0n, 1n, 0n, 0));
  const uuid = defaultOf('gen_random_uuid()', type('UUID'));
  expect(uuid.changes).toBe(true);
  expect(uuid.make()).not.toBe(uuid.make());
  expect(() => value("'x'", 'INT64')).toThrow("The default 'x' does not fit INT64");
  for (const text of ['1 + 1', 'n.x', 'randomUUID()', "date('2024-01-15') + 1", '[1', 'date(1)', '-']) {
    expect(() => value(text, 'INT64'), text).toThrow(`DEFAULT ${text} is not offered here`);
  }
});

test('lists are taken apart', () => {
  expect(listItems('[a, b ,c]')).toEqual(['a', 'b', 'c']);
  expect(listItems('["a""b", "c\\"d"]')).toEqual(['a"b', 'c"d']);
  expect(listItems('[a,,b]')).toBeUndefined();
  expect(listItems('["a]')).toBeUndefined();
  expect(listItems('[a}')).toBeUndefined();
  expect(listItems('')).toBeUndefined();
});
