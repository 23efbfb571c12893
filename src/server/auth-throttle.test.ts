/** The map of failures is bounded: the oldest address is forgotten first. */
import { expect, test } from 'vitest';
import { LIMITS } from '../base/index.ts';
import { AuthThrottle } from './auth-throttle.ts';

test('remembers a bounded number of addresses', () => {
  const throttle = new AuthThrottle(() => 0);
  for (let i = 0; i < LIMITS.authFailuresMax; i++) throttle.failed('first');
  expect(() => throttle.check('first')).toThrow('Too many failed authentications');
  for (let i = 0; i < LIMITS.authFailureAddressesMax - 1; i++) throttle.failed(`address ${i}`);
  expect(() => throttle.check('first')).toThrow('Too many failed authentications');
  throttle.failed('one more');
  expect(() => throttle.check('first')).not.toThrow();
});

test('says once that it closed', () => {
  const throttle = new AuthThrottle(() => 0);
  const answers = Array.from({ length: LIMITS.authFailuresMax + 5 }, () => throttle.failed('a'));
  expect(answers.filter(Boolean)).toHaveLength(1);
  expect(answers[LIMITS.authFailuresMax - 1]).toBe(true);
});
