/** JSON values as SQL parameters. */
import { describe, expect, test, vi } from 'vitest';
import { LIMITS, parseExactJson } from '../../base/index.ts';
import { parameterTexts } from './parameters.ts';

const noTypes = vi.fn(async (): Promise<number[]> => {
  throw new Error('types were asked for');
});
const texts = (values: readonly unknown[], types?: number[]) =>
  parameterTexts(values, types === undefined ? noTypes : async () => types);

const TEXT = 25;
const JSON_OID = 114;
const JSONB = 3802;
const JSONB_ARRAY = 3807;
const INT_ARRAY = 1007;

test('scalars are their own text and cost no question', async () => {
  expect(await texts([1, -0.5, true, false, null, 'a', ''])).toEqual([
    '1',
    '-0.5',
    'true',
    'false',
    null,
    'a',
    '',
  ]);
  expect(await texts([{ a: [1, { b: null }] }])).toEqual(['{"a":[1,{"b":null}]}']);
});

test('numbers keep the digits that the client sent', async () => {
  const values = parseExactJson(
    '[9223372036854775807, 0.10, 1e400, {"n": 12345678901234567890}]',
  ) as unknown[];
  expect(await texts(values)).toEqual(['9223372036854775807', '0.10', '1e400', '{"n":12345678901234567890}']);
});

test('a list is what its placeholder is', async () => {
  expect(await texts([[1, null, 2]], [INT_ARRAY])).toEqual(['{"1",NULL,"2"}']);
  expect(await texts([[1, 'a', null]], [JSONB])).toEqual(['[1,"a",null]']);
  expect(await texts([[]], [JSON_OID])).toEqual(['[]']);
  expect(await texts([['a"b', 'c\\d', 'NULL', '']], [TEXT])).toEqual(['{"a\\"b","c\\\\d","NULL",""}']);
  expect(await texts([[[1], [2]]], [INT_ARRAY])).toEqual(['{{"1"},{"2"}}']);
  expect(await texts([[{ a: 1 }, [1, 2], null]], [JSONB_ARRAY])).toEqual(['{"{\\"a\\":1}","[1,2]",NULL}']);
});

test('types are asked for once, however many lists there are', async () => {
  const types = vi.fn(async () => [INT_ARRAY, JSONB]);
  expect(await parameterTexts([[1], [1]], types)).toEqual(['{"1"}', '[1]']);
  expect(types).toHaveBeenCalledTimes(1);
});

describe('what PostgreSQL cannot store is refused by place', () => {
  test.each([
    ['a NUL character', 'a\0b'],
    ['half a surrogate pair', 'a\ud83d'],
    ['a NUL inside JSON', { a: ['\0'] }],
    ['a NUL in a key', { 'a\0': 1 }],
    ['half a pair inside JSON', { a: '\udc00' }],
  ])('%s', async (_, value) => {
    await expect(texts([1, value])).rejects.toMatchObject({
      code: 'INVALID_VALUE',
      message: expect.stringContaining('$2'),
    });
  });

  test('inside a list', async () => {
    await expect(texts([['a', '\0']], [TEXT])).rejects.toMatchObject({ code: 'INVALID_VALUE' });
  });

  test('whole pairs and escaped words are fine', async () => {
    expect(await texts(['😀', { a: '\\u0000 as a word 😀' }])).toEqual([
      '😀',
      '{"a":"\\\\u0000 as a word 😀"}',
    ]);
  });
});

test('there is a bound on how many', async () => {
  expect(await texts(Array.from({ length: 10_000 }, () => 1))).toHaveLength(10_000);
  await expect(texts(Array.from({ length: LIMITS.sqlParametersMax + 1 }, () => 1))).rejects.toMatchObject({
    code: 'LIMIT_EXCEEDED',
    message: expect.stringContaining('sqlParametersMax'),
  });
});
