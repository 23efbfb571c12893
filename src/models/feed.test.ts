/** Feeds: what is told when, what is bounded, how they end. */
import { describe, expect, it } from 'vitest';
import { FacetError } from '../base/index.ts';
import { FeedBuffer } from './feed.ts';

const item = (n: number, bytes = 1) => ({ n, bytes });
const bounds = { itemsMax: 4, bytesMax: 10 };
const end = { reason: new FacetError('ROOM_NOT_FOUND', 'gone'), resumeOffset: 7 };

function open() {
  const calls = { closed: 0, taken: 0, told: 0 };
  const feed = new FeedBuffer<{ n: number; bytes: number }>(() => calls.closed++, {
    taken: () => calls.taken++,
    bounds,
  });
  return { feed, calls };
}

describe('a feed', () => {
  it('tells once until it was emptied, and gives items in order', () => {
    const { feed, calls } = open();
    feed.onReady(() => calls.told++);
    expect(calls.told).toBe(0);
    for (const n of [1, 2, 3]) feed.push(item(n));
    expect(calls.told).toBe(1);
    expect(feed.take(2).map(({ n }) => n)).toEqual([1, 2]);
    feed.push(item(4));
    expect(calls.told).toBe(1);
    expect(feed.take(10).map(({ n }) => n)).toEqual([3, 4]);
    expect(feed.take(10)).toEqual([]);
    feed.push(item(5));
    expect(calls.told).toBe(2);
    expect(calls.taken).toBe(2);
  });

  it('tells a late listener at once', () => {
    const { feed, calls } = open();
    feed.push(item(1));
    feed.onReady(() => calls.told++);
    expect(calls.told).toBe(1);
  });

  it('is bounded by items and by bytes, but takes a single one of any size', () => {
    const { feed } = open();
    expect([1, 2, 3, 4, 5].map((n) => feed.push(item(n)))).toEqual([true, true, true, true, false]);
    expect(feed.halfFull).toBe(true);
    expect(feed.take(3)).toHaveLength(3);
    expect(feed.push(item(6, 9))).toBe(true);
    expect(feed.push(item(7, 1))).toBe(false);
    feed.take(9);
    expect(feed.halfFull).toBe(false);
    expect(feed.push(item(8, 1_000))).toBe(true);
    expect(feed.push(item(9, 0))).toBe(false);
  });

  it('that ends gives what it has, unless it was dropped', () => {
    const { feed, calls } = open();
    feed.onReady(() => calls.told++);
    feed.push(item(1));
    feed.end(end);
    feed.end({ ...end, resumeOffset: 8 });
    expect(feed.ended).toBe(end);
    expect(feed.push(item(2))).toBe(true);
    expect(feed.take(9)).toEqual([item(1)]);
    expect(calls).toEqual({ closed: 1, taken: 1, told: 2 });
    const dropped = open().feed;
    dropped.push(item(1));
    dropped.end(end, true);
    expect(dropped.take(9)).toEqual([]);
    expect(dropped.waiting).toBe(0);
  });

  it('closes with its session, once, and calls nobody any more', () => {
    const { feed, calls } = open();
    const session = new AbortController();
    feed.closeWith(session.signal);
    feed.onReady(() => calls.told++);
    session.abort();
    feed.close();
    feed.push(item(1));
    expect(feed.take(1)).toEqual([]);
    expect(calls).toEqual({ closed: 1, taken: 0, told: 0 });
    const late = open();
    late.feed.closeWith(session.signal);
    expect(late.feed.open).toBe(false);
  });

  it('leaves nothing behind on a session that has had many', async () => {
    const session = new AbortController();
    const warnings: string[] = [];
    const warned = (warning: Error): void => void warnings.push(warning.message);
    process.on('warning', warned);
    const feeds = Array.from({ length: 50 }, () => open().feed);
    for (const feed of feeds) feed.closeWith(session.signal);
    for (const feed of feeds.slice(1)) feed.close();
    session.abort();
    await new Promise((resolve) => setImmediate(resolve));
    process.off('warning', warned);
    expect(feeds.some((feed) => feed.open)).toBe(false);
    expect(warnings).toEqual([]);
  });
});
