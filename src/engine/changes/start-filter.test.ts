/** Which transactions commit "from now on". */
import { describe, expect, it } from 'vitest';
import { StartFilter } from './start-filter.ts';

const transaction = (xid: number, commitLsn: bigint) => ({
  xid,
  commitLsn,
  endLsn: commitLsn + 1n,
  committedAtMs: 0,
});

describe('what commits from now on', () => {
  it('is what a snapshot does not see, and what commits behind the position', () => {
    const filter = new StartFilter(1_000n, '90:100:90,95');
    for (const [xid, lets] of [
      [50, false],
      [89, false],
      [90, true],
      [91, false],
      [95, true],
      [99, false],
      [100, true],
      [200, true],
    ] as const) {
      expect(filter.lets(transaction(xid, 999n)), String(xid)).toBe(lets);
      expect(filter.lets(transaction(xid, 1_000n))).toBe(true);
    }
  });

  it('knows transactions of other rounds of the counter', () => {
    const round = 1n << 32n;
    const early = new StartFilter(1_000n, `${round + 5n}:${round + 10n}:`);
    expect(early.lets(transaction(4_294_967_290, 1n))).toBe(false);
    expect(early.lets(transaction(12, 1n))).toBe(true);
    const late = new StartFilter(1_000n, `${round - 10n}:${round - 5n}:${round - 10n}`);
    expect(late.lets(transaction(3, 1n))).toBe(true);
    expect(late.lets(transaction(4_294_967_286, 1n))).toBe(true);
    expect(late.lets(transaction(4_294_967_287, 1n))).toBe(false);
  });
});
