/** Passwords in store URIs are masked wherever they may stand, and nothing else is. */
import { expect, test } from 'vitest';
import { maskedUri } from './mask.ts';

test.each([
  ['file:///var/lib/facet', 'file:///var/lib/facet'],
  ['file:///a:b@c/d', 'file:///a:b@c/d'],
  ['postgres://me@db/x', 'postgres://me@db/x'],
  ['postgres://me:pw@db/x', 'postgres://me:********@db/x'],
  ['postgres://me:se/k@ret@db/x', 'postgres://me:********@db/x'],
  ['postgres://me:se?k#ret@db/x', 'postgres://me:********@db/x'],
  ['postgresql://me:p@w@db:5432/x', 'postgresql://me:********@db:5432/x'],
  ['postgres://db/x?user=me&password=pw&ns=a', 'postgres://db/x?user=me&password=********&ns=a'],
])('%s', (uri, masked) => {
  expect(maskedUri(uri)).toBe(masked);
});
