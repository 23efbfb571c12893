/** Files of entries: known bytes, every byte changed and located, what is cut off, missing or forged. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeJournalEntry } from '../../../strana/index.ts';
import { type ChainedEntry, chained, GENESIS, type JournalHead } from './chain.ts';
import { delimitedOf } from './delimited.ts';
import { readJournalFile, type VerifyFileOptions, verifyJournalFile } from './journal-file.ts';
import { segmentOf } from './segment.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** Entries whose bytes, checksums and hashes are known of graphd. */
const GOLDEN = [
  {
    record: {
      query: 'CREATE NODE TABLE T(id INT64, PRIMARY KEY(id))',
      parameters: new Map(),
      timestampMs: 1_700_000_000_000,
    },
    crc: 'fc4e1503',
    bytes: 105,
    hash: '99d4896f4f1fa2f3658fba49aaa346b87173865c032a1e072660df60a494a829',
  },
  {
    record: {
      query: 'CREATE (:T {id: $id})',
      parameters: new Map([['id', 1n]]),
      timestampMs: 1_700_000_000_001,
    },
    crc: '861ce577',
    bytes: 90,
    hash: 'dd90274d9156fb7012d8ae053bc4b5a0d55eff3518bc5f643fc63bedaef0483e',
  },
];

function journalOf(texts: readonly string[], after: JournalHead = GENESIS): ChainedEntry[] {
  const entries: ChainedEntry[] = [];
  let head = after;
  for (const query of texts) {
    const sequence = head.sequence + 1;
    const timestampMs = 1_700_000_000_000 + sequence;
    const entry = chained(head, encodeJournalEntry({ sequence, query, parameters: new Map(), timestampMs }));
    entries.push(entry);
    head = { sequence, hash: entry.hash };
  }
  return entries;
}

async function* inChunks(bytes: Uint8Array, size = 64): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const verify = (bytes: Uint8Array, options: VerifyFileOptions = {}, size?: number) =>
  verifyJournalFile(inChunks(bytes, size), options);

const TEXTS = ['CREATE (:A)', 'CREATE (:B {name: "ž"})', '', 'MATCH (n) DETACH DELETE n', 'CREATE (:Last)'];
const segments = Buffer.concat(journalOf(TEXTS).map(segmentOf));

describe('files of entries', () => {
  it('have the bytes that are known of them', () => {
    let head = GENESIS;
    for (const [at, { record, crc, bytes, hash }] of GOLDEN.entries()) {
      const entry = chained(head, encodeJournalEntry({ sequence: at + 1, ...record }));
      const segment = segmentOf(entry);
      expect(segment.length).toBe(bytes);
      expect(hex(segment.subarray(0, 4))).toBe(crc);
      expect(hex(entry.hash)).toBe(hash);
      head = { sequence: entry.sequence, hash: entry.hash };
    }
  });

  it.each([
    ['segments', segmentOf],
    ['delimited', delimitedOf],
  ] as const)('as %s come back, however they are cut, and are told by their first bytes', async (format, bytesOf) => {
    const entries = journalOf(TEXTS);
    const bytes = Buffer.concat(entries.map(bytesOf));
    for (const size of [1, 7, 48, 1_000]) {
      for (const given of [format, undefined]) {
        const read: ChainedEntry[] = [];
        for await (const entry of readJournalFile(inChunks(bytes, size), { format: given })) read.push(entry);
        expect(read.map(({ payload }) => hex(payload))).toEqual(entries.map(({ payload }) => hex(payload)));
        expect(read.map(({ hash }) => hex(hash))).toEqual(entries.map(({ hash }) => hex(hash)));
      }
    }
  });

  it('may begin anywhere', async () => {
    const entries = journalOf(TEXTS);
    const [first, ...rest] = entries;
    const after = { sequence: 1, hash: first?.hash ?? new Uint8Array() };
    const bytes = Buffer.concat(rest.map(segmentOf));
    for (const given of [undefined, after]) {
      const { after: found, entries: count, fault } = await verify(bytes, { after: given });
      expect({ sequence: found.sequence, hash: hex(found.hash), count, fault }).toEqual({
        ...{ sequence: 1, hash: hex(after.hash), count: 4 },
        fault: undefined,
      });
    }
    expect((await verify(bytes, { after: { ...after, hash: new Uint8Array(32) } })).fault?.kind).toBe(
      'chain',
    );
    expect((await verify(bytes, { after: GENESIS })).fault?.kind).toBe('sequence');
  });

  it('without entries are sound', async () => {
    expect(await verify(new Uint8Array())).toMatchObject({ entries: 0, head: { sequence: 0 } });
  });
});

describe('a byte that was changed', () => {
  const starts: number[] = [];
  for (let at = 0; at < segments.length; at += 48 + segments.readUInt32LE(at + 4)) starts.push(at);

  it('is found and located, whichever it is', async () => {
    expect(starts).toHaveLength(TEXTS.length);
    for (let at = 0; at < segments.length; at++) {
      for (const flip of [0x01, 0xff]) {
        const damaged = Buffer.from(segments);
        damaged[at] = (segments[at] ?? 0) ^ flip;
        const entry = starts.findLastIndex((start) => start <= at);
        const { fault, entries } = await verify(damaged, { format: 'segments' }, 1_000);
        expect({ at, offset: fault?.offset, byte: fault?.byte, entries }).toEqual({
          ...{ at, offset: starts[entry], entries: entry },
          byte: { offset: at, is: damaged[at], was: segments[at] },
        });
      }
    }
  });

  it('is found without being told the form of the file', async () => {
    for (let at = 0; at < segments.length; at++) {
      const damaged = Buffer.from(segments);
      damaged[at] = (segments[at] ?? 0) ^ 0x10;
      expect((await verify(damaged)).fault).toBeDefined();
    }
  });

  it('is said in words', async () => {
    const damaged = Buffer.from(segments);
    damaged[50] = 0x99;
    expect((await verify(damaged)).fault?.message).toBe(
      'Entry 1 is not what was written (byte 50 of the file is 0x99 and was 0x12)',
    );
  });

  it('in a file without checksums is found by the hash at its end', async () => {
    const entries = journalOf(TEXTS);
    const bytes = Buffer.concat(entries.map(delimitedOf));
    const ends = { hash: entries.at(-1)?.hash ?? new Uint8Array() };
    expect((await verify(bytes, { format: 'delimited', ends })).fault).toBeUndefined();
    for (let at = 0; at < bytes.length; at++) {
      const damaged = Buffer.from(bytes);
      damaged[at] = (bytes[at] ?? 0) ^ 0x04;
      expect((await verify(damaged, { format: 'delimited', ends })).fault).toBeDefined();
    }
  });
});

describe('damage of other kinds', () => {
  it('is found: a file that is cut off anywhere but between entries', async () => {
    const starts = new Set<number>();
    for (let at = 0; at < segments.length; at += 48 + segments.readUInt32LE(at + 4)) starts.add(at);
    for (let length = 0; length < segments.length; length++) {
      const { fault } = await verify(segments.subarray(0, length), { format: 'segments' });
      if (starts.has(length)) expect(fault).toBeUndefined();
      else expect(fault?.kind).toBe('cut off');
    }
  });

  it('is found where the end is known: entries that are missing there', async () => {
    const entries = journalOf(TEXTS);
    const hash = entries.at(-1)?.hash ?? new Uint8Array();
    const short = Buffer.concat(entries.slice(0, 3).map(segmentOf));
    expect((await verify(short, { ends: { hash, sequence: 5 } })).fault).toMatchObject({ sequence: 3 });
    expect((await verify(segments, { ends: { hash, sequence: 5 } })).fault).toBeUndefined();
  });

  it('is found: an entry that is missing, stands twice, or was written anew with its checksum', async () => {
    const entries = journalOf(TEXTS);
    const [first, second, third, fourth] = entries.map(segmentOf);
    const join = (...all: (Uint8Array | undefined)[]) =>
      Buffer.concat(all.filter((one) => one !== undefined));
    expect((await verify(join(first, third, fourth))).fault).toMatchObject({ kind: 'sequence', sequence: 2 });
    expect((await verify(join(first, first, second))).fault).toMatchObject({ kind: 'sequence', sequence: 2 });
    const other = journalOf(['CREATE (:A)', 'CREATE (:Forged)']).map(segmentOf)[1];
    expect((await verify(join(first, other, third))).fault).toMatchObject({ kind: 'chain', sequence: 3 });
  });

  it('never makes the reader fail otherwise', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 300 }),
        fc.constantFrom('segments', 'delimited', undefined),
        async (bytes, format) => {
          const { fault, entries } = await verify(bytes, { format });
          expect(bytes.length === 0 || fault !== undefined || entries > 0).toBe(true);
        },
      ),
      { numRuns: 500, seed: 7 },
    );
  });
});
