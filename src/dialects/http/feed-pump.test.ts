/** How the frames of several events become chunks: alone, joined and shared, or too large to be copied. */
import { describe, expect, test } from 'vitest';
import { FrameCache } from './feed-pump.ts';

const texts = (chunks: readonly Buffer[]): string => Buffer.concat(chunks).toString('latin1');

describe('FrameCache', () => {
  test('encodes an event once, and joins the frames of several in their order', () => {
    let encoded = 0;
    const cache = new FrameCache<{ readonly n: number }>(({ n }) => {
      encoded++;
      return `{"n":${n}}`;
    });
    const [a, b, c] = [{ n: 1 }, { n: 2 }, { n: 3 }];
    expect(texts(cache.chunksOf([a]))).toBe('\x81\x07{"n":1}');
    const joined = cache.chunksOf([a, b, c]);
    expect(joined).toHaveLength(1);
    expect(texts(joined)).toBe('\x81\x07{"n":1}\x81\x07{"n":2}\x81\x07{"n":3}');
    expect(encoded).toBe(3);
  });

  test('shares a chunk between those who take the same events, and with nobody else', () => {
    const cache = new FrameCache<{ readonly n: number }>(({ n }) => String(n));
    const [a, b, c] = [{ n: 1 }, { n: 2 }, { n: 3 }];
    const [shared] = cache.chunksOf([a, b]);
    expect(cache.chunksOf([a, b])[0]).toBe(shared);
    expect(texts(cache.chunksOf([a, c]))).toBe('\x81\x011\x81\x013');
    expect(texts(cache.chunksOf([a, b, c]))).toBe('\x81\x011\x81\x012\x81\x013');
    expect(texts(cache.chunksOf([b, c]))).toBe('\x81\x012\x81\x013');
    expect(texts(cache.chunksOf([]))).toBe('');
  });

  test('does not copy large frames', () => {
    const cache = new FrameCache<{ readonly text: string }>(({ text }) => text);
    const items = [{ text: 'x'.repeat(10_000) }, { text: 'y'.repeat(10_000) }];
    const chunks = cache.chunksOf(items);
    expect(chunks).toHaveLength(2);
    expect(chunks).toEqual(items.map((item) => cache.of(item)));
    expect(cache.chunksOf(items)[1]).toBe(chunks[1]);
  });
});
