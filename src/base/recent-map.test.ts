/** What a bounded map keeps, and what it forgets. */
import { expect, it } from 'vitest';
import { RecentMap } from './recent-map.ts';

it('keeps what is asked for again and again', () => {
  const map = new RecentMap<number, string>(8);
  map.set(-1, 'used');
  for (let n = 0; n < 100; n++) {
    map.set(n, String(n));
    expect(map.get(-1)).toBe('used');
  }
});

it('keeps the latest half and forgets what is older than the whole', () => {
  const map = new RecentMap<number, number>(8);
  for (let n = 0; n < 100; n++) {
    map.set(n, n);
    for (let back = 0; back < 4; back++) if (n >= back) expect(map.get(n - back)).toBe(n - back);
    if (n >= 4) map.set(n, n);
  }
  const kept = Array.from({ length: 100 }, (_, n) => map.get(n)).filter((value) => value !== undefined);
  expect(kept.length).toBeLessThanOrEqual(8);
  expect(map.get(0)).toBeUndefined();
});

it('replaces a value', () => {
  const map = new RecentMap<string, number>(2);
  map.set('a', 1);
  map.set('a', 2);
  expect(map.get('a')).toBe(2);
  map.set('b', 3);
  expect(map.get('a')).toBe(2);
});
