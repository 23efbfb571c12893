/** PostgreSQL's types by their ThunderDB names. */
import { expect, test } from 'vitest';
import { builtInTypeName, columnTypeName, elementOidOf, isJsonOid } from './type-names.ts';

test.each([
  [16, 'Boolean'],
  [20, 'Int64'],
  [21, 'Int16'],
  [23, 'Int32'],
  [700, 'Float32'],
  [701, 'Float64'],
  [1700, 'Decimal'],
  [1043, 'Varchar'],
  [1042, 'Char'],
  [25, 'Text'],
  [17, 'Binary'],
  [1082, 'Date'],
  [1083, 'Time'],
  [1114, 'Timestamp'],
  [1184, 'TimestampTz'],
  [1186, 'Interval'],
  [2950, 'Uuid'],
  [114, 'Json'],
  [3802, 'Jsonb'],
  [1007, 'Array<Int32>'],
  [3807, 'Array<Jsonb>'],
  [3904, 'Text'],
])('oid %d is %s', (oid, name) => {
  expect(builtInTypeName(oid)).toBe(name);
});

test('an oid of a user type says nothing', () => {
  expect(builtInTypeName(16_384)).toBeUndefined();
  expect(builtInTypeName(99_999)).toBeUndefined();
});

test('only arrays have elements', () => {
  expect(elementOidOf(1007)).toBe(23);
  expect(elementOidOf(23)).toBeUndefined();
  expect([114, 3802, 25, 199].map(isJsonOid)).toEqual([true, true, false, false]);
});

const column = { typeOid: 25, typeName: 'text', isArray: false, modifier: -1, checks: [] };

test.each([
  ['Varchar(255)', { typeOid: 1043, modifier: 259 }],
  ['Varchar', { typeOid: 1043 }],
  ['Char(1)', { typeOid: 1042, modifier: 5 }],
  ['Decimal(10,2)', { typeOid: 1700, modifier: ((10 << 16) | 2) + 4 }],
  ['Decimal(5,-2)', { typeOid: 1700, modifier: ((5 << 16) | (-2 & 0x7ff)) + 4 }],
  ['Decimal', { typeOid: 1700 }],
  ['TimestampTz(3)', { typeOid: 1184, modifier: 3 }],
  ['Array<Varchar(10)>', { typeOid: 1043, modifier: 14, isArray: true }],
  ['Vector(3)', { typeOid: 40_000, typeName: 'vector', modifier: 3 }],
  ['Text', { typeOid: 40_001, typeName: 'mood' }],
])('a column of %s', (name, facts) => {
  expect(columnTypeName({ ...column, ...facts })).toBe(name);
});

test('a type that is a constraint has its name back', () => {
  const vector = 'CHECK (((cardinality(embedding) = 768) AND (array_ndims(embedding) = 1)))';
  expect(columnTypeName({ ...column, typeOid: 700, isArray: true, checks: [vector] })).toBe('Vector(768)');
  const int8 = "CHECK (((n >= '-128'::integer) AND (n <= 127)))";
  expect(columnTypeName({ ...column, typeOid: 21, checks: [int8] })).toBe('Int8');
});

test('another constraint does not change the type', () => {
  expect(columnTypeName({ ...column, typeOid: 21, checks: ['CHECK (((n >= 1) AND (n <= 127)))'] })).toBe(
    'Int16',
  );
  expect(
    columnTypeName({ ...column, typeOid: 23, checks: ["CHECK (((n >= '-128'::integer) AND (n <= 127)))"] }),
  ).toBe('Int32');
  expect(columnTypeName({ ...column, typeOid: 700, isArray: true, checks: ['CHECK ((a[1] = 3))'] })).toBe(
    'Array<Float32>',
  );
});
