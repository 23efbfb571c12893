/** Files of a journal as one: in which order, where they join, and where replaying ends. */
import { describe, expect, it } from 'vitest';
import { encodeJournalEntry } from '../../../strana/index.ts';
import { type ChainedEntry, chained, delimitedOf, GENESIS, hexOf, segmentOf } from '../journal/index.ts';
import { type JournalAim, type JournalSource, joinedJournal, planJournal } from './joined-journal.ts';

/** Each entry a second behind the one before, from the first second on. */
function journalOf(count: number, salt = ''): ChainedEntry[] {
  const entries: ChainedEntry[] = [];
  let head = GENESIS;
  for (let sequence = 1; sequence <= count; sequence++) {
    const query = `CREATE (:N {i: ${sequence}${salt}})`;
    // Entries 6 and 7 are of one transaction.
    const parameters = new Map(sequence === 6 ? [['__facet_continues', true]] : []);
    const entry = chained(
      head,
      encodeJournalEntry({ sequence, query, parameters, timestampMs: sequence * 1_000 }),
    );
    entries.push(entry);
    head = { sequence, hash: entry.hash };
  }
  return entries;
}

const JOURNAL = journalOf(10);
const OTHER = journalOf(10, '0');

const fileOf = (
  name: string,
  entries: readonly ChainedEntry[],
  encode: (entry: ChainedEntry) => Uint8Array = segmentOf,
): JournalSource => ({
  name,
  open: async () =>
    (async function* () {
      for (const entry of entries) yield encode(entry);
    })(),
});

const part = (from: number, to: number, of = JOURNAL): ChainedEntry[] => of.slice(from - 1, to);
const headAt = (sequence: number) => {
  const entry = JOURNAL[sequence - 1];
  return entry === undefined ? GENESIS : { sequence, hash: entry.hash };
};
const aim = (after = 0, more: Partial<JournalAim> = {}): JournalAim => ({
  after: headAt(after),
  afterMs: after * 1_000,
  afterWhat: 'the snapshot',
  ...more,
});

async function numbers(sources: readonly JournalSource[], after = 0): Promise<number[]> {
  const found: number[] = [];
  for await (const { sequence } of joinedJournal(sources, aim(after))) found.push(sequence);
  return found;
}
const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, at) => from + at);

describe('files join', () => {
  it('in whatever order they are given', async () => {
    const files = [fileOf('c', part(8, 10)), fileOf('a', part(1, 3)), fileOf('b', part(4, 7))];
    expect(await numbers(files)).toEqual(range(1, 10));
    expect(await numbers(files, 5)).toEqual(range(6, 10));
    expect(await numbers(files, 10)).toEqual([]);
  });

  it('also where they overlap', async () => {
    const files = [fileOf('a', part(1, 6)), fileOf('b', part(3, 8)), fileOf('c', part(2, 10))];
    expect(await numbers(files)).toEqual(range(1, 10));
    expect(await numbers(files, 4)).toEqual(range(5, 10));
  });

  it('of either form', async () => {
    expect(await numbers([fileOf('a', part(1, 10), delimitedOf)])).toEqual(range(1, 10));
    expect(await numbers([fileOf('b', part(5, 10), delimitedOf), fileOf('a', part(1, 4))])).toEqual(
      range(1, 10),
    );
    expect(await numbers([fileOf('b', part(5, 10), delimitedOf)], 4)).toEqual(range(5, 10));
  });

  it('nothing is nothing', async () => {
    expect(await numbers([], 4)).toEqual([]);
  });
});

describe('what does not join is refused', () => {
  const cases: readonly [string, readonly JournalSource[], number, string][] = [
    [
      'a gap behind the snapshot',
      [fileOf('b.wal', part(7, 10))],
      4,
      'b.wal begins with entry 7, and the snapshot ends with entry 4: entries 5 to 6 are missing',
    ],
    [
      'a gap between two files',
      [fileOf('a.wal', part(1, 3)), fileOf('b.wal', part(5, 10))],
      0,
      'b.wal begins with entry 5, and the file before ends with entry 3: entry 4 is missing',
    ],
    [
      'a journal of another history',
      [fileOf('other.wal', part(5, 10, OTHER))],
      4,
      `other.wal does not join: its entry 5 follows the hash ${hexOf(OTHER[3]?.hash ?? new Uint8Array())}`,
    ],
    [
      'a journal of another history that goes on over the snapshot',
      [fileOf('other.wal', OTHER)],
      4,
      'other.wal is of another history: its entry 4 has the hash',
    ],
    [
      'files of two histories',
      [fileOf('a.wal', part(1, 5)), fileOf('other.wal', part(6, 10, OTHER))],
      0,
      'other.wal does not join: its entry 6 follows the hash',
    ],
    [
      'a journal that ends before the snapshot',
      [fileOf('a.wal', part(1, 3))],
      8,
      'The journal ends before entry 8, at which the snapshot was taken',
    ],
    ['an empty file', [fileOf('empty.wal', [])], 0, 'empty.wal has no entries'],
  ];
  for (const [name, files, after, message] of cases) {
    it(name, async () => {
      await expect(numbers(files, after)).rejects.toMatchObject({
        code: 'JOURNAL_MISMATCH',
        message: expect.stringContaining(message),
      });
    });
  }

  it('damage names the file and the place', async () => {
    const damaged = fileOf('bad.wal', part(1, 10), (entry) => {
      const bytes = Buffer.from(segmentOf(entry));
      if (entry.sequence === 4) bytes[60] = (bytes[60] ?? 0) ^ 1;
      return bytes;
    });
    await expect(numbers([damaged])).rejects.toMatchObject({
      code: 'JOURNAL_DAMAGED',
      message: expect.stringContaining('bad.wal: Entry 4'),
    });
  });
});

describe('where replaying ends', () => {
  const files = [fileOf('a', part(1, 5)), fileOf('b', part(6, 10))];

  it('at the end of the journal', async () => {
    expect(await planJournal(files, aim(2))).toEqual({
      head: headAt(10),
      entries: 8,
      timestampMs: 10_000,
      withinTransaction: false,
    });
  });

  it('at an entry', async () => {
    expect(await planJournal(files, aim(2, { sequence: 5 }))).toMatchObject({ head: headAt(5), entries: 3 });
    expect(await planJournal(files, aim(2, { sequence: 2 }))).toMatchObject({ head: headAt(2), entries: 0 });
  });

  it('at a time', async () => {
    expect(await planJournal(files, aim(2, { timeMs: 5_000 }))).toMatchObject({ head: headAt(5) });
    expect(await planJournal(files, aim(2, { timeMs: 4_999 }))).toMatchObject({ head: headAt(4) });
    expect(await planJournal(files, aim(2, { timeMs: 2_000 }))).toMatchObject({
      head: headAt(2),
      entries: 0,
      timestampMs: undefined,
    });
  });

  it('never within a transaction', async () => {
    expect(await planJournal(files, aim(2, { sequence: 6 }))).toEqual({
      head: headAt(5),
      entries: 3,
      timestampMs: 5_000,
      withinTransaction: true,
    });
    expect(await planJournal(files, aim(2, { sequence: 7 }))).toMatchObject({
      head: headAt(7),
      withinTransaction: false,
    });
    expect(await planJournal([fileOf('cut', part(1, 6))], aim())).toMatchObject({
      head: headAt(5),
      withinTransaction: true,
    });
  });

  it('an end that is not in the journal is refused', async () => {
    const refused = async (more: Partial<JournalAim>, message: string) => {
      await expect(planJournal(files, aim(4, more))).rejects.toMatchObject({
        code: 'INVALID_PARAMETER',
        message,
      });
    };
    await refused({ sequence: 11 }, 'The journal ends with entry 10, before entry 11');
    await refused({ sequence: 3 }, 'Entry 3 is before the snapshot, which is of entry 4');
    await refused(
      { timeMs: 10_001 },
      'The last entry of the journal is of 1970-01-01T00:00:10.000Z, before 1970-01-01T00:00:10.001Z',
    );
    await refused(
      { timeMs: 3_999 },
      '1970-01-01T00:00:03.999Z is before the last entry in the snapshot, of 1970-01-01T00:00:04.000Z',
    );
    expect(await planJournal(files, aim(4, { sequence: 10 }))).toMatchObject({ head: headAt(10) });
    expect(await planJournal(files, aim(4, { timeMs: 10_000 }))).toMatchObject({ head: headAt(10) });
  });
});
