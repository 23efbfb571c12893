/** Which names a pattern of BLOBS fits. */
import { expect, test } from 'vitest';
import { fits } from './blob-lists.ts';

test.each([
  ['a.txt', '*.txt', true],
  ['a.txt', 'a*', true],
  ['a.txt', '*', true],
  ['a.txt', 'a*t*t', true],
  ['a.txt', 'a.txt*txt', false],
  ['aba', 'ab*ba', false],
  ['abba', 'ab*ba', true],
  ['a.txt', '*b*', false],
  ['axbxc', 'a*b*c', true],
  ['acb', 'a*b*c', false],
  ['', '*', true],
])('%s and %s', (text, pattern, expected) => {
  expect(fits(text, pattern.split('*'))).toBe(expected);
});

test('long names and patterns take no longer than both are', () => {
  expect(fits('a'.repeat(50_000), `${'a*'.repeat(10_000)}b`.split('*'))).toBe(false);
});
