/** The log in memory: its bounds, its numbers, and finding a place in it. */
import { describe, expect, it } from 'vitest';
import type { ChangeItem } from '../change-contract.ts';
import { ChangeLog } from './change-log.ts';
import { frontierAfter, frontierAt } from './frontier.ts';

const table = { oid: 1, schema: 'public', name: 't', columns: [] };

/** Transaction `n` commits at 100 n and ends ten further on. */
function transaction(n: number, changes: number, bytes = 100): ChangeItem[] {
  const shared = { xid: n, commitLsn: BigInt(n) * 100n, endLsn: BigInt(n) * 100n + 10n, committedAtMs: 0 };
  const items: ChangeItem[] = Array.from({ length: changes }, (_, sequence) => ({
    kind: 'insert',
    table,
    transaction: shared,
    sequence,
    lsn: shared.commitLsn - 1n,
    newRow: [],
    oldRow: undefined,
    bytes,
  }));
  return [...items, { kind: 'commit', transaction: shared, changes, bytes }];
}

function logOf(bytesMax: number, ...items: ChangeItem[]): ChangeLog {
  const log = new ChangeLog(50n, bytesMax);
  for (const item of items) log.append(item);
  return log;
}

describe('the log', () => {
  it('finds the first item behind a frontier, to the single change', () => {
    const items = [...transaction(1, 2), ...transaction(2, 3)];
    const log = logOf(10_000, ...items);
    expect(log.find(frontierAt(0n))).toBe(0);
    expect(log.find(frontierAt(100n))).toBe(0);
    expect(log.find(frontierAt(101n))).toBe(3);
    items.forEach((item, index) => {
      expect(log.find(frontierAfter(item))).toBe(index + 1);
    });
    expect(log.find({ lsn: 200n, sequence: 2 })).toBe(5);
  });

  it('keeps the newest within its bytes, and says from where on', () => {
    const log = logOf(450, ...transaction(1, 2), ...transaction(2, 3));
    expect([log.first, log.next, log.bytes]).toEqual([3, 7, 400]);
    expect(log.start).toEqual({ lsn: 110n, sequence: 0 });
    expect(log.covers(frontierAt(100n))).toBe(false);
    expect(log.covers(frontierAt(110n))).toBe(true);
    log.append(transaction(3, 1)[0] as ChangeItem);
    expect(log.start).toEqual({ lsn: 200n, sequence: 1 });
    expect(log.covers({ lsn: 200n, sequence: 0 })).toBe(false);
    expect(log.covers({ lsn: 200n, sequence: 1 })).toBe(true);
  });

  it('says what comes before the first item that is wanted', () => {
    const log = logOf(10_000, ...transaction(1, 2), ...transaction(2, 3), ...transaction(3, 1));
    expect(log.before(() => true)).toEqual(log.start);
    expect(log.before(({ xid }) => xid >= 2)).toEqual({ lsn: 110n, sequence: 0 });
    expect(log.before(({ xid }) => xid === 3)).toEqual({ lsn: 210n, sequence: 0 });
    expect(log.before(() => false)).toEqual(log.end);
    log.moveTo(500n);
    expect(log.before(() => false)).toEqual(frontierAt(500n));
  });

  it('keeps an item that is larger than all it may have', () => {
    const log = logOf(50, ...transaction(1, 1, 1_000));
    expect([log.first, log.next]).toEqual([1, 2]);
  });

  it('numbers items on and on, whatever it holds', () => {
    const log = new ChangeLog(0n, 100_000);
    for (let n = 1; n <= 5_000; n++) for (const item of transaction(n, 1)) log.append(item);
    expect(log.next).toBe(10_000);
    expect(log.first).toBe(9_000);
    for (let number = log.first; number < log.next; number++) {
      expect(log.at(number).transaction.xid).toBe((number >> 1) + 1);
    }
    expect(() => log.at(log.first - 1)).toThrow();
    expect(() => log.at(log.next)).toThrow();
  });

  it('moves its end without items, and begins anew', () => {
    const log = logOf(10_000, ...transaction(1, 1));
    log.moveTo(90n);
    expect(log.end).toEqual(frontierAt(110n));
    log.moveTo(500n);
    expect(log.end).toEqual(frontierAt(500n));
    log.restart(900n);
    expect([log.first, log.next, log.bytes]).toEqual([2, 2, 0]);
    expect(log.covers(frontierAt(500n))).toBe(false);
    expect(log.find(frontierAt(900n))).toBe(2);
  });
});
