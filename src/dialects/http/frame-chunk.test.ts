/** Frames in chunks are those of each message alone, whatever their lengths in characters and bytes. */
import { describe, expect, it } from 'vitest';
import { FrameChunk } from './frame-chunk.ts';
import { frameOf } from './live-socket.ts';

const LENGTHS = [0, 1, 41, 42, 62, 63, 64, 124, 125, 126, 127, 1_000, 21_000, 21_845, 30_000, 65_535, 70_000];

describe('FrameChunk', () => {
  it.each(['a', 'ü', '€', '𝒳'])('writes messages of %s as they are written alone', (letter) => {
    const texts = LENGTHS.map((length) => letter.repeat(length));
    const chunk = new FrameChunk();
    for (const text of texts) chunk.add(text);
    const expected = Buffer.concat(texts.map(frameOf));
    expect(chunk.bytes).toBe(expected.length);
    expect(Buffer.concat([...chunk.take()]).equals(expected)).toBe(true);
    expect(chunk.bytes).toBe(0);
    expect(chunk.take()).toEqual([]);
  });

  it('joins many small ones, and does not write to what was taken', () => {
    const chunk = new FrameChunk();
    const text = JSON.stringify({ type: 'row', data: [1, 'x'.repeat(50)] });
    for (let n = 0; n < 10_000; n++) chunk.add(text);
    const first = chunk.take();
    expect(first.length).toBeLessThan(20);
    const before = Buffer.concat([...first]);
    for (let n = 0; n < 10_000; n++) chunk.add('other');
    expect(Buffer.concat([...first]).equals(before)).toBe(true);
  });
});
