/** The nearest known word: found for slips of the finger, not for other words. */
import { expect, test } from 'vitest';
import { didYouMean, nearest } from './suggest.ts';

const WORDS = ['listen', 'log-level', 'log-format', 'store'];

test.each([
  ['lisen', 'listen'],
  ['lsiten', 'listen'],
  ['loglevel', 'log-level'],
  ['stroe', 'store'],
  ['log-fromat', 'log-format'],
])('%s is taken for %s', (word, meant) => {
  expect(nearest(word, WORDS)).toBe(meant);
});

test('a word that is far from all has no suggestion', () => {
  expect(nearest('verbose', WORDS)).toBeUndefined();
  expect(nearest('', WORDS)).toBeUndefined();
  expect(didYouMean('x', WORDS)).toBeUndefined();
});

test('the sentence', () => {
  expect(didYouMean('stor', WORDS)).toBe('Did you mean store?');
});
