/** Replies by their bytes: the smallest form of every value, failures by version, messages that are too large. */
import { describe, expect, it } from 'vitest';
import { decodeByDriver } from '../../../test/support/bolt-driver.ts';
import type { Value } from '../../cypher/index.ts';
import { ReplyWriter, wireOf } from './codec.ts';

const BOLT_5_7 = wireOf({ major: 5, minor: 7 });
const BOLT_5_6 = wireOf({ major: 5, minor: 6 });

/** One record of one value, without chunk, tag and list around it. */
function packed(value: Value): string {
  const writer = new ReplyWriter(BOLT_5_7);
  writer.record([value]);
  const hex = writer.take().toString('hex');
  expect(hex.slice(4, 10)).toBe('b17191');
  expect(Number.parseInt(hex.slice(0, 4), 16)).toBe(hex.length / 2 - 4);
  return hex.slice(10, -4);
}

describe('the smallest form', () => {
  it.each<[Value, string]>([
    [null, 'c0'],
    [true, 'c3'],
    [false, 'c2'],
    [0n, '00'],
    [127n, '7f'],
    [-1n, 'ff'],
    [-16n, 'f0'],
    [-17n, 'c8ef'],
    [-128n, 'c880'],
    [128n, 'c90080'],
    [-129n, 'c9ff7f'],
    [32_767n, 'c97fff'],
    [-32_768n, 'c98000'],
    [32_768n, 'ca00008000'],
    [-32_769n, 'caffff7fff'],
    [2_147_483_647n, 'ca7fffffff'],
    [-2_147_483_648n, 'ca80000000'],
    [2_147_483_648n, 'cb0000000080000000'],
    [-2_147_483_649n, 'cbffffffff7fffffff'],
    [9_007_199_254_740_993n, 'cb0020000000000001'],
    [9_223_372_036_854_775_807n, 'cb7fffffffffffffff'],
    [-9_223_372_036_854_775_808n, 'cb8000000000000000'],
    [1, 'c13ff0000000000000'],
    [-0, 'c18000000000000000'],
    [1.1, 'c13ff199999999999a'],
    ['', '80'],
    ['A', '8141'],
    ['Größe', '874772c3b6c39f65'],
    ['x'.repeat(15), `8f${'78'.repeat(15)}`],
    ['x'.repeat(16), `d010${'78'.repeat(16)}`],
    // Eight characters of two bytes each need a longer size than eight of one.
    ['é'.repeat(8), `d010${'c3a9'.repeat(8)}`],
    ['x'.repeat(41), `d029${'78'.repeat(41)}`],
    ['é'.repeat(128), `d10100${'c3a9'.repeat(128)}`],
    ['x'.repeat(255), `d0ff${'78'.repeat(255)}`],
    ['x'.repeat(256), `d10100${'78'.repeat(256)}`],
    ['\u{1f600}', '84f09f9880'],
    // A lone surrogate is no text of UTF-8.
    ['\ud800', '83efbfbd'],
    [[], '90'],
    [[1n, [2n]], '92019102'],
    [Array.from({ length: 16 }, () => null), `d410${'c0'.repeat(16)}`],
    [Array.from({ length: 256 }, () => null), `d50100${'c0'.repeat(256)}`],
    [new Map(), 'a0'],
    [new Map([['a', 1n]]), 'a1816101'],
  ])('of %o', (value, hex) => {
    expect(packed(value)).toBe(hex);
  });

  it('of texts and lists beyond 65,535', () => {
    const text = 'x'.repeat(65_536);
    expect(sent([text])).toEqual([text]);
    const accents = 'é'.repeat(40_000);
    expect(sent([accents])).toEqual([accents]);
    const list = Array.from({ length: 65_536 }, () => true);
    expect(sent([list])).toEqual([list]);
  });
});

const sent = (values: readonly Value[]): unknown => {
  const writer = new ReplyWriter(BOLT_5_7);
  writer.record(values);
  return decodeByDriver(writer.take(), BOLT_5_7)[0]?.fields[0];
};

it('packs metadata: whole numbers as integers, missing members left out, Cypher values in maps', () => {
  const writer = new ReplyWriter(BOLT_5_7);
  writer.success({
    n: 1,
    f: 1.5,
    gone: undefined,
    list: ['a', 2, { deep: null }],
    rows: new Map([['x', 1]]),
  });
  expect(writer.take().toString('hex')).toBe(
    '0032b170a4816e018166c13ff8000000000000846c69737493816102a18464656570c084726f7773a18178c13ff00000000000000000',
  );
});

it('writes IGNORED without fields, and SUCCESS without metadata', () => {
  const writer = new ReplyWriter(BOLT_5_7);
  writer.ignored();
  writer.success();
  expect(writer.pendingBytes).toBe(13);
  expect(writer.take().toString('hex')).toBe('0002b07e00000003b170a00000');
  expect(writer.pendingBytes).toBe(0);
  expect(writer.take()).toHaveLength(0);
});

describe('FAILURE', () => {
  const failure = {
    code: 'Neo.ClientError.Statement.SyntaxError',
    message: 'no',
    gqlStatus: '42001',
    description: 'error: syntax error',
    cause: { code: 'x', message: 'why' },
  };
  const failed = (wire = BOLT_5_7, given: Parameters<ReplyWriter['failure']>[0] = failure): unknown => {
    const writer = new ReplyWriter(wire);
    writer.failure(given);
    return decodeByDriver(writer.take(), wire)[0]?.fields[0];
  };

  it('has code and message before 5.7', () => {
    expect(failed(BOLT_5_6)).toEqual({ code: failure.code, message: 'no' });
  });

  it('has the status of GQL and causes from 5.7 on', () => {
    expect(failed()).toEqual({
      neo4j_code: failure.code,
      message: 'no',
      gql_status: '42001',
      description: 'error: syntax error',
      cause: {
        message: 'why',
        gql_status: '50N42',
        description: 'error: general processing exception - unexpected error',
      },
    });
    expect(failed(BOLT_5_7, { code: 'c', message: 'm', diagnosticRecord: { OPERATION: 'x' } })).toMatchObject(
      {
        gql_status: '50N42',
        diagnostic_record: { OPERATION: 'x' },
      },
    );
  });
});

it('refuses a record beyond the bound, and keeps what is before it', () => {
  const writer = new ReplyWriter(BOLT_5_7);
  writer.record([1n]);
  const large = 'x'.repeat(1 << 20);
  const row = Array.from({ length: 65 }, () => large);
  expect(() => {
    writer.record(row);
  }).toThrow(expect.objectContaining({ code: 'RESULT_TOO_LARGE' }));
  writer.record([2n]);
  expect(writer.take().toString('hex')).toBe('0004b171910100000004b17191020000');
});

it('gives memory away that later replies do not touch', () => {
  const writer = new ReplyWriter(BOLT_5_7);
  const taken: Buffer[] = [];
  const copies: Buffer[] = [];
  for (let round = 0; round < 3_000; round++) {
    writer.record([BigInt(round), 'y'.repeat(round % 700)]);
    if (round % 3 !== 0) continue;
    const bytes = writer.take();
    taken.push(bytes);
    copies.push(Buffer.from(bytes));
  }
  expect(taken.every((bytes, index) => bytes.equals(copies[index] ?? Buffer.alloc(0)))).toBe(true);
});
