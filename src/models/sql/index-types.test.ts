/** Index types and their options. */
import { expect, test } from 'vitest';
import { checkIndexShape, indexKey, indexOptions, indexTypeOf } from './index-types.ts';

test('btree is the default, case does not matter', () => {
  expect(indexTypeOf(undefined)).toBe('btree');
  expect(indexTypeOf('BRIN')).toBe('brin');
});

test('an unknown type is refused with the known ones', () => {
  expect(() => indexTypeOf('rtree')).toThrow(
    expect.objectContaining({
      code: 'INVALID_INDEX_TYPE',
      hint: expect.stringContaining('btree, hash, gin, brin'),
    }),
  );
});

test('options become storage parameters', () => {
  expect(indexOptions('btree', { fillfactor: 70 })).toBe(' WITH (fillfactor = 70)');
  expect(indexOptions('gin', { fastupdate: false })).toBe(' WITH (fastupdate = off)');
  expect(indexOptions('brin', { pages_per_range: 32 })).toBe(' WITH (pages_per_range = 32)');
  expect(indexOptions('hash', {})).toBe('');
});

test.each([
  ['btree', { fillfactor: 9 }],
  ['btree', { fillfactor: 101 }],
  ['btree', { fillfactor: '70' }],
  ['btree', { fillfactor: 70.5 }],
  ['btree', { pages_per_range: 1 }],
  ['btree', { toString: 1 }],
  ['gin', { fastupdate: 'on' }],
  ['brin', { pages_per_range: 0 }],
  ['brin', { 'pages_per_range) ; DROP TABLE users; --': 1 }],
] as const)('%s refuses %j', (type, options) => {
  expect(() => indexOptions(type, options)).toThrow(
    expect.objectContaining({ code: 'INVALID_INDEX_OPTION' }),
  );
});

test('only trees are unique, a hash has one column', () => {
  expect(() => checkIndexShape('btree', true, 3)).not.toThrow();
  expect(() => checkIndexShape('gin', true, 1)).toThrow(/cannot be unique/);
  expect(() => checkIndexShape('hash', false, 2)).toThrow(/one column/);
});

test('gin cuts texts into words and takes values made of parts', () => {
  const column = { name: 'c', quotedName: '"c"', typeOid: '25', category: 'S' };
  expect(indexKey('gin', column)).toBe(`to_tsvector('english', "c"::text)`);
  expect(indexKey('gin', { ...column, typeOid: '3802', category: 'U' })).toBe('"c"');
  expect(indexKey('gin', { ...column, typeOid: '1007', category: 'A' })).toBe('"c"');
  expect(indexKey('btree', column)).toBe('"c"');
  expect(() => indexKey('gin', { ...column, typeOid: '23', category: 'N' })).toThrow(
    expect.objectContaining({ code: 'TYPE_MISMATCH' }),
  );
});
