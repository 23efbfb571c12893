/** Sets and maps that are replaced now and then: nobody notices. */
import { describe, expect, it } from 'vitest';
import { ChurnMap, ChurnSet } from './churn.ts';

const ROUNDS = 1_000;

describe('what comes and goes', () => {
  it('keeps the members of a set in their order, however many have gone', () => {
    const set = new ChurnSet<number>();
    set.add(-2);
    set.add(-1);
    for (let n = 0; n < ROUNDS; n++) {
      set.add(n);
      set.add(n);
      if (n >= 10) expect(set.delete(n - 10)).toBe(true);
      expect(set.delete(ROUNDS + n)).toBe(false);
    }
    expect(set.size).toBe(12);
    expect([...set]).toEqual([-2, -1, ...Array.from({ length: 10 }, (_, n) => ROUNDS - 10 + n)]);
  });

  it('lets members go while it is walked', () => {
    const set = new ChurnSet<number>();
    for (let n = 0; n < 5; n++) set.add(n);
    const seen: number[] = [];
    for (const member of set) {
      seen.push(member);
      set.delete(member);
      set.delete(member + 1);
    }
    expect(seen).toEqual([0, 2, 4]);
    expect(set.size).toBe(0);
  });

  it('answers the last value of a key of a map, however many have gone', () => {
    const map = new ChurnMap<string, number>();
    map.set('stays', 0);
    for (let n = 1; n <= ROUNDS; n++) {
      map.set('stays', n);
      map.set(String(n), n);
      expect(map.get(String(n))).toBe(n);
      expect(map.delete(String(n))).toBe(true);
      expect(map.delete(String(n))).toBe(false);
    }
    expect(map.get('stays')).toBe(ROUNDS);
    expect(map.get('gone')).toBeUndefined();
    expect(map.size).toBe(1);
  });
});
