/** Messages of journals and snapshots, against bytes and hashes that are known. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { decodeJournalEntry, decodeSnapshotMeta, encodeJournalEntry, encodeSnapshotMeta } from './index.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** Entries whose bytes and chain hashes are known. */
const GOLDEN = [
  {
    record: {
      sequence: 1,
      query: 'CREATE NODE TABLE T(id INT64, PRIMARY KEY(id))',
      parameters: new Map(),
      timestampMs: 1_700_000_000_000,
    },
    payload:
      '0801122e435245415445204e4f4445205441424c45205428696420494e5436342c205052494d415259204b455928696429292080d095ffbc31',
    hash: '99d4896f4f1fa2f3658fba49aaa346b87173865c032a1e072660df60a494a829',
  },
  {
    record: {
      sequence: 2,
      query: 'CREATE (:T {id: $id})',
      parameters: new Map([['id', 1n]]),
      timestampMs: 1_700_000_000_001,
    },
    payload: '0802121543524541544520283a54207b69643a202469647d291a080a026964120218012081d095ffbc31',
    hash: 'dd90274d9156fb7012d8ae053bc4b5a0d55eff3518bc5f643fc63bedaef0483e',
  },
];

describe('entries of the journal', () => {
  it('have the bytes and the chain that are known of them', () => {
    let hash: Uint8Array = new Uint8Array(32);
    for (const golden of GOLDEN) {
      const payload = encodeJournalEntry(golden.record);
      expect(hex(payload)).toBe(golden.payload);
      expect(decodeJournalEntry(payload)).toEqual(golden.record);
      hash = createHash('sha256').update(hash).update(payload).digest();
      expect(hex(hash)).toBe(golden.hash);
    }
  });

  it('are refused when their bytes are none', () => {
    expect(() => decodeJournalEntry(Uint8Array.of(0x12, 0x7f, 1))).toThrow('not a journal entry');
  });
});

describe('meta data of snapshots', () => {
  it('come back as they were', () => {
    const record = {
      sequence: 7,
      chainHash: Uint8Array.from({ length: 32 }, (_, i) => i),
      timestampMs: 1_700_000_000_000,
      version: '0.1.0',
    };
    expect(decodeSnapshotMeta(encodeSnapshotMeta(record))).toEqual(record);
  });
});
