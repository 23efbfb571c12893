/** Messages of pgoutput: what they say, and what happens to those that are damaged. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FacetError } from '../../base/index.ts';
import { type PgoutputHandler, PgoutputReader, UNCHANGED } from './pgoutput.ts';

/** Writes what was called, one line per call. */
class Recorder implements PgoutputHandler {
  readonly calls: unknown[][] = [];
  begin(...call: unknown[]): void {
    this.calls.push(['begin', ...call]);
  }
  commit(...call: unknown[]): void {
    this.calls.push(['commit', ...call]);
  }
  relation(...call: unknown[]): void {
    this.calls.push(['relation', ...call]);
  }
  insert(...call: unknown[]): void {
    this.calls.push(['insert', ...call]);
  }
  update(...call: unknown[]): void {
    this.calls.push(['update', ...call]);
  }
  delete(...call: unknown[]): void {
    this.calls.push(['delete', ...call]);
  }
  truncate(...call: unknown[]): void {
    this.calls.push(['truncate', ...call]);
  }
}

const int = (bytes: number, value: number | bigint): Buffer => {
  const buffer = Buffer.alloc(8);
  buffer.writeBigInt64BE(BigInt(value));
  return buffer.subarray(8 - bytes);
};
const text = (value: string): Buffer => Buffer.from(`${value}\0`);
const cell = (value: string | null | undefined): Buffer => {
  if (value === null) return Buffer.from('n');
  if (value === undefined) return Buffer.from('u');
  return Buffer.concat([Buffer.from('t'), int(4, Buffer.byteLength(value)), Buffer.from(value)]);
};
const row = (...cells: (string | null | undefined)[]): Buffer =>
  Buffer.concat([int(2, cells.length), ...cells.map(cell)]);
const message = (kind: string, ...parts: Buffer[]): Buffer => Buffer.concat([Buffer.from(kind), ...parts]);

const BEGIN = message('B', int(8, 100), int(8, 1_000_000), int(4, 4_000_000_000));
const RELATION = message(
  'R',
  int(4, 7),
  text(''),
  text('täble'),
  Buffer.from('f'),
  int(2, 2),
  ...[int(1, 1), text('id'), int(4, 23), int(4, -1)],
  ...[int(1, 0), text('v'), int(4, 1043), int(4, 44)],
);
const INSERT = message('I', int(4, 7), Buffer.from('N'), row('1', 'é€😀'.repeat(20)));
const UPDATE = message(
  'U',
  int(4, 7),
  Buffer.from('O'),
  row('1', ''),
  Buffer.from('N'),
  row(null, undefined),
);
const KEY_UPDATE = message('U', int(4, 7), Buffer.from('K'), row('1', null), Buffer.from('N'), row('2', 'x'));
const PLAIN_UPDATE = message('U', int(4, 7), Buffer.from('N'), row('2', 'x'));
const DELETE = message('D', int(4, 7), Buffer.from('K'), row('1', null));
const TRUNCATE = message('T', int(4, 2), int(1, 3), int(4, 7), int(4, 8));
const COMMIT = message('C', int(1, 0), int(8, 100), int(8, 130), int(8, 0));
const OTHERS = [
  message('Y', int(4, 9), text('public'), text('mood')),
  message('O', int(8, 1), text('elsewhere')),
  message('M', int(1, 0), int(8, 1), text('p'), int(4, 1), Buffer.from('x')),
];
const ALL = [BEGIN, RELATION, INSERT, UPDATE, KEY_UPDATE, PLAIN_UPDATE, DELETE, TRUNCATE, COMMIT, ...OTHERS];

function read(...messages: Buffer[]): unknown[][] {
  const recorder = new Recorder();
  const reader = new PgoutputReader(recorder);
  for (const bytes of messages) reader.read(Buffer.concat([Buffer.from('head'), bytes]), 4);
  return recorder.calls;
}

describe('messages', () => {
  it('are read with all they say', () => {
    expect(read(...ALL)).toEqual([
      ['begin', 100n, Date.UTC(2000, 0, 1) + 1_000, 4_000_000_000],
      [
        'relation',
        {
          oid: 7,
          schema: 'pg_catalog',
          name: 'täble',
          identity: 'f',
          columns: [
            { name: 'id', typeOid: 23, typeModifier: -1, identity: true },
            { name: 'v', typeOid: 1043, typeModifier: 44, identity: false },
          ],
        },
      ],
      ['insert', 7, ['1', 'é€😀'.repeat(20)], INSERT.length],
      ['update', 7, ['1', ''], [null, UNCHANGED], false, UPDATE.length],
      ['update', 7, ['1', null], ['2', 'x'], true, KEY_UPDATE.length],
      ['update', 7, undefined, ['2', 'x'], false, PLAIN_UPDATE.length],
      ['delete', 7, ['1', null], true, DELETE.length],
      ['truncate', [7, 8], TRUNCATE.length],
      ['commit', 100n, 130n],
    ]);
  });

  it('keep texts of all lengths and characters', () => {
    fc.assert(
      fc.property(
        fc.array(fc.option(fc.string({ unit: 'binary', maxLength: 40 }), { nil: null })),
        (cells) => {
          // Halves of surrogate pairs do not survive UTF-8, and PostgreSQL has none.
          const whole = cells.map((value) => (value === null ? null : Buffer.from(value).toString()));
          expect(read(message('I', int(4, 7), Buffer.from('N'), row(...whole)))).toEqual([
            ['insert', 7, whole, expect.any(Number)],
          ]);
        },
      ),
    );
  });

  it('that are cut off or too long are refused', () => {
    for (const bytes of [BEGIN, RELATION, INSERT, UPDATE, KEY_UPDATE, DELETE, TRUNCATE, COMMIT]) {
      for (let length = 0; length < bytes.length; length++) {
        expect(() => read(bytes.subarray(0, length))).toThrow(FacetError);
      }
      expect(() => read(Buffer.concat([bytes, Buffer.from('x')]))).toThrow(/cannot be read/);
    }
  });

  it('that are garbled are refused, or read as something else, at once', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...ALL),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 8 }),
        (bytes, changes) => {
          const garbled = Buffer.from(bytes);
          for (const [at, value] of changes) garbled[at % garbled.length] = value;
          try {
            read(garbled);
          } catch (error) {
            expect(error).toMatchObject({ code: 'CHANGES_UNAVAILABLE' });
          }
        },
      ),
      { numRuns: 3_000 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          read(Buffer.from(bytes));
        } catch (error) {
          expect(error).toMatchObject({ code: 'CHANGES_UNAVAILABLE' });
        }
      }),
      { numRuns: 3_000 },
    );
  });
});
