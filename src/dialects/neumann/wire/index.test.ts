/** The numberings, field by field, against the tables of both contracts; and messages of one do not pass for the other's. */
import { create, type DescMessage, fromBinary, toBinary } from '@bufbuild/protobuf';
import { describe, expect, test } from 'vitest';
import { numberOf, WIRES, wireOf } from './index.ts';

const documented = wireOf('documented');
const released = wireOf('released');

/** [field, reference, released]; null: the reference does not have it. */
const RESPONSE = [
  ['empty', 1, 1],
  ['value', null, 2],
  ['count', 2, 3],
  ['rows', 3, 5],
  ['nodes', 4, 6],
  ['edges', 5, 7],
  ['path', 6, 8],
  ['similar', 7, 9],
  ['table_list', 8, 11],
  ['blob', 9, 12],
  ['ids', 10, 4],
  ['unified', null, 10],
  ['artifact_info', null, 13],
  ['artifact_list', null, 14],
  ['blob_stats', null, 15],
  ['checkpoint_list', null, 16],
  ['page_rank', null, 18],
  ['centrality', null, 19],
  ['communities', null, 21],
  ['constraints', null, 22],
  ['aggregate', null, 23],
  ['batch_operation', null, 24],
  ['graph_indexes', null, 25],
  ['error', 15, 20],
] as const;

const CHUNK = [
  ['row', 1, 1],
  ['node', 2, 2],
  ['edge', 3, 3],
  ['similar_item', 4, 4],
  ['blob_data', 5, 5],
  ['error', 15, 10],
  ['is_final', 16, 15],
] as const;

describe('numbers', () => {
  test.each(RESPONSE)('QueryResponse.%s', (field, reference, ofReleased) => {
    if (reference !== null) expect(numberOf(documented.response, field)).toBe(reference);
    expect(numberOf(released.response, field)).toBe(ofReleased);
  });

  test('the tables are complete, and no number is used twice', () => {
    for (const wire of [documented, released]) {
      expect(wire.response.fields.map(({ name }) => name).sort()).toEqual(
        RESPONSE.map(([name]) => name).sort(),
      );
      for (const message of [wire.response, wire.chunk, ...messagesOf(wire.upload)]) {
        const numbers = message.fields.map(({ number }) => number);
        expect(new Set(numbers).size).toBe(numbers.length);
      }
    }
  });

  test.each(CHUNK)('QueryResponseChunk.%s', (field, reference, ofReleased) => {
    expect(numberOf(documented.chunk, field)).toBe(reference);
    expect(numberOf(released.chunk, field)).toBe(ofReleased);
  });

  test('the metadata of uploads', () => {
    const [, ours] = messagesOf(documented.upload);
    const [, theirs] = messagesOf(released.upload);
    const fields = (message: DescMessage | undefined) =>
      message?.fields.map(({ name, number }) => [name, number]);
    expect(fields(ours)?.slice(0, 3)).toEqual([
      ['filename', 1],
      ['content_type', 2],
      ['tags', 3],
    ]);
    expect(Object.fromEntries(fields(theirs) ?? [])).toEqual({
      ...{ filename: 1, content_type: 2, created_by: 3, tags: 4, linked_to: 5, custom: 6 },
    });
    expect([ours?.name, theirs?.name]).toEqual(['UploadMetadata', 'BlobUploadMetadata']);
  });

  test('the names of serving states', () => {
    const names = (wire: typeof documented) =>
      wire.health.method.check.output.fields[0]?.enum?.values.map(({ name, number }) => [number, name]);
    expect(names(documented)).toEqual([
      [0, 'UNSPECIFIED'],
      [1, 'SERVING'],
      [2, 'NOT_SERVING'],
    ]);
    expect(names(released)?.map(([, name]) => name)).toEqual([
      'SERVING_STATUS_UNSPECIFIED',
      'SERVING_STATUS_SERVING',
      'SERVING_STATUS_NOT_SERVING',
    ]);
  });
});

describe('messages', () => {
  test.each(WIRES)('of the %s numbers come back as they were', (name) => {
    const { response, chunk } = wireOf(name);
    const rows = { case: 'rows' as const, value: { rows: [{ id: 7n, values: [] }] } };
    const back = fromBinary(response, toBinary(response, create(response, { result: rows })));
    expect(back.result.case).toBe('rows');
    expect(back.result.value).toMatchObject({ rows: [{ id: 7n }] });
    const last = fromBinary(chunk, toBinary(chunk, create(chunk, { isFinal: true })));
    expect(last.isFinal).toBe(true);
  });

  test('the first byte of an answer with a count tells the numberings apart', () => {
    const count = { result: { case: 'count' as const, value: { count: 1n } } };
    const bytes = (wire: typeof documented) => toBinary(wire.response, create(wire.response, count));
    expect([...bytes(documented)]).toEqual([0x12, 2, 0x08, 1]);
    expect([...bytes(released)]).toEqual([0x1a, 2, 0x08, 1]);
  });
});

/** The message of an upload, and its metadata. */
function messagesOf(upload: DescMessage): readonly DescMessage[] {
  const metadata = upload.fields.find(({ name }) => name === 'metadata')?.message;
  return metadata === undefined ? [upload] : [upload, metadata];
}
