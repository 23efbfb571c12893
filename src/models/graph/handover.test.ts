/** Batches between one who makes and one who takes them: pace, ends, failures and leaving, in each order. */
import { expect, it } from 'vitest';
import type { Row } from '../../cypher/index.ts';
import { Handover } from './handover.ts';

const batch = (rows: number, value = 0n): Row[] => Array.from({ length: rows }, () => [value]);
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

it('hands on all, in order, and makes no more than may wait', async () => {
  let made = 0;
  const handover = new Handover(async (to) => {
    for (; made < 20; made++) if (!(await to.give(batch(1_000, BigInt(made))))) return;
  }, 1_000);
  const taken: unknown[] = [];
  for await (const rows of handover) {
    await turn();
    taken.push(rows[0]?.[0]);
    expect(made - taken.length).toBeLessThanOrEqual(3);
  }
  expect(taken).toEqual(Array.from({ length: 20 }, (_, at) => BigInt(at)));
});

it('makes nothing before somebody takes, and a short result to its end whether they go on or not', async () => {
  let ended = false;
  const handover = new Handover(async (to) => {
    for (let at = 0; at < 20; at++) await to.give(batch(64));
    ended = true;
  }, 1_000);
  await turn();
  expect(ended).toBe(false);
  const reader = handover[Symbol.asyncIterator]();
  expect((await reader.next()).value).toHaveLength(64);
  await expect.poll(() => ended).toBe(true);
  await reader.return(undefined);
});

it('tells the taker of a failure, behind what was made before', async () => {
  const handover = new Handover(async (to) => {
    await to.give(batch(1));
    throw new Error('broken');
  }, 1_000);
  const reader = handover[Symbol.asyncIterator]();
  expect((await reader.next()).value).toHaveLength(1);
  await expect(reader.next()).rejects.toThrow('broken');
});

it('ends the maker when the taker leaves, who waits for that', async () => {
  let outcome: boolean | undefined;
  let aborted = false;
  const handover = new Handover(async (to, signal) => {
    signal.addEventListener('abort', () => {
      aborted = true;
    });
    do outcome = await to.give(batch(1_500));
    while (outcome);
  }, 1_000);
  for await (const _ of handover) break;
  expect([outcome, aborted]).toEqual([false, true]);
});

it('does not wait for a taker for ever', async () => {
  let failure: unknown;
  const handover = new Handover(async (to) => {
    try {
      for (;;) await to.give(batch(2_000));
    } catch (thrown) {
      failure = thrown;
      throw thrown;
    }
  }, 20);
  const reader = handover[Symbol.asyncIterator]();
  await reader.next();
  await expect.poll(() => failure).toMatchObject({ code: 'QUERY_TIMEOUT' });
  const rest = async (): Promise<void> => {
    while ((await reader.next()).done !== true);
  };
  await expect(rest()).rejects.toMatchObject({ code: 'QUERY_TIMEOUT' });
});
