/** How long streams live; what their rows are is asked over a connection (test/dialects/graphd). */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { heapBytesMax, LIMITS } from '../../base/index.ts';
import { Cursor, Cursors } from './cursors.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Counts from 1, and notes when it was left. */
function counting(): { readonly cursor: Cursor; left: boolean } {
  async function* batches() {
    try {
      for (let n = 1n; ; n++) yield [[n]];
    } finally {
      made.left = true;
    }
  }
  const cursor = new Cursor({ columns: ['n'], batches: batches(), timingMs: 0 }, 2n, false);
  const made = { cursor, left: false };
  return made;
}

describe('streams', () => {
  it('are closed when nobody has fetched for too long, and each fetch counts', async () => {
    const cursors = new Cursors();
    const [first, second] = [counting(), counting()];
    await first.cursor.take();
    await second.cursor.take();
    expect(cursors.add(first.cursor)).toBe(1);
    expect(cursors.add(second.cursor)).toBe(2);
    await vi.advanceTimersByTimeAsync(LIMITS.graphdStreamIdleMs - 1);
    expect(await cursors.get(2n)?.cursor.take()).toEqual({ rows: [[3n], [4n]], hasMore: true });
    await vi.advanceTimersByTimeAsync(1);
    expect(cursors.get(1n)).toBeUndefined();
    expect(first.left).toBe(true);
    expect(await cursors.get(2n)?.cursor.take()).toEqual({ rows: [[5n], [6n]], hasMore: true });
    expect(second.left).toBe(false);
    await cursors.closeAll();
    expect(second.left).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('are not read on for a part that has much in it already', async () => {
    const megabyte = 'x'.repeat(1_000_000);
    let made = 0;
    async function* batches() {
      for (; made < 60; made++) yield [[megabyte + made]];
    }
    const cursor = new Cursor({ columns: ['text'], batches: batches(), timingMs: 0 }, 1_000n, false);
    const first = await cursor.take();
    expect(first.hasMore).toBe(true);
    expect(made).toBeLessThan(20);
    const rows = [...first.rows];
    for (let more = true; more; ) {
      const part = await cursor.take();
      expect(part.rows.length).toBeGreaterThan(0);
      rows.push(...part.rows);
      more = part.hasMore;
    }
    expect(rows.map(([text]) => Number(String(text).slice(1_000_000)))).toEqual([...Array(60).keys()]);
  });

  it('that are kept count in the memory of all answers until they are closed', async () => {
    const text = 'x'.repeat(1_000_000);
    async function* batches() {
      for (let made = 0; made < 3; made++) yield [[text]];
    }
    const made: Cursor[] = [];
    const keep = async (): Promise<void> => {
      const cursor = new Cursor({ columns: ['text'], batches: batches(), timingMs: 0 }, 1n, true);
      made.push(cursor);
      await cursor.keep();
      await cursor.take();
    };
    const many = async (): Promise<void> => {
      while (made.length < heapBytesMax / text.length) await keep();
    };
    await expect(many()).rejects.toThrow('answersOfHeapMax');
    for (const cursor of made) await cursor.close();
    await keep();
    await made.at(-1)?.close();
  });

  it('do not pass off their close as their end', async () => {
    const { cursor } = counting();
    await cursor.take();
    await cursor.close();
    await expect(cursor.take()).rejects.toThrow('closed');
  });

  it('are known by whole numbers only that they were given', () => {
    const cursors = new Cursors();
    cursors.add(counting().cursor);
    for (const id of [0n, 2n, 2n ** 64n - 1n]) expect(cursors.get(id)).toBeUndefined();
  });
});
