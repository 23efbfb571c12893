/** Results and items in both numberings: the general decoder reads back what was answered. */
import { fromBinary, toJson } from '@bufbuild/protobuf';
import { expect, it } from 'vitest';
import { encodeChunk, encodeFinalChunk, encodeResponse } from './encode.ts';
import type { Item, Result } from './result.ts';
import { encodedRows, RowChunks } from './rows.ts';
import { WIRES, wireOf } from './wire/index.ts';

const COLUMNS = [{ name: 'n', type: 'Int64', typeOid: 20 }];
const ROW = { values: [{ name: 'n', value: { intValue: '5' } }] };

const RESULTS: readonly (readonly [Result, unknown])[] = [
  [{ case: 'empty', value: {} }, { empty: {} }],
  [{ case: 'value', value: { value: 'so' } }, { value: { value: 'so' } }],
  [{ case: 'count', value: { count: 3n } }, { count: { count: '3' } }],
  [{ case: 'ids', value: { ids: [1n, 300n] } }, { ids: { ids: ['1', '300'] } }],
  [encodedRows(COLUMNS, [['5']]), { rows: { rows: [ROW] } }],
  [encodedRows(COLUMNS, []), { rows: {} }],
  [
    { case: 'nodes', value: { nodes: [{ id: 1n, label: 'a:b', properties: { x: '1' } }] } },
    { nodes: { nodes: [{ id: '1', label: 'a:b', properties: { x: '1' } }] } },
  ],
];

const ITEMS: readonly (readonly [Item, unknown])[] = [
  [{ encodedRow: new RowChunks(COLUMNS).of(['5']) }, { row: { row: ROW } }],
  [{ case: 'node', value: { node: { id: 2n } } }, { node: { node: { id: '2' } } }],
  [{ case: 'blobData', value: Buffer.from('ab') }, { blobData: 'YWI=' }],
];

it.each(WIRES)('writes results in the numbers of the wire %s', (name) => {
  const wire = wireOf(name);
  for (const [result, json] of RESULTS) {
    expect(toJson(wire.response, fromBinary(wire.response, encodeResponse(wire, result)))).toEqual(json);
  }
  for (const [item, json] of ITEMS) {
    expect(toJson(wire.chunk, fromBinary(wire.chunk, encodeChunk(wire, item)))).toEqual(json);
  }
  expect(toJson(wire.chunk, fromBinary(wire.chunk, encodeFinalChunk(wire)))).toEqual({ isFinal: true });
});

it('has the numbers that each wire says', () => {
  const rows = encodedRows(COLUMNS, [['5']]);
  expect(encodeResponse(wireOf('documented'), rows)[0]).toBe((3 << 3) | 2);
  expect(encodeResponse(wireOf('released'), rows)[0]).toBe((5 << 3) | 2);
  expect([...encodeFinalChunk(wireOf('documented'))]).toEqual([0x80, 0x01, 0x01]);
  expect([...encodeFinalChunk(wireOf('released'))]).toEqual([0x78, 0x01]);
});
