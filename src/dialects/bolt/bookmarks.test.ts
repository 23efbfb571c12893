/** Bookmarks as text, and the last of several. */
import { expect, test } from 'vitest';
import { LIMITS } from '../../base/index.ts';
import { bookmarkOf, lastPosition } from './bookmarks.ts';

test('the last position counts, whatever namespace it is of', () => {
  expect(lastPosition([])).toBeUndefined();
  const bookmarks = ['0/16B3748', '1/0', '0/FFFFFFFF', '0/2'].map((position) =>
    bookmarkOf('default', position),
  );
  expect(lastPosition(bookmarks)).toBe('1/0');
  expect(lastPosition([bookmarkOf('a', '0/9'), bookmarkOf('b_2', '0/10')])).toBe('0/10');
});

test.each([
  '',
  'FB:kcwQ',
  'facet:default',
  'facet:default:0/',
  'facet:Default:0/1',
  'facet:default:0/123456789',
  ' facet:a:0/1',
])('%j is none', (bookmark) => {
  expect(() => lastPosition([bookmarkOf('default', '0/1'), bookmark])).toThrow(
    'is no bookmark of this server',
  );
});

test('there are bounds', () => {
  const many = Array.from({ length: LIMITS.boltBookmarksMax + 1 }, () => 'facet:a:0/1');
  expect(() => lastPosition(many)).toThrow('boltBookmarksMax');
});
