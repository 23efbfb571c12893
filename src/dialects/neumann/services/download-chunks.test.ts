/** Pieces of other sizes, and chunks as the general decoder reads them. */
import { fromBinary } from '@bufbuild/protobuf';
import { expect, it } from 'vitest';
import { BlobDownloadChunkSchema } from '../gen/neumann_pb.ts';
import { downloadChunk, recut } from './download-chunks.ts';

async function* pieces(sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let next = 0;
  for (const size of sizes) yield Uint8Array.from({ length: size }, () => next++ % 256);
}

it.each([
  [[10], 4, [4, 4, 2]],
  [[1, 1, 1, 1, 1], 2, [2, 2, 1]],
  [[3, 5], 8, [8]],
  [[3, 5], 100, [8]],
  [[4, 4], 4, [4, 4]],
  [[], 4, []],
])('%j in pieces of %i', async (sizes, size, expected) => {
  const found: Uint8Array[] = [];
  for await (const piece of recut(pieces(sizes), size)) found.push(piece);
  expect(found.map(({ length }) => length)).toEqual(expected);
  const total = sizes.reduce((sum, each) => sum + each, 0);
  expect([...Buffer.concat(found)]).toEqual(Array.from({ length: total }, (_, at) => at % 256));
});

it.each([0, 1, 127, 128, 16_383, 16_384, 70_000, 2_100_000])('a chunk of %i bytes', (length) => {
  for (const isFinal of [true, false]) {
    const data = new Uint8Array(length).fill(7);
    const read = fromBinary(BlobDownloadChunkSchema, downloadChunk(data, isFinal));
    expect([read.isFinal, Buffer.compare(read.data, data)]).toEqual([isFinal, 0]);
  }
});
