/** What is remembered of ended transactions is bounded, and tells a late request what became of its own. */
import { describe, expect, it } from 'vitest';
import { LIMITS, nowMs } from '../base/index.ts';
import { endedError, Tombstones } from './tombstones.ts';

const namespace = 'default';

describe('tombstones', () => {
  it('are kept up to their number, the oldest goes first', () => {
    const tombstones = new Tombstones();
    for (let n = 0; n < 2 * LIMITS.transactionTombstonesMax; n++) {
      tombstones.add(`txn_${n}`, { owner: 'ann', namespace, ending: 'committed', endedAtMs: nowMs() });
    }
    expect(tombstones.size).toBeGreaterThanOrEqual(LIMITS.transactionTombstonesMax);
    expect(tombstones.size).toBeLessThan(LIMITS.transactionTombstonesMax + 256);
    expect(tombstones.get('txn_9')).toBeUndefined();
    expect(tombstones.get(`txn_${2 * LIMITS.transactionTombstonesMax - 1}`)?.ending).toBe('committed');
  });

  it('are kept for their time', () => {
    const tombstones = new Tombstones();
    const longAgoMs = nowMs() - LIMITS.transactionTombstoneMs - 1;
    tombstones.add('old', { owner: 'ann', namespace, ending: 'committed', endedAtMs: longAgoMs });
    for (let n = 0; n < 255; n++) {
      tombstones.add(`old_${n}`, { owner: 'ann', namespace, ending: 'committed', endedAtMs: longAgoMs });
    }
    tombstones.add('new', { owner: 'ann', namespace, ending: 'timed out', endedAtMs: nowMs() });
    expect(tombstones.get('old')).toBeUndefined();
    expect(tombstones.size).toBe(1);
    expect(tombstones.get('new')?.ending).toBe('timed out');
  });

  it.each([
    ['committed', 'TRANSACTION_NOT_ACTIVE', 'committed'],
    ['rolled back', 'TRANSACTION_NOT_ACTIVE', 'rolled back'],
    ['timed out', 'TRANSACTION_NOT_FOUND', 'rolled back: timed out'],
    ['connection lost', 'TRANSACTION_NOT_FOUND', 'rolled back: connection lost'],
  ] as const)('%s: %s', (ending, code, detail) => {
    expect(endedError('txn_1', ending)).toMatchObject({ code, detail });
  });
});
