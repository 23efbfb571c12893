/** What is written by hand decodes, by the general decoder, to what was meant: for any cells, and any lengths. */
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { QueryResponseSchema, QueryRowSchema, type Value, ValueSchema } from './gen/thunder_pb.ts';
import { queryResponse, RowMessages } from './query-codec.ts';

const column = (type: string, at: number) => ({ name: `c${at} ü`, type, typeOid: 0 });

/** As PostgreSQL prints it. */
const digits = (value: number): string => (Object.is(value, -0) ? '-0' : String(value));

/** Text of a cell, and the value that it is. */
const cells = {
  Int64: fc
    .bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
    .map((value) => [String(value), 'intValue', value]),
  Int32: fc.integer().map((value) => [String(value), 'intValue', BigInt(value)]),
  Float64: fc.double().map((value) => [digits(value), 'floatValue', value]),
  Boolean: fc.boolean().map((value) => [value ? 't' : 'f', 'boolValue', value]),
  Text: fc
    .oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ minLength: 100, maxLength: 400 }),
      fc.string({ minLength: 120, maxLength: 130, unit: 'grapheme' }),
    )
    .map((value) => [value, 'stringValue', value]),
  Binary: fc
    .uint8Array({ maxLength: 300 })
    .map((value) => [`\\x${Buffer.from(value).toString('hex')}`, 'bytesValue', value]),
  'Array<Float32>': fc
    .array(fc.float({ noNaN: true, noDefaultInfinity: true }), { maxLength: 50 })
    .map((elements) => [`{${elements.map((each) => digits(each)).join(',')}}`, 'vectorValue', elements]),
} as unknown as Record<string, fc.Arbitrary<[string, string, unknown]>>;

type Cell = [string, string, unknown] | null;

const result = fc
  .array(fc.constantFrom(...Object.keys(cells)), { minLength: 1, maxLength: 6 })
  .chain((types) =>
    fc.record({
      types: fc.constant(types),
      rows: fc.array(
        fc.tuple(...types.map((type) => fc.option(cells[type] as fc.Arbitrary<Cell>, { nil: null }))),
        { maxLength: 20 },
      ) as fc.Arbitrary<Cell[][]>,
    }),
  );

const meant = (cell: Cell): unknown => {
  if (cell === null) return ['nullValue', 0];
  const [, kind, value] = cell;
  return [kind, kind === 'bytesValue' ? [...(value as Uint8Array)] : value];
};
const read = ({ kind }: Value): unknown => {
  if (kind.case === 'vectorValue') return [kind.case, kind.value.elements];
  return [kind.case, kind.case === 'bytesValue' ? [...kind.value] : kind.value];
};
const texts = (row: Cell[]) => row.map((cell) => (cell === null ? null : cell[0]));

describe('by any other decoder', () => {
  it('a QueryResponse is what was meant', () => {
    fc.assert(
      fc.property(result, fc.double({ min: 0, noNaN: true }), ({ types, rows }, executionTimeMs) => {
        const columns = types.map(column);
        const bytes = queryResponse({
          columns,
          rows: rows.map(texts),
          rowCount: rows.length,
          rowsAffected: null,
          executionTimeMs,
        });
        const answer = fromBinary(QueryResponseSchema, bytes);
        expect(answer.columns).toEqual(columns.map(({ name }) => name));
        expect(answer.columnTypes).toEqual(types);
        expect(answer.rows.map(({ values }) => values.map(read))).toEqual(rows.map((row) => row.map(meant)));
        expect([answer.rowCount, answer.executionTimeMs]).toEqual([BigInt(rows.length), executionTimeMs]);
      }),
    );
  });

  it('so is each QueryRow, and the head is on the first', () => {
    fc.assert(
      fc.property(result, ({ types, rows }) => {
        const messages = new RowMessages(types.map(column));
        const encoded = rows.map((row) => messages.of(texts(row)));
        const head = messages.headAlone();
        expect(head === undefined).toBe(rows.length > 0);
        const answers = [...encoded, ...(head === undefined ? [] : [head])].map((bytes) =>
          fromBinary(QueryRowSchema, bytes),
        );
        expect(answers.map(({ columnTypes }) => columnTypes.length > 0)).toEqual(
          answers.map((_, at) => at === 0),
        );
        expect(answers.slice(0, rows.length).map(({ values }) => values.map(read))).toEqual(
          rows.map((row) => row.map(meant)),
        );
      }),
    );
  });
});

it('writes the bytes that the general encoder writes', () => {
  const messages = new RowMessages([column('Int64', 0), column('Text', 1)]);
  messages.of(['1', 'x']);
  const values = [
    create(ValueSchema, { kind: { case: 'intValue', value: -5n } }),
    create(ValueSchema, { kind: { case: 'stringValue', value: 'é'.repeat(200) } }),
  ];
  expect(Buffer.from(messages.of(['-5', 'é'.repeat(200)]))).toEqual(
    Buffer.from(toBinary(QueryRowSchema, create(QueryRowSchema, { values }))),
  );
});

it('forgets what it had begun when a cell fails', () => {
  const broken = { columns: [column('Int64', 0)], rows: [['no number']], rowCount: 1, rowsAffected: null };
  expect(() => queryResponse({ ...broken, executionTimeMs: 1 })).toThrow();
  const bytes = queryResponse({ columns: [], rows: [], rowCount: 0, rowsAffected: 3, executionTimeMs: 1 });
  expect(fromBinary(QueryResponseSchema, bytes)).toMatchObject({ columns: [], rowCount: 3n });
});
