/** What is written by hand is what generated code writes. */
import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  DateTimeValue,
  DateValue,
  DurationValue,
  LocalTimeValue,
  Node,
  Path,
  Point,
  Relationship,
  type Value,
} from '../cypher/index.ts';
import {
  batchMessage,
  errorEntry,
  graphValueOf,
  type IdTable,
  type Pieces,
  type ResultFrame,
  ResultMessage,
  ResultSchema,
  ServerMessageSchema,
  serverMessage,
} from './index.ts';

const IDS: IdTable = {
  label: (label) => (label === '' ? 0 : label.length),
  type: (type) => 1_000 + type.length,
  end: (id) => Number(id % 5n),
};

const bytesOf = ({ pieces, length }: Pieces): Buffer => {
  const bytes = Buffer.concat(pieces);
  expect(bytes.length).toBe(length);
  return bytes;
};

type Rows = readonly (readonly Value[])[];

const generated = (frame: ResultFrame, rows: Rows): MessageInitShape<typeof ResultSchema> => ({
  columns: [...frame.columns],
  rows: rows.map((row) => ({ values: row.map((value) => graphValueOf(value, IDS)) })),
  timingMs: frame.timingMs,
  ...(frame.requestId === undefined ? {} : { requestId: frame.requestId }),
  ...(frame.streamId === undefined ? {} : { streamId: BigInt(frame.streamId) }),
  ...(frame.hasMore === undefined ? {} : { hasMore: frame.hasMore }),
});

const asGenerated = (frame: ResultFrame, rows: Rows): Buffer =>
  Buffer.from(
    toBinary(
      ServerMessageSchema,
      create(ServerMessageSchema, {
        msg: { case: 'result', value: create(ResultSchema, generated(frame, rows)) },
      }),
    ),
  );

const integers = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const ids = fc.bigInt({ min: 0n, max: 2n ** 63n - 1n });
const texts = fc.string({ unit: 'binary', maxLength: 60 });

const values: fc.Memo<Value> = fc.memo((depth) => {
  const scalars: fc.Arbitrary<Value> = fc.oneof(
    fc.constant(null),
    fc.boolean(),
    integers,
    fc.bigInt({ min: -300n, max: 300n }),
    fc.double(),
    texts,
    fc.constantFrom(
      new DateValue(12_345),
      new LocalTimeValue(1),
      new DateTimeValue(0, 0, 7_200, 'Europe/Prague'),
      new DurationValue(1n, 2n, 3n, 4),
      new Point(7203, [1.5, 2]),
      new Point(4979, [1.5, 2, -3]),
    ),
  );
  if (depth <= 1) return scalars;
  const maps = fc
    .array(fc.tuple(texts, values(depth - 1)), { maxLength: 4 })
    .map((entries) => new Map(entries));
  const nodes = fc.tuple(ids, fc.array(texts, { maxLength: 2 }), maps).map((parts) => new Node(...parts));
  const relationships = fc.tuple(ids, texts, ids, ids, maps).map((parts) => new Relationship(...parts));
  return fc.oneof(
    { weight: 3, arbitrary: scalars },
    fc.array(values(depth - 1), { maxLength: 4 }),
    maps,
    nodes,
    relationships,
    fc
      .tuple(fc.array(nodes, { maxLength: 3 }), fc.array(relationships, { maxLength: 2 }))
      .map(([ofPath, between]) => new Path(ofPath, between)),
  );
});

const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const frames: fc.Arbitrary<ResultFrame> = fc.record({
  columns: fc.array(texts, { maxLength: 3 }),
  timingMs: fc.constantFrom(0, 0.5, 123.25),
  requestId: optional(texts),
  streamId: optional(fc.nat()),
  hasMore: optional(fc.boolean()),
});
const rowsOf = fc.array(fc.array(values(3), { maxLength: 3 }), { maxLength: 8 });

describe('results', () => {
  it('have the bytes that generated code makes, in one part or in several', () => {
    fc.assert(
      fc.property(frames, rowsOf, fc.nat({ max: 8 }), (frame, rows, cut) => {
        const expected = asGenerated(frame, rows);
        expect(bytesOf(new ResultMessage().message(frame, rows, 0, IDS))).toEqual(expected);
        const at = Math.min(cut, rows.length);
        const inParts = new ResultMessage();
        inParts.add(rows, 0, at, IDS);
        expect(bytesOf(inParts.message(frame, rows, at, IDS))).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });

  it('keep their order through pieces of all sizes', () => {
    const frame: ResultFrame = { columns: ['text'], timingMs: 0 };
    for (const length of [1, 127, 128, 16_383, 16_384, 65_530, 65_536, 200_000]) {
      const rows = [['a'.repeat(length)], ['ü'.repeat(length)], ['end']];
      expect(bytesOf(new ResultMessage().message(frame, rows, 0, IDS))).toEqual(asGenerated(frame, rows));
    }
  });

  it('do not share memory with each other', () => {
    const frame: ResultFrame = { columns: ['n'], timingMs: 0 };
    const made = Array.from({ length: 5_000 }, (_, n) =>
      new ResultMessage().message(frame, [[BigInt(n)]], 0, IDS),
    );
    for (const [n, message] of made.entries()) {
      expect(bytesOf(message)).toEqual(asGenerated(frame, [[BigInt(n)]]));
    }
  });

  it('have a head in the same piece', () => {
    const head: number[] = [];
    const message = new ResultMessage().message({ columns: [], timingMs: 0 }, [], 0, IDS, (writer, bytes) => {
      head.push(bytes);
      writer.byte(0xff);
    });
    expect(bytesOf(message)).toEqual(Buffer.from([0xff, 0x1a, 0]));
    expect(head).toEqual([2]);
  });

  it('are refused when they grow too large, and the next one is whole', () => {
    const frame: ResultFrame = { columns: ['x'], timingMs: 0 };
    const large = 'x'.repeat(40 * 1024 * 1024);
    const message = new ResultMessage();
    message.add([[large]], 0, 1, IDS);
    expect(() => message.add([[large]], 0, 1, IDS)).toThrow('resultBytesMax');
    expect(() => new ResultMessage().message(frame, [[large], [large]], 0, IDS)).toThrow('resultBytesMax');
    expect(bytesOf(new ResultMessage().message(frame, [[1n]], 0, IDS))).toEqual(asGenerated(frame, [[1n]]));
  });
});

describe('batches', () => {
  it.each([
    [undefined],
    ['b1'],
    [''],
  ])('have the bytes that generated code makes, request id %s', (requestId) => {
    const frame: ResultFrame = { columns: ['x'], timingMs: 1.5 };
    const rows = [[1n], [null]];
    const inParts = new ResultMessage();
    inParts.add(rows, 0, 1, IDS);
    const entries = [
      new ResultMessage().entry(frame, rows, 0, IDS),
      inParts.entry(frame, rows, 1, IDS),
      errorEntry('no such thing'),
    ];
    const result = {
      entry: { case: 'result', value: create(ResultSchema, generated(frame, rows)) },
    } as const;
    const expected = toBinary(
      ServerMessageSchema,
      create(ServerMessageSchema, {
        msg: {
          case: 'batchResult',
          value: {
            results: [result, result, { entry: { case: 'error', value: { message: 'no such thing' } } }],
            ...(requestId === undefined ? {} : { requestId }),
          },
        },
      }),
    );
    expect(bytesOf(batchMessage(entries, requestId))).toEqual(Buffer.from(expected));
  });
});

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

describe('messages whose bytes are known', () => {
  it.each([
    ['hello_ok', serverMessage({ case: 'helloOk', value: { version: '0.1.0' } }), '0a070a05302e312e30'],
    [
      'hello_error',
      serverMessage({ case: 'helloError', value: { message: 'Invalid token' } }),
      '120f0a0d496e76616c696420746f6b656e',
    ],
    ['close_ok', serverMessage({ case: 'closeOk', value: {} }), '5200'],
    [
      'result',
      bytesOf(
        new ResultMessage().message({ columns: ['x'], timingMs: 0.5, requestId: 'r1' }, [[1n]], 0, IDS),
      ),
      '1a160a017812040a02180119000000000000e03f22027231',
    ],
    [
      'result with a stream',
      bytesOf(
        new ResultMessage().message(
          { columns: ['x'], timingMs: 0, streamId: 1, hasMore: true },
          [[1n]],
          0,
          IDS,
        ),
      ),
      '1a0d0a017812040a02180128013001',
    ],
  ])('%s', (_, bytes, expected) => {
    expect(hex(bytes)).toBe(expected);
  });

  it('null and -1', () => {
    const rows = [[null], [-1n]];
    const bytes = bytesOf(new ResultMessage().message({ columns: [], timingMs: 0 }, rows, 0, IDS));
    expect(hex(bytes)).toBe('1a1512040a020a00120d0a0b18ffffffffffffffffff01');
  });
});
