/** Cutting: whatever the pieces are, the chunks are the same, and their hashes those of their bytes. */
import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { Chunker } from './chunker.ts';

const sha256 = (data: Uint8Array): string => createHash('sha256').update(data).digest('hex');

function cut(bytes: Buffer, pieceBytes: number): { chunks: string[]; whole: string; size: number } {
  const chunker = new Chunker(16);
  const chunks: string[] = [];
  const take = (chunk: { data: Buffer; sha256: Buffer }): void => {
    expect(chunk.sha256.toString('hex')).toBe(sha256(chunk.data));
    chunks.push(chunk.data.toString('latin1'));
  };
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    const piece = Buffer.from(bytes.subarray(at, at + pieceBytes));
    for (const chunk of chunker.push(piece)) take(chunk);
    piece.fill(0);
  }
  for (const chunk of chunker.end()) take(chunk);
  return { chunks, whole: chunker.digest().toString('hex'), size: chunker.size };
}

it.each([1, 2, 15, 16, 17, 31, 32, 33, 100])('cuts %d bytes the same, however they come', (size) => {
  const bytes = Buffer.from(Array.from({ length: size }, (_, n) => (n * 37) % 251));
  const text = bytes.toString('latin1');
  const wanted = Array.from({ length: Math.ceil(size / 16) }, (_, n) => text.slice(n * 16, n * 16 + 16));
  for (let pieceBytes = 1; pieceBytes <= size + 1; pieceBytes++) {
    expect(cut(bytes, pieceBytes)).toEqual({ chunks: wanted, whole: sha256(bytes), size });
  }
});

it('has no chunk of nothing', () => {
  const chunker = new Chunker(16);
  expect([...chunker.push(new Uint8Array()), ...chunker.end()]).toEqual([]);
  expect(chunker.size).toBe(0);
});
