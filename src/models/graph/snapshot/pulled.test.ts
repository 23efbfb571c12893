/** Work that gives out pieces, as pieces that are pulled. */
import { expect, it } from 'vitest';
import { pulled } from './pulled.ts';

const PAUSE_MS = 10_000;

async function all<T>(pieces: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const piece of pieces) found.push(piece);
  return found;
}

it('all pieces in their order', async () => {
  const pieces = pulled<number>(async (give) => {
    for (let number = 0; number < 1_000; number++) await give(number);
  }, PAUSE_MS);
  expect(await all(pieces)).toEqual(Array.from({ length: 1_000 }, (_, at) => at));
  expect(await all(pulled<number>(async () => {}, PAUSE_MS))).toEqual([]);
});

it('waits between pulls', async () => {
  const done: number[] = [];
  const pieces = pulled<number>(async (give) => {
    for (let number = 0; number < 5; number++) {
      await give(number);
      done.push(number);
    }
  }, PAUSE_MS);
  expect((await pieces.next()).value).toBe(0);
  await new Promise((resolve) => setImmediate(resolve));
  expect(done).toEqual([]);
  expect((await pieces.next()).value).toBe(1);
  expect(done).toEqual([0]);
  await pieces.return(undefined);
});

it('who leaves early ends the work, and waits for its end', async () => {
  let ended = false;
  const pieces = pulled<number>(async (give) => {
    try {
      for (let number = 0; ; number++) await give(number);
    } finally {
      await new Promise((resolve) => setImmediate(resolve));
      ended = true;
    }
  }, PAUSE_MS);
  for await (const piece of pieces) if (piece === 3) break;
  expect(ended).toBe(true);
});

it('a failure comes behind the pieces before it', async () => {
  const seen: number[] = [];
  const pieces = pulled<number>(async (give) => {
    await give(1);
    throw new Error('no more');
  }, PAUSE_MS);
  const reading = (async () => {
    for await (const piece of pieces) seen.push(piece);
  })();
  await expect(reading).rejects.toThrow('no more');
  expect(seen).toEqual([1]);
});

it('who takes nothing for too long is told, and the work has ended meanwhile', async () => {
  let failure: unknown;
  const pieces = pulled<number>(async (give) => {
    try {
      for (let number = 0; ; number++) await give(number);
    } catch (error) {
      failure = error;
      throw error;
    }
  }, 20);
  await pieces.next();
  await expect.poll(() => failure).toMatchObject({ code: 'QUERY_TIMEOUT' });
  await expect(pieces.next()).rejects.toMatchObject({ code: 'QUERY_TIMEOUT' });
});
