/** Type names as clients write them. */
import { expect, test } from 'vitest';
import { parseTypeName } from './type-syntax.ts';

test.each([
  ['Int64', 'bigint'],
  ['bigint', 'bigint'],
  ['INT', 'integer'],
  ['Boolean', 'boolean'],
  ['Varchar(255)', 'varchar(255)'],
  ['character varying ( 10 )', 'varchar(10)'],
  ['varchar', 'varchar'],
  ['Char(3)', 'char(3)'],
  ['Decimal(10,2)', 'numeric(10,2)'],
  ['numeric(5)', 'numeric(5,0)'],
  ['Decimal', 'numeric'],
  ['Float32', 'real'],
  ['FLOAT', 'real'],
  ['double  precision', 'double precision'],
  ['TimestampTz', 'timestamptz'],
  ['timestamp(3) with time zone', 'timestamptz(3)'],
  ['TIMESTAMP WITHOUT TIME ZONE', 'timestamp'],
  ['Binary', 'bytea'],
  ['Jsonb', 'jsonb'],
  ['Array<Int32>', 'integer[]'],
  ['array< varchar(10) >', 'varchar(10)[]'],
  ['text[]', 'text[]'],
  ['bigserial', 'bigserial'],
  ['Int8', 'smallint'],
  ['TINYINT', 'smallint'],
  ['UInt64', 'numeric(20,0)'],
  ['Vector(768)', 'real[]'],
])('%s is %s', (written, sql) => {
  expect(parseTypeName(written)?.sql).toBe(sql);
});

test('ranges and lengths are held by a check', () => {
  expect(parseTypeName('Int8')?.check?.('"n"')).toBe('"n" >= -128 AND "n" <= 127');
  expect(parseTypeName('Vector(3)')?.check?.('"v"')).toContain('cardinality("v") = 3');
  expect(parseTypeName('Int16')?.check).toBeUndefined();
});

test('names of others are left to PostgreSQL', () => {
  expect(parseTypeName('mood')).toBeUndefined();
  expect(parseTypeName('int4range')).toBeUndefined();
  expect(parseTypeName('int); DROP TABLE users; --')).toBeUndefined();
});

test.each([
  'Varchar(0)',
  'Varchar(10,2)',
  'Int64(5)',
  'Decimal(0)',
  'Decimal(5,6)',
  'Decimal(1001)',
  'Vector',
  'Vector(0)',
  'Vector(16001)',
  'Timestamp(7)',
  'Array<Vector(3)>',
  'Array<Int8>',
  'Array<Array<Int32>>',
  'Array<serial>',
  'time with time zone',
])('%s is refused', (written) => {
  expect(() => parseTypeName(written)).toThrow(expect.objectContaining({ code: 'INVALID_TYPE' }));
});
