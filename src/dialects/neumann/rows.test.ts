/** Rows are written as the general decoder reads them, whatever their values are. */
import { fromBinary } from '@bufbuild/protobuf';
import { expect, it } from 'vitest';
import { RowChunkSchema, RowsResultSchema } from './gen/neumann/v1/results_pb.ts';
import { encodedRows, RowChunks } from './rows.ts';

const column = (name: string, type: string) => ({ name, type, typeOid: 0 });
const read = (encoded: Uint8Array) =>
  fromBinary(RowsResultSchema, encoded).rows.map(({ id, values }) => [
    id,
    ...values.map(({ name, value }) => [name, value?.kind.case, value?.kind.value]),
  ]);

it('writes what the general decoder reads', () => {
  const columns = [
    column('_id', 'Int64'),
    column('n', 'Int32'),
    column('x', 'Float64'),
    column('b', 'Boolean'),
    column('t', 'Text'),
    column('d', 'Decimal'),
    column('y', 'Binary'),
  ];
  const {
    encoded,
    count,
    case: kind,
  } = encodedRows(columns, [
    ['9007199254740993', '-1', '1e-7', 't', 'ö', '1.10', '\\x00ff'],
    [null, null, 'Infinity', 'f', '', '0', 'a\\\\b\\377'],
  ]);
  expect([kind, count]).toEqual(['rows', 2]);
  expect(read(encoded)).toEqual([
    [
      9007199254740993n,
      ['n', 'intValue', -1n],
      ['x', 'floatValue', 1e-7],
      ['b', 'boolValue', true],
      ['t', 'stringValue', 'ö'],
      ['d', 'stringValue', '1.10'],
      ['y', 'stringValue', '00ff'],
    ],
    [
      0n,
      ['n', 'null', true],
      ['x', 'floatValue', Number.POSITIVE_INFINITY],
      ['b', 'boolValue', false],
      ['t', 'stringValue', ''],
      ['d', 'stringValue', '0'],
      ['y', 'stringValue', '615c62ff'],
    ],
  ]);
});

it('leaves a column _id that is no number where it is', () => {
  const { encoded } = encodedRows([column('_id', 'Uuid')], [['a']]);
  expect(read(encoded)).toEqual([[0n, ['_id', 'stringValue', 'a']]]);
});

it('keeps results apart that were written one after the other', () => {
  const first = encodedRows([column('a', 'Int64')], [['1']]).encoded;
  const long = encodedRows([column('a', 'Text')], [['x'.repeat(100_000)]]).encoded;
  const second = encodedRows([column('a', 'Int64')], [['2']]).encoded;
  expect(read(first)).toEqual([[0n, ['a', 'intValue', 1n]]]);
  expect(read(long)).toEqual([[0n, ['a', 'stringValue', 'x'.repeat(100_000)]]]);
  expect(read(second)).toEqual([[0n, ['a', 'intValue', 2n]]]);
});

it('writes each row of a stream as a message', () => {
  const chunks = new RowChunks([column('_id', 'Int64'), column('t', 'Text')]);
  const encoded = Array.from({ length: 1_000 }, (_, at) => chunks.of([String(at), 'y'.repeat(at)]));
  for (const [at, bytes] of encoded.entries()) {
    const { row } = fromBinary(RowChunkSchema, bytes);
    expect([row?.id, row?.values[0]?.value?.kind.value]).toEqual([BigInt(at), 'y'.repeat(at)]);
  }
});
