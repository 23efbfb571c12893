/** Pages and cursors: the form of the ThunderDB API reference, and what is refused. */
import { expect, test } from 'vitest';
import { LIMITS } from '../base/index.ts';
import { pageOf, paginationOf } from './pagination.ts';

test('the first page has the default limit', () => {
  expect(pageOf({})).toEqual({ limit: LIMITS.pageRowsDefault, offset: 0 });
});

test('the cursor is base64 of the offset, as in the reference', () => {
  expect(paginationOf({ limit: 10, offset: 0 }, 42)).toEqual({
    total: 42,
    limit: 10,
    hasMore: true,
    nextCursor: 'eyJvZmZzZXQiOjEwfQ==',
  });
  expect(pageOf({ limit: 10, cursor: 'eyJvZmZzZXQiOjEwfQ==' })).toEqual({ limit: 10, offset: 10 });
});

test('the last page has no next cursor, also when it is full', () => {
  expect(paginationOf({ limit: 10, offset: 10 }, 20)).toMatchObject({ hasMore: false, nextCursor: null });
});

test.each([
  ['no base64', '!!!'],
  ['another object', Buffer.from('{"page":1}').toString('base64')],
  ['a negative offset', Buffer.from('{"offset":-1}').toString('base64')],
  ['an offset beyond exact numbers', Buffer.from('{"offset":99999999999999999999}').toString('base64')],
  ['an empty text', ''],
  ['a very long text', 'A'.repeat(100_000)],
])('a cursor with %s is refused', (_, cursor) => {
  expect(() => pageOf({ cursor })).toThrow(expect.objectContaining({ code: 'INVALID_CURSOR' }));
});
